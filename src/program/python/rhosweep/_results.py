"""Results files with their analyses, see rhosweep.open()."""

from ._program import analyze, as_arguments
from ._reading import open_dataset, require_modules

TABLES = ("curve", "cost_at", "grid", "random", "comparison", "advice", "left_out")
QUANTILES = (0, 25, 50, 75, 100)


def _flat(members):
    """Yields the columns of a JSON object: an interval becomes two columns, _low and _high, as in the CSV."""
    for name, value in members.items():
        if name == "ci" or name.endswith(("_ci", "_range")):
            of = "value" if name == "ci" else name[:-len("_ci")] if name.endswith("_ci") else name
            yield from zip((f"{of}_low", f"{of}_high"), value or (None, None))
        elif name == "quantiles":
            yield from zip((f"quantile_{share}" for share in QUANTILES), value or [None] * len(QUANTILES))
        elif isinstance(value, dict):
            yield from value.items()
        elif name not in TABLES:
            yield name, value


def _frame(rows):
    """Returns a data frame in which unknown or infinite numbers are NaN and missing texts are None."""
    import pandas
    frame = pandas.DataFrame(rows)
    for name in frame:
        if frame[name].dtype == object and not any(isinstance(value, (str, bool, list)) for value in frame[name]):
            frame[name] = frame[name].astype(float)
    return frame


class Analysis:
    """The output of `rhosweep analyze` for a results file, as pandas data frames. Their columns are the axes,
    `schedule` and the keys of the JSON document; an interval, such as best_ci, has the columns best_low and
    best_high. The page jobs/guide/reading.md explains every key. Unknown or infinite numbers are NaN.

    schedules   a row per axes point and schedule: best_stepsize, best, exponent, lr_sensitivity, …
    curve       a row for each rho: value, error_ratio, theory_ratio, …
    cost_at     a row for each factor by which rho differs from the tuned rho
    grid        a row for each ratio of a coarse grid: judged, worst, mean, …
    random      a row for each such ratio: the cost of random search with as many trials as the grid has points
    comparison  for each ratio, a schedule's worst cost divided by another schedule's
    advice      a row for each tolerance: ratio, advised, points_per_decade, …
    left_out    the values of rho that are left out, and why
    baselines   the results of baseline=FILE
    metric, statistic, warnings  the metric, the statistic and a list of warnings
    json        the whole JSON document
    """

    def __init__(self, document):
        self.json = document
        self.metric, self.statistic, self.warnings = (document[key] for key in ("metric", "statistic", "warnings"))
        groups = document["groups"]
        schedules = [({**group["axes"], "schedule": found["schedule"]}, group, found)
                     for group in groups for found in group["schedules"]]
        self.schedules = _frame([{**place, **{key: group["coverage"][key] for key in ("seeds", "of_seeds")},
                                  **dict(_flat(found))} for place, group, found in schedules])
        for table in TABLES:
            rows = [{**place, **dict(_flat(row))} for place, _, found in schedules for row in found[table]]
            setattr(self, table, _frame(rows))
        self.baselines = _frame([{**group["axes"], **dict(_flat(row))}
                                 for group in groups for row in group["baselines"]])

    def __repr__(self):
        return f"<analysis of {self.metric}, {self.statistic} over the seeds: {len(self.schedules)} schedules>"


class Results:
    """A results file.

    data  an xarray.Dataset with labelled dimensions (the axes, seed, schedule, rho, evaluation)
    run   the group /run as a Dataset: seconds, ranks, hosts, …
    path  the path of the file, as given to open()

    Values are read when they are used; close(), or `with`, closes the file.
    """

    def __init__(self, path):
        require_modules()
        self.path = path
        self.data = open_dataset(path)
        self._run = None

    @property
    def run(self):
        if self._run is None:
            self._run = open_dataset(self.path, "/run")
        return self._run

    def analysis(self, metric=None, **options):
        """Runs `rhosweep analyze` and returns its numbers as data frames. The options are those of the command:
        statistic="median", select_by="train_loss", worst_over="problem.l2", tolerance=[0.1, 0.5], ratios=[2, 10],
        window=[4, 100], resamples=0, baseline="other.h5". Raises RuntimeError with the program's message."""
        return Analysis(analyze(self.path, as_arguments({"metric": metric, **options})))

    def close(self):
        for dataset in (dataset for dataset in (self.data, self._run) if dataset is not None):
            dataset.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __repr__(self):
        return f"<results {self.path}: {dict(self.data.sizes)}>"
