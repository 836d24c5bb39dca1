#include "vector_code.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/sgd/vector_unit.hpp"

#include <libxsmm.h>

namespace rhosweep::sgd {

#define RHOSWEEP_DECLARE(set)              \
  namespace set {                          \
  extern const VectorCode<double> code_64; \
  extern const VectorCode<float> code_32;  \
  }
RHOSWEEP_DECLARE(portable)
#if defined(__x86_64__)
RHOSWEEP_DECLARE(avx2)
RHOSWEEP_DECLARE(avx512)
#endif

namespace {

/// Returns the widest instruction set that LIBXSMM would use on this processor; LIBXSMM_TARGET can select a
/// smaller one.
InstructionSet widest() {
  const int target = libxsmm_get_target_archid();
  if (target >= LIBXSMM_X86_AVX512_CORE && is_supported(InstructionSet::avx512))
    return InstructionSet::avx512;
  if (target >= LIBXSMM_X86_AVX2 && is_supported(InstructionSet::avx2)) return InstructionSet::avx2;
  return InstructionSet::portable;
}

}  // namespace

bool is_supported(InstructionSet set) {
#if defined(__x86_64__)
  if (set == InstructionSet::avx512)
    return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx2") != 0;
  if (set == InstructionSet::avx2)
    return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
#endif
  return set == InstructionSet::portable;
}

template <class Real>
const VectorCode<Real>& vector_code(InstructionSet set) {
  core::require(is_supported(set), "this processor lacks the instruction set asked for");
  const auto pick = [](const auto& code_64, const auto& code_32) -> const VectorCode<Real>& {
    if constexpr (sizeof(Real) == sizeof(double)) {
      return code_64;
    } else {
      return code_32;
    }
  };
#if defined(__x86_64__)
  if (set == InstructionSet::avx512) return pick(avx512::code_64, avx512::code_32);
  if (set == InstructionSet::avx2) return pick(avx2::code_64, avx2::code_32);
#endif
  return pick(portable::code_64, portable::code_32);
}

InstructionSet chosen_instruction_set() {
  static const InstructionSet set = widest();
  return set;
}

std::string vector_unit() {
  switch (chosen_instruction_set()) {
    case InstructionSet::portable:
      return "portable";
    case InstructionSet::avx2:
      return "avx2";
    case InstructionSet::avx512:
      return "avx512";
  }
  throw core::InternalError("an unknown instruction set");
}

template <class Real>
const VectorCode<Real>& vector_code() {
  return vector_code<Real>(chosen_instruction_set());
}

template const VectorCode<double>& vector_code(InstructionSet);
template const VectorCode<float>& vector_code(InstructionSet);
template const VectorCode<double>& vector_code();
template const VectorCode<float>& vector_code();

}  // namespace rhosweep::sgd
