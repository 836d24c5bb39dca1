#pragma once

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace rhosweep::sgd {

/// Treats denormal numbers as zero in this thread during its lifetime. Otherwise a weight that decays to zero
/// would slow down its whole tile, at a hundred cycles per operation. Numbers below 1e-307 (1e-37 in float32)
/// have no meaning here.
class FlushDenormals {
 public:
#if defined(__SSE2__)
  FlushDenormals() : saved_(_mm_getcsr()) {
    _mm_setcsr(saved_ | flush_to_zero | denormals_are_zero);
  }
  ~FlushDenormals() {
    _mm_setcsr(saved_);
  }
#else
  FlushDenormals() = default;
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

#if defined(__SSE2__)
 private:
  static constexpr unsigned flush_to_zero = 0x8000;
  static constexpr unsigned denormals_are_zero = 0x0040;
  unsigned saved_;
#endif
};

}  // namespace rhosweep::sgd
