#pragma once

#include "document.hpp"

#include <span>
#include <string>
#include <string_view>

namespace rhosweep::model {

/// Reads the text of a sweep file, applies the overrides `KEY=VALUE` in order and returns the root table. The
/// keys of [axes] become "section.key", whether they were quoted or not. Throws core::InputError if the text
/// is not valid TOML. In a stored text, bytes that are not UTF-8 are replaced, because older versions took
/// titles from file names without a check.
Node read_document(std::string_view text, const std::string& file, std::span<const std::string> overrides,
                   Origin origin = Origin::written);

}  // namespace rhosweep::model
