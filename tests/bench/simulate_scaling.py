"""How many ranks a master can serve, simulated with the master itself, and how far real runs are from the simulation.

Usage: simulate_scaling.py [--build FOLDER] [--check] [--costs RECEIVE SEND LATENCY] [--between-yields US] [--blocks N] [--ranks
N]...
  without --check   tables of utilisation from 10 to 100,000 ranks (a minute); --costs are those of messages in us, as
                    tests/bench/dispatch.py measures them on the machine in question [0.5 0.5 50]
  --check           measures the costs here and compares real runs of sleeping blocks with the simulation
"""

from measure import REPEATS, Bench, parser, table

CASES = {"equal": "equal blocks", "uneven": "uneven blocks, the longest 50 times the shortest",
         "slow": "equal blocks, every tenth rank at half the speed"}


def middle(runs, key):
    return sorted(run[key] for run in runs)[len(runs) // 2]


def duration(seconds):
    return f"{1e3 * seconds:g} ms" if seconds < 1 else f"{seconds:g} s" if seconds < 60 else f"{seconds / 60:g} min" if seconds < 3600 else \
        f"{seconds / 3600:g} h"


def print_tables(bench, costs, between_yields, blocks, only):
    rows = bench.program("bench_simulate_scaling", "table", *costs, between_yields, blocks)
    ranks = sorted({row["ranks"] for row in rows})
    blocks_s = sorted({row["block_s"] for row in rows})
    cell = {(row["case"], row["master"], row["ranks"], row["block_s"]): row for row in rows}

    def share(key, *place):
        return f"{100 * cell[place][key]:.1f} %"

    assumed = (f"{blocks} blocks per rank; a message costs rank 0 {costs[0]:g} us to take and {costs[1]:g} us to send, "
               f"and arrives after {costs[2]:g} us; a working rank 0 serves every {between_yields:g} us")
    for n in only or ():
        table(f"{n:,d} ranks: share of their time in blocks ({assumed})",
              ["mean block", *(f"{case}, {master}" for case in CASES for master in ("working", "dedicated")),
               "dedicated master busy (equal)"],
              [[duration(s), *(share("utilisation", case, master, n, s)
                               for case in CASES for master in ("working", "dedicated")),
                share("master_share", "equal", "dedicated", n, s)] for s in blocks_s])
    if only:
        return
    print(assumed)
    for case, title in CASES.items():
        for master in ("working", "dedicated"):
            table(f"{title}, {master} master: share of the ranks' time in blocks (makespan over the ideal)",
                  ["mean block", *(f"{n:,d} ranks" for n in ranks)],
                  [[duration(s), *(f"{share('utilisation', case, master, n, s)} "
                                   f"({cell[case, master, n, s]['over_ideal']:.3f})" for n in ranks)] for s in blocks_s])
    table("The limit: a dedicated master is busy all the time when blocks last ranks x (take + send)",
          ["ranks", "such a block", "shortest block of the tables with 95 % in blocks: working", "dedicated"],
          [[n, f"{1e-3 * (costs[0] + costs[1]) * n:g} ms", *(
              next((duration(s) for s in blocks_s if cell["equal", master, n, s]["utilisation"] >= 0.95), "none")
              for master in ("working", "dedicated"))] for n in ranks])


def check(bench):
    costs = {}
    for ranks in (2, 8, 64):
        runs = [bench.program("bench_dispatch", "empty", 20_000, ranks=ranks)[0] for _ in range(REPEATS)]
        costs[ranks] = [middle(runs, key) for key in ("receive_us", "send_us", "latency_us")]
    table("What messages cost here (more ranks than cores wait for each other: their latency is the scheduler's)",
          ["ranks", "take, us", "send, us", "latency, us"], [[ranks, *cost] for ranks, cost in costs.items()])
    rows = []
    for ranks in (2, 4, 16, 64):
        for master in ("working", "dedicated"):
            runs = [bench.program("bench_simulate_scaling", "real", 40 * ranks, 0.02, 20, master, *costs[2], ranks=ranks)[0]
                    for _ in range(REPEATS)]
            rows.append([ranks, master, middle(runs, "measured_s"), middle(runs, "predicted_s"), middle(runs, "ideal_s"),
                         *(f"{100 * error:+.1f} %" for error in (
                             middle(runs, "error"), max((run["error"] for run in runs), key=abs)))])
    table("Makespan, seconds: 40 blocks per rank that sleep 20 ms in the mean, the longest 20 times the shortest",
          ["ranks", "master", "measured", "predicted", "ideal", "error, median", "error, worst of 5"], rows)


def main():
    options = parser(__doc__.splitlines()[0])
    options.add_argument("--check", action="store_true")
    options.add_argument("--costs", type=float, nargs=3, default=[0.5, 0.5, 50.0], metavar=("RECEIVE", "SEND", "LATENCY"))
    options.add_argument("--between-yields", type=float, default=1000.0)
    options.add_argument("--blocks", type=int, default=40, help="per rank")
    options.add_argument("--ranks", type=int, action="append", choices=[10, 100, 1000, 10_000, 100_000],
                         help="one table for this number of ranks")
    chosen = options.parse_args()
    bench = Bench(chosen.build)
    if chosen.check:
        check(bench)
    else:
        print_tables(bench, chosen.costs, chosen.between_yields, chosen.blocks, chosen.ranks)


if __name__ == "__main__":
    main()
