# Warnings and sanitizers as an interface target: every room and test links it, users of the library do not.
add_library(rhosweep_compiler_settings INTERFACE)
# Indices are signed; GCC's -Wconversion leaves their signs alone, Clang's (and so clang-tidy's) does not.
target_compile_options(rhosweep_compiler_settings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wno-sign-conversion)
if(RHOSWEEP_WERROR)
  target_compile_options(rhosweep_compiler_settings INTERFACE -Werror)
endif()

# Results must be the same bits whatever the compiler fuses: contraction is only ever written out.
add_compile_options(-ffp-contract=off)
# Nobody replaces a function of the shared library: its own calls can be inlined as in a static one.
add_compile_options(-fno-semantic-interposition)

if(RHOSWEEP_SANITIZE)
  add_compile_options(-fsanitize=${RHOSWEEP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${RHOSWEEP_SANITIZE})
endif()
