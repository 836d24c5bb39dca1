# Sourced by the *.sbatch scripts and until_done.sh: finds the program, says where it runs, starts a sweep and drains it
# on a signal. Needs bash. jobs/README.md says which script is for what.
#
# Environment, all optional:
#   RHOSWEEP            the program; else rhosweep on PATH, else build/release/bin/rhosweep of this source tree
#   RHOSWEEP_MODULES    modules to load first, for example "openmpi hdf5"
#   RHOSWEEP_LAUNCHER   mpirun (default) or srun
set -o pipefail

jobs_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exit_usage=2     # nothing was started
exit_drained=75  # incomplete: the same command goes on
drain_seconds=10 # the program drains within 5

say() { printf '== %s\n' "$*" >&2; }
give_up() {
  local code=$1
  shift
  printf '%s: error: %s\n' "$script" "$*" >&2
  exit "$code"
}

# prepare SCRIPT SWEEP.toml FILE.h5 [OPTION...]: checks the arguments of a script and sets what the functions below read.
prepare() {
  script=$1
  shift
  [ $# -ge 2 ] || give_up $exit_usage "usage: $script SWEEP.toml ${output_name:-FILE.h5} [more options of rhosweep run...]"
  sweep=$1 file=$2
  shift 2
  options=("$@")

  if [ -n "${RHOSWEEP_MODULES:-}" ]; then
    # shellcheck disable=SC2086  # one word, one module
    module load $RHOSWEEP_MODULES || give_up $exit_usage "cannot load the modules of RHOSWEEP_MODULES: $RHOSWEEP_MODULES"
  fi
  program=$(command -v "${RHOSWEEP:-rhosweep}" || echo "${RHOSWEEP:-$jobs_folder/../build/release/bin/rhosweep}")
  [ -x "$program" ] || give_up $exit_usage "no program $program; build it, or set RHOSWEEP or RHOSWEEP_MODULES"
  # mpirun reports each rank's exit code at length; rhosweep has said its reason already.
  case ${RHOSWEEP_LAUNCHER:=mpirun} in
    mpirun) launcher=(mpirun --quiet) ;;
    srun) launcher=(srun --mpi=pmix --kill-on-bad-exit=1) ;; # else srun waits for ever when one rank dies
    *) give_up $exit_usage "RHOSWEEP_LAUNCHER is $RHOSWEEP_LAUNCHER; allowed: mpirun, srun" ;;
  esac
  command -v "${launcher[0]}" >/dev/null || give_up $exit_usage "no ${launcher[0]}; set RHOSWEEP_MODULES to what provides it"

  read_end_time
  print_context
  # mpirun gives its ranks only moments after a SIGTERM, but passes SIGUSR1 on and lets them finish.
  child='' reminder='' drained=0 interrupted=0
  trap drain USR1 TERM INT
}

# The program stops in time when it knows the end of the job. Slurm tells it only since 23.02, and a job that was
# submitted by another one inherits the other's.
read_end_time() {
  [ -n "${SLURM_JOB_ID:-}" ] || return 0
  local end
  end=$(SLURM_TIME_FORMAT=%s squeue --noheader --jobs="$SLURM_JOB_ID" --format=%e) || return 0
  if [[ $end =~ ^[0-9]+$ ]]; then export SLURM_JOB_END_TIME=$end; else unset SLURM_JOB_END_TIME; fi
}

print_context() {
  say "$script on $(date '+%F %T %Z'), in $PWD"
  if [ -n "${SLURM_JOB_ID:-}" ]; then
    say "job $SLURM_JOB_ID, restart ${SLURM_RESTART_COUNT:-0}, nodes $SLURM_JOB_NODELIST, ranks ${SLURM_TASKS_PER_NODE:-?} per node"
    [ -z "${SLURM_JOB_END_TIME:-}" ] || say "until $(date -d "@$SLURM_JOB_END_TIME" '+%F %T %Z')"
  else
    say "host $(hostname), $(nproc) cores, no job"
  fi
  say "$program"
  "$program" --version >&2
  say "$("${launcher[0]}" --version 2>&1 | head -n 1)"
}

drain() {
  say "asked to end at $(date +%T)"
  drained=1 interrupted=1
  [ -n "$child" ] || return
  kill -USR1 "$child" 2>/dev/null
  # A launcher that is just starting swallows the signal; a sweep that heard it is over long before the next.
  [ -n "$reminder" ] && return
  (
    trap 'kill $! 2>/dev/null; exit' TERM
    while :; do
      sleep "$drain_seconds" &
      wait
      kill -USR1 "$child" 2>/dev/null || exit
    done
  ) &
  reminder=$!
}

# run_sweep: starts or resumes the sweep on all ranks of the job. Returns the program's exit code; drained is 1 once a
# signal has asked this script to end.
run_sweep() {
  local code
  [ "$drained" -eq 0 ] || return $exit_drained
  say "${launcher[*]} rhosweep run $sweep -o $file --resume ${options[*]}"
  "${launcher[@]}" "$program" run "$sweep" -o "$file" --resume "${options[@]}" &
  child=$!
  [ "$drained" -eq 0 ] || drain
  while :; do
    interrupted=0
    wait "$child"
    code=$?
    [ "$interrupted" -eq 1 ] || break # the trap ended the wait, not the child
  done
  child=''
  [ -z "$reminder" ] || kill "$reminder" 2>/dev/null
  # Whatever a launcher makes of a signal that came too early or that it got itself, the sweep can go on.
  if [ "$drained" -eq 1 ] && [ "$code" -ne 0 ] && [ "$code" -ne $exit_usage ]; then code=$exit_drained; fi
  return "$code"
}

# finished_cells: prints how many cells of the results file are finished; fails on a file that cannot be read.
finished_cells() {
  if [ ! -e "$file" ]; then
    echo 0
    return
  fi
  local status
  status=$("$program" status "$file") || return
  [[ $status =~ ([0-9]+)\ of\ [0-9]+\ cells\ finished ]] && echo "${BASH_REMATCH[1]}"
}
