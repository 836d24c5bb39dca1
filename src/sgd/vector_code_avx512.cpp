#define RHOSWEEP_INSTRUCTION_SET avx512
#include "vector_code.ipp"
