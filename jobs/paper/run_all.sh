#!/usr/bin/env bash
# Runs the sweeps of jobs/paper on all cores and writes one Markdown report with every table, theory beside measurement:
#     jobs/paper/run_all.sh [-o FOLDER] [--set KEY=VALUE]...
# The results files and report.md go to FOLDER (default: build/paper). --set applies to every sweep, for example
# --set grid.seed.count=16 for a quick look. Leaves out cifar10.toml, which needs data and GPUs.
here=$PWD
source "$(dirname "${BASH_SOURCE[0]}")/../setup.sh"

folder=build/paper
overrides=()
while [ $# -gt 0 ]; do
  case $1 in
    -o) folder=$(cd "$here" && realpath -m "$2") && shift 2 ;;
    --set) overrides+=(--set "$2") && shift 2 ;;
    *) echo "usage: run_all.sh [-o FOLDER] [--set KEY=VALUE]..." >&2 && exit 2 ;;
  esac
done

ratios=2,5,10,50 # ratios of coarse grids
family=(--worst-over problem.curvature)

provide_rhosweep
allow_mpi_as_root
mkdir -p "$folder"
report=$folder/report.md

# sweep NAME TITLE FILE [--set KEY=VALUE]...: runs a sweep and begins its section of the report.
sweep() {
  local name=$1 title=$2 file=$3
  shift 3
  say "$title"
  local start=$SECONDS
  mpirun --use-hwthread-cpus -n "$(nproc)" "$rhosweep" run "jobs/paper/$file" -o "$folder/$name.h5" --overwrite --progress log \
    "$@" "${overrides[@]}"
  {
    printf '\n## %s\n\n' "$title"
    printf '`jobs/paper/%s`%s: %d s on %d cores.\n' "$file" "${*:+ with \`$*\`}" $((SECONDS - start)) "$(nproc)"
  } >>"$report"
}

# tables NAME [OPTION]...: adds the output and the warnings of `rhosweep analyze NAME.h5` to the report.
tables() {
  local file=$folder/$1.h5 warnings=$folder/warnings
  shift
  printf '\n`rhosweep analyze %s`\n\n```\n' "${file##*/}${*:+ $*}" >>"$report"
  "$rhosweep" analyze "$file" "$@" >>"$report" 2>"$warnings"
  printf '```\n' >>"$report"
  [ ! -s "$warnings" ] || { echo && sed 's/^rhosweep: warning:/-/' "$warnings"; } >>"$report"
  rm "$warnings"
}

# theory SCHEDULE STEPS: adds to the report what the theory predicts for coarse grids of a schedule.
theory() {
  printf '\n`rhosweep theory "%s" --steps %d --grid-ratio %s`\n\n```\n' "$1" "$2" "$ratios" >>"$report"
  "$rhosweep" theory "$1" --steps "$2" --grid-ratio "$ratios" >>"$report"
  printf '```\n' >>"$report"
}

# length_slopes NAME: adds, for each schedule, the least-squares slope of log excess against log T. The excess is the
# largest over the curvatures, at the stepsize where it is least.
length_slopes() {
  printf '\n| schedule | slope of log best excess against log T |\n|---|---|\n' >>"$report"
  "$rhosweep" analyze "$folder/$1.h5" --worst-over problem.curvature --format csv 2>/dev/null | LC_ALL=C awk -F, '
    NR == 1 { for (i = 1; i <= NF; ++i) column[$i] = i; next }
    $column["record"] == "summary" {
      s = $column["schedule"]; x = log($column["sgd.steps"]); y = log($column["best"])
      if (!(s in n)) order[++schedules] = s
      ++n[s]; sx[s] += x; sy[s] += y; sxx[s] += x * x; sxy[s] += x * y
    }
    END {
      for (i = 1; i <= schedules; ++i) {
        s = order[i]
        printf "| %s | %.3f |\n", s, (n[s] * sxy[s] - sx[s] * sy[s]) / (n[s] * sxx[s] - sx[s] * sx[s])
      }
    }' >>"$report"
}

cat >"$report" <<END
# What a misspecified learning rate costs: theory beside measurement

$("$rhosweep" --version | head -n 1), $(date -u +%F). How to read it: jobs/paper/README.md. In the tables
"cost at xR" is the error at a stepsize R times the tuned one over the error at the tuned one; the row
"theory" below it is the theory's bound at R times its tuned stepsize over its tuned bound.

## Theory of coarse grids
END
for schedule in constant inverse_sqrt linear "polynomial(2)" "polynomial(3)" cosine; do
  theory "$schedule" 6400
done

sweep exponents "Worst-case quadratics: the exponents" exponents.toml
tables exponents "${family[@]}"

sweep lipschitz "Worst-case Lipschitz functions: the exponents" lipschitz.toml
tables lipschitz --worst-over problem.slope

sweep sqrt_t "Worst-case quadratics: the tuned excess against the length of the run" sqrt_t.toml
length_slopes sqrt_t
tables sqrt_t "${family[@]}"

sweep floor_and_restarts "Worst-case quadratics: floors, cooldowns and restarts" floor_and_restarts.toml
tables floor_and_restarts "${family[@]}"

sweep coarse_grids "Synthetic logistic regression: the best of coarse grids" coarse_grids.toml
tables coarse_grids --ratios "$ratios"
tables coarse_grids --ratios "$ratios" --select-by train_loss --metric test_loss --tolerance 0.01,0.05 --resamples 499

sweep dog "Without tuning: DoG" baselines.toml
sweep prodigy "Without tuning: Prodigy" baselines.toml --set 'sgd.optimizer="prodigy"'
sweep schedule_free "Schedule-free SGD" schedule_free.toml
tables schedule_free
sweep logistic "Synthetic logistic regression, projected" logistic.toml
tables logistic --ratios "$ratios" --baseline "$folder/dog.h5" --baseline "$folder/prodigy.h5" \
  --baseline "$folder/schedule_free.h5"
sweep logistic_free "Synthetic logistic regression without projection" logistic.toml \
  --set problem.radius=0 --set problem.diameter=10
tables logistic_free

sweep breast_cancer "Real data: breast cancer" real_data.toml
tables breast_cancer
LC_ALL=C awk '{ $1 = $1 == 8 ? 1 : -1; print }' jobs/sweeps/data/digits.libsvm >"$folder/digit_8.libsvm"
sweep digit_8 "Real data: the digit 8 against the rest" real_data.toml \
  --set "problem.data=\"$(realpath "$folder")/digit_8.libsvm\""
tables digit_8

say "Report: $report"
