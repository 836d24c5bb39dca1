#!/usr/bin/env bash
# tests/fuzz/one.sh NAME SECONDS: runs a fuzzer of the preset fuzz, which must be built, for this many seconds from a
# fixed seed. The corpus that it finds stays in build/fuzz/corpus, so that a longer run continues from there. An input
# that triggers an error is kept in build/fuzz/findings; `build/fuzz/bin/fuzz_NAME FILE` runs it again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
name=$1 seconds=$2 learned=build/fuzz/corpus/$1 options=()

# Two of the fuzzers write a file for each input. The folder of these files is in memory if possible.
memory=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")")
trap 'rm -rf "$memory"' EXIT
mkdir -p build/fuzz/findings "$learned"
if [ -f "tests/fuzz/$name.dict" ]; then options+=("-dict=tests/fuzz/$name.dict"); fi
# Discards the warnings that the reader prints about CSV headers.
if [ "$name" = libsvm ]; then options+=(-close_fd_mask=2); fi
if TMPDIR=$memory "build/fuzz/bin/fuzz_$name" -seed=1 -max_total_time="$seconds" -max_len=2000 -timeout=60 \
  -rss_limit_mb=4096 -artifact_prefix="build/fuzz/findings/$name-" "${options[@]}" \
  "$learned" "tests/fuzz/corpus/$name" >"build/fuzz/$name.log" 2>&1; then
  printf '%-10s %s\n' "$name" "$(grep '^Done' "build/fuzz/$name.log")"
else
  grep -v -e 'NEW ' -e 'REDUCE' -e 'pulse' "build/fuzz/$name.log" >&2
  echo "error: fuzzing $name found something: see build/fuzz/findings" >&2
  exit 1
fi
