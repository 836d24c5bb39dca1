#pragma once

#include "document.hpp"

#include <span>
#include <string>
#include <string_view>

namespace rhosweep::model {

/// Reads a sweep file's text and applies the overrides `KEY=VALUE` in order. The root is a table. Keys of
/// [axes] come out as "section.key", quoted or not. Throws core::InputError if the text is no TOML.
Node read_document(std::string_view text, const std::string& file, std::span<const std::string> overrides);

}  // namespace rhosweep::model
