#pragma once

#include <span>
#include <string>

namespace rhosweep::model {

/// Returns ", did you mean 'x'?" for a key that is not known, otherwise an empty text. Looks among the other
/// names that people use (lr, epochs, seeds, …), then for the nearest of the section's keys, then among the
/// keys of other sections.
/// @param section "sgd"; empty for the top of the sweep file
/// @param keys the keys that the section has
std::string suggest_key(const std::string& section, const std::string& key,
                        std::span<const std::string> keys);

/// Returns the same text for the key of an axis, with its section. Suggests only `allowed` keys.
std::string suggest_axis(const std::string& key, std::span<const std::string> allowed);

}  // namespace rhosweep::model
