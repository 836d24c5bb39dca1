#pragma once

#include "householder.hpp"

#include "rhosweep/data/dataset.hpp"
#include "rhosweep/optimum/minimiser.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace rhosweep::optimum {

/// The space spanned by the samples, for few samples with many features. It contains a minimiser: it contains
/// the gradient of a loss, and components of the weights orthogonal to it only increase their norm. In an
/// orthonormal basis of this space, the samples have as many features as there are samples, and scores and
/// norms are unchanged.
class RowSpace {
 public:
  /// Returns the space if there are far fewer samples than features, and if computing a basis takes seconds
  /// and 256 MiB at most.
  static std::optional<RowSpace> of(const data::Dataset& data);

  /// The samples in float64 and in the coordinates of the basis: (samples, coordinates).
  const data::Dataset& data() const { return data_; }
  /// Returns the weights for the features of the original data.
  /// @param coordinates the weights' coordinates in the basis, one class after another
  std::vector<double> expand(const std::vector<double>& coordinates) const;

 private:
  RowSpace(const data::Dataset& data, std::vector<std::int32_t> columns);

  std::int64_t features_;
  std::vector<std::int32_t> columns_;  ///< features that are nonzero in some sample
  HouseholderQr factors_;              ///< of Xᵀ: (columns, samples)
  data::Dataset data_;
};

/// Calls minimise(data) in the space of the samples if that is faster.
template <class Minimise>
std::optional<Minimiser> in_row_space(const data::Dataset& data, Minimise&& minimise) {
  const std::optional<RowSpace> space = RowSpace::of(data);
  if (!space) return minimise(data);
  std::optional<Minimiser> found = minimise(space->data());
  if (found) found->w = space->expand(found->w);
  return found;
}

}  // namespace rhosweep::optimum
