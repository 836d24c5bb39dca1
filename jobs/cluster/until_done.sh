#!/bin/bash
# Runs a sweep and restarts it after a crash, as long as every run finishes more cells. Otherwise it gives up and says
# why. Run it on a workstation or in an interactive job, or submit it as a job:
#
#     jobs/cluster/until_done.sh SWEEP.toml FILE.h5 [OPTION...]
#     sbatch --nodes=4 --ntasks-per-node=32 --time=02:00:00 jobs/cluster/until_done.sh SWEEP.toml FILE.h5 [OPTION...]
#
# OPTION...: options of `rhosweep run`. Environment: see cluster.sh (RHOSWEEP, RHOSWEEP_MODULES, RHOSWEEP_LAUNCHER).
# Exit codes: those of the last run. The script ends after a run with code 0, 2 or 75, and after a run with another code
# that finished no more cells.
#SBATCH --job-name=rhosweep
#SBATCH --time=01:00:00
#SBATCH --requeue
#SBATCH --open-mode=append

# Finds the folder of cluster.sh: RHOSWEEP_CLUSTER, if set. Otherwise, since Slurm runs a copy of this script, the folder
# of the submitted file, whose path Slurm knows. If cluster.sh is not there, because the submitted file was itself a copy
# or was piped to sbatch, the folder is found from the path of the program rhosweep. Every script here begins with these
# lines.
drained=0
trap 'drained=1' USR1 TERM INT
here=${RHOSWEEP_CLUSTER:-$(dirname "${BASH_SOURCE[0]}")} tries=0
if [ ! -f "$here/cluster.sh" ] && [ -n "${SLURM_JOB_ID:-}" ]; then
  until here=$(scontrol show job "$SLURM_JOB_ID") || [ $((++tries)) -gt 60 ]; do sleep 5; done
  here=${here#*Command=} here=${here%%$'\n'*}
  while [[ $here == */* && ! -f $here/cluster.sh ]]; do here=${here%/*}; done
fi
if [ ! -f "$here/cluster.sh" ] && bin=$(command -v "${RHOSWEEP:-rhosweep}"); then
  for here in "${bin%/*}/../share/rhosweep/jobs/cluster" "${bin%/*}/../../../jobs/cluster"; do
    [ ! -f "$here/cluster.sh" ] || break
  done
fi
if [ ! -f "$here/cluster.sh" ]; then
  echo "error: no cluster.sh beside this script: set RHOSWEEP_CLUSTER to rhosweep's folder jobs/cluster" >&2
  exit 2
fi
# shellcheck source=cluster.sh
source "$here/cluster.sh" || exit

prepare until_done.sh "$@"
before=$(finished_cells) || give_up 1 "$file cannot be read"
while :; do
  run_sweep
  code=$?
  case $code in 0 | "$exit_usage" | "$exit_drained") end "$code" ;; esac
  ! being_preempted || end "$code"
  after=$(finished_cells) || give_up "$code" "the run ended with exit code $code, and $file cannot be read"
  reason="the run ended with exit code $code; $after cells are finished, $((after - before)) of them now"
  [ "$after" -gt "$before" ] || give_up "$code" "$reason; giving up"
  say "$reason; going on"
  before=$after
done
