# rhosweep_add_room(NAME [COLD] SOURCES... [PUBLIC targets...] [PRIVATE targets...])
#
# A room is a folder, a namespace and a target: include/rhosweep/NAME, src/NAME, rhosweep::NAME.
# PUBLIC and PRIVATE are the only list of its dependencies. COLD marks a room whose speed does not matter (text, files,
# messages): a release build compiles it with -O1, which takes two thirds of the time.
function(rhosweep_add_room name)
  cmake_parse_arguments(ROOM "COLD" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(rhosweep_${name} STATIC ${ROOM_SOURCES})
  add_library(rhosweep::${name} ALIAS rhosweep_${name})
  set_target_properties(rhosweep_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)  # for the library of all rooms
  target_include_directories(
    rhosweep_${name}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(
    rhosweep_${name}
    PUBLIC ${ROOM_PUBLIC}
    PRIVATE ${ROOM_PRIVATE} rhosweep_compiler_settings)
  if(ROOM_COLD)
    target_compile_options(rhosweep_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
endfunction()
