"""Measure the CPU time that the plugin adds to bare flake8 on the same files, in one run.

    python bench/overhead.py [--runs N] [PATH ...]

Without a path: the standard library's top-level modules. The two kinds of run alternate, so that whatever
else the machine does meets both. Each is a fresh process with one job; its user and system time count, not
the time on the wall. The first round warms the file cache and is not counted.
"""

from __future__ import annotations

import argparse
import os
import queue
import socketserver
import statistics
import subprocess
import sys
import sysconfig
from pathlib import Path

# Bare flake8 is flake8 that does not find the plugin's distribution: it must not even be imported.
LAUNCHER = """
import importlib.metadata, sys
with_plugin = sys.argv.pop(1) == "with"
everything = importlib.metadata.distributions
def distributions(**given):
    return [d for d in everything(**given) if with_plugin or d.metadata["Name"] != "flake8-sharedstate"]
importlib.metadata.distributions = distributions
from flake8.main.cli import main
main()
"""


def cpu_seconds(kind: str, paths: list[str]) -> float:
    """Run flake8 on the paths and give the CPU time that it took."""
    options = ["--isolated", "--jobs=1", "--exit-zero", "--quiet"]
    command = [sys.executable, "-c", LAUNCHER, kind, *options, *paths]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    # wait4 gives the resources of this one child, whatever others there were.
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"flake8 {kind} the plugin ended with status {process.returncode}")
    return used.ru_utime + used.ru_stime


def measure(paths: list[str], runs: int, warm_up: bool) -> tuple[float, float]:
    """Give the median CPU time without and with the plugin."""
    rounds = [(cpu_seconds("without", paths), cpu_seconds("with", paths)) for _ in range(runs + warm_up)]
    without, with_plugin = zip(*rounds[warm_up:], strict=True)
    return statistics.median(without), statistics.median(with_plugin)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="counted rounds (default 5)")
    parser.add_argument("--smoke", action="store_true", help="one round over a few files: does it run at all")
    given = parser.parse_args()

    paths = given.paths or sorted(map(str, Path(sysconfig.get_path("stdlib")).glob("*.py")))
    runs = given.runs
    if given.smoke:
        # Files that load the engine, and one that does not.
        paths = [module.__file__ for module in (queue, socketserver, statistics)]
        runs = 1
    without, with_plugin = measure(paths, runs, warm_up=not given.smoke)

    print(f"CPU seconds, median of {runs}, {len(paths)} paths")
    print(f"{'bare flake8':<20}{without:>10.2f}")
    print(f"{'with the plugin':<20}{with_plugin:>10.2f}")
    print(f"{'added':<20}{with_plugin - without:>10.2f}{with_plugin / without:>9.3f}x")


if __name__ == "__main__":
    main()
