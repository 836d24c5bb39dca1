#define RHOSWEEP_VECTOR_UNIT avx512
#include "add_tiles.ipp"
