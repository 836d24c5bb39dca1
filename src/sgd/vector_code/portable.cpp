#define RHOSWEEP_VECTOR_UNIT portable
#include "vector_code.ipp"
