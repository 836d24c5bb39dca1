#pragma once

#include "rhosweep/model/key_spec.hpp"
#include "rhosweep/model/sgd_settings.hpp"

#include <optional>
#include <span>
#include <string>

namespace rhosweep::model {

bool has_key(std::span<const KeySpec> keys, const std::string& name);

/// Returns the optimizer among these that lacks a key of [sgd] that some optimizer has; nullopt if there is
/// none. @param key with its section
std::optional<Optimizer> lacking(const std::string& key, std::span<const Optimizer> among);

}  // namespace rhosweep::model
