#pragma once

#include <span>
#include <string>

namespace rhosweep::model {

/// Returns ", did you mean 'x'?" for an unknown key, or an empty text if nothing similar is found. Looks
/// first among names that people use for keys (lr, epochs, seeds, …), then for the most similar key of the
/// section, then among the keys of other sections.
/// @param section the key's section, such as "sgd"; empty for the top of the sweep file
/// @param key the unknown key
/// @param keys the keys that the section has
std::string suggest_key(const std::string& section, const std::string& key,
                        std::span<const std::string> keys);

/// Returns a text like that of suggest_key() for an unknown key of [axes]. `key` includes the section.
/// Suggests only keys in `allowed`.
std::string suggest_axis(const std::string& key, std::span<const std::string> allowed);

}  // namespace rhosweep::model
