#pragma once

#include "rhosweep/model/problem_settings.hpp"
#include "rhosweep/problem/materials.hpp"
#include "rhosweep/problem/problem.hpp"

#include <functional>
#include <memory>
#include <span>
#include <string>

namespace rhosweep::problem {

/// Documentation and maker of a kind of problem.
struct ProblemKind {
  model::ProblemSchema schema;
  std::string objective;  ///< formula
  std::string metrics;    ///< which, and when
  std::string constants;  ///< D and G of the theory
  /// What the problem needs before it is made; if there is no such function, nothing. Reads no file.
  std::function<Needs(const model::ProblemSettings&, model::Precision)> needs = {};
  /// Makes the problem from materials that hold what it needs. Called on every rank.
  std::function<std::shared_ptr<const Problem>(const model::ProblemSettings&, model::Precision,
                                               const Materials&)>
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

/// What a problem of the kind that the settings name needs.
Needs needs_of(const model::ProblemSettings& settings, model::Precision precision);

/// Makes a problem of the kind that the settings name. @param materials with all that it needs
std::shared_ptr<const Problem> make_problem(const model::ProblemSettings& settings,
                                            model::Precision precision, const Materials& materials);

}  // namespace rhosweep::problem
