# Sourced by the scripts of jobs and by tests/run.sh: what to install and how to build. Needs bash; changes directory to
# the project's root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What the program needs, as Debian calls it; the names of other systems are close.
build_packages=(
  g++ cmake ninja-build git
  libopenmpi-dev openmpi-bin libboost-mpi-dev libboost-serialization-dev libboost-iostreams-dev
  libhdf5-openmpi-dev libeigen3-dev libxsmm-dev librandom123-dev libxxhash-dev libtomlplusplus-dev libcli11-dev
  libfmt-dev libspdlog-dev nlohmann-json3-dev
)

say() { printf '\n== %s\n' "$*" >&2; }

# as_root COMMAND...: as it is for root, through sudo for others.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "error: need root or sudo for: $*" >&2
    return 1
  fi
}

# install_missing PACKAGE...: asks apt-get for what is not there; without apt-get it only says what is needed.
install_missing() {
  local missing=() package
  if ! command -v apt-get >/dev/null; then
    say "Not a Debian system: please provide (package or module): $*"
    return 0
  fi
  for package in "$@"; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then return 0; fi
  say "Installing ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# Open MPI refuses to run as root unless told that it is meant.
allow_mpi_as_root() {
  if [ "$(id -u)" -eq 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi
}

# Sets rhosweep: the program that RHOSWEEP names; without it this tree's, which is built, and for which is installed
# what is missing.
provide_rhosweep() {
  rhosweep=${RHOSWEEP:-}
  if [ -n "$rhosweep" ]; then return 0; fi
  rhosweep=build/release/bin/rhosweep
  install_missing "${build_packages[@]}"
  say "Building $rhosweep"
  [ -f build/release/CMakeCache.txt ] || cmake --preset release >&2
  cmake --build --preset release --target rhosweep >&2
}
