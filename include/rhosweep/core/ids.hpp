#pragma once

#include <compare>
#include <cstdint>

namespace rhosweep::core {

/// A strongly typed index that does not convert to or from other kinds of integers.
template <class Tag>
struct Id {
  std::int64_t value = 0;

  constexpr auto operator<=>(const Id&) const = default;
  constexpr Id& operator++() {
    ++value;
    return *this;
  }
};

/// A block of the grid, numbered in the order in which blocks are handed out.
using BlockIndex = Id<struct BlockTag>;
/// A point of the axes (a combination of the values of all axes), row-major with the last axis fastest.
using PointIndex = Id<struct PointTag>;
/// An MPI process.
using Rank = Id<struct RankTag>;

}  // namespace rhosweep::core
