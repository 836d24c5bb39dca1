#!/usr/bin/env bash
# Checks that rhosweep gives the same bits with another compiler, processor, C library or system: runs small sweeps of
# every kind of problem with such a build and with the plain one, and compares the results files bit by bit. See --help.
source "$(dirname "${BASH_SOURCE[0]}")/../jobs/setup.sh"

usage() {
  cat <<END
usage: tests/elsewhere.sh WHERE [--quick]

WHERE is one of:

  clang        built by Clang, with warnings as errors
  native       built for this processor alone: -O2 -march=native
  no-fma-libc  the plain build, with the C library's code for processors without fused multiply-add
  trixie       the last commit in Debian 13, made in a folder (4 GB; with all tests 8 GB): its compiler and libraries,
               quickstart, and all tests by tests/run.sh. Needs root and a Debian mirror
  arm64        cross-built for Arm on Debian 12, and run by QEMU: bits, not speed (1 GB). Needs a Debian mirror

  --quick      leaves out the tests and the slowest sweeps

The last lines count the equal files and the tests. The exit code is 0 if all files are equal and no test failed. Works in
build/elsewhere, where trixie leaves its system for the next time; remove the folder at will.
END
}

where=${1:-} quick=
case $where in
  clang | native | no-fma-libc | trixie | arm64) ;;
  --help | -h)
    usage
    exit 0
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac
case ${2:-} in
  '') ;;
  --quick) quick=--quick ;;
  *)
    usage >&2
    exit 2
    ;;
esac

tree=$PWD
folder=$tree/build/elsewhere/$where
emulator=()                         # runs the programs of the build
left_out_case='' left_out_reason='' # a unit test that is not run
outcome=()                          # the last lines
failed=0
computing_rooms=(core model theory data optimum problem sgd)
install_missing "${build_packages[@]}" hdf5-tools python3
provide_rhosweep
allow_mpi_as_root
plain=$rhosweep
[ "${plain#/}" != "$plain" ] || plain=$tree/$plain
mkdir -p "$folder"

# configure CMAKE_ARGUMENT...: configures a build in $folder, like the preset release but with these
# arguments, and builds it.
configure() {
  cmake -S "$tree" -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE="-O3 -DNDEBUG" \
    -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=0 "$@" >&2
  cmake --build "$folder" --target rhosweep >&2
}

# unit_tests: runs those of the rooms that compute, by the build in $folder.
unit_tests() {
  if [ -n "$quick" ]; then
    outcome+=("unit tests: left out by --quick")
    return
  fi
  install_missing catch2 libmpfr-dev doxygen
  cmake -S "$tree" -B "$folder" -DRHOSWEEP_TESTS=ON >&2
  local room code passed skipped log=$folder/unit_tests.log bad=()
  say "Unit tests of ${computing_rooms[*]}"
  cmake --build "$folder" --target "${computing_rooms[@]/#/test_}" -- -k 0 >&2 || bad+=("the build")
  mkdir -p "$folder/work"
  : >"$log"
  for room in "${computing_rooms[@]}"; do
    code=0
    (cd "$folder/work" && "${emulator[@]}" "$folder/tests/bin/test_$room" ${left_out_case:+"~$left_out_case"}) 2>&1 |
      tee -a "$log" >&2 || code=$?
    # 77: a case was skipped, and its output says why.
    [ $code -eq 0 ] || [ $code -eq 77 ] || bad+=("$room")
  done
  [ ${#bad[@]} -eq 0 ] || failed=1
  # Catch2 prints `All tests passed (N assertions in N test cases)` and counts cases that were skipped.
  passed=$(awk '/^All tests passed/ { sum += $(NF - 2) } /^skipped: / { --sum } END { print sum + 0 }' "$log")
  outcome+=("unit tests: $passed cases passed in ${computing_rooms[*]}${bad[*]:+; FAILED: ${bad[*]}}")
  [ -z "$left_out_case" ] || outcome+=("skipped: $left_out_case ($left_out_reason)")
  while read -r skipped; do outcome+=("$skipped"); done < <(grep '^skipped: ' "$log")
}

# compare COMMAND...: compares the files of the plain build with those that the command writes.
compare() {
  say "Comparing results files"
  mkdir -p "$folder/sweeps"
  (cd "$folder/sweeps" &&
    /usr/bin/python3 "$tree/tests/elsewhere/every_kind.py" ${quick:+"$quick"} h5diff "$plain" "$@") |
    tee "$folder/sweeps.log" || failed=1
  outcome+=("results: $(tail -n 1 "$folder/sweeps.log")")
}

case $where in
  trixie)
    source tests/elsewhere/debian_13.sh
    try_debian_13
    ;;
  clang)
    install_missing clang
    configure -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DRHOSWEEP_WERROR=ON
    ;;
  native) configure -DCMAKE_CXX_FLAGS_RELEASE="-O2 -march=native -DNDEBUG" ;;
  no-fma-libc) compare env GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2,-FMA4,-AVX512F "$plain" ;;
  arm64)
    install_missing g++-aarch64-linux-gnu qemu-user-static
    source tests/elsewhere/arm64.sh
    make_sysroot
    configure -DCMAKE_TOOLCHAIN_FILE="$tree/tests/elsewhere/arm64.cmake" -DRHOSWEEP_WERROR=ON
    ;;
esac
case $where in
  clang | native | arm64)
    unit_tests
    compare "${emulator[@]}" "$folder/bin/rhosweep"
    ;;
esac
say "Outcome of $where"
printf '%s\n' "${outcome[@]}"
exit $failed
