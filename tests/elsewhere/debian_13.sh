# Sourced by tests/elsewhere.sh: Debian 13 in a folder, and what is run there.

system=${folder:?}/system  # the root of its file system
checkout=$folder/rhosweep # the last commit

# in_system COMMAND...: runs a command there, in $folder, which is /srv.
in_system() { "${tree:?}/tests/elsewhere/enter_system.sh" "$system" "$folder" "$@"; }

# make_system: makes a minimal Debian 13 with debootstrap, from the mirror that apt uses here or DEBIAN_MIRROR, if it is
# not there yet.
make_system() {
  [ "$(id -u)" -eq 0 ] || {
    echo "error: needs root, to make a Debian 13 and to enter it" >&2
    exit 2
  }
  [ -f "$folder/system.complete" ] && return
  install_missing debootstrap
  local mirror=${DEBIAN_MIRROR:-}
  [ -n "$mirror" ] ||
    mirror=$(grep -rshoE '[a-z]+://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d | head -n 1 | tr -d ' ') || true
  mirror=${mirror:-http://deb.debian.org/debian}
  say "Making Debian 13 from $mirror in $system"
  rm -rf --one-file-system "$system"
  # Mounts of its own, which end with it also if it is killed.
  unshare --mount --propagation private debootstrap --variant=minbase trixie "$system" "$mirror" >"$folder/system.log" 2>&1 || {
    tail "$folder/system.log" >&2
    exit 1
  }
  apt-config dump 2>/dev/null | grep '^Acquire::http.*Proxy ' >"$system/etc/apt/apt.conf.d/90proxy" || true
  touch "$folder/system.complete"
}

# update_checkout: brings the last commit there.
update_checkout() {
  [ -z "$(git status --porcelain --untracked-files=no)" ] ||
    say "Debian 13 gets the last commit; what you have not committed is missing there"
  git init --quiet "$checkout"
  git -C "$checkout" fetch --quiet "$tree" HEAD
  git -C "$checkout" checkout --quiet --force --detach FETCH_HEAD
}

# try_debian_13: the quickstart, the sweeps of every kind of problem and, without --quick, all tests.
try_debian_13() {
  make_system
  update_checkout
  cp /etc/resolv.conf /etc/hosts "$system/etc/"
  say "Quickstart in Debian 13"
  # With all tests, it builds by their settings, so that only the tests are left to build.
  # shellcheck disable=SC2016  # the shell in Debian 13 expands the variable
  [ -n "$quick" ] || in_system env -C rhosweep bash -c '
    source jobs/setup.sh
    install_missing "${build_packages[@]}"
    cmake --preset release -DRHOSWEEP_WERROR=ON' >&2
  in_system env -C rhosweep jobs/quickstart.sh
  outcome+=("quickstart: built and ran")
  compare "$tree/tests/elsewhere/enter_system.sh" "$system" "$folder" \
    env -C sweeps /srv/rhosweep/build/release/bin/rhosweep
  if [ -n "$quick" ]; then
    outcome+=("tests: left out by --quick")
    return
  fi
  say "All tests in Debian 13"
  # shellcheck disable=SC2034  # tests/elsewhere.sh prints the outcome
  in_system env -C rhosweep tests/run.sh | tee "$folder/tests.log" || failed=1
  outcome+=("tests: $(tail -n 1 "$folder/tests.log")")
}
