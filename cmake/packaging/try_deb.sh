#!/usr/bin/env bash
# try_deb.sh FOLDER_WITH_DEBS [SUITE]: installs the packages in a clean root file system made by debootstrap. There it
# runs sweeps with two ranks, with rhosweep and with the program of jobs/examples/own_problem. Needs root, debootstrap
# and the Debian mirror.
set -euo pipefail
debs=$(readlink -f "$1")
# shellcheck source=/dev/null
suite=${2:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
root=$(mktemp -d)
chmod 755 "$root"
cleanup() {
  local part
  for part in proc sys dev; do if mountpoint -q "$root/$part"; then umount --recursive --lazy "$root/$part"; fi; done
  rm -rf --one-file-system "$root"
}
trap cleanup EXIT

debootstrap --variant=minbase "$suite" "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$root.log" 2>&1 ||
  { tail -20 "$root.log" >&2; exit 1; }
rm -f "$root.log"
mount -t proc proc "$root/proc"
for part in sys dev; do
  mount --rbind "/$part" "$root/$part"
  mount --make-rslave "$root/$part"
done
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp "$debs"/rhosweep*.deb "$root/tmp/"

# in_root COMMAND...: runs a command in the clean root file system, without this machine's environment.
in_root() {
  chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive \
    OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_orte_execute_quiet=1 "$@"
}

in_root apt-get update -qq
in_root sh -c 'apt-get install -y -qq --no-install-recommends /tmp/rhosweep_*.deb >/tmp/install.log 2>&1 || { tail /tmp/install.log >&2; exit 1; }'
echo "== installed: $(in_root dpkg-query --show rhosweep), with $(in_root sh -c 'dpkg-query --list | grep -c ^ii') packages"
in_root rhosweep --version
in_root mpirun --oversubscribe -n 2 rhosweep run /usr/share/rhosweep/jobs/sweeps/quickstart.toml -o /tmp/q.h5 --progress none
in_root rhosweep verify /tmp/q.h5 --trials 50

in_root sh -c 'apt-get install -y -qq --no-install-recommends make /tmp/rhosweep-dev_*.deb >/tmp/install.log 2>&1 || { tail /tmp/install.log >&2; exit 1; }'
in_root sh -c 'cmake -S /usr/share/rhosweep/jobs/examples/own_problem -B /tmp/own >/dev/null && cmake --build /tmp/own >/dev/null'
echo "== a problem of one's own, built there"
in_root mpirun --oversubscribe -n 2 /tmp/own/own_problem run /usr/share/rhosweep/jobs/examples/own_problem/sweep.toml -o /tmp/own.h5 --progress none
in_root apt-get purge -y -qq rhosweep rhosweep-dev >/dev/null
if in_root sh -c 'ls -d /usr/share/rhosweep /usr/lib/librhosweep* /usr/include/rhosweep 2>/dev/null'; then
  echo "purging left something behind" >&2
  exit 1
fi
echo "== purged without a trace"
