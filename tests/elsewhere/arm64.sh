# Sourced by tests/elsewhere.sh: a cross compiler for arm64, libraries for it in a folder, and QEMU, which runs the build.

sysroot=${folder:?}/sysroot # tests/elsewhere/arm64.cmake names it
# shellcheck disable=SC2034  # tests/elsewhere.sh uses it
emulator=(qemu-aarch64-static -L "$sysroot")
# shellcheck disable=SC2034
left_out_case='a limit of the address space counts' left_out_reason='QEMU ignores such a limit'

# make_sysroot: unpacks the libraries for arm64 of this machine's Debian and all that they need, if they are not there yet.
make_sysroot() {
  local packages=() package apt link
  for package in "${build_packages[@]:?}"; do
    case $package in lib* | nlohmann*) packages+=("$package") ;; esac
  done
  packages+=(catch2 libmpfr-dev)
  [ "$(cat "$sysroot.complete" 2>/dev/null)" != "${packages[*]}" ] || return 0
  say "Fetching libraries for arm64 into $sysroot"
  rm -rf "$sysroot" "$sysroot.complete" "$folder/apt"
  mkdir -p "$sysroot" "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial"
  touch "$folder/apt/status"
  # Own lists and an empty list of installed packages: nothing is installed on this machine.
  apt=(-qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o "Dir::State=$folder/apt"
    -o "Dir::State::Lists=$folder/apt/lists" -o "Dir::State::status=$folder/apt/status" -o "Dir::Cache=$folder/apt/cache"
    -o Debug::NoLocking=1 -o APT::Sandbox::User=root)
  apt-get "${apt[@]}" update >&2
  apt-get "${apt[@]}" install --download-only --yes --no-install-recommends "${packages[@]}" >&2
  for package in "$folder"/apt/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$sysroot" --exclude='./usr/share/doc' --exclude='./usr/share/man' \
      --exclude='./usr/share/locale'
  done
  # QEMU gives a program the sysroot's file if there is one: so only libraries and their data stay there.
  find "$sysroot" -mindepth 1 -maxdepth 1 ! -name usr ! -name lib ! -name etc -exec rm -rf {} +
  find "$sysroot/etc" -mindepth 1 -maxdepth 1 ! -name 'openmpi*' -exec rm -rf {} +
  rm -rf "${sysroot:?}/usr/bin" "$sysroot/usr/sbin" "$folder/apt"
  find "$sysroot" -type l -lname '/*' | while read -r link; do
    ln -snf "$sysroot$(readlink "$link")" "$link"
  done
  echo "${packages[*]}" >"$sysroot.complete"
}
