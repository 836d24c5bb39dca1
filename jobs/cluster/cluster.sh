# Sourced by the *.sbatch scripts and until_done.sh: finds the program, prints where it runs, starts a sweep and drains
# it on a signal. Needs bash. jobs/cluster/README.md says when to use which script.
#
# Environment, all optional:
#   RHOSWEEP            the program; else rhosweep on PATH, else build/release/bin/rhosweep of this source tree
#   RHOSWEEP_MODULES    modules to load first, for example "openmpi hdf5"
#   RHOSWEEP_LAUNCHER   mpirun (default) or srun
#   RHOSWEEP_END_CHECK  seconds between checks whether the end of the job was moved [300]
set -o pipefail

jobs_folder=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
exit_usage=2     # nothing was started
exit_drained=75  # incomplete: the same command continues
exit_lost_daemon=205 # the exit code of Open MPI 4's mpirun if the daemon of a node ended
drain_seconds=10 # the program drains within 5 s
end_check_seconds=${RHOSWEEP_END_CHECK:-300}
controller_patience=300 # seconds that Slurm's controller may take to answer, for example while it restarts

say() { printf '== %s\n' "$*" >&2; }
give_up() {
  local code=$1
  shift
  printf '%s: error: %s\n' "$script" "$*" >&2
  exit "$code"
}

# If a signal came before this file was sourced, `drained` is set already. On any signal, drain sends SIGUSR1 to mpirun,
# which forwards it and lets the ranks finish; after a SIGTERM it would soon kill them.
child='' reminder='' watcher='' interrupted=0
trap drain USR1 TERM INT

# prepare SCRIPT SWEEP.toml FILE.h5 [OPTION...]: checks a script's arguments and sets the variables that the functions
# below read.
prepare() {
  script=$1
  shift
  [ $# -ge 2 ] || give_up $exit_usage "usage: $script SWEEP.toml ${output_name:-FILE.h5} [more options of rhosweep run...]"
  sweep=$1 file=$2
  shift 2
  options=("$@")

  # With sbatch --export=NAMES, the script lacks a part of the user's environment. Whatever the script has, the launcher
  # passes on to the ranks.
  case ${SLURM_EXPORT_ENV:-ALL} in
    ALL*) ;;
    *)
      say "the environment of sbatch is not passed on (--export=$SLURM_EXPORT_ENV); if anything is missing, submit with" \
        "--export=ALL"
      export SLURM_EXPORT_ENV=ALL
      ;;
  esac
  if [ -n "${RHOSWEEP_MODULES:-}" ]; then
    # shellcheck disable=SC2086  # one word, one module
    module load $RHOSWEEP_MODULES || give_up $exit_usage "cannot load the modules of RHOSWEEP_MODULES: $RHOSWEEP_MODULES"
  fi
  program=$(command -v "${RHOSWEEP:-rhosweep}" || echo "${RHOSWEEP:-$jobs_folder/../build/release/bin/rhosweep}")
  [ -x "$program" ] || give_up $exit_usage "no program $program; build it, or set RHOSWEEP or RHOSWEEP_MODULES"
  case ${RHOSWEEP_LAUNCHER:=mpirun} in
    mpirun)
      launcher=(mpirun)
      # mpirun reports each rank's exit code at length, but rhosweep has already printed the reason. Open MPI 4 leaves
      # the report out with this variable as with --quiet, an option that Open MPI 5 does not know.
      export OMPI_MCA_orte_execute_quiet=${OMPI_MCA_orte_execute_quiet:-1}
      may_bind || launcher+=(--bind-to none)
      ;;
    srun) launcher=(srun --mpi=pmix --kill-on-bad-exit=1) ;; # otherwise srun waits forever when a rank dies
    *) give_up $exit_usage "RHOSWEEP_LAUNCHER is $RHOSWEEP_LAUNCHER; allowed: mpirun, srun" ;;
  esac
  [[ $end_check_seconds =~ ^[1-9][0-9]*$ ]] ||
    give_up $exit_usage "RHOSWEEP_END_CHECK is $end_check_seconds; allowed: a whole number of seconds from 1 on"
  command -v "${launcher[0]}" >/dev/null || give_up $exit_usage "no ${launcher[0]}; set RHOSWEEP_MODULES to what provides it"

  read_end_time
  print_context
  # Passes on the number of cores per task: since Slurm 22.05, srun gives a task one core unless SRUN_CPUS_PER_TASK is
  # set, and programs take their number of threads from OMP_NUM_THREADS.
  if [ -n "${SLURM_CPUS_PER_TASK:-}" ]; then
    export SRUN_CPUS_PER_TASK=${SRUN_CPUS_PER_TASK:-$SLURM_CPUS_PER_TASK}
    export OMP_NUM_THREADS=${OMP_NUM_THREADS:-$SLURM_CPUS_PER_TASK}
  fi
}

