#include "npy_array.hpp"

#include "rhosweep/core/memory.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::data {

namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr const char* whole_file = "an array that numpy.save or numpy.savez has written";
constexpr const char* types = "integers, floating-point numbers of up to 64 bits, or booleans";

/// Converts the bits of a 16-bit floating-point number (IEEE 754 binary16).
double half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (exponent == 31)
    return fraction != 0 ? std::numeric_limits<double>::quiet_NaN()
                         : sign * std::numeric_limits<double>::infinity();
  return exponent == 0 ? sign * std::ldexp(fraction, -24) : sign * std::ldexp(1024 + fraction, exponent - 25);
}

/// Parses the dictionary of the header, which is a Python literal.
class Literal {
 public:
  explicit Literal(std::string_view text) : rest_(text) {}

  /// Removes blanks and then the wanted text from the front of the literal. @return whether the wanted text
  /// was there
  bool take(std::string_view wanted) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size()));
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }

  /// Removes a text in single or double quotes from the front of the literal. @return whether there was such
  /// a text
  bool take_text(std::string& text) {
    const char quote = take("'") ? '\'' : take("\"") ? '"' : '\0';
    const std::size_t end = quote == '\0' ? std::string_view::npos : rest_.find(quote);
    if (end == std::string_view::npos) return false;
    text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return true;
  }

  bool take_flag(bool& flag) {
    flag = take("True");
    return flag || take("False");
  }

  bool take_shape(std::vector<std::int64_t>& shape) {
    if (!take("(")) return false;
    for (shape.clear(); !take(")");) {
      take("");  // skips blanks
      std::int64_t extent = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), extent);
      if (error != std::errc() || extent < 0) return false;
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      shape.push_back(extent);
      take("L");  // Python 2 appends L to integers
      if (!take(",") && !rest_.starts_with(")")) return false;
    }
    return true;
  }

 private:
  std::string_view rest_;
};

}  // namespace

NpyArray::NpyArray(std::unique_ptr<ByteStream> bytes, std::string name, const RowSink& sink)
    : bytes_(std::move(bytes)), name_(std::move(name)), sink_(sink) {
  read_header();
  check_size();
}

void NpyArray::fail(std::string_view found, std::string_view allowed) const {
  sink_.fail_file(fmt::format("{} with {}", name_, found), allowed);
}

void NpyArray::read_header() {
  std::array<char, 8> start{};
  std::array<char, 4> length{};
  if (bytes_->left() < 10) fail("fewer than 10 bytes", whole_file);
  bytes_->read(start.data(), start.size());
  if (!std::string_view(start.data(), start.size()).starts_with(magic)) fail("another beginning", whole_file);
  const auto version = static_cast<int>(static_cast<unsigned char>(start[6]));
  if (version < 1 || version > 3) fail(fmt::format("format version {}", version), "versions 1 to 3");
  const std::size_t digits = version == 1 ? 2 : 4;
  if (bytes_->left() < static_cast<std::int64_t>(digits)) fail("a header that ends early", whole_file);
  bytes_->read(length.data(), digits);
  std::int64_t size = 0;
  for (std::size_t i = digits; i-- > 0;) size = size << 8 | static_cast<unsigned char>(length[i]);
  constexpr std::int64_t longest = 1 << 20;
  if (size > longest || size > bytes_->left()) fail("a header that ends early", whole_file);
  std::string text(static_cast<std::size_t>(size), '\0');
  bytes_->read(text.data(), text.size());
  parse(text);
}

void NpyArray::parse(std::string_view text) {
  Literal literal(text);
  std::string type;
  bool has_type = false;
  bool has_order = false;
  bool has_shape = false;
  bool is_valid = literal.take("{");
  while (is_valid && !literal.take("}")) {
    std::string key;
    is_valid = literal.take_text(key) && literal.take(":");
    if (!is_valid) break;
    if (key == "descr" && literal.take("[")) fail("elements of several fields", types);
    if (key == "descr")
      is_valid = has_type = literal.take_text(type);
    else if (key == "fortran_order")
      is_valid = has_order = literal.take_flag(is_column_major_);
    else if (key == "shape")
      is_valid = has_shape = literal.take_shape(shape_);
    else
      is_valid = false;
    literal.take(",");
  }
  if (!is_valid || !has_type || !has_order || !has_shape) fail("an invalid header", whole_file);
  set_type(type);
}

