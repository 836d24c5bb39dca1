#pragma once

#include "rhosweep/model/key_spec.hpp"
#include "rhosweep/model/sgd_settings.hpp"

#include <optional>
#include <span>
#include <string>

namespace rhosweep::model {

bool has_key(std::span<const KeySpec> keys, const std::string& name);

/// Returns the first optimizer of `among` that lacks a key of [sgd], or nullopt if all of them have the key.
/// A key that no optimizer of rhosweep has also gives nullopt. @param key name of the key with its section
std::optional<Optimizer> lacking(const std::string& key, std::span<const Optimizer> among);

/// Returns the names of the optimizers that have a key of [sgd], joined by "or". @param key name of the key
/// with its section
std::string names_of_optimizers_with(const std::string& key);

}  // namespace rhosweep::model
