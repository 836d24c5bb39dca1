#define RHOSWEEP_VECTOR_UNIT avx512
#include "vector_code.ipp"
