#!/usr/bin/env bash
# tests/fuzz/run.sh [SECONDS]: builds the fuzzers and runs each for this many seconds (default: 10), as many at a time
# as there are processors. tests/fuzz/one.sh explains where the findings are.
source "$(dirname "${BASH_SOURCE[0]}")/../../jobs/setup.sh"

install_missing "${build_packages[@]}" clang clang-tidy libclang-rt-dev
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target fuzzers
printf '%s\n' schedule sweep libsvm results container |
  xargs --max-procs="$(nproc)" --replace tests/fuzz/one.sh {} "${1:-10}"
