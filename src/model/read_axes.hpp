#pragma once

#include "document.hpp"

#include "rhosweep/model/grid.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::model {

/// An axis, and the text of its values in the canonical sweep file.
struct WrittenAxis {
  Axis axis;
  std::string toml;
};

/// Splits the key of an entry of [axes] into the keys that the entry pairs: "sgd.steps, sgd.batch_size" has
/// two. Returns only the key itself if the entry pairs no keys.
std::vector<std::string> split_axis_key(std::string_view key);

/// Returns the name of an entry of [axes] for messages: axes."sgd.steps".
std::string axis_name(const std::string& key);

/// Returns the values of one key of an entry, as a list or as a range. `index` is the key's position among
/// the keys that the entry pairs. Paired values are written as rows, each with one value per key; a row that
/// has no value at this position is left out.
Node values_of(const Entry& entry, std::size_t index);

/// Reads an entry of [axes]. Throws core::InputError with the place of the first error.
/// @param specs the specifications of the keys that split_axis_key() returns, in the same order
/// @param names the names of these keys in results files (KeySpec::stored_name()), with sections
WrittenAxis read_axis(const Entry& entry, std::span<const KeySpec* const> specs,
                      const std::vector<std::string>& names);

/// Converts a value along an axis to the type of its key. A value that does not fit the type is returned
/// unchanged.
Value to_value(const AxisValue& value, ValueType type);

}  // namespace rhosweep::model
