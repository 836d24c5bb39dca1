#pragma once

#include <string>

namespace rhosweep::core {

/// The instruction sets for which vector code is compiled, from narrowest to widest. Results do not depend on
/// the choice.
enum class VectorUnit { portable, neon, avx2, avx512 };

/// Returns "portable", "neon", "avx2" or "avx512".
std::string to_text(VectorUnit unit);

/// Returns whether this processor and its operating system support all instructions that the code for this
/// unit may use.
bool is_supported(VectorUnit unit);

/// Returns the unit of this name, or the widest supported one if the name is empty.
/// Throws InputError if there is no such unit or if it is not supported.
/// @param name the value of the environment variable RHOSWEEP_VECTOR_UNIT; errors name this variable
VectorUnit choose_vector_unit(const std::string& name);

/// Returns the unit that this process uses: the unit that the environment variable RHOSWEEP_VECTOR_UNIT
/// names, or without this variable the widest supported unit. All code that has a variant for each unit uses
/// the variant for this unit. Throws InputError like choose_vector_unit().
VectorUnit vector_unit();

}  // namespace rhosweep::core
