#!/usr/bin/env bash
# Prints the three numbers of jobs/guide/reading.md with NCO: with_nco.sh FILE
set -euo pipefail
export LC_ALL=C # numbers have decimal points, whatever the locale
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# values FILE VARIABLE [FORMAT]: prints one value per line. Stops before the variable of the same name in /run, which
# NCO prints next.
values() { ncks -H -C -s "${3:-%.17g}\n" -v "/$2" "$1" 2>/dev/null | awk '!NF { ended = 1 } !ended'; }

cosine=$(ncks -H -C -v /schedule "$1" | awk -F'"' '!found && / = "/ { for (i = 2; i <= NF; i += 2) if ($i == "cosine") print i / 2 - 1; found = 1 }')
# The axes come before seed, schedule and rho. Reads the first axes point.
first=()
for axis in $(ncdump -h "$1" | sed -n 's/^\tubyte status(\(.*\), seed, schedule, rho) ;/\1/p' | tr -d ','); do
  first+=(-d "$axis,0")
done
# NCO warns about string variables.
ncks -C -d "schedule,$cosine" "${first[@]}" -v /final_train_loss,/stepsize,/rho "$1" "$folder/cosine.nc" 2>/dev/null
ncwa -a seed "$folder/cosine.nc" "$folder/mean.nc" 2>/dev/null
paste <(values "$folder/mean.nc" rho) <(values "$folder/mean.nc" stepsize) <(values "$folder/mean.nc" final_train_loss) | awk '
  NR == 1 || $3 < least { least = $3; best = $2 }
  $1 == 1 { mean = $3 }
  END { printf "best stepsize of cosine: %.6g\nmean final loss at rho = 1: %.6g\n", best, mean }'
ncap2 -v -s 'diverged=(status==2).total()' "$1" "$folder/diverged.nc" 2>/dev/null
printf 'diverged cells: %s\n' "$(values "$folder/diverged.nc" diverged %d)"
