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

/// Samples with labels, dense or sparse, in the precision of the trials. Everything is in one block of bytes
/// without pointers, so that the ranks of a node can share one copy. Immutable.
class Dataset {
 public:
  /// The non-zero features of one sample. Columns start at 0 and increase.
  template <class Real>
  struct SparseRow {
    std::span<const std::int32_t> columns;  ///< shape (non-zeros)
    std::span<const Real> values;           ///< shape (non-zeros)
  };

  /// Samples in compressed-row form, from which dense and sparse data sets are made.
  struct Rows {
    std::int64_t features = 0;
    std::vector<std::int64_t> offsets{0};  ///< shape (samples + 1)
    Pieces<std::int32_t> columns = {};     ///< shape (non-zeros), increasing within a row
    Numbers values = {};                   ///< shape (non-zeros)
    std::vector<double> labels = {};       ///< shape (samples)
    std::vector<std::int64_t> lines = {};  ///< line or row of each sample in the file; empty: no file
    /// For two classes, the labels in the file that became −1 (first) and +1 (second). If the first is NaN,
    /// every label except the second became −1.
    std::array<double, 2> classes{-1.0, 1.0};
  };
  /// Whether all features of a sample are stored, or only the non-zero ones.
  enum class Storage { dense, sparse };

  /// A transformation of the features: x_j becomes (x_j − shift_j)/scale_j, and a constant feature 1 may be
  /// appended.
  struct Transform {
    std::vector<double> shifts = {};  ///< the shift_j, shape (features), for dense storage only; empty: all 0
    std::vector<double> scales = {};  ///< the scale_j > 0, shape (features); empty: all 1
    bool intercept = false;           ///< whether the constant feature is appended
  };

  /// Stores the rows as a data set. The storage is sparse if the share of non-zeros is below
  /// `sparse_density`, because sparse storage then takes less time and memory. Rows that are moved in are
  /// freed during the conversion, so that memory never holds the data twice.
  static Dataset from_rows(Rows rows, model::Precision precision);
  /// Stores the rows in the given storage.
  static Dataset from_rows(Rows rows, model::Precision precision, Storage storage);
  /// Transforms the rows, then stores them in the given storage.
  static Dataset from_rows(Rows rows, model::Precision precision, Storage storage,
                           const Transform& transform);
  /// Returns the storage that from_rows() chooses. With `intercept`, the share of non-zeros includes the
  /// constant feature that is appended.
  static Storage storage_of(const Rows& rows, bool intercept = false);
  /// Writes the features of sample i into a row of zeros and returns its label.
  using Draw = std::function<double(std::int64_t i, std::span<double> row)>;
  /// Makes a dense data set. Samples are drawn one at a time, so that memory holds one row besides the data
  /// set.
  static Dataset from_draws(std::int64_t samples, std::int64_t features, model::Precision precision,
                            const Draw& draw);
  /// Makes a data set from the bytes of another data set, which another process may have made. The bytes must
  /// be aligned to 8 bytes. The arrays of the data set are aligned like `bytes`, up to 64 bytes.
  static Dataset from_bytes(std::shared_ptr<const std::byte> bytes, std::size_t size);

  /// The share of non-zero values below which from_rows() chooses sparse storage.
  static constexpr double sparse_density = 0.25;

  std::int64_t samples() const;
  std::int64_t features() const;
  std::int64_t nonzeros() const;      ///< number of stored values; samples × features if dense
  double numbers_per_sample() const;  ///< the average number of stored values per sample
  model::Precision precision() const;
  Storage storage() const;
  /// For two classes, the labels in the file that became −1 and +1, as in Rows::classes.
  std::array<double, 2> classes() const;
  /// Returns a hash of the contents.
  std::uint64_t hash() const;

  /// Returns the features of sample i of a dense data set, shape (features). Samples follow each other in
  /// memory without gaps.
  /// @tparam Real double or float, according to precision()
  template <class Real>
  const Real* dense_row(std::int64_t i) const;
  /// Returns the non-zero features of sample i of a sparse data set.
  template <class Real>
  SparseRow<Real> sparse_row(std::int64_t i) const;
  /// Returns the stored values of sample i: all features if dense, the non-zeros if sparse.
  template <class Real>
  std::span<const Real> values(std::int64_t i) const;
  /// Returns the labels, shape (samples).
  template <class Real>
  std::span<const Real> labels() const;

  /// Returns everything that the data set holds, for from_bytes(). The layout of the bytes depends on the
  /// machine.
  std::span<const std::byte> bytes() const { return {bytes_.get(), size_}; }
  /// Returns the bytes with shared ownership, for from_bytes().
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
