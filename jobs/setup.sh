# Sourced by the scripts of jobs and by tests/run.sh: what to install and how to build. Needs bash. Changes the
# directory to the root of the project.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The Debian packages that the program needs; other systems use similar names.
build_packages=(
  g++ cmake ninja-build git
  libopenmpi-dev openmpi-bin libboost-mpi-dev libboost-serialization-dev libboost-iostreams-dev
  libhdf5-openmpi-dev libeigen3-dev librandom123-dev libxxhash-dev libtomlplusplus-dev libcli11-dev
  libfmt-dev libspdlog-dev nlohmann-json3-dev
)

say() { printf '\n== %s\n' "$*" >&2; }

# as_root COMMAND...: runs the command, through sudo unless already root.
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

# install_missing PACKAGE...: installs missing packages with apt-get. Without apt-get it only prints what is needed.
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

# Open MPI refuses to run as root unless these variables are set.
allow_mpi_as_root() {
  if [ "$(id -u)" -eq 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi
}

# provide_rhosweep: sets `rhosweep` to the program that RHOSWEEP names. Without RHOSWEEP, installs what is missing,
# builds this tree and sets `rhosweep` to the tree's program.
provide_rhosweep() {
  rhosweep=${RHOSWEEP:-}
  if [ -n "$rhosweep" ]; then return 0; fi
  rhosweep=build/release/bin/rhosweep
  install_missing "${build_packages[@]}"
  say "Building $rhosweep"
  [ -f build/release/CMakeCache.txt ] || cmake --preset release >&2
  cmake --build --preset release --target rhosweep >&2
}
