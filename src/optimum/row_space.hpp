#pragma once

#include "householder.hpp"

#include "rhosweep/data/dataset.hpp"
#include "rhosweep/optimum/minimiser.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace rhosweep::optimum {

/// The space that few samples of many features span. The gradient of a loss lies in it, and what of the
/// weights does not only adds to their norm: there is a minimiser in this space. In an orthonormal basis of
/// it, the samples have as many features as there are samples, and scores and norms are the same.
class RowSpace {
 public:
  /// Returns the space if there are far fewer samples than features, and if computing a basis takes seconds
  /// and 256 MiB at most.
  static std::optional<RowSpace> of(const data::Dataset& data);

  /// The samples in float64 and in the coordinates of the basis: (samples, coordinates).
  const data::Dataset& data() const { return data_; }
  /// Returns weights in the features of the original data.
  /// @param coordinates of the weights, one class after another
  std::vector<double> expand(const std::vector<double>& coordinates) const;

 private:
  RowSpace(const data::Dataset& data, std::vector<std::int32_t> columns);

  std::int64_t features_;
  std::vector<std::int32_t> columns_;  ///< those that are not zero in all samples
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
