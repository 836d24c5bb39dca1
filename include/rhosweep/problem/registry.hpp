#pragma once

#include "rhosweep/data/data_source.hpp"
#include "rhosweep/data/dataset.hpp"
#include "rhosweep/model/problem_settings.hpp"
#include "rhosweep/problem/problem.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace rhosweep::problem {

/// What the problems of a sweep stand on, each made once under a name that holds all that determines it. One
/// rank makes them; the others adopt its copies and then find everything made.
class Materials {
 public:
  /// The data set of that name, made if there is none yet.
  std::shared_ptr<const data::Dataset> data_set(const data::DataSource& source);
  /// The minimiser of that name, solved for if it is not known yet; nothing if there is none.
  std::optional<optimum::Minimiser> minimiser(
      const std::string& name, const std::function<std::optional<optimum::Minimiser>()>& solve);

  /// By name, hence in the same order on all ranks.
  const std::map<std::string, std::shared_ptr<const data::Dataset>>& data_sets() const& { return data_sets_; }
  std::map<std::string, std::shared_ptr<const data::Dataset>> data_sets() && { return std::move(data_sets_); }
  const std::map<std::string, std::optional<optimum::Minimiser>>& minimisers() const& { return minimisers_; }
  std::map<std::string, std::optional<optimum::Minimiser>> minimisers() && { return std::move(minimisers_); }

  /// The names of the data sets that were asked for since the last call: what a problem that was made in
  /// between stands on.
  std::vector<std::string> take_requests() { return std::exchange(requests_, {}); }

  /// Hands over the data set of that name, which has to be there and then is not any more.
  std::shared_ptr<const data::Dataset> release(const std::string& name) {
    return data_sets_.extract(name).mapped();
  }
  void adopt(const std::string& name, std::shared_ptr<const data::Dataset> set) {
    data_sets_[name] = std::move(set);
  }
  void adopt(const std::string& name, std::optional<optimum::Minimiser> minimiser) {
    minimisers_[name] = std::move(minimiser);
  }

 private:
  std::map<std::string, std::shared_ptr<const data::Dataset>> data_sets_;
  std::map<std::string, std::optional<optimum::Minimiser>> minimisers_;
  std::vector<std::string> requests_;
};

/// Documentation and maker of a kind of problem.
struct ProblemKind {
  model::ProblemSchema schema;
  std::string objective;  ///< formula
  std::string metrics;    ///< which, and when
  std::string constants;  ///< D and G of the theory
  /// Makes the problem from materials that it makes or reads where they are missing.
  /// Throws core::InputError for bad data (naming file and line).
  std::function<std::shared_ptr<const Problem>(const model::ProblemSettings&, model::Precision, Materials&)>
      make;
};

/// Adds a kind to the built-in ones, equal to them in every respect. For a program's beginning, before
/// rhosweep::main(), on all ranks alike; what kinds() returned before is no longer valid.
/// Throws core::InternalError if the kind is not described well: a name that is no identifier or taken, a key
/// that is no identifier, repeated or called "kind", a fallback of another type than its key, no sampling, no
/// maker.
void register_problem(ProblemKind kind);

/// Every kind, in the order in which they are documented: the built-in ones, then those registered.
std::span<const ProblemKind> kinds();

/// Makes a problem of the kind that the settings name.
std::shared_ptr<const Problem> make_problem(const model::ProblemSettings& settings,
                                            model::Precision precision, Materials& materials);

}  // namespace rhosweep::problem