void NpyArray::set_type(const std::string& type) {
  const auto refuse_type = [&] {
    const bool is_text = type.find_first_of("USO") != std::string::npos && name_ != "X";
    fail("elements of type " + in_quotes(type),
         is_text ? fmt::format("{}; {}", types, how_to_number_classes) : types);
  };
  if (type.size() != 3) refuse_type();
  kind_ = type[1];
  width_ = static_cast<std::size_t>(type[2] - '0');
  is_big_endian_ = type[0] == '>' || (type[0] == '=' && std::endian::native == std::endian::big);
  const bool has_order = std::string_view("<>|=").find(type[0]) != std::string_view::npos;
  const bool is_integer =
      (kind_ == 'i' || kind_ == 'u') && (width_ == 1 || width_ == 2 || width_ == 4 || width_ == 8);
  const bool is_real = kind_ == 'f' && (width_ == 2 || width_ == 4 || width_ == 8);
  if (!has_order || !(is_integer || is_real || (kind_ == 'b' && width_ == 1))) refuse_type();
}

void NpyArray::check_size() const {
  std::int64_t size = static_cast<std::int64_t>(width_);
  for (const std::int64_t extent : shape_) {
    const bool is_too_large = extent > 0 && size > std::numeric_limits<std::int64_t>::max() / extent;
    if (is_too_large) fail(fmt::format("the shape ({})", fmt::join(shape_, ", ")), whole_file);
    size *= extent;
  }
  if (size != bytes_->left())
    fail(fmt::format("{} for the shape ({})", core::counted(bytes_->left(), "byte"), fmt::join(shape_, ", ")),
         fmt::format("{}: {}", core::counted(size, "byte"), whole_file));
}

double NpyArray::decode(const char* bytes) const {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < width_; ++i) {
    const std::size_t from = is_big_endian_ ? i : width_ - 1 - i;
    bits = bits << 8 | static_cast<unsigned char>(bytes[from]);
  }
  if (kind_ == 'b') return bits != 0 ? 1.0 : 0.0;
  if (kind_ == 'u') return static_cast<double>(bits);
  if (kind_ == 'i') {
    const auto shift = static_cast<int>(64 - 8 * width_);
    return static_cast<double>(static_cast<std::int64_t>(bits << shift) >> shift);
  }
  if (width_ == 2) return half(static_cast<std::uint16_t>(bits));
  if (width_ == 4) return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  return std::bit_cast<double>(bits);
}

/// Reads all elements at once, since a row of a column-major array is not contiguous.
void NpyArray::load_columns() {
  core::require_memory(bytes_->left(), "reading " + name_);
  piece_.resize(static_cast<std::size_t>(bytes_->left()));
  bytes_->read(piece_.data(), piece_.size());
}

double NpyArray::next() {
  if (is_column_major_ && shape_.size() == 2) {
    if (piece_.empty()) load_columns();
    const std::int64_t place = column_ * shape_[0] + row_;
    if (++column_ == shape_[1]) {
      column_ = 0;
      ++row_;
    }
    return decode(piece_.data() + static_cast<std::size_t>(place) * width_);
  }
  if (at_ == piece_.size()) {
    constexpr std::int64_t piece_bytes = std::int64_t{1} << 18;
    piece_.resize(static_cast<std::size_t>(std::min(piece_bytes, bytes_->left())));
    bytes_->read(piece_.data(), piece_.size());
    at_ = 0;
  }
  const double value = decode(piece_.data() + at_);
  at_ += width_;
  return value;
}

}  // namespace rhosweep::data
