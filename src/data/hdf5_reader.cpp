#include "row_sink.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/input_file.hpp"
#include "rhosweep/core/memory.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/h5/hdf5.hpp"
#include "rhosweep/h5/require_readable.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::data {

namespace {

/// Number of values that are read into memory at a time.
constexpr std::int64_t piece = std::int64_t{1} << 20;

/// The elements that an array may have. `labels` are numbers whose array may also have the shape (n, 1).
enum class Elements { numbers, integers, labels };

/// A dataset of numbers in the file, read in pieces.
class Array {
 public:
  Array(hid_t file, const std::string& name, std::size_t dimensions, Elements elements, const RowSink& sink)
      : dataset_(h5::open_dataset(file, name)), space_(h5::space_of(dataset_)) {
    const h5::Datatype type(h5::check(H5Dget_type(dataset_), "cannot read the type of " + name));
    const H5T_class_t kind = H5Tget_class(type);
    // h5py stores booleans as an enumeration, whose values HDF5 converts like integers.
    if (kind != H5T_INTEGER && (elements == Elements::integers || (kind != H5T_FLOAT && kind != H5T_ENUM)))
      sink.fail_file(
          name + (kind == H5T_STRING ? " with texts" : " with another type of elements"),
          (elements == Elements::integers ? std::string("integers")
                                          : "integers, floating-point numbers or booleans") +
              (kind == H5T_STRING && elements == Elements::labels ? fmt::format("; {}", how_to_number_classes)
                                                                  : ""));
    constexpr std::size_t largest = 16;  // size of long double in bytes; HDF5 itself allows elements of 4 GiB
    if (H5Tget_size(type) > largest)
      sink.fail_file(fmt::format("{} with elements of {} bytes", name, H5Tget_size(type)),
                     fmt::format("up to {} bytes", largest));
    for (const hsize_t extent : h5::extents_of(space_)) extents_.push_back(static_cast<std::int64_t>(extent));
    const bool is_column = elements == Elements::labels && extents_.size() == 2 && extents_[1] == 1;
    if (extents_.size() != dimensions && !is_column)
      sink.fail_file(fmt::format("{} with {} dimensions", name, extents_.size()),
                     fmt::format("{}", dimensions));
    keep_chunks(file, name, static_cast<double>(H5Tget_size(type)), sink);
  }

  std::int64_t extent(std::size_t dimension) const { return extents_[dimension]; }

  template <class T>
  std::vector<T> read(std::vector<hsize_t> first, std::vector<hsize_t> count) const {
    first.resize(extents_.size(), 0);
    count.resize(extents_.size(), 1);
    h5::check(H5Sselect_hyperslab(space_, H5S_SELECT_SET, first.data(), nullptr, count.data(), nullptr),
              "cannot select a piece of an array");
    return h5::read_selected<T>(dataset_, space_);
  }

 private:
  /// Enlarges the chunk cache to hold all chunks of a row. An array is read in pieces of some rows. With the
  /// default cache of 1 MiB, HDF5 would decompress a chunk once for every piece that has rows in this chunk.
  /// Throws if these chunks do not fit into memory.
  void keep_chunks(hid_t file, const std::string& name, double element_bytes, const RowSink& sink) {
    const h5::PropertyList properties(h5::check(H5Dget_create_plist(dataset_), "cannot read properties"));
    if (H5Pget_layout(properties) != H5D_CHUNKED) return;
    h5::Extents chunk(extents_.size());
    h5::check(H5Pget_chunk(properties, static_cast<int>(chunk.size()), chunk.data()), "cannot read a shape");
    double chunks = 1.0;  // number of chunks that a row crosses
    double bytes = element_bytes;
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      bytes *= static_cast<double>(chunk[i]);
      if (i > 0) chunks *= std::ceil(static_cast<double>(extents_[i]) / static_cast<double>(chunk[i]));
    }
    constexpr double usual = 1 << 20;
    const double needed = chunks * bytes;
    if (needed <= usual) return;
    const auto available = static_cast<double>(core::available_memory()) / 2;  // the rest is for the samples
    if (needed > available)
      sink.fail_file(fmt::format("{} in chunks of {}, which need {} of memory, {} are available", name,
                                 core::counted(static_cast<std::int64_t>(chunk[0]), "row"),
                                 core::to_byte_text(needed), core::to_byte_text(available)),
                     "chunks of fewer rows (h5repack -l NAME:CHUNK=ROWSxCOLUMNS)");
    const h5::PropertyList access(h5::check(H5Pcreate(H5P_DATASET_ACCESS), "cannot make a property list"));
    const auto slots = static_cast<std::size_t>(10 * chunks) + 521;
    h5::check(H5Pset_chunk_cache(access, slots, static_cast<std::size_t>(needed), H5D_CHUNK_CACHE_W0_DEFAULT),
              "cannot set a cache");
    dataset_ = {};  // close the dataset first: if opened again while open, it would keep its old cache
    dataset_ = h5::open_dataset(file, name, access);
  }

