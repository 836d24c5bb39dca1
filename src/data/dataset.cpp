#include "rhosweep/data/dataset.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/hash.hpp"
#include "rhosweep/core/memory.hpp"
#include "rhosweep/model/with_real.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace rhosweep::data {

namespace {

constexpr std::int64_t alignment = 64;
constexpr std::uint64_t format_mark = 0x31746573'61746164;  // "dataset1"

constexpr std::int64_t aligned(std::int64_t position) {
  return (position + alignment - 1) / alignment * alignment;
}

}  // namespace

/// The first bytes of a data set: its sizes and the positions of its arrays.
struct Dataset::Header {
  std::uint64_t mark = format_mark;
  std::int64_t size = 0;  ///< total number of bytes
  std::int64_t samples = 0;
  std::int64_t features = 0;
  std::int64_t nonzeros = 0;
  std::array<double, 2> classes{};
  model::Precision precision{};
  Storage storage{};
  std::int64_t labels = 0;   ///< position of the labels, (samples) Real
  std::int64_t values = 0;   ///< position of the values, (nonzeros) Real
  std::int64_t offsets = 0;  ///< position of the offsets, (samples + 1) int64; sparse only
  std::int64_t columns = 0;  ///< position of the columns, (nonzeros) int32; sparse only
};

/// A data set that is being filled.
struct Dataset::Draft {
  Header header;
  std::shared_ptr<std::byte> bytes = {};

  explicit Draft(Header described) : header(described) {
    const std::int64_t real = header.precision == model::Precision::float64 ? sizeof(double) : sizeof(float);
    header.labels = aligned(sizeof(Header));
    header.values = aligned(header.labels + header.samples * real);
    header.size = header.values + header.nonzeros * real;
    if (header.storage == Storage::sparse) {
      header.offsets = aligned(header.size);
      header.columns =
          aligned(header.offsets + (header.samples + 1) * static_cast<std::int64_t>(sizeof(std::int64_t)));
      header.size = header.columns + header.nonzeros * static_cast<std::int64_t>(sizeof(std::int32_t));
    }
    core::require_memory(header.size, "a data set");
    // All bytes are zero at first. The hash includes the gaps between the arrays, so the gaps must have a
    // fixed value.
    bytes = core::allocate_pages(header.size);
    new (bytes.get()) Header(header);
  }

  template <class T>
  T* array(std::int64_t position) {
    return reinterpret_cast<T*>(bytes.get() + position);
  }

  /// Copies numbers into the array at a position, rounded to the type T of the array.
  template <class T, class From>
  void fill(std::int64_t position, std::span<const From> from) {
    std::transform(from.begin(), from.end(), array<T>(position), [](From x) { return static_cast<T>(x); });
  }

  Dataset finish() && { return from_bytes(std::move(bytes), static_cast<std::size_t>(header.size)); }
};

Dataset::Storage Dataset::storage_of(const Rows& rows, bool intercept) {
  const auto samples = static_cast<double>(rows.labels.size());
  const double constants = intercept ? samples : 0.0;
  const double cells = samples * static_cast<double>(rows.features) + constants;
  const double nonzeros = static_cast<double>(rows.values.size()) + constants;
  return nonzeros < sparse_density * cells ? Storage::sparse : Storage::dense;
}

Dataset Dataset::from_rows(Rows rows, model::Precision precision) {
  const Storage storage = storage_of(rows);
  return from_rows(std::move(rows), precision, storage);
}

Dataset Dataset::from_rows(Rows rows, model::Precision precision, Storage storage) {
  return from_rows(std::move(rows), precision, storage, {});
}

Dataset Dataset::from_rows(Rows rows, model::Precision precision, Storage storage,
                           const Transform& transform) {
  const std::int64_t samples = std::ssize(rows.labels);
  const std::size_t nonzeros = rows.values.size();
  core::require(std::ssize(rows.offsets) == samples + 1 && nonzeros == rows.columns.size() &&
                    rows.offsets.back() == static_cast<std::int64_t>(nonzeros),
                "rows of a data set need an offset each and a column per value");
  const bool is_sparse = storage == Storage::sparse;
  const std::vector<double>& shifts = transform.shifts;
  const std::vector<double>& scales = transform.scales;
  const bool intercept = transform.intercept;
  core::require(shifts.empty() || (!is_sparse && shifts.size() == scales.size()),
                "features are shifted in dense storage only, and scaled then, too");
  core::require(scales.empty() || std::ssize(scales) == rows.features, "every feature needs a scale or none");
  const std::int64_t constants = intercept ? 1 : 0;  // added features per sample
  const std::int64_t features = rows.features + constants;
  Draft draft(
      {.samples = samples,
       .features = features,
       .nonzeros = is_sparse ? static_cast<std::int64_t>(nonzeros) + samples * constants : samples * features,
       .classes = rows.classes,
       .precision = precision,
       .storage = storage});
  const auto transformed = [&](double x, std::int64_t column) {
    if (!shifts.empty()) x -= shifts[column];
    return scales.empty() ? x : x / scales[column];
  };
  const Header& header = draft.header;
  model::with_real(precision, [&](auto real) {
    using Real = decltype(real);
    draft.fill<Real>(header.labels, std::span(std::as_const(rows.labels)));
    auto* columns = draft.array<std::int32_t>(header.columns);
    auto* offsets = draft.array<std::int64_t>(header.offsets);
    Real* row = draft.array<Real>(header.values);  // values of this sample; if sparse, of all samples
    std::int64_t stored = 0;
    for (std::int64_t i = 0; i < samples; ++i) {
      for (std::int64_t j = 0; j < std::ssize(shifts); ++j) row[j] = static_cast<Real>(transformed(0.0, j));
      for (std::int64_t k = rows.offsets[i]; k < rows.offsets[i + 1]; ++k) {
        const std::int32_t column = rows.columns[k];
        core::require(column >= 0 && column < rows.features, "a column of a data set is beyond its features");
        row[is_sparse ? stored : column] = static_cast<Real>(transformed(rows.values[k], column));
        if (is_sparse) columns[stored++] = column;
      }
      if (intercept) row[is_sparse ? stored : rows.features] = Real(1);
      if (is_sparse) {
        if (intercept) columns[stored++] = static_cast<std::int32_t>(rows.features);
        offsets[i + 1] = stored;
      } else {
        row += features;
      }
      rows.values.release_before(rows.offsets[i + 1]);
      rows.columns.release_before(rows.offsets[i + 1]);
    }
  });
  return std::move(draft).finish();
}

