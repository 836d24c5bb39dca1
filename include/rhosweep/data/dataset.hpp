#pragma once

#include "rhosweep/data/pieces.hpp"
#include "rhosweep/model/sgd_settings.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace rhosweep::data {

/// Samples with labels, dense or sparse, in the precision of the trials. One flat block of bytes without
/// pointers, so that the ranks of a node can share one copy. Immutable.
class Dataset {
 public:
  /// One sample's non-zero features: columns increasing from 0.
  template <class Real>
  struct SparseRow {
    std::span<const std::int32_t> columns;
    std::span<const Real> values;
  };

  /// Samples in compressed-row form, whatever the storage becomes.
  struct Rows {
    std::int64_t features = 0;
    std::vector<std::int64_t> offsets{0};  ///< (samples + 1)
    Pieces<std::int32_t> columns = {};     ///< (non-zeros), increasing within a row
    Numbers values = {};                   ///< (non-zeros)
    std::vector<double> labels = {};       ///< (samples)
    std::vector<std::int64_t> lines = {};  ///< (samples) where each stands in its file; empty without a file
    /// Of two classes: what the labels −1 and +1 were called in the file; NaN for −1: every other label.
    std::array<double, 2> classes{-1.0, 1.0};
  };
  enum class Storage { dense, sparse };

  /// What becomes of the features on their way from rows into a data set: x_j turns into (x_j −
  /// shift_j)/scale_j, and a constant 1 follows them.
  struct Transform {
    std::vector<double> shifts = {};  ///< (features), in dense storage only; empty: 0
    std::vector<double> scales = {};  ///< (features), > 0; empty: 1
    bool intercept = false;           ///< whether the 1 follows
  };

  /// Stores the rows sparse where that takes less time and memory: below `sparse_density` of non-zeros. Rows
  /// that are moved in are freed while they are stored, so that memory never holds them twice.
  static Dataset from_rows(Rows rows, model::Precision precision);
  static Dataset from_rows(Rows rows, model::Precision precision, Storage storage);
  static Dataset from_rows(Rows rows, model::Precision precision, Storage storage,
                           const Transform& transform);
  /// The storage that from_rows() chooses, the constant feature counted.
  static Storage storage_of(const Rows& rows, bool intercept = false);
  /// Writes the features of sample i into a row of zeros and returns its label.
  using Draw = std::function<double(std::int64_t i, std::span<double> row)>;
  /// Dense samples that are drawn one at a time, so that memory holds one row beside the data set.
  static Dataset from_draws(std::int64_t samples, std::int64_t features, model::Precision precision,
                            const Draw& draw);
  /// Takes over the bytes of another process's data set. The arrays are as aligned as the bytes are, up to
  /// 64; 8 is required.
  static Dataset from_bytes(std::shared_ptr<const std::byte> bytes, std::size_t size);

  static constexpr double sparse_density = 0.25;

  std::int64_t samples() const;
  std::int64_t features() const;
  std::int64_t nonzeros() const;  ///< stored numbers: samples × features if dense
  model::Precision precision() const;
  Storage storage() const;
  /// Of two classes: what the labels −1 and +1 were called in the file, as in Rows.
  std::array<double, 2> classes() const;
  /// Identity of the contents.
  std::uint64_t hash() const;

  /// Sample i of a dense data set: (features). Samples follow each other without gaps.
  /// @tparam Real double or float, as precision() says
  template <class Real>
  const Real* dense_row(std::int64_t i) const;
  /// Sample i of a sparse data set.
  template <class Real>
  SparseRow<Real> sparse_row(std::int64_t i) const;
  /// The stored numbers of sample i, whatever the storage: all features if dense, the non-zeros if sparse.
  template <class Real>
  std::span<const Real> values(std::int64_t i) const;
  /// (samples)
  template <class Real>
  std::span<const Real> labels() const;

  std::span<const std::byte> bytes() const { return {bytes_.get(), size_}; }
  /// The same with a share in their ownership, for from_bytes().
  std::pair<std::shared_ptr<const std::byte>, std::size_t> owned_bytes() const { return {bytes_, size_}; }

 private:
  struct Header;
  struct Draft;
  const Header& header() const;
  template <class T>
  const T* array(std::int64_t position) const;
  void require_real(std::size_t size) const;

  std::shared_ptr<const std::byte> bytes_;
  std::size_t size_ = 0;
};

}  // namespace rhosweep::data
