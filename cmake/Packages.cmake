# cpack -G DEB (or cmake --build … --target package) makes three Debian packages under the BSD-3-Clause licence: one to
# run sweeps, one to build programs with your own problems, one for `import rhosweep` outside of trials. cmake/packaging
# has recipes for other systems.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME rhosweep)
set(CPACK_PACKAGE_VENDOR rhosweep)
set(CPACK_PACKAGE_CONTACT "The rhosweep authors <rhosweep@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "measures what a misspecified learning rate costs under each schedule")
set(CPACK_PACKAGE_DESCRIPTION "rhosweep runs a grid of (rho, schedule, seed) SGD trials over the ranks of an
MPI job and gathers the results in one parallel HDF5 file with labelled
dimensions.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL runtime development python)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_BINARY_DIR}/lib)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/packaging/debian.cmake)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME rhosweep)
file(WRITE ${CMAKE_BINARY_DIR}/debian/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${CMAKE_BINARY_DIR}/debian/triggers)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_DEPENDS openmpi-bin)
# The scripts in share/rhosweep/jobs/tools, which draw figures and make reports, need Python and these modules.
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS python3)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SUGGESTS "python3-jinja2, python3-matplotlib, python3-netcdf4, python3-xarray")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME rhosweep-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "rhosweep (= ${PROJECT_VERSION}), g++, cmake, libeigen3-dev, libfmt-dev, libopenmpi-dev")
set(CPACK_DEBIAN_PYTHON_PACKAGE_NAME python3-rhosweep)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SECTION python)
set(CPACK_DEBIAN_PYTHON_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS "rhosweep (= ${PROJECT_VERSION}), python3 (>= 3.8)")
# rhosweep.open() needs the recommended packages; training programs need no other package.
set(CPACK_DEBIAN_PYTHON_PACKAGE_RECOMMENDS "python3-netcdf4 | python3-h5netcdf, python3-pandas, python3-xarray")
set(CPACK_DEBIAN_PYTHON_PACKAGE_SUGGESTS "python3-torch")
set(CPACK_COMPONENT_PYTHON_DESCRIPTION "Python module of rhosweep for training programs, which rhosweep also gives to
the programs that it starts. It opens results files, too.")
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION ${CPACK_PACKAGE_DESCRIPTION})
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "Headers and CMake package of rhosweep, for programs with problems of
their own that have every command of rhosweep.")
include(CPack)
