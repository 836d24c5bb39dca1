#pragma once

#include <string>

namespace rhosweep::sgd {

/// The instruction set that this process computes with, for the provenance: "avx512", "avx2" or "portable".
/// Results do not depend on it. The environment variable LIBXSMM_TARGET (hsw, skx, …) may lower it.
std::string vector_unit();

}  // namespace rhosweep::sgd
