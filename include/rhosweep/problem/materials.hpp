#pragma once

#include "rhosweep/data/data_source.hpp"
#include "rhosweep/data/dataset.hpp"
#include "rhosweep/optimum/minimiser.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rhosweep::problem {

class Materials;

/// How a minimiser is found. Equal names mean equal minimisers.
struct MinimiserSource {
  std::string name;
  /// From data sets that are among the materials; nothing if there is no minimiser.
  std::function<std::optional<optimum::Minimiser>(const Materials&)> solve;
};

/// What a problem needs before it is made, by name: problems with needs of the same name share it.
struct Needs {
  std::vector<data::DataSource> data_sets = {};
  std::optional<MinimiserSource> minimiser = {};
};

/// What the problems of a sweep stand on, by name. One rank makes it, all ranks build problems from it.
class Materials {
 public:
  /// Makes what is needed and not there yet. Throws core::InputError for bad data, core::MemoryError that
  /// names the data set that does not fit.
  void make(const Needs& needs);

  void add(const std::string& name, std::shared_ptr<const data::Dataset> set) {
    data_sets_[name] = std::move(set);
  }
  void add(const std::string& name, std::optional<optimum::Minimiser> minimiser) {
    minimisers_[name] = std::move(minimiser);
  }

  /// That of a name among the needs; core::InternalError if it has not been made.
  std::shared_ptr<const data::Dataset> data_set(const std::string& name) const;
  const std::optional<optimum::Minimiser>& minimiser(const std::string& name) const;

  const std::map<std::string, std::shared_ptr<const data::Dataset>>& data_sets() const& { return data_sets_; }
  std::map<std::string, std::shared_ptr<const data::Dataset>> data_sets() && { return std::move(data_sets_); }
  const std::map<std::string, std::optional<optimum::Minimiser>>& minimisers() const& { return minimisers_; }
  std::map<std::string, std::optional<optimum::Minimiser>> minimisers() && { return std::move(minimisers_); }

 private:
  std::map<std::string, std::shared_ptr<const data::Dataset>> data_sets_;
  std::map<std::string, std::optional<optimum::Minimiser>> minimisers_;
};

}  // namespace rhosweep::problem
