# CPack includes this file before it packs the installed files. The code below changes what in these files does not
# follow Debian's policy.
if(NOT CPACK_GENERATOR STREQUAL DEB)
  return()
endif()
file(GLOB_RECURSE pages LIST_DIRECTORIES FALSE ${CPACK_TEMPORARY_DIRECTORY}/rhosweep*.1)
file(GLOB_RECURSE libraries LIST_DIRECTORIES FALSE ${CPACK_TEMPORARY_DIRECTORY}/librhosweep.so.*.*.*)
file(GLOB_RECURSE licences LIST_DIRECTORIES FALSE ${CPACK_TEMPORARY_DIRECTORY}/LICENSE)
if(NOT pages OR NOT libraries OR NOT licences)
  message(FATAL_ERROR "No man pages, no library or no licence below ${CPACK_TEMPORARY_DIRECTORY}")
endif()
execute_process(COMMAND gzip -9n ${pages} COMMAND_ERROR_IS_FATAL ANY)
# Debian's libraries are in a folder that the loader searches, so they need no RPATH.
foreach(library IN LISTS libraries)
  file(RPATH_REMOVE FILE ${library})
endforeach()
# Every package has the licences in /usr/share/doc/PACKAGE/copyright. The text is indented, and a dot stands for an
# empty line.
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/../../LICENSE lines)
set(license_text "")
foreach(line IN LISTS lines)
  if(line STREQUAL "")
    set(line ".")
  endif()
  string(APPEND license_text " ${line}\n")
endforeach()
string(STRIP "${license_text}" license_text)
set(license_text " ${license_text}")
file(REMOVE ${licences})
foreach(pair runtime:${CPACK_DEBIAN_RUNTIME_PACKAGE_NAME} development:${CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME}
             python:${CPACK_DEBIAN_PYTHON_PACKAGE_NAME})
  string(REPLACE ":" ";" pair ${pair})
  list(GET pair 0 component)
  list(GET pair 1 package)
  configure_file(
    ${CMAKE_CURRENT_LIST_DIR}/copyright.in
    ${CPACK_TEMPORARY_DIRECTORY}/${component}${CPACK_PACKAGING_INSTALL_PREFIX}/share/doc/${package}/copyright @ONLY
    FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endforeach()
