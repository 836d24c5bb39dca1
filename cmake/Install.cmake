# What `cmake --install` installs: the program, one shared library of all rooms for programs that add their own
# problems, its headers, the CMake package (find_package(rhosweep), target rhosweep::rhosweep) and the jobs.
include(CMakePackageConfigHelpers)

add_library(rhosweep_library SHARED)
add_library(rhosweep::rhosweep ALIAS rhosweep_library)
foreach(room IN LISTS rooms)
  target_sources(rhosweep_library PRIVATE $<TARGET_OBJECTS:rhosweep_${room}>)
endforeach()
# The library already contains the objects of all rooms; linking rhosweep_app adds the libraries that these objects use.
target_link_libraries(
  rhosweep_library
  PRIVATE rhosweep_app
  PUBLIC Eigen3::Eigen fmt::fmt MPI::MPI_CXX)
target_include_directories(
  rhosweep_library PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                          $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(rhosweep_library PUBLIC cxx_std_20)
# Users of the library need this, too: results must not depend on which operations the compiler fuses.
target_compile_options(rhosweep_library INTERFACE -ffp-contract=off)
target_link_options(rhosweep_library PRIVATE LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/rhosweep.map)
set_target_properties(
  rhosweep_library
  PROPERTIES OUTPUT_NAME rhosweep
             EXPORT_NAME rhosweep
             LINKER_LANGUAGE CXX
             LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/rhosweep.map
             LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib
             VERSION ${PROJECT_VERSION}
             SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})

# The installed tree can be moved: the program finds its library relative to its own location.
file(RELATIVE_PATH bin_to_lib ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
set_target_properties(rhosweep PROPERTIES INSTALL_RPATH "$ORIGIN/${bin_to_lib}")
set_target_properties(rhosweep_library PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME runtime)
install(TARGETS rhosweep)
install(
  TARGETS rhosweep_library
  EXPORT rhosweep
  LIBRARY NAMELINK_COMPONENT development)
install(DIRECTORY ${CMAKE_BINARY_DIR}/reference/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(DIRECTORY ${CMAKE_BINARY_DIR}/reference/completions/
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(
  DIRECTORY jobs/
  DESTINATION ${CMAKE_INSTALL_DATADIR}/rhosweep/jobs
  USE_SOURCE_PERMISSIONS
  PATTERN __pycache__ EXCLUDE
  # Leaves out the scripts that build the source tree, because the tree is not installed.
  PATTERN quickstart.sh EXCLUDE
  PATTERN run_all.sh EXCLUDE
  PATTERN run.sh EXCLUDE
  PATTERN setup.sh EXCLUDE)
# Trials find rhosweep's Python module relative to the program, which is in bin of the installed and of the build tree.
install(
  DIRECTORY src/program/python
  DESTINATION ${CMAKE_INSTALL_DATADIR}/rhosweep
  PATTERN __pycache__ EXCLUDE)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share/rhosweep)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/src/program/python ${CMAKE_BINARY_DIR}/share/rhosweep/python SYMBOLIC)
install(FILES CHANGELOG.md CITATION.cff LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME development)
# The HDF5 wrappers are internal.
install(
  DIRECTORY include/rhosweep
  TYPE INCLUDE
  PATTERN h5 EXCLUDE)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/rhosweep)
configure_package_config_file(cmake/rhosweepConfig.cmake.in rhosweepConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(rhosweepConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(
  EXPORT rhosweep
  NAMESPACE rhosweep::
  DESTINATION ${package_folder})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/rhosweepConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/rhosweepConfigVersion.cmake
        DESTINATION ${package_folder})

# Only the Debian package installs the module where Python finds it; elsewhere, trials find it through PYTHONPATH.
install(
  DIRECTORY src/program/python/rhosweep
  DESTINATION lib/python3/dist-packages
  COMPONENT python EXCLUDE_FROM_ALL
  PATTERN __pycache__ EXCLUDE)

include(Packages)