# ask_slurm COMMAND...: runs a command of Slurm and prints its output. Repeats it while the controller does not answer,
# for up to `controller_patience` seconds; fails at once if Slurm refuses.
ask_slurm() {
  local answer said=0 give_up_at=$((SECONDS + controller_patience))
  until answer=$("$@" 2>&1); do
    case $answer in
      *[Ii]nvalid* | *denied* | *disabled* | *already* | *"not permitted"*) give_up_at=0 ;;
    esac
    if [ "$SECONDS" -ge "$give_up_at" ]; then
      say "$answer"
      return 1
    fi
    [ $((said++)) -gt 0 ] || say "Slurm does not answer, asking again for $controller_patience s: $answer"
    sleep 2
  done
  printf '%s\n' "$answer"
}

# read_own_record: sets `record` to Slurm's record of this job, one line. Slurm prints several records for a
# heterogeneous job and for the last task of an array, whose job id is that of the array; only one has this job's id.
read_own_record() {
  record=$(ask_slurm env SLURM_TIME_FORMAT=%s scontrol --oneliner show job "$SLURM_JOB_ID") || return
  record=$(grep "^JobId=$SLURM_JOB_ID " <<<"$record") || return
  record=${record/ JobName=* UserId=/ UserId=} # the job's name may look like further fields
}

# recorded NAME: prints the field NAME of `record`, or nothing if `record` has no such field.
recorded() {
  [[ $record =~ \ $1=([^ ]*) ]] && printf '%s\n' "${BASH_REMATCH[1]}"
}

# is_array_task: whether this job is a task of an array. SLURM_ARRAY_TASK_ID alone does not tell, because a job that an
# array task has submitted inherits the variable. So Slurm's record of the job decides.
is_array_task() {
  [ -n "${SLURM_ARRAY_TASK_ID:-}" ] || return
  read_own_record || give_up 1 "Slurm does not say whether this is a task of an array"
  [ "$(recorded ArrayTaskId)" = "$SLURM_ARRAY_TASK_ID" ]
}

# read_end_time: sets SLURM_JOB_END_TIME, so that the program stops before the job ends. Before version 23.02, Slurm
# does not set this variable, and a job that another job has submitted inherits the other job's value. So the value is
# then taken from Slurm's record of this job.
read_end_time() {
  [ -n "${SLURM_JOB_ID:-}" ] || return 0
  local number='^[0-9]+$'
  if [[ $(scontrol --version) =~ ([0-9]+)\.([0-9]+) ]] && [ "${BASH_REMATCH[1]}${BASH_REMATCH[2]}" -ge 2302 ] &&
    [[ ${SLURM_JOB_END_TIME:-} =~ $number ]]; then
    return
  fi
  unset SLURM_JOB_END_TIME
  read_own_record || return 0
  local end
  end=$(recorded EndTime)
  if [[ $end =~ $number ]]; then export SLURM_JOB_END_TIME=$end; fi
}