  h5::Dataset dataset_;
  h5::Dataspace space_;
  std::vector<std::int64_t> extents_;
};

/// Reads the elements of a one-dimensional array one by one.
template <class T>
class ElementReader {
 public:
  explicit ElementReader(const Array& array) : array_(array) {}

  /// Returns the next element. @pre not all elements have been read
  T next() {
    if (place_ == std::ssize(piece_)) {
      first_ += place_;
      const auto count = static_cast<hsize_t>(std::min(piece, array_.extent(0) - first_));
      piece_ = array_.read<T>({static_cast<hsize_t>(first_)}, {count});
      place_ = 0;
    }
    return piece_[place_++];
  }

 private:
  const Array& array_;
  std::vector<T> piece_;
  std::int64_t first_ = 0;  ///< index in the array of the piece's first element
  std::int64_t place_ = 0;  ///< index of the next element within the piece
};

h5::File open_readable(const std::filesystem::path& path) {
  static const std::array<std::string, 6> names{"X", "y", "data", "indices", "indptr", "shape"};
  h5::require_readable(path, names);
  return h5::File(
      h5::check(H5Fopen(path.c_str(), H5F_ACC_RDONLY, h5::unlocked_access()), "cannot read this file"));
}

class Hdf5Reader {
 public:
  Hdf5Reader(const DataFile& file, model::Precision precision, const std::optional<Split>& split)
      : sink_(file, precision, split, [](std::int64_t column) { return fmt::format("column {}", column); }),
        file_(open_readable(file.path)) {}

  FileRows read() && {
    const bool is_dense = has("X");
    const bool is_sparse = has("data") || has("indices") || has("indptr");
    if (is_dense == is_sparse)
      sink_.fail_file(is_dense ? "both X and compressed rows" : "no X",
                      "X and y, or data, indices, indptr and y");
    bool has_all_features = true;
    if (is_dense)
      read_dense();
    else
      has_all_features = read_sparse();
    if (sink_.features() == 0) sink_.fail_file("no features", "at least one column");
    FileRows rows = std::move(sink_).finish();
    rows.has_all_features = has_all_features;
    return rows;
  }

 private:
  bool has(const std::string& name) const {
    return h5::check(H5Lexists(file_, name.c_str(), H5P_DEFAULT), "cannot look for " + name) > 0;
  }

  Array open(const std::string& name, std::size_t dimensions, Elements elements) const {
    if (!has(name)) sink_.fail_file("no " + name, "X and y, or data, indices, indptr and y");
    return {file_, name, dimensions, elements, sink_};
  }

  /// Opens the labels and checks that there is one label per sample.
  Array open_labels(std::int64_t samples) const {
    Array labels = open("y", 1, Elements::labels);
    if (labels.extent(0) != samples)
      sink_.fail_file(fmt::format("{} in y for {}", core::counted(labels.extent(0), "label"),
                                  core::counted(samples, "sample")),
                      "one per sample");
    if (samples == 0) sink_.fail_file("no samples", "at least one row");
    return labels;
  }

  double next_label(ElementReader<double>& labels) const {
    const double label = labels.next();
    if (!std::isfinite(label)) sink_.fail(fmt::format("the label {}", label), "a finite number");
    return label;
  }

  void check_features(std::int64_t features) const {
    if (features > most_features)
      sink_.fail_file(fmt::format("{} features", features), fmt::format("up to {}", most_features));
  }

  void read_dense() {
    const Array x = open("X", 2, Elements::numbers);
    const std::int64_t samples = x.extent(0);
    const std::int64_t features = x.extent(1);
    const Array y = open_labels(samples);
    check_features(features);
    if (features == 0) return;
    ElementReader<double> labels(y);
    // A piece is either several whole rows or a part of one long row.
    const std::int64_t rows = std::max(std::int64_t{1}, piece / features);
    for (std::int64_t i = 0; i < samples; i += rows) {
      const std::int64_t count = std::min(rows, samples - i);
      for (std::int64_t j = 0; j < features; j += piece)
        read_piece(x, {i, j}, {count, std::min(piece, features - j)}, labels);
    }
  }

