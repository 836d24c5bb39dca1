#include "vector_code.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/vector_unit.hpp"

namespace rhosweep::sgd {

using core::VectorUnit;

// Declares functions that the files portable.cpp, avx2.cpp and avx512.cpp in vector_code/ define.
namespace portable {
template <class Real>
const VectorCode<Real>& vector_code();
}
namespace neon {
template <class Real>
const VectorCode<Real>& vector_code();
}
namespace avx2 {
template <class Real>
const VectorCode<Real>& vector_code();
}
namespace avx512 {
template <class Real>
const VectorCode<Real>& vector_code();
}

template <class Real>
const VectorCode<Real>& vector_code(VectorUnit unit) {
  core::require(core::is_supported(unit), "this processor does not support the vector unit");
  switch (unit) {
#if defined(__x86_64__)
    case VectorUnit::avx512:
      return avx512::vector_code<Real>();
    case VectorUnit::avx2:
      return avx2::vector_code<Real>();
#elif defined(__aarch64__)
    case VectorUnit::neon:
      return neon::vector_code<Real>();
#endif
    default:
      return portable::vector_code<Real>();
  }
}

template <class Real>
const VectorCode<Real>& vector_code() {
  return vector_code<Real>(core::vector_unit());
}

template const VectorCode<double>& vector_code(VectorUnit);
template const VectorCode<float>& vector_code(VectorUnit);
template const VectorCode<double>& vector_code();
template const VectorCode<float>& vector_code();

}  // namespace rhosweep::sgd
