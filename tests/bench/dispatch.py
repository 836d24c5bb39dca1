"""Measures the cost of distributing blocks to ranks: prints tables of bench_dispatch, from its runs under mpirun and
from its simulation.

Usage: dispatch.py [--build FOLDER]
"""

from measure import REPEATS, Bench, parser, table


def middle(runs, key):
    return sorted(run[key] for run in runs)[len(runs) // 2]


def main():
    bench = Bench(parser(__doc__).parse_args().build)
    rows = []
    for ranks, blocks in ((2, 200_000), (8, 100_000), (64, 20_000)):
        runs = [bench.program("bench_dispatch", "empty", blocks, ranks=ranks)[0] for _ in range(REPEATS)]
        rows.append([ranks, blocks, *(middle(runs, key) for key in ("us_per_block", "receive_us", "send_us", "latency_us"))])
    table("The master's cost per block, empty work (goal: at most 3 us at 8 ranks on 2 cores)",
          ["ranks", "blocks", "us per block", "of rank 0 to take a message, us", "to send one, us", "latency, us"], rows)
    runs = [bench.program("bench_dispatch", "working", 1000, ranks=2)[0] for _ in range(REPEATS)]
    table("A worker beside a master that computes: blocks of 2 ms, the master's of 20 ms with a yield every 0.2 ms",
          ["mean wait between blocks, us", "longest wait, us", "blocks done by rank 0 of 1000"],
          [[middle(runs, "mean_wait_us"), middle(runs, "longest_wait_us"), middle(runs, "by_rank_0")]])
    rows = [[run["workers"], run["blocks"], run["answer_us"], run["longest_first_ahead"], run["longest_first"],
             run["ahead"], run["neither"]] for run in bench.program("bench_dispatch", "makespan")]
    table("Makespan over the ideal, blocks of 1 to 55 ms, simulated with the real master",
          ["workers", "blocks", "answer takes, us", "longest first, one ahead", "longest first", "one ahead", "neither"],
          rows)


if __name__ == "__main__":
    main()
