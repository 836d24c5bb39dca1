#define RHOSWEEP_VECTOR_UNIT neon
#include "add_tiles.ipp"