Dataset Dataset::from_draws(std::int64_t samples, std::int64_t features, model::Precision precision,
                            const Draw& draw) {
  Draft draft({.samples = samples,
               .features = features,
               .nonzeros = samples * features,
               .classes = Rows{}.classes,
               .precision = precision,
               .storage = Storage::dense});
  std::vector<double> row(features);
  model::with_real(precision, [&](auto real) {
    using Real = decltype(real);
    auto* labels = draft.array<Real>(draft.header.labels);
    auto* values = draft.array<Real>(draft.header.values);
    for (std::int64_t i = 0; i < samples; ++i) {
      std::ranges::fill(row, 0.0);
      labels[i] = static_cast<Real>(draw(i, row));
      values = std::ranges::transform(row, values, [](double x) { return static_cast<Real>(x); }).out;
    }
  });
  return std::move(draft).finish();
}

Dataset Dataset::from_bytes(std::shared_ptr<const std::byte> bytes, std::size_t size) {
  core::require(
      size >= sizeof(Header) && reinterpret_cast<std::uintptr_t>(bytes.get()) % alignof(Header) == 0,
      "the bytes of a data set are too few or not aligned");
  Dataset set;
  set.bytes_ = std::move(bytes);
  set.size_ = size;
  core::require(set.header().mark == format_mark && set.header().size == static_cast<std::int64_t>(size),
                "these bytes are not a data set");
  return set;
}

const Dataset::Header& Dataset::header() const {
  return *reinterpret_cast<const Header*>(bytes_.get());
}

template <class T>
const T* Dataset::array(std::int64_t position) const {
  return reinterpret_cast<const T*>(bytes_.get() + position);
}

std::int64_t Dataset::samples() const {
  return header().samples;
}
std::int64_t Dataset::features() const {
  return header().features;
}
std::int64_t Dataset::nonzeros() const {
  return header().nonzeros;
}
double Dataset::numbers_per_sample() const {
  return static_cast<double>(nonzeros()) / static_cast<double>(samples());
}
model::Precision Dataset::precision() const {
  return header().precision;
}
Dataset::Storage Dataset::storage() const {
  return header().storage;
}
std::array<double, 2> Dataset::classes() const {
  return header().classes;
}

std::uint64_t Dataset::hash() const {
  return core::Hash().bytes(bytes_.get(), size_).digest();
}

void Dataset::require_real(std::size_t size) const {
  core::require((size == sizeof(double)) == (precision() == model::Precision::float64),
                "a data set was read in another precision than its own");
}

template <class Real>
const Real* Dataset::dense_row(std::int64_t i) const {
  require_real(sizeof(Real));
  core::require(storage() == Storage::dense, "a sparse data set was read as a dense one");
  return array<Real>(header().values) + i * features();
}

template <class Real>
Dataset::SparseRow<Real> Dataset::sparse_row(std::int64_t i) const {
  core::require(storage() == Storage::sparse, "a dense data set was read as a sparse one");
  const std::span<const Real> row = values<Real>(i);
  return {.columns = {array<std::int32_t>(header().columns) + array<std::int64_t>(header().offsets)[i],
                      row.size()},
          .values = row};
}

template <class Real>
std::span<const Real> Dataset::values(std::int64_t i) const {
  require_real(sizeof(Real));
  const Real* all = array<Real>(header().values);
  if (storage() == Storage::dense) return {all + i * features(), static_cast<std::size_t>(features())};
  const std::int64_t* offsets = array<std::int64_t>(header().offsets);
  return {all + offsets[i], static_cast<std::size_t>(offsets[i + 1] - offsets[i])};
}

template <class Real>
std::span<const Real> Dataset::labels() const {
  require_real(sizeof(Real));
  return {array<Real>(header().labels), static_cast<std::size_t>(samples())};
}

template const double* Dataset::dense_row(std::int64_t) const;
template const float* Dataset::dense_row(std::int64_t) const;
template Dataset::SparseRow<double> Dataset::sparse_row(std::int64_t) const;
template Dataset::SparseRow<float> Dataset::sparse_row(std::int64_t) const;
template std::span<const double> Dataset::values(std::int64_t) const;
template std::span<const float> Dataset::values(std::int64_t) const;
template std::span<const double> Dataset::labels() const;
template std::span<const float> Dataset::labels() const;

}  // namespace rhosweep::data
