# rhosweep_add_vector_code(ROOM PREFIX): adds PREFIXportable.cpp to a room (Room.cmake), and PREFIXavx2.cpp and
# PREFIXavx512.cpp or PREFIXneon.cpp.
#
# The same code is compiled for several instruction sets, and core::vector_unit() chooses one when the program starts,
# so a portable binary is fast too. is_supported() in src/core/vector_unit.cpp checks the features that the options here
# name. A unity build must not merge these files. CMake merges no sources that have compile options of their own, and
# this function excludes the portable file. Loops and functions are aligned to cache lines: otherwise the code before a
# short loop changes its speed by up to 5 %.
function(rhosweep_add_vector_code room prefix)
  target_sources(rhosweep_${room} PRIVATE ${prefix}portable.cpp)
  set_source_files_properties(${prefix}portable.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  set(aligned "-falign-functions=64;-falign-loops=64")
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_sources(rhosweep_${room} PRIVATE ${prefix}avx2.cpp ${prefix}avx512.cpp)
    set_source_files_properties(${prefix}avx2.cpp PROPERTIES COMPILE_OPTIONS "-mavx2;-mfma;${aligned}")
    set_source_files_properties(
      ${prefix}avx512.cpp PROPERTIES COMPILE_OPTIONS
                                     "-mavx512f;-mavx512dq;-mavx512vl;-mavx512bw;-mavx2;-mfma;${aligned}")
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    target_sources(rhosweep_${room} PRIVATE ${prefix}neon.cpp)
    set_source_files_properties(${prefix}neon.cpp PROPERTIES COMPILE_OPTIONS "${aligned}")
  endif()
endfunction()
