#pragma once

#include "rhosweep/sgd/lanes.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>

#include <Eigen/Core>

namespace rhosweep::sgd {

/// An array that begins on the boundary of a cache line, so that no full vector lies in two lines. The
/// numbers are not initialised.
template <class Real>
class AlignedArray {
 public:
  AlignedArray() = default;
  explicit AlignedArray(std::int64_t size)
      : numbers_(
            static_cast<Real*>(::operator new(static_cast<std::size_t>(size) * sizeof(Real), alignment))),
        size_(size) {}

  Real* data() { return numbers_.get(); }
  const Real* data() const { return numbers_.get(); }
  std::int64_t size() const { return size_; }

  /// Makes room for `size` numbers; the old content is lost.
  void reserve(std::int64_t size) {
    if (size > size_) *this = AlignedArray(size);
  }

 private:
  static constexpr std::align_val_t alignment{64};
  struct Free {
    void operator()(Real* numbers) const { ::operator delete(numbers, alignment); }
  };
  std::unique_ptr<Real, Free> numbers_;
  std::int64_t size_ = 0;
};

/// One number per trial of a tile.
template <class Real>
using Lanes = Eigen::Array<Real, lanes, 1>;

/// A matrix (lanes, columns), column-major: the values of one parameter in all trials of a tile are
/// contiguous.
template <class Real>
class Tile {
 public:
  using Array = Eigen::Array<Real, lanes, Eigen::Dynamic>;

  Tile() = default;
  /// Makes a tile of zeros.
  explicit Tile(std::int64_t columns) : numbers_(lanes * columns), columns_(columns) {
    std::fill_n(numbers_.data(), lanes * columns, Real(0));
  }

  std::int64_t columns() const { return columns_; }
  Real* data() { return numbers_.data(); }
  const Real* data() const { return numbers_.data(); }
  Eigen::Map<Array> array() { return {data(), lanes, columns_}; }
  Eigen::Map<const Array> array() const { return {data(), lanes, columns_}; }

 private:
  AlignedArray<Real> numbers_;
  std::int64_t columns_ = 0;
};

/// Replaces denormal numbers by 0; NaN stays NaN.
template <class Real>
void zero_denormals(Tile<Real>& tile) {
  for (Real* number = tile.data(); number != tile.data() + lanes * tile.columns(); ++number)
    *number = std::abs(*number) < std::numeric_limits<Real>::min() ? Real(0) : *number;
}

/// Returns ‖w‖² of every trial. Sums one parameter after another, because the order of Eigen's sums depends
/// on the processor.
template <class Real>
Lanes<double> squared_norms(const Tile<Real>& tile) {
  Lanes<double> squares = Lanes<double>::Zero();
  for (std::int64_t j = 0; j < tile.columns(); ++j)
    squares += tile.array().col(j).template cast<double>().square();
  return squares;
}

/// Returns ‖w − centre‖ of every trial, summed like squared_norms(). @param centre (columns)
template <class Real>
Lanes<double> distances(const Tile<Real>& tile, const double* centre) {
  Lanes<double> squares = Lanes<double>::Zero();
  for (std::int64_t j = 0; j < tile.columns(); ++j)
    squares += (tile.array().col(j).template cast<double>() - centre[j]).square();
  return squares.unaryExpr([](double square) { return std::sqrt(square); });
}

}  // namespace rhosweep::sgd