  void read_piece(const Array& x, std::array<std::int64_t, 2> first, std::array<std::int64_t, 2> count,
                  ElementReader<double>& labels) {
    const auto extents = [](const std::array<std::int64_t, 2>& pair) {
      return std::vector<hsize_t>(pair.begin(), pair.end());
    };
    const auto numbers = x.read<double>(extents(first), extents(count));
    const auto* number = numbers.data();
    for (std::int64_t i = 0; i < count[0]; ++i) {
      sink_.begin(first[0] + i);
      for (std::int64_t j = 0; j < count[1]; ++j) sink_.add(first[1] + j, *number++);
      if (first[1] + count[1] == x.extent(1)) sink_.end(next_label(labels), x.extent(1));
    }
  }

  /// Reads samples in compressed sparse row format. @return whether the file states the number of features
  bool read_sparse() {
    const Array data = open("data", 1, Elements::numbers);
    const Array indices = open("indices", 1, Elements::integers);
    const Array indptr = open("indptr", 1, Elements::integers);
    const std::int64_t nonzeros = data.extent(0);
    if (indices.extent(0) != nonzeros)
      sink_.fail_file(
          fmt::format("{} {} for {} in data", indices.extent(0), indices.extent(0) == 1 ? "index" : "indices",
                      core::counted(nonzeros, "number")),
          "one per number");
    const std::int64_t samples = std::max(std::int64_t{0}, indptr.extent(0) - 1);
    const Array y = open_labels(samples);
    const std::int64_t known_features = has("shape") ? read_shape(samples) : 0;

    ElementReader<double> labels(y);
    ElementReader<double> numbers(data);
    ElementReader<std::int64_t> columns(indices);
    ElementReader<std::int64_t> ends(indptr);
    std::int64_t place = ends.next();
    if (place != 0) sink_.fail_file(fmt::format("{} at the start of indptr", place), "0");
    for (std::int64_t i = 0; i < samples; ++i) {
      sink_.begin(i);
      const std::int64_t end = ends.next();
      if (end < place || end > nonzeros)
        sink_.fail(fmt::format("{} after {} in indptr", end, place),
                   fmt::format("numbers that do not decrease, up to {}", nonzeros));
      std::int64_t previous = -1;
      for (; place < end; ++place)
        previous = read_number(columns.next(), numbers.next(), previous, known_features);
      sink_.end(next_label(labels), std::max(known_features, previous + 1));
    }
    if (place != nonzeros)
      sink_.fail_file(fmt::format("{} at the end of indptr", place),
                      fmt::format("{}, all numbers of data", nonzeros));
    return known_features > 0;
  }

  /// Checks a value and its column, and adds the value to the sample. @return the column
  std::int64_t read_number(std::int64_t column, double value, std::int64_t previous,
                           std::int64_t known_features) {
    const std::int64_t features = known_features > 0 ? known_features : most_features;
    if (column < 0 || column >= features)
      sink_.fail(fmt::format("the index {}", column), fmt::format("integers from 0 to {}", features - 1));
    if (column <= previous)
      sink_.fail(fmt::format("the index {} after {}", column, previous),
                 "indices that increase within a row");
    sink_.add(column, value);
    return column;
  }

  /// Returns the number of features that the dataset `shape` states.
  std::int64_t read_shape(std::int64_t samples) const {
    const Array shape = open("shape", 1, Elements::integers);
    if (shape.extent(0) != 2)
      sink_.fail_file(fmt::format("shape with {}", core::counted(shape.extent(0), "number")),
                      "the samples and the features");
    const auto extents = shape.read<std::int64_t>({0}, {2});
    if (extents[0] != samples || extents[1] < 1)
      sink_.fail_file(fmt::format("shape [{}, {}]", extents[0], extents[1]),
                      fmt::format("{}, as indptr has it, and at least 1", samples));
    check_features(extents[1]);
    return extents[1];
  }

  RowSink sink_;
  h5::File file_;
};

}  // namespace

FileRows read_hdf5(const DataFile& file, model::Precision precision, const std::optional<Split>& split) {
  core::open_input(
      file.path);  // throws the system's reason if the file cannot be opened; HDF5's reason is less clear
  h5::start_library();
  try {
    return Hdf5Reader(file, precision, split).read();
  } catch (const h5::Hdf5Error& error) {
    throw core::InputError(fmt::format("{}: {}", file.path.string(), error.what()));
  }
}

}  // namespace rhosweep::data
