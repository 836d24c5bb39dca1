#include "rhosweep/core/vector_unit.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <array>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::core {

namespace {

constexpr std::array units{VectorUnit::portable, VectorUnit::neon, VectorUnit::avx2, VectorUnit::avx512};

}  // namespace

std::string to_text(VectorUnit unit) {
  switch (unit) {
    case VectorUnit::portable:
      return "portable";
    case VectorUnit::neon:
      return "neon";
    case VectorUnit::avx2:
      return "avx2";
    case VectorUnit::avx512:
      return "avx512";
  }
  throw InternalError("an unknown vector unit");
}

// Checks the features that the compiler options in cmake/VectorCode.cmake enable. The built-in function also
// checks that the operating system saves the registers.
bool is_supported(VectorUnit unit) {
#if defined(__x86_64__)
  const bool has_avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  if (unit == VectorUnit::avx2) return has_avx2;
  if (unit == VectorUnit::avx512)
    return has_avx2 && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
           __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512bw") != 0;
#elif defined(__aarch64__)
  if (unit == VectorUnit::neon) return true;  // all processors of this architecture have it
#endif
  return unit == VectorUnit::portable;
}

VectorUnit choose_vector_unit(const std::string& name) {
  std::vector<std::string> supported;
  VectorUnit widest = VectorUnit::portable;
  bool is_known = false;
  for (const VectorUnit unit : units) {
    is_known = is_known || name == to_text(unit);
    if (!is_supported(unit)) continue;
    if (name == to_text(unit)) return unit;
    supported.push_back(to_text(unit));
    widest = unit;
  }
  if (name.empty()) return widest;
  refuse(
      "RHOSWEEP_VECTOR_UNIT",
      fmt::format("\"{}\"{}", one_line(name, 80), is_known ? ", which this processor does not support" : ""),
      either(supported));
}

VectorUnit vector_unit() {
  static const VectorUnit unit = [] {
    const char* const name = std::getenv("RHOSWEEP_VECTOR_UNIT");
    return choose_vector_unit(name == nullptr ? "" : name);
  }();
  return unit;
}

}  // namespace rhosweep::core
