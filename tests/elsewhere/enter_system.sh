#!/usr/bin/env bash
# enter_system.sh SYSTEM FOLDER COMMAND...: runs a command in the Linux system that lies in the folder SYSTEM, without this
# machine's environment. There this machine's FOLDER is /srv, the working directory. The command has mounts and processes
# of its own, which end with it, however it ends. Needs root.
set -euo pipefail
# shellcheck disable=SC2016  # the inner shell expands these variables
exec unshare --mount --pid --fork --kill-child --propagation private sh -euc '
  system=$1 folder=$2
  shift 2
  mount --bind "$system" "$system"
  mount --bind "$folder" "$system/srv"
  cd "$system"
  mount -t proc proc proc
  mount --rbind /sys sys
  mount --rbind /dev dev
  mount -t tmpfs tmpfs dev/shm
  mkdir -p old_root
  pivot_root . old_root
  umount -l /old_root
  cd /srv
  exec env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM="${TERM:-dumb}" "$@"' sh "$@"
