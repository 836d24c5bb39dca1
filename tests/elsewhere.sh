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

Works in build/elsewhere, where trixie leaves its system for the next time; remove the folder at will. A line counts the
equal files. The exit code is 0 if all are equal and all tests pass.
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
emulator=()    # runs the programs of the build
test_filter=() # which unit tests to run: all by default
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

unit_tests() {
  [ -z "$quick" ] || return 0
  install_missing catch2 libmpfr-dev doxygen
  cmake -S "$tree" -B "$folder" -DRHOSWEEP_TESTS=ON >&2
  local room
  mkdir -p "$folder/work"
  for room in "${computing_rooms[@]}"; do
    say "Unit tests of $room"
    cmake --build "$folder" --target "test_$room" >&2
    (cd "$folder/work" && "${emulator[@]}" "$folder/tests/bin/test_$room" "${test_filter[@]}" >&2)
  done
}

# compare COMMAND...: compares the files of the plain build with those that the command writes.
compare() {
  say "Comparing results files"
  mkdir -p "$folder/sweeps"
  cd "$folder/sweeps"
  /usr/bin/python3 "$tree/tests/elsewhere/every_kind.py" ${quick:+"$quick"} h5diff "$plain" "$@"
}

case $where in
  trixie)
    source tests/elsewhere/debian_13.sh
    try_debian_13
    exit
    ;;
  clang)
    install_missing clang
    configure -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DRHOSWEEP_WERROR=ON
    ;;
  native) configure -DCMAKE_CXX_FLAGS_RELEASE="-O2 -march=native -DNDEBUG" ;;
  no-fma-libc)
    compare env GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2,-FMA4,-AVX512F "$plain"
    exit
    ;;
  arm64)
    install_missing g++-aarch64-linux-gnu qemu-user-static
    source tests/elsewhere/arm64.sh
    make_sysroot
    configure -DCMAKE_TOOLCHAIN_FILE="$tree/tests/elsewhere/arm64.cmake" -DRHOSWEEP_WERROR=ON
    ;;
esac
unit_tests
compare "${emulator[@]}" "$folder/bin/rhosweep"