# may_bind: whether mpirun may bind each rank to a core. mpirun counts the cores of the node, not those of the job, so
# it would bind the ranks of two jobs on a node to the same cores, or those of two runs on a workstation. Unbound ranks
# stay on the cores that Slurm gave to the job.
may_bind() {
  [ -z "${OMPI_MCA_hwloc_base_binding_policy:-}${PRTE_MCA_hwloc_default_binding_policy:-}" ] || return 0
  [ -n "${SLURM_JOB_ID:-}" ] && [ "${SLURM_CPUS_PER_TASK:-1}" -eq 1 ] && read_own_record && [[ $(recorded OverSubscribe) =~ ^(NO|EXCLUSIVE)$ ]]
}

print_context() {
  say "$script on $(date '+%F %T %Z'), in $PWD"
  if [ -n "${SLURM_JOB_ID:-}" ]; then
    say "job $SLURM_JOB_ID, restart ${SLURM_RESTART_COUNT:-0}, nodes $SLURM_JOB_NODELIST, ranks ${SLURM_TASKS_PER_NODE:-?} per node"
    say "cores $(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status) of $(hostname), ${SLURM_CPUS_PER_TASK:-1} per rank"
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
  # A launcher that is still starting ignores the signal, so the signal is repeated. A sweep that has received a signal
  # ends long before the next one.
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

# end_has_moved: whether somebody gave the job more time while it ran. If so, sets SLURM_JOB_END_TIME to the new end.
end_has_moved() {
  [ -n "${SLURM_JOB_END_TIME:-}" ] && read_own_record || return
  local end
  end=$(recorded EndTime)
  [[ $end =~ ^[0-9]+$ && ! $(recorded PreemptTime) =~ ^[0-9]+$ ]] && [ "$end" -gt $((SLURM_JOB_END_TIME + 60)) ] || return
  export SLURM_JOB_END_TIME=$end
}

# watch_end: runs beside the sweep and drains it if the time of the job is shortened so much that the ranks, which know
# only the former end, would not stop in time.
watch_end() {
  local end left
  trap 'kill $! 2>/dev/null; exit' TERM
  trap '' USR1 INT
  controller_patience=0
  while :; do
    sleep "$end_check_seconds" &
    wait
    read_own_record 2>/dev/null && end=$(recorded EndTime) && [[ $end =~ ^[0-9]+$ ]] || continue
    left=$((end - 3 * drain_seconds - $(date +%s)))
    [ "$end" -lt $((SLURM_JOB_END_TIME - 60)) ] && [ "$left" -le "$end_check_seconds" ] || continue
    say "the job now ends at $(date -d "@$end" '+%F %T %Z'), before the ranks would stop"
    if [ "$left" -gt 0 ]; then
      sleep "$left" &
      wait
    fi
    kill -USR1 $$
    return
  done
}

# run_sweep: starts or resumes the sweep on all ranks of the job. Returns the program's exit code. Sets drained to 1 if
# a signal asked this script to end.
run_sweep() {
  local code
  while :; do
    [ "$drained" -eq 0 ] || return $exit_drained
    run_once
    code=$?
    if [ "$code" -ne $exit_drained ] || [ "$drained" -eq 1 ] || ! end_has_moved; then return "$code"; fi
    say "the job now ends at $(date -d "@$SLURM_JOB_END_TIME" '+%F %T %Z'), going on"
  done
}

run_once() {
  local code
  say "${launcher[*]} rhosweep run $sweep -o $file --resume ${options[*]}"
  "${launcher[@]}" "$program" run "$sweep" -o "$file" --resume "${options[@]}" &
  child=$!
  if [ -n "${SLURM_JOB_END_TIME:-}" ]; then
    watch_end &
    watcher=$!
  fi
  [ "$drained" -eq 0 ] || drain
  while :; do
    interrupted=0
    wait "$child"
    code=$?
    [ "$interrupted" -eq 1 ] || break # the trap ended the wait, not the child
  done
  child=''
  [ -z "$reminder" ] || kill "$reminder" 2>/dev/null
  [ -z "$watcher" ] || kill "$watcher" 2>/dev/null
  # mpirun of Open MPI 5.0 exits with 0 when the daemon of a node has ended.
  if [ "$code" -eq 0 ] && ! is_complete; then code=$exit_lost_daemon; fi
  # After a signal that came too early or that reached the launcher itself, the launcher's exit code says nothing about
  # the sweep, which can be resumed.
  if [ "$drained" -eq 1 ] && [ "$code" -ne 0 ] && [ "$code" -ne $exit_usage ]; then code=$exit_drained; fi
  return "$code"
}

# is_complete: whether all cells of the results file, or of its shard, have run without a failure.
is_complete() {
  local report
  report=$("$program" status --format json "$file") || return
  # A file of a shard has an entry `"shard": {"part": …, "cells": N}` in several lines.
  if [[ $report =~ $'\n    "cells": '([0-9]+) ]]; then
    [[ $report == *$'\n  "finished": '"${BASH_REMATCH[1]},"* ]]
  else
    [[ $report == *$'\n  "failed": 0,\n  "pending": 0,'* ]]
  fi
}

# finished_cells: prints how many cells of the results file are finished; fails if the file cannot be read.
finished_cells() {
  if [ ! -e "$file" ]; then
    echo 0
    return
  fi
  local status
  status=$("$program" status "$file") || return
  # Matches only at the beginning of a line: the sweep's title may contain these words, but begins no line.
  [[ $status =~ $'\n'\ *([0-9]+)\ of\ [0-9]+\ cells?\ finished ]] && echo "${BASH_REMATCH[1]}"
}

# being_preempted: whether Slurm is preempting this job. If the partition has a GraceTime, Slurm sends SIGTERM to the
# ranks alone and requeues only a script that still runs when that time is over.
being_preempted() {
  [ -n "${SLURM_JOB_ID:-}" ] && read_own_record && [[ $(recorded PreemptTime) =~ ^[0-9]+$ ]]
}

# only_ranks_drained CODE: whether this exit code of the run may come from a signal to the ranks alone, as preemption
# and `scancel --signal=TERM JOB` send it. Such a signal ends ranks that are just starting (143 for SIGTERM, 138 for
# SIGUSR1) and mpirun's daemon on another node.
only_ranks_drained() {
  [ "$drained" -eq 0 ] || return
  case $1 in
    "$exit_drained") [[ " ${options[*]}" != *" --time-limit"* && " ${options[*]}" != *" --max-failures"* ]] ;;
    "$exit_lost_daemon" | 143 | 138) ;;
    *) return 1 ;;
  esac
}

