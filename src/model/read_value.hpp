#pragma once

#include "document.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::model {

/// The values along a dimension of the grid, and their right-hand side in the canonical sweep file, which
/// keeps ranges as ranges.
template <class Number>
struct Values {
  std::vector<Number> list;
  std::string toml;
};

/// Reads the value of a key. Integers are accepted for reals. Throws core::InputError if `spec` does not
/// allow the value, like the functions below. The message has the place, the key, what was found and what is
/// allowed.
Value read_value(const Node& node, const std::string& key, const KeySpec& spec);

/// Which forms of ranges of integers are allowed.
enum class IntegerRanges { counted, counted_or_geometric };

/// Reads an integer, a list of distinct integers, or { from, count }, which means from, from + 1, …; perhaps
/// also { from, to, ratio } with an integer ratio, which means from, from·ratio, … up to the last value that
/// is at most `to`.
Values<std::int64_t> read_integers(const Node& node, const std::string& key, const KeySpec& spec,
                                   IntegerRanges ranges = IntegerRanges::counted);

/// Reads a number, a list of distinct numbers, or a geometric sequence: { from, to, points } includes both
/// ends; { from, to, ratio } and { from, to, per_decade } begin at `from` and end with the last value up to
/// `to`. A list means the same as the range with its values, and both have the same text.
/// @param per_decade returns the number of values per decade for { from, to, regret }; empty: there is no
/// such form
Values<double> read_reals(const Node& node, const std::string& key, const KeySpec& spec,
                          const std::function<std::int64_t(const Node& regret)>& per_decade = {});

/// Reads a table. Throws if it has a key that is not in `keys`.
const Table& read_table(const Node& node, const std::string& key, std::span<const std::string> keys);

}  // namespace rhosweep::model
