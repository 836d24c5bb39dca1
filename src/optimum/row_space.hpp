#pragma once

#include "householder.hpp"

#include "rhosweep/data/dataset.hpp"
#include "rhosweep/optimum/minimiser.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace rhosweep::optimum {

/// The space that the samples span, for few samples with many features. The gradient of a loss lies in this
/// space, and a component of the weights orthogonal to the space increases only their norm, not their loss.
/// So the space contains a minimiser. In an orthonormal basis of the space, the samples have as many features
/// as there are samples, and scores and norms are unchanged.
class RowSpace {
 public:
  /// Returns the space if there are far fewer samples than features, and if computing a basis takes at most
  /// some seconds and 256 MiB.
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
  HouseholderQr factors_;              ///< factorisation of Xᵀ, whose shape is (columns, samples)
  data::Dataset data_;
};

/// Calls minimise() with the data in the coordinates of the samples' space if that is faster, else with
/// `data`.
template <class Minimise>
std::optional<Minimiser> in_row_space(const data::Dataset& data, Minimise&& minimise) {
  const std::optional<RowSpace> space = RowSpace::of(data);
  if (!space) return minimise(data);
  std::optional<Minimiser> found = minimise(space->data());
  if (found) found->w = space->expand(found->w);
  return found;
}

}  // namespace rhosweep::optimum
