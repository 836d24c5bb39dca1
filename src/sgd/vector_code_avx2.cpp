#define RHOSWEEP_INSTRUCTION_SET avx2
#include "vector_code.ipp"
