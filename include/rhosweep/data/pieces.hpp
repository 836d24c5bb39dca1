#pragma once

#include "rhosweep/core/memory.hpp"
#include "rhosweep/model/sgd_settings.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <variant>
#include <vector>

namespace rhosweep::data {

/// A list for large arrays. It grows without copying its elements, and its beginning can be freed while the
/// rest is read. So memory never holds such an array twice.
template <class T>
class Pieces {
 public:
  static constexpr std::size_t piece = std::size_t{1} << 19;  ///< elements per piece

  Pieces() = default;
  Pieces(std::initializer_list<T> list) {
    for (const T x : list) push_back(x);
  }

  std::size_t size() const { return size_; }
  T operator[](std::size_t i) const { return pieces_[i / piece][i % piece]; }

  void push_back(T x) {
    if (size_ % piece == 0) {
      pieces_.emplace_back();
      if (size_ > 0) pieces_.back().reserve(piece);  // short lists stay small
    }
    pieces_.back().push_back(x);
    ++size_;
  }

  /// Returns how many bytes the next push_back() will allocate; usually 0.
  std::int64_t growth() const {
    if (size_ == 0) return sizeof(T);
    if (size_ % piece == 0) return piece * sizeof(T);
    const auto& last = pieces_.back();
    return last.size() < last.capacity() ? 0 : static_cast<std::int64_t>(2 * last.size() * sizeof(T));
  }

  /// Frees the pieces whose elements all come before element i. The elements before element i must not be
  /// read afterwards.
  void release_before(std::size_t i) {
    for (; released_ < i / piece; ++released_) {
      // Freed memory stays with the process (core::keep_freed_memory()), so the pages are returned to the
      // system before the memory is freed.
      core::give_back_pages(std::as_writable_bytes(std::span(pieces_[released_])));
      std::vector<T>().swap(pieces_[released_]);
    }
  }

 private:
  std::vector<std::vector<T>> pieces_;
  std::size_t size_ = 0;
  std::size_t released_ = 0;  ///< number of freed pieces
};

/// A list of numbers that are stored in a given precision.
class Numbers {
 public:
  Numbers() = default;
  explicit Numbers(model::Precision precision) {
    if (precision == model::Precision::float32) pieces_ = Pieces<float>();
  }
  Numbers(std::initializer_list<double> list) : pieces_(Pieces<double>(list)) {}

  std::size_t size() const {
    return std::visit([](const auto& pieces) { return pieces.size(); }, pieces_);
  }
  double operator[](std::size_t i) const {
    return std::visit([i](const auto& pieces) { return static_cast<double>(pieces[i]); }, pieces_);
  }
  void push_back(double x) {
    if (auto* doubles = std::get_if<Pieces<double>>(&pieces_))
      doubles->push_back(x);
    else
      std::get<Pieces<float>>(pieces_).push_back(static_cast<float>(x));
  }
  std::int64_t growth() const {
    return std::visit([](const auto& pieces) { return pieces.growth(); }, pieces_);
  }
  void release_before(std::size_t i) {
    std::visit([i](auto& pieces) { pieces.release_before(i); }, pieces_);
  }

 private:
  std::variant<Pieces<double>, Pieces<float>> pieces_;
};

}  // namespace rhosweep::data
