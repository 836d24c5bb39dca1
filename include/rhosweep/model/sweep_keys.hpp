#pragma once

#include "rhosweep/model/key_spec.hpp"

#include <span>

namespace rhosweep::model {

// The keys that every sweep file may have, whatever its problem and optimizer. The reader of sweep files and
// the documentation both use these functions.

/// Returns the key `title`, which is in no section.
const KeySpec& title_key();

/// Returns the keys of [grid]: stepsize, schedule, rho, rho_every and seed, in this order.
std::span<const KeySpec> grid_keys();

/// Returns the specification that describes all keys of [axes], whose names depend on the sweep file.
const KeySpec& axis_key();

/// Returns the specification that describes all keys of [[exclude]], whose names depend on the sweep file.
const KeySpec& exclude_key();

/// Returns the keys of [search].
std::span<const KeySpec> search_keys();

/// Returns the keys of [stop_when].
std::span<const KeySpec> stop_when_keys();

/// Returns the keys of [output].
std::span<const KeySpec> output_keys();

/// Returns the key with the given name.
/// @pre `keys` has a key with this name
const KeySpec& key_named(std::span<const KeySpec> keys, const char* name);

}  // namespace rhosweep::model
