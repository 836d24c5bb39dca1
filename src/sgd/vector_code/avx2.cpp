#define RHOSWEEP_VECTOR_UNIT avx2
#include "vector_code.ipp"
