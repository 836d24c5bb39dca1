# Warnings and sanitizers as an interface target. Every room (Room.cmake) and test links it; library users do not.
add_library(rhosweep_compiler_settings INTERFACE)
# Indices are signed. GCC's -Wconversion does not warn about changes of sign, but Clang's (and so clang-tidy's) does.
target_compile_options(rhosweep_compiler_settings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wno-sign-conversion)
if(RHOSWEEP_WERROR)
  target_compile_options(rhosweep_compiler_settings INTERFACE -Werror)
endif()

# Results must not depend on which multiply-adds the compiler fuses, so it fuses none. The code requests fused
# operations explicitly.
add_compile_options(-ffp-contract=off)
# No program replaces functions of the shared library, so calls within the library can be inlined as in a static one.
add_compile_options(-fno-semantic-interposition)

if(RHOSWEEP_SANITIZE)
  add_compile_options(-fsanitize=${RHOSWEEP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${RHOSWEEP_SANITIZE})
endif()
