#define RHOSWEEP_VECTOR_UNIT neon
#define RHOSWEEP_NEON
#include "vector_code.ipp"