# end CODE: ends the script with the exit code of a run. Requeues a job that is being preempted, since Slurm does not
# requeue a script that ends by itself.
end() {
  case $1 in 0 | "$exit_usage") exit "$1" ;; esac
  ! being_preempted || requeue "$1" "the run ended with exit code $1; Slurm preempts the job"
  [ "$1" -ne $exit_lost_daemon ] ||
    say "mpirun lost the ranks of a node: the job's steps were signalled, or the node is down; submit it again"
  exit "$1"
}

# requeue CODE REASON: requeues this job (only this task of an array) and ends the script with the exit code.
requeue() {
  local code=$1 reason=$2 state task id
  read_own_record || give_up "$code" "$reason; Slurm does not say whether the job is cancelled, not requeued"
  # Requeues only a running job: one that its user cancelled must not start again.
  state=$(recorded JobState)
  [ "$state" = RUNNING ] || give_up "$code" "$reason; the job is ${state:-gone}, not requeued"
  id=$SLURM_JOB_ID
  task=$(recorded ArrayTaskId) && id=$(recorded ArrayJobId)_$task
  say "$reason; requeued"
  trap '' USR1 TERM INT # Slurm may end this script with a signal while it reports that the job is requeued
  ask_slurm scontrol requeue "$id" || give_up "$code" "Slurm refuses to requeue; submit the same command again"
  exit "$code"
}
