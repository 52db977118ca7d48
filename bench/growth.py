"""Measure how the time and the memory of the project pass grow with the size of the project, and plot both.

    python bench/growth.py [--runs N] [--plot FILE] [--smoke] [MODULES ...]

The projects are those of ``project.py``, with a thread for every fifty modules. Only one module is asked for:
flake8's own work on the others would hide the pass, which sees them all. What is told is user and system
time and peak memory, above those of bare flake8 on the same module; cold is without a cache, warm with one
that an earlier run has filled. The lines in the plot are fitted by least squares.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from project import make, run

SIZES = (100, 300, 1000, 3000, 5000)
_MODULES_A_ROOT = 50


@dataclass(frozen=True)
class Cost:
    """What a project of a size costs more than bare flake8: CPU seconds and MB by the way of running."""

    modules: int
    lines: int
    seconds: dict[str, float]
    memory: dict[str, float]


def measure(modules: int, runs: int) -> Cost:
    """Make a project and measure it; medians of so many rounds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, modules, max(1, modules // _MODULES_A_ROOT))
        files = sorted(folder.rglob("module_*.py"))
        lines = sum(path.read_text().count("\n") for path in files)
        asked = [str(files[0].relative_to(folder))]
        cache = folder / ".cache"
        ways = {"bare": ("without", None), "cold": ("with", None), "warm": ("with", cache)}
        run("with", folder, asked, cache)
        rounds = [
            {way: run(kind, folder, asked, kept) for way, (kind, kept) in ways.items()} for _ in range(runs)
        ]

    def above_bare(way: str, what: int) -> float:
        return statistics.median(r[way][what] - r["bare"][what] for r in rounds)

    above = [{way: above_bare(way, what) for way in ("cold", "warm")} for what in (0, 1)]
    return Cost(modules, lines, *above)


def table(costs: list[Cost]) -> str:
    """Give the costs as a table in Markdown, with what they are for a module."""
    rows = [
        "| modules | lines | cold s | ms a module | warm s | ms a module | cold MB | kB a module | warm MB |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for c in costs:
        cold, warm = (f"{c.seconds[way]:.2f} | {c.seconds[way] / c.modules * 1000:.2f}" for way in c.seconds)
        memory = (
            f"{c.memory['cold']:.0f} | {c.memory['cold'] / c.modules * 1000:.0f} | {c.memory['warm']:.0f}"
        )
        rows.append(f"| {c.modules:,} | {c.lines:,} | {cold} | {warm} | {memory} |")
    return "\n".join(rows)


def plot(costs: list[Cost], path: Path) -> None:
    """Draw time and memory against size."""
    # Late: a process that is started begins with the peak memory of the one that starts it.
    from matplotlib import rcParams
    from matplotlib.figure import Figure

    rcParams["svg.hashsalt"] = "growth"
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    sizes = [cost.modules for cost in costs]
    for axes, unit, kind in zip(figure.subplots(1, 2), ("CPU s", "MB"), ("seconds", "memory"), strict=True):
        for way in ("cold", "warm"):
            values = [getattr(cost, kind)[way] for cost in costs]
            slope, start = statistics.linear_regression(sizes, values)
            (line,) = axes.plot([0, sizes[-1]], [start, start + slope * sizes[-1]], linewidth=1)
            axes.plot(sizes, values, "o", color=line.get_color(), label=way)
        axes.set(xlabel="modules of some 300 lines", ylabel=f"{unit} more than bare flake8", xlim=0, ylim=0)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Measure the sizes, print the table, draw the plot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, metavar="MODULES", help="default: 100 to 5000")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="rounds (default 3)")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="default: growth.svg beside this script")
    parser.add_argument(
        "--smoke", action="store_true", help="tiny projects, plot thrown away: does it run at all"
    )
    given = parser.parse_args()
    if len(given.sizes) == 1:
        parser.error("growth takes two sizes")
    path = given.plot or Path(__file__).with_name("growth.svg")
    with tempfile.TemporaryDirectory() as scratch:
        if given.smoke:
            given.sizes, given.runs, path = [5, 10], 1, Path(scratch) / "growth.svg"
        costs = [measure(modules, given.runs) for modules in sorted(given.sizes or SIZES)]
        print(table(costs))
        plot(costs, path)


if __name__ == "__main__":
    main()
