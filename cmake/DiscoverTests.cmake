# Runs after a test executable is built: lists its cases and writes one add_test per case and rank count. In a cross build,
# EMULATOR runs the executable.
cmake_minimum_required(VERSION 3.22)

# CMake's lists treat ";" and "[" in a name specially, so names stay encoded until write_case() writes them.
function(encode text out)
  string(REPLACE ";" "<semicolon>" text "${text}")
  string(REPLACE "[" "<open>" text "${text}")
  string(REPLACE "]" "<close>" text "${text}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

function(decode text out)
  string(REPLACE "<semicolon>" ";" text "${text}")
  string(REPLACE "<open>" "[" text "${text}")
  string(REPLACE "<close>" "]" text "${text}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# Sets the variable that `out` names to the list of the cases with these tags, each name encoded by encode().
function(list_cases tags out)
  # The exit code of Catch2 version 2 is the number of listed tests, at most 255; that of version 3 is 0. After a crash,
  # `count` is a text.
  if(CATCH2 VERSION_LESS 3)
    set(list --list-test-names-only)
  else()
    set(list --list-tests --verbosity quiet)
  endif()
  execute_process(COMMAND ${EMULATOR} ${EXECUTABLE} ${list} ${tags} OUTPUT_VARIABLE output RESULT_VARIABLE count
                  ERROR_VARIABLE error)
  if(error OR NOT count MATCHES "^[0-9]+$")
    message(FATAL_ERROR "cannot list the tests of ${EXECUTABLE}: ${error}${count}")
  endif()
  encode("${output}" output)
  string(REPLACE "\n" ";" output "${output}")
  list(REMOVE_ITEM output "")
  list(LENGTH output found)
  if(CATCH2 VERSION_GREATER_EQUAL 3 AND count EQUAL 0)
    set(count ${found})
  endif()
  if(found LESS count OR (count LESS 255 AND found GREATER count))
    message(FATAL_ERROR "${EXECUTABLE} lists ${count} tests, read as ${found}: ${output}")
  endif()
  set(${out} "${output}" PARENT_SCOPE)
endfunction()

function(write_case encoded ranks)
  decode("${encoded}" case)
  string(REGEX REPLACE "([\\,[])" "\\\\\\1" filter "${case}")
  string(REGEX REPLACE "[^A-Za-z0-9]+" "_" folder "${NAME}_np${ranks}_${case}")
  string(SUBSTRING "${folder}" 0 120 folder)
  set(title "${NAME}: ${case}")
  set(command "")
  foreach(word IN LISTS EMULATOR)
    string(APPEND command "[==[${word}]==] ")
  endforeach()
  string(APPEND command "[==[${EXECUTABLE}]==] [==[${filter}]==]")
  if(MPI)
    set(title "${title} (np ${ranks})")
    # One rank needs no mpirun, which takes longer than most cases. Only the tests of the room mpi check the start under
    # mpirun.
    if(ranks GREATER 1 OR NAME STREQUAL "mpi")
      set(command "[==[${MPIEXEC}]==] --oversubscribe -n ${ranks} ${command}")
    endif()
  endif()
  file(MAKE_DIRECTORY ${WORK}/${folder})
  set(environment "OMPI_ALLOW_RUN_AS_ROOT=1;OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1;OMPI_MCA_rmaps_base_oversubscribe=1")
  string(APPEND environment ";OMPI_MCA_ess_singleton_isolated=1;OMPI_MCA_btl_base_warn_component_unused=0")
  # A waiting rank yields its processor to tests that run at the same time.
  string(APPEND environment ";OMPI_MCA_hwloc_base_binding_policy=none;OMPI_MCA_mpi_yield_when_idle=1")
  # mpirun --quiet, which Open MPI 5 does not know
  string(APPEND environment ";OMPI_MCA_orte_execute_quiet=1")
  # When mpirun ends, it removes its folder in the temporary folder even if another mpirun is about to use it.
  string(APPEND environment ";OMPI_MCA_orte_tmpdir_base=${WORK}/${folder}.ompi")
  string(REPLACE ";" "\\;" labels "${LABELS}")
  # Cases are short, so one with many ranks may run beside others.
  set(processors ${ranks})
  if(processors GREATER 4)
    set(processors 4)
  endif()
  file(
    APPEND ${CASES}
    "add_test([==[${title}]==] ${command})\n"
    "set_tests_properties([==[${title}]==] PROPERTIES PROCESSORS ${processors} TIMEOUT ${TIMEOUT} SKIP_RETURN_CODE 77 "
    "WORKING_DIRECTORY [==[${WORK}/${folder}]==] LABELS \"${labels}\" ENVIRONMENT \"${environment}\")\n")
endfunction()

file(WRITE ${CASES} "")
list_cases("" all)
if(NOT all)
  message(FATAL_ERROR "${EXECUTABLE} has no test cases")
endif()
if(MPI)
  list_cases("~[np1]~[np2]~[np3]~[np4]~[np8]" untagged)
  if(untagged)
    message(FATAL_ERROR "tag with the rank counts to run at, [np1], [np2], …: ${untagged}")
  endif()
  foreach(ranks 1 2 3 4 8)
    list_cases("[np${ranks}]" cases)
    foreach(case IN LISTS cases)
      write_case("${case}" ${ranks})
    endforeach()
  endforeach()
else()
  foreach(case IN LISTS all)
    write_case("${case}" 1)
  endforeach()
endif()
