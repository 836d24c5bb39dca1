#pragma once

#include "rhosweep/model/problem_settings.hpp"
#include "rhosweep/problem/materials.hpp"
#include "rhosweep/problem/problem.hpp"

#include <functional>
#include <memory>
#include <span>
#include <string>

namespace rhosweep::problem {

/// A kind of problem: its keys, its documentation and the function that makes it.
struct ProblemKind {
  model::ProblemSchema schema;
  std::string objective;  ///< formula of the objective
  std::string metrics;    ///< which metrics the kind has, and under which conditions
  std::string constants;  ///< how D and G of the theory are found
  /// Returns which data sets and which minimiser the problem is made from. Reads no file. If the function is
  /// empty, the problem needs none.
  std::function<Needs(const model::ProblemSettings&, model::Precision)> needs = {};
  /// Makes the problem from its materials. Called on every rank.
  std::function<std::shared_ptr<const Problem>(const model::ProblemSettings&, model::Precision,
                                               const Materials&)>
      make;
};

/// Adds a kind, which can then be used like the built-in ones. Call it on all ranks, before rhosweep::main().
/// This function invalidates the spans that kinds() has returned. Throws core::InternalError if the
/// description is invalid: the name is not an identifier or already exists, a key is not an identifier, is
/// repeated or named "kind", the default of a key has another type than the key, the kind allows no sampling,
/// or `make` is empty.
void register_problem(ProblemKind kind);

/// Returns all kinds in the order of the documentation: the built-in kinds, then the registered kinds.
std::span<const ProblemKind> kinds();

/// Returns which data sets and which minimiser the problem of these settings is made from.
Needs needs_of(const model::ProblemSettings& settings, model::Precision precision);

/// Makes the problem of these settings. @param materials the materials, among them all that needs_of() lists
std::shared_ptr<const Problem> make_problem(const model::ProblemSettings& settings,
                                            model::Precision precision, const Materials& materials);

}  // namespace rhosweep::problem
