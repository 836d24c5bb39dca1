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

/// The name of a minimiser and the function that computes it. Minimisers with equal names are equal.
struct MinimiserSource {
  std::string name;
  /// Computes the minimiser from data sets of the materials. Returns nullopt if there is no minimiser.
  std::function<std::optional<optimum::Minimiser>(const Materials&)> solve;
};

/// The data sets and the minimiser that a problem is made from. Problems share data sets and minimisers that
/// have equal names.
struct Needs {
  std::vector<data::DataSource> data_sets = {};
  std::optional<MinimiserSource> minimiser = {};
};

/// The data sets and minimisers from which the problems of a sweep are made, each with its name. One rank
/// makes the materials; all ranks make problems from them.
class Materials {
 public:
  /// Makes the data sets and the minimiser in `needs` that do not exist yet. Throws core::InputError for
  /// invalid data, and core::MemoryError with the name of a data set that does not fit into memory.
  void make(const Needs& needs);

  void add(const std::string& name, std::shared_ptr<const data::Dataset> set) {
    data_sets_[name] = std::move(set);
  }
  void add(const std::string& name, std::optional<optimum::Minimiser> minimiser) {
    minimisers_[name] = std::move(minimiser);
  }

  /// Returns the data set or minimiser of the given name. Throws core::InternalError if it does not exist.
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
