#define RHOSWEEP_INSTRUCTION_SET portable
#include "vector_code.ipp"
