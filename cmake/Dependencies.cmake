# Finds all dependencies. If one is missing, CMake stops and prints its Debian and Spack names.
function(rhosweep_missing what debian spack)
  message(FATAL_ERROR "${what} was not found. Debian: apt-get install ${debian}. Spack: spack install ${spack}. "
                      "(jobs/quickstart.sh installs everything on Debian.)")
endfunction()

# rhosweep_find(PACKAGE DEBIAN SPACK [arguments of find_package...]): for packages with a CMake configuration or a
# module of CMake.
macro(rhosweep_find package debian spack)
  find_package(${package} QUIET ${ARGN})
  if(NOT ${package}_FOUND)
    rhosweep_missing(${package} ${debian} ${spack})
  endif()
endmacro()

# rhosweep_find_header(TARGET HEADER DEBIAN SPACK [library]): for packages without a CMake configuration. Defines
# rhosweep_TARGET.
function(rhosweep_find_header target header debian spack)
  find_path(${target}_INCLUDE_DIR ${header})
  mark_as_advanced(${target}_INCLUDE_DIR)
  if(NOT ${target}_INCLUDE_DIR)
    rhosweep_missing(${header} ${debian} ${spack})
  endif()
  add_library(rhosweep_${target} INTERFACE)
  target_include_directories(rhosweep_${target} SYSTEM INTERFACE ${${target}_INCLUDE_DIR})
  if(ARGN)
    find_library(${target}_LIBRARY ${ARGN})
    mark_as_advanced(${target}_LIBRARY)
    if(NOT ${target}_LIBRARY)
      rhosweep_missing(${ARGN} ${debian} ${spack})
    endif()
    target_link_libraries(rhosweep_${target} INTERFACE ${${target}_LIBRARY})
  endif()
endfunction()

set(HDF5_PREFER_PARALLEL TRUE)
rhosweep_find(MPI "libopenmpi-dev openmpi-bin" openmpi COMPONENTS C CXX)
rhosweep_find(Boost "libboost-mpi-dev libboost-serialization-dev libboost-iostreams-dev"
              "boost+mpi+serialization+iostreams" COMPONENTS mpi serialization iostreams)
rhosweep_find(HDF5 libhdf5-openmpi-dev "hdf5+mpi+hl" COMPONENTS C HL)
if(NOT HDF5_IS_PARALLEL)
  rhosweep_missing("A parallel HDF5 (the one found is serial)" libhdf5-openmpi-dev "hdf5+mpi+hl")
endif()
rhosweep_find(Eigen3 libeigen3-dev eigen)
rhosweep_find(fmt libfmt-dev fmt)
rhosweep_find(spdlog libspdlog-dev spdlog)
rhosweep_find(nlohmann_json nlohmann-json3-dev nlohmann-json)
rhosweep_find(CLI11 libcli11-dev cli11)
rhosweep_find_header(random123 Random123/philox.h librandom123-dev random123)
rhosweep_find_header(xxhash xxhash.h libxxhash-dev xxhash xxhash)
rhosweep_find_header(tomlplusplus toml++/toml.h libtomlplusplus-dev tomlplusplus)
if(RHOSWEEP_TESTS)
  rhosweep_find(Catch2 catch2 "catch2@2" 2.13)
  rhosweep_find_header(mpfr mpfr.h libmpfr-dev mpfr mpfr)
  find_package(Threads REQUIRED)
  # The system's Python has the distribution's modules; another Python may come first on PATH.
  find_program(RHOSWEEP_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
  find_program(RHOSWEEP_PYTHON python3)
  if(NOT RHOSWEEP_PYTHON)
    rhosweep_missing(python3 python3 python)
  endif()
endif()

# CMake's HDF5 module only sets variables, so this defines a target for the rooms to link.
add_library(rhosweep_hdf5 INTERFACE)
target_include_directories(rhosweep_hdf5 SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS})
target_compile_definitions(rhosweep_hdf5 INTERFACE ${HDF5_C_DEFINITIONS})
target_link_libraries(rhosweep_hdf5 INTERFACE ${HDF5_HL_LIBRARIES} ${HDF5_C_LIBRARIES} MPI::MPI_C)
