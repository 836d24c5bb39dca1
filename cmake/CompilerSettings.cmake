# Warnings and sanitizers as an interface target. Every room (Room.cmake) and test links it; library users do not.
add_library(rhosweep_compiler_settings INTERFACE)
# Indices are signed, so changes of sign are common and harmless. Clang's and clang-tidy's -Wconversion, unlike GCC's,
# includes warnings about them, so these are switched off.
target_compile_options(rhosweep_compiler_settings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wno-sign-conversion)
# GCC for Arm notes at each function that passes pairs of doubles that GCC 9 passed them in another way.
target_compile_options(rhosweep_compiler_settings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-psabi>)
if(RHOSWEEP_WERROR)
  target_compile_options(rhosweep_compiler_settings INTERFACE -Werror)
endif()

# Results must not depend on which multiply-adds the compiler fuses, so it fuses none. The code requests fused
# operations explicitly.
add_compile_options(-ffp-contract=off)
# No program replaces functions of the shared library, so calls within it can be inlined as in a static library.
add_compile_options(-fno-semantic-interposition)

if(RHOSWEEP_SANITIZE)
  add_compile_options(-fsanitize=${RHOSWEEP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${RHOSWEEP_SANITIZE})
endif()
