# rhosweep_add_tests(NAME [MPI] SOURCES... LINKS... [LABELS...] [TIMEOUT seconds])
#
# Adds one executable, and one CTest entry per test case and rank count. Every case of an MPI executable declares its
# rank counts by the tags [np1] [np2] [np3] [np4] [np8]; a case without a tag fails the build. Every entry has its own
# working directory.
function(rhosweep_add_tests name)
  cmake_parse_arguments(T "MPI" "TIMEOUT" "SOURCES;LINKS;LABELS" ${ARGN})
  set(target test_${name})
  set(discover ${PROJECT_SOURCE_DIR}/cmake/DiscoverTests.cmake)
  add_executable(${target} ${T_SOURCES})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/bin
                                             LINK_DEPENDS ${discover})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  if(T_MPI)
    set(main rhosweep_mpi_test_main)
    list(APPEND T_LABELS mpi)
  else()
    set(main rhosweep_test_main)
    list(APPEND T_LABELS unit)
  endif()
  target_link_libraries(${target} PRIVATE ${main} ${T_LINKS} rhosweep_compiler_settings)
  target_compile_definitions(${target} PRIVATE RHOSWEEP_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 120)
  endif()

  set(cases ${CMAKE_CURRENT_BINARY_DIR}/${target}_cases.cmake)
  add_custom_command(
    TARGET ${target}
    POST_BUILD
    BYPRODUCTS ${cases}
    COMMAND
      ${CMAKE_COMMAND} -D EXECUTABLE=$<TARGET_FILE:${target}> -D NAME=${name} -D CASES=${cases} -D
      "LABELS=${T_LABELS}" -D TIMEOUT=${T_TIMEOUT} -D WORK=${CMAKE_BINARY_DIR}/tests/work -D MPI=${T_MPI} -D
      MPIEXEC=${MPIEXEC_EXECUTABLE} -D CATCH2=${Catch2_VERSION} -D
      "EMULATOR=${CMAKE_CROSSCOMPILING_EMULATOR}" -P ${discover}
    VERBATIM)
  set(include_file ${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake)
  file(WRITE ${include_file} "if(EXISTS \"${cases}\")\n  include(\"${cases}\")\nelse()\n"
                             "  add_test(${name}_NOT_BUILT ${name}_NOT_BUILT)\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${include_file})
endfunction()

# rhosweep_add_program_test(LABEL NAME SCRIPT [PROCESSORS n] [COST seconds] [ARGUMENTS...])
#
# Adds a Python script of this folder that runs the program from outside: SCRIPT RHOSWEEP MPIEXEC ARGUMENTS..., in its
# own working directory. COST is the approximate run time in seconds, 10 by default. CTest starts the longest tests
# first, so that the last ones to end are short.
function(rhosweep_add_program_test label name script)
  cmake_parse_arguments(T "" "PROCESSORS;COST" "ARGUMENTS" ${ARGN})
  if(NOT T_COST)
    set(T_COST 10)
  endif()
  set(title "${label}: ${name}")
  string(REGEX REPLACE "[^A-Za-z0-9]+" "_" folder "${title}")
  set(folder ${CMAKE_BINARY_DIR}/tests/work/${folder})
  file(MAKE_DIRECTORY ${folder})
  add_test(
    NAME "${title}"
    COMMAND ${RHOSWEEP_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/${script} $<TARGET_FILE:rhosweep> ${MPIEXEC_EXECUTABLE}
            ${T_ARGUMENTS}
    WORKING_DIRECTORY ${folder})
  set_tests_properties(
    "${title}"
    PROPERTIES LABELS ${label} TIMEOUT 600 COST ${T_COST} PROCESSORS ${T_PROCESSORS}
               ENVIRONMENT "PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/support;PYTHONDONTWRITEBYTECODE=1")
endfunction()
