#pragma once

#include <string>

namespace rhosweep::sgd {

/// Returns the instruction set that this process uses, for the provenance: "avx512", "avx2" or "portable".
/// Results do not depend on it. The environment variable LIBXSMM_TARGET (hsw, skx, …) can select a smaller
/// one.
std::string vector_unit();

}  // namespace rhosweep::sgd
