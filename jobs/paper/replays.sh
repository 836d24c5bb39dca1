#!/usr/bin/env bash
# Runs the sweeps of jobs on all cores, replays a search for the best stepsizes and early stops ([stop_when]) on each, and
# prints a table of each in Markdown:
#     jobs/paper/replays.sh [-o FOLDER] [--set KEY=VALUE]...
# The results files go to FOLDER (default: build/replays). --set applies to every sweep, but sgd.steps not to sqrt_t, which
# varies it. Learning curves have 8 points. Those of the large families have one, so the table of early stops lacks them.
here=$PWD
source "$(dirname "${BASH_SOURCE[0]}")/../setup.sh"

folder=build/replays
overrides=()
while [ $# -gt 0 ]; do
  case $1 in
    -o) folder=$(cd "$here" && realpath -m "$2") && shift 2 ;;
    --set) overrides+=("--set=$2") && shift 2 ;;
    *) echo "usage: replays.sh [-o FOLDER] [--set KEY=VALUE]..." >&2 && exit 2 ;;
  esac
done

provide_rhosweep
allow_mpi_as_root
mkdir -p "$folder"

# replay NAME FILE [--set KEY=VALUE]...: runs a sweep, prints its row of the table of searches, and adds its row of the
# table of early stops to the file stops.
replay() {
  local name=$1 file=$2 own=() each
  shift 2
  for each in "${overrides[@]}"; do
    [[ $name = sqrt_t && $each = --set=sgd.steps=* ]] || own+=("$each")
  done
  mpirun --use-hwthread-cpus -n "$(nproc)" "$rhosweep" run "jobs/$file" -o "$folder/$name.h5" --overwrite --quiet \
    --set sgd.evaluations=8 "$@" "${own[@]}" >/dev/null
  "$rhosweep" analyze "$folder/$name.h5" --replay --format json | python3 -c '
import json, sys

found = json.load(sys.stdin)
share = lambda x: "diverged" if x is None else f"{100 * x:.2g} %" if x < 1 else f"{100 * x:.0f} %"
row = lambda *cells: "| " + " | ".join(cells) + " |"
print(row(sys.argv[1], str(found["of_cells"]), str(found["cells"]), share(found["cells"] / found["of_cells"]),
          *(share(found[f"{name}_regret"]) for name in ("mean", "worst", "random", "halving"))))
if found["stop_when"]:
    stops = open(sys.argv[2], "a")
    print(row(sys.argv[1], *(share(each[name]) for each in found["stop_when"]
                             for name in ("saved_share", "mean_regret", "worst_regret"))), file=stops)
' "$name" "$folder/stops"
}

rm -f "$folder/stops"
echo '| sweep | cells | the search runs | share | mean regret | worst regret | random search | successive halving |'
echo '|---|---|---|---|---|---|---|---|'
for name in quickstart breast_cancer digits digits_softmax digits_mlp; do
  replay "$name" "sweeps/$name.toml"
done
replay logistic paper/logistic.toml
replay logistic_free paper/logistic.toml --set problem.radius=0 --set problem.diameter=10
replay coarse_grids paper/coarse_grids.toml
replay schedule_free paper/schedule_free.toml
replay real_data paper/real_data.toml
LC_ALL=C awk '{ $1 = $1 == 8 ? 1 : -1; print }' jobs/sweeps/data/digits.libsvm >"$folder/digit_8.libsvm"
replay digit_8 paper/real_data.toml --set "problem.data=\"$(realpath "$folder")/digit_8.libsvm\""
replay worst_case sweeps/worst_case.toml
for name in exponents lipschitz sqrt_t floor_and_restarts; do
  replay "$name" "paper/$name.toml" --set sgd.evaluations=1
done

echo
echo '| sweep | saved, x2 | mean | worst | saved, x5 | mean | worst | saved, x10 | mean | worst |'
echo '|---|---|---|---|---|---|---|---|---|---|'
cat "$folder/stops"
