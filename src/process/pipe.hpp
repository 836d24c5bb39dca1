#pragma once

#include "rhosweep/core/descriptor.hpp"

namespace rhosweep::process {

/// Lowest number of this process's pipes. The guard's descriptors have lower numbers, so no pipe is
/// overwritten when the descriptors are passed on.
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
