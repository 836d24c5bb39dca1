#pragma once

#include "rhosweep/analysis/analysis.hpp"

#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

namespace rhosweep::analysis {

// Helpers for writing analyses as JSON.

using Json = nlohmann::ordered_json;

/// Returns a number as JSON, or null for infinities and NaN, which JSON does not have.
inline Json finite_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

inline Json axis_value(const model::AxisValue& value) {
  return std::visit([](const auto& held) { return Json(held); }, value);
}

/// Returns the keys of the axes and their values at one axes point as a JSON object.
inline Json axes_object(const std::vector<AxisValue>& axes) {
  Json object = Json::object();
  for (const auto& [key, value] : axes) object[key] = axis_value(value);
  return object;
}

/// Returns a document as text that ends with a line break. Bytes that are not UTF-8 are replaced.
inline std::string text_of(const Json& document) {
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace rhosweep::analysis
