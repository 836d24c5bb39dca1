# Boost.MPI and the parallel HDF5 must be built with the MPI that this build uses. The libraries load their own MPI, so a
# mixture builds without a warning and then crashes.

# rhosweep_mpi_of(LIBRARY OUT): the kind of MPI that a library was built with. Only code for Open MPI refers to variables
# named ompi_mpi_comm_world and the like.
function(rhosweep_mpi_of library out)
  file(STRINGS ${library} names LIMIT_COUNT 1 REGEX "ompi_mpi_")
  if(names)
    set(${out} "Open MPI" PARENT_SCOPE)
  else()
    set(${out} "an MPI like MPICH" PARENT_SCOPE)
  endif()
endfunction()

# rhosweep_require_same_mpi(MPI NAME LIBRARY SPACK): stops if the library was built with another kind of MPI than MPI.
function(rhosweep_require_same_mpi mpi name library spack)
  rhosweep_mpi_of(${library} other)
  if(NOT other STREQUAL mpi)
    message(
      FATAL_ERROR
        "${name} (${library}) was built with ${other}, but the MPI found is ${mpi} (${MPI_CXX_COMPILER}). Select the MPI of "
        "${name} by -DMPI_C_COMPILER=... -DMPI_CXX_COMPILER=... (on Debian mpicc.openmpi and mpicxx.openmpi), or provide a "
        "${name} for the MPI found and its folder in CMAKE_PREFIX_PATH (Spack: spack install ${spack} ^mpich).")
  endif()
endfunction()

# rhosweep_location_of(TARGET OUT): the file of an imported library; empty if it has none.
function(rhosweep_location_of target out)
  get_target_property(configurations ${target} IMPORTED_CONFIGURATIONS)
  set(properties IMPORTED_LOCATION)
  if(configurations)
    list(TRANSFORM configurations PREPEND IMPORTED_LOCATION_)
    list(PREPEND properties ${configurations})
  endif()
  set(${out} "" PARENT_SCOPE)
  foreach(property IN LISTS properties)
    get_target_property(file ${target} ${property})
    if(file AND EXISTS ${file})
      set(${out} ${file} PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# rhosweep_check_mpi(): checks the libraries that were found.
function(rhosweep_check_mpi)
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_LIBRARIES MPI::MPI_CXX)
  set(CMAKE_REQUIRED_QUIET ON)
  check_cxx_source_compiles("#include <mpi.h>\n#ifndef OPEN_MPI\n#error\n#endif\nint main() {}" RHOSWEEP_HAS_OPEN_MPI)
  if(RHOSWEEP_HAS_OPEN_MPI)
    set(mpi "Open MPI")
  else()
    set(mpi "an MPI like MPICH")
  endif()
  rhosweep_location_of(Boost::mpi boost_mpi)
  if(boost_mpi)
    rhosweep_require_same_mpi(${mpi} Boost.MPI ${boost_mpi} boost+mpi)
  endif()
  foreach(library IN LISTS HDF5_C_LIBRARIES)
    if(EXISTS ${library} AND library MATCHES "/libhdf5(_openmpi|_mpich)?[.][^/]*$")
      rhosweep_require_same_mpi(${mpi} HDF5 ${library} hdf5+mpi)
    endif()
  endforeach()
endfunction()
