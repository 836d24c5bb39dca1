#pragma once

#include "document.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::model {

/// The values along a dimension of the grid, and their right-hand side in the canonical sweep file, where a
/// range stays a range.
template <class Number>
struct Values {
  std::vector<Number> list;
  std::string toml;
};

/// The value of a key, which its description allows. An integer may stand for a real.
/// This and what follows throw core::InputError with the place, the key, what was found and what is allowed.
Value read_value(const Node& node, const std::string& key, const KeySpec& spec);

/// A number, a list of numbers, or { from, count }: from, from + 1, … No number comes twice.
Values<std::int64_t> read_integers(const Node& node, const std::string& key, const KeySpec& spec);

/// A number, a list of numbers, or { from, to, points }: geometric, with both ends as they are written. Point
/// i of n is 10^((lg from · (n−1−i) + lg to · i) / (n−1)), which is a power of ten exactly where its exponent
/// is whole. No number comes twice.
Values<double> read_reals(const Node& node, const std::string& key, const KeySpec& spec);

/// A table, whose keys are among those given.
const Table& read_table(const Node& node, const std::string& key, std::span<const std::string> keys);

}  // namespace rhosweep::model
