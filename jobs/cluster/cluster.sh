# Sourced by the *.sbatch scripts and until_done.sh: finds the program, prints where it runs, starts a sweep and drains
# it on a signal. Needs bash. jobs/cluster/README.md says when to use which script.
#
# Environment, all optional:
#   RHOSWEEP            the program; else rhosweep on PATH, else build/release/bin/rhosweep of this source tree
#   RHOSWEEP_MODULES    modules to load first, for example "openmpi hdf5"
#   RHOSWEEP_LAUNCHER   mpirun (default) or srun
set -o pipefail

jobs_folder=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
exit_usage=2     # nothing was started
exit_drained=75  # incomplete: the same command continues
drain_seconds=10 # the program drains within 5 s

say() { printf '== %s\n' "$*" >&2; }
give_up() {
  local code=$1
  shift
  printf '%s: error: %s\n' "$script" "$*" >&2
  exit "$code"
}

# prepare SCRIPT SWEEP.toml FILE.h5 [OPTION...]: checks a script's arguments and sets the variables that the functions
# below read.
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
  # --quiet: mpirun reports each rank's exit code at length, but rhosweep has already printed the reason.
  case ${RHOSWEEP_LAUNCHER:=mpirun} in
    mpirun) launcher=(mpirun --quiet) ;;
    srun) launcher=(srun --mpi=pmix --kill-on-bad-exit=1) ;; # otherwise srun waits forever when a rank dies
    *) give_up $exit_usage "RHOSWEEP_LAUNCHER is $RHOSWEEP_LAUNCHER; allowed: mpirun, srun" ;;
  esac
  command -v "${launcher[0]}" >/dev/null || give_up $exit_usage "no ${launcher[0]}; set RHOSWEEP_MODULES to what provides it"

  read_end_time
  print_context
  # After a SIGTERM mpirun soon kills its ranks, but it forwards SIGUSR1 and lets them finish.
  child='' reminder='' drained=0 interrupted=0
  trap drain USR1 TERM INT
}

# The program stops in time if it knows when the job ends. Slurm sets SLURM_JOB_END_TIME only since 23.02, and a job
# that another job submitted inherits the value of that job.
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
  # A launcher that is still starting swallows the signal, so it is repeated. A sweep that received it ends long before
  # the next one.
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

# run_sweep: starts or resumes the sweep on all ranks of the job. Returns the program's exit code. Sets drained to 1 if
# a signal asked this script to end.
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
  # Whatever exit code a launcher returns after a signal that came too early or that it received itself, the sweep can
  # be resumed.
  if [ "$drained" -eq 1 ] && [ "$code" -ne 0 ] && [ "$code" -ne $exit_usage ]; then code=$exit_drained; fi
  return "$code"
}

# finished_cells: prints how many cells of the results file are finished; fails if the file cannot be read.
finished_cells() {
  if [ ! -e "$file" ]; then
    echo 0
    return
  fi
  local status
  status=$("$program" status "$file") || return
  [[ $status =~ ([0-9]+)\ of\ [0-9]+\ cells\ finished ]] && echo "${BASH_REMATCH[1]}"
}
