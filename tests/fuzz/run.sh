#!/usr/bin/env bash
# tests/fuzz/run.sh [SECONDS]: builds the fuzzers and runs each for so many seconds (10), from a fixed seed. What they
# learn stays in build/fuzz/corpus, so that a longer run goes on from there; an input that breaks something is left in
# build/fuzz/findings, and `build/fuzz/bin/fuzz_NAME FILE` shows it again.
source "$(dirname "${BASH_SOURCE[0]}")/../../jobs/setup.sh"
seconds=${1:-10}

install_missing "${build_packages[@]}" clang libclang-rt-dev
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz

# The results fuzzer rewrites its file each time: best in memory.
memory=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")")
trap 'rm -rf "$memory"' EXIT
mkdir -p build/fuzz/findings

fuzz() {
  local name=$1 learned=build/fuzz/corpus/$1 options=()
  mkdir -p "$learned"
  if [ -f "tests/fuzz/$name.dict" ]; then options+=("-dict=tests/fuzz/$name.dict"); fi
  if TMPDIR=$memory "build/fuzz/bin/fuzz_$name" -seed=1 -max_total_time="$seconds" -max_len=2000 -timeout=60 \
    -rss_limit_mb=4096 -artifact_prefix="build/fuzz/findings/$name-" "${options[@]}" \
    "$learned" "tests/fuzz/corpus/$name" >"build/fuzz/$name.log" 2>&1; then
    printf '%-10s %s\n' "$name" "$(grep '^Done' "build/fuzz/$name.log")"
  else
    grep -v -e 'NEW ' -e 'REDUCE' -e 'pulse' "build/fuzz/$name.log"
    echo "error: fuzzing $name found something: see build/fuzz/findings" >&2
    return 1
  fi
}

failed=0
running=()
for name in schedule sweep libsvm results; do
  fuzz "$name" &
  running+=($!)
  if [ ${#running[@]} -ge "$(nproc)" ]; then
    wait "${running[0]}" || failed=1
    running=("${running[@]:1}")
  fi
done
for pid in "${running[@]}"; do wait "$pid" || failed=1; done
exit $failed
