#pragma once

#include "document.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::model {

/// The values along a dimension of the grid, and how the canonical sweep file writes them. Three or more
/// consecutive integers, or reals in geometric sequence, are written as a range, even if they were given as a
/// list.
template <class Number>
struct Values {
  std::vector<Number> list;
  std::string toml;
};

/// Reads the value of a key. Accepts an integer for a key whose type is real. If `spec` does not allow the
/// value, throws core::InputError with the place, the key, what was found and what is allowed.
/// read_integers() and read_reals() throw in the same way.
Value read_value(const Node& node, const std::string& key, const KeySpec& spec);

/// Which ranges of integers are allowed: only { from, count }, or also { from, to, ratio }.
enum class IntegerRanges { counted, counted_or_geometric };

/// Reads an integer, a list of distinct integers, or a range. { from, count } means from, from + 1, …. If
/// `ranges` allows it, the range { from, to, ratio } with an integer ratio means from, from·ratio, … up to
/// the last value that is at most `to`.
Values<std::int64_t> read_integers(const Node& node, const std::string& key, const KeySpec& spec,
                                   IntegerRanges ranges = IntegerRanges::counted);

/// Reads a number, a list of distinct numbers, or a geometric sequence. The range { from, to, points }
/// includes both ends. The ranges { from, to, ratio } and { from, to, per_decade } begin at `from` and end
/// with the last value that is at most `to`. A list and a range with the same values give the same result and
/// text.
/// @param per_decade returns the number of values per decade for { from, to, regret }; if empty, this form is
/// not allowed
Values<double> read_reals(const Node& node, const std::string& key, const KeySpec& spec,
                          const std::function<std::int64_t(const Node& regret)>& per_decade = {});

/// Reads a table. Throws if it has a key that is not in `keys`.
const Table& read_table(const Node& node, std::string_view key, std::span<const std::string> keys);

}  // namespace rhosweep::model
