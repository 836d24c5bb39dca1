#!/usr/bin/env bash
# Prints the three numbers of jobs/guide/reading.md with ncdump and awk: with_ncdump.sh FILE
set -euo pipefail
export LC_ALL=C # numbers have decimal points, whatever the locale

# Values are in row-major order: the first axes point comes first, with the dimensions seed, schedule, rho.
ncdump -p 9,17 -v rho,schedule,seed,stepsize,final_train_loss,status "$1" | tr -d '\n' | tr ';' '\n' | awk '
  function trim(text) { gsub(/^[ \t]+|[ \t]+$/, "", text); return text }
  # name = value, value, …
  /=/ { at = index($0, "="); name = trim(substr($0, 1, at - 1)); sub(/^.*[ :]/, "", name)
        text[name] = trim(substr($0, at + 1)) }
  END {
    rhos = split(text["rho"], rho, ", *")
    seeds = split(text["seed"], seed, ", *")
    split(text["stepsize"], stepsize, ", *")
    split(text["final_train_loss"], loss, ", *")
    cells = split(text["status"], status, ", *")
    # Names of schedules may contain commas, so the list is split at the quotes.
    schedules = split(text["schedule"], part, "\"")
    for (i = 2; i <= schedules; i += 2) { ++names; if (part[i] == "cosine") cosine = names - 1 }
    for (r = 1; r <= rhos; ++r) {
      sum = 0; missing = 0
      for (s = 0; s < seeds; ++s) {
        value = loss[(s * names + cosine) * rhos + r]
        if (value == "_" || value ~ /NaN/) missing = 1
        sum += value ~ /Inf/ ? 1e300 * 1e300 : value
      }
      if (missing) continue
      if (best == "" || sum < least) { best = r; least = sum }
      if (rho[r] == 1) mean = sum / seeds
    }
    for (i = 1; i <= cells; ++i) diverged += status[i] == 2
    printf "best stepsize of cosine: %.6g\n", stepsize[cosine * rhos + best]
    printf "mean final loss at rho = 1: %.6g\n", mean
    printf "diverged cells: %d\n", diverged
  }'
