#define RHOSWEEP_VECTOR_UNIT avx2
#include "add_tiles.ipp"
