# Checks that cmake/SameMpi.cmake refuses a library that was built with another MPI than the one found, and names both.
#
# cmake -D MODULE=…/SameMpi.cmake -P same_mpi.cmake; works in the current folder. The libraries are files that hold the
# names of variables, as libraries do.
if(LIBRARY)
  include(${MODULE})
  set(MPI_CXX_COMPILER /usr/bin/mpicxx.test)
  rhosweep_require_same_mpi(${MPI} Boost.MPI ${LIBRARY} boost+mpi)
  return()
endif()

file(WRITE libboost_mpi.so.open_mpi "MPI_Send\n" "ompi_mpi_comm_world\n")
file(WRITE libboost_mpi.so.mpich "MPI_Send\n" "MPI_Comm_rank\n")

function(configure mpi library)
  execute_process(COMMAND ${CMAKE_COMMAND} -D MODULE=${MODULE} -D MPI=${mpi} -D LIBRARY=libboost_mpi.so.${library} -P
                          ${CMAKE_SCRIPT_MODE_FILE} RESULT_VARIABLE code ERROR_VARIABLE said OUTPUT_QUIET)
  string(REGEX REPLACE "[ \n]+" " " said "${said}")
  set(code ${code} PARENT_SCOPE)
  set(said "${said}" PARENT_SCOPE)
endfunction()

foreach(pair "Open MPI/open_mpi" "an MPI like MPICH/mpich")
  string(REPLACE "/" ";" pair "${pair}")
  configure(${pair})
  if(code OR said)
    message(FATAL_ERROR "${pair} do not fit: ${said}")
  endif()
endforeach()

foreach(pair "Open MPI/mpich/an MPI like MPICH" "an MPI like MPICH/open_mpi/Open MPI")
  string(REPLACE "/" ";" pair "${pair}")
  list(GET pair 0 found)
  list(GET pair 1 library)
  list(GET pair 2 built_with)
  configure(${found} ${library})
  set(expected "Boost.MPI (libboost_mpi.so.${library}) was built with ${built_with}, but the MPI found is ${found} (/usr/bin/mpicxx.test).")
  string(FIND "${said}" "${expected}" place)
  string(FIND "${said}" "-DMPI_CXX_COMPILER=" remedy)
  if(NOT code OR place LESS 0 OR remedy LESS 0)
    message(FATAL_ERROR "expected: ${expected}\nfound: ${said}")
  endif()
endforeach()
