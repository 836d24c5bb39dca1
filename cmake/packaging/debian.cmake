# CPack runs this over the installed files before it packs them: what Debian's policy wants otherwise than a plain
# installation.
if(NOT CPACK_GENERATOR STREQUAL DEB)
  return()
endif()
file(GLOB_RECURSE pages LIST_DIRECTORIES FALSE ${CPACK_TEMPORARY_DIRECTORY}/rhosweep*.1)
file(GLOB_RECURSE libraries LIST_DIRECTORIES FALSE ${CPACK_TEMPORARY_DIRECTORY}/librhosweep.so.*.*.*)
if(NOT pages OR NOT libraries)
  message(FATAL_ERROR "No man pages or no library below ${CPACK_TEMPORARY_DIRECTORY}")
endif()
execute_process(COMMAND gzip -9n ${pages} COMMAND_ERROR_IS_FATAL ANY)
# Debian's libraries lie where the loader looks.
foreach(library IN LISTS libraries)
  file(RPATH_REMOVE FILE ${library})
endforeach()
