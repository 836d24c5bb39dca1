#pragma once

#include "rhosweep/model/problem_settings.hpp"
#include "rhosweep/problem/dataset.hpp"
#include "rhosweep/problem/problem.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace rhosweep::problem {

/// The data sets of a sweep, each made or read once. One rank loads them; the others adopt its copies.
class DataStore {
 public:
  using Make = std::function<Dataset()>;

  /// The data set of that name, made if there is none yet; InternalError if the store is sealed.
  std::shared_ptr<const Dataset> get(const std::string& name, const Make& make);

  /// By name, hence in the same order on all ranks.
  const std::map<std::string, std::shared_ptr<const Dataset>>& all() const { return sets_; }
  void adopt(const std::string& name, std::shared_ptr<const Dataset> set) { sets_[name] = std::move(set); }
  /// From now on nothing is made: for ranks that adopt.
  void seal() { sealed_ = true; }

 private:
  std::map<std::string, std::shared_ptr<const Dataset>> sets_;
  bool sealed_ = false;
};

/// Documentation and maker of a kind of problem.
struct ProblemKind {
  model::ProblemSchema schema;
  std::string objective;  ///< formula
  std::string metrics;    ///< which, and when
  std::string constants;  ///< D and G of the theory
  /// Makes the problem; reads or makes its data through the store.
  /// Throws core::InputError for bad data (naming file and line).
  /// @param known the minimiser, if another rank found it; absent: found here where the kind has one
  std::function<std::shared_ptr<const Problem>(const model::ProblemSettings&, model::Precision, DataStore&,
                                               const std::optional<Minimiser>& known)>
      make;
};

/// Every kind, in the order in which they are documented.
std::span<const ProblemKind> kinds();

/// The schemas of all kinds, for the sweep reader.
model::ProblemCatalogue catalogue();

/// Makes a problem of the kind that the settings name.
std::shared_ptr<const Problem> make_problem(const model::ProblemSettings& settings,
                                            model::Precision precision, DataStore& data,
                                            const std::optional<Minimiser>& known = std::nullopt);

}  // namespace rhosweep::problem
