#define RHOSWEEP_VECTOR_UNIT portable
#include "add_tiles.ipp"
