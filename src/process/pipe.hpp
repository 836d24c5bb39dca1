#pragma once

#include "rhosweep/core/descriptor.hpp"

namespace rhosweep::process {

/// Lowest descriptor number of a pipe in this process. The guard's descriptors have lower numbers, so passing
/// them on overwrites no pipe.
inline constexpr int first_free_number = 10;

/// Both ends of a pipe. Programs started later do not inherit them.
struct Pipe {
  core::Descriptor read;
  core::Descriptor write;
};

/// Throws core::Error if the system has no descriptors left.
Pipe make_pipe();
/// Opens /dev/null as an empty standard input. Throws like make_pipe().
core::Descriptor open_null();

}  // namespace rhosweep::process
