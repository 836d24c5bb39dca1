#pragma once

#include "byte_stream.hpp"
#include "row_sink.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::data {

/// Reads an array in NumPy's format, versions 1 to 3: integers, floating-point numbers of 16, 32 or 64 bits,
/// or booleans, of any byte order. (numpy.lib.format, NEP 1)
class NpyArray {
 public:
  /// Reads the header. Throws core::InputError if it is invalid, the type is not supported, or the size of
  /// the data does not match the shape.
  /// @param name name of the array, for messages
  NpyArray(std::unique_ptr<ByteStream> bytes, std::string name, const RowSink& sink);

  const std::vector<std::int64_t>& shape() const& { return shape_; }
  std::vector<std::int64_t> shape() && { return std::move(shape_); }
  /// Returns the next element in row-major order. @pre not all elements have been read
  double next();

 private:
  void read_header();
  void parse(std::string_view text);
  void set_type(const std::string& type);
  void check_size() const;
  void load_columns();
  double decode(const char* bytes) const;
  [[noreturn]] void fail(std::string_view found, std::string_view allowed) const;

  std::unique_ptr<ByteStream> bytes_;
  std::string name_;
  const RowSink& sink_;
  std::vector<std::int64_t> shape_;
  bool is_column_major_ = false;
  bool is_big_endian_ = false;
  char kind_ = 'f';          ///< NumPy's kind of the elements: f, i, u or b
  std::size_t width_ = 8;    ///< bytes of an element
  std::vector<char> piece_;  ///< bytes of some elements; of all elements if the array is column-major
  std::size_t at_ = 0;       ///< index in `piece_` of the first byte of the next element
  std::int64_t row_ = 0;     ///< row of the next element if the array is column-major
  std::int64_t column_ = 0;
};

}  // namespace rhosweep::data
