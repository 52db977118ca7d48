"""Measure what the project pass costs on projects of growing size, beside bare flake8 in the same run.

    python bench/project.py [--runs N] [--roots N] [MODULES ...]

The projects are made here: packages of modules of some 300 lines, each of which imports and uses a few
others, in layers as programs have them; some modules start a thread that works through others. User and
system time count, of a fresh process with one job, and the most memory that it held; cold is without a
cache, warm with one that an earlier run has filled. The last columns are what one file costs more.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from overhead import LAUNCHER

SIZES = (100, 300, 1000)
_IN_A_PACKAGE = 25

_FUNCTION = '''
def {name}(items, limit={limit}):
    """Work through items up to a limit."""
    total, kept = 0, []
    for position, item in enumerate(items):
        if position >= limit:
            break
        if isinstance(item, dict):
            total += len(item.get("values", ()))
        elif item is not None:
            kept.append(str(item).strip().lower())
    if not kept:
        return total, {{}}
    counts = {{}}
    for word in sorted(kept):
        counts[word] = counts.get(word, 0) + 1
    {call}
    return total, counts
'''

_CLASS = '''
class {name}:
    """Keeps what comes by, and says how much that was."""

    def __init__(self, label, size={limit}):
        self.label = label
        self.size = size
        self.entries = {{}}
        self.seen = 0

    def add(self, key, value):
        """Take an entry."""
        if len(self.entries) >= self.size:
            self.entries.clear()
        self.entries[key] = value
        self.seen += 1
        return self

    def summary(self):
        """Say what is there."""
        lines = [f"{{self.label}}: {{self.seen}}"]
        for key, value in sorted(self.entries.items()):
            lines.append(f"  {{key}} = {{value!r}}")
        {call}
        return "\\n".join(lines)
'''

_ROOT = '''
def work(store, items):
    """What the threads do."""
    for item in items:
        store.add(item, len(str(item)))
    {call}


def start_all(batches):
    """Give every batch a thread."""
    store = {store}("shared")
    threads = [threading.Thread(target=work, args=(store, batch)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return store.summary()
'''


def make(folder: Path, modules: int, roots: int) -> None:
    """Write a project of so many modules, of which some start threads."""
    chance = random.Random(modules)
    (folder / "pyproject.toml").touch()
    starting = set(range(modules // 2, modules, max(1, modules // 2 // roots)))
    for number in range(modules):
        path = folder / _package(number) / f"module_{number}.py"
        path.parent.mkdir(exist_ok=True)
        (path.parent / "__init__.py").touch()
        # A module uses others of its own package, and some that lie deeper.
        near = range(number - number % _IN_A_PACKAGE, number)
        used = set(chance.sample(near, min(3, len(near))))
        used.update(chance.randrange(number) for _ in range(2 if number else 0))
        path.write_text(_module(number, sorted(used), number in starting, chance))


def _package(number: int) -> str:
    return f"package_{number // _IN_A_PACKAGE}"


def _module(number: int, used: list[int], starts: bool, chance: random.Random) -> str:
    lines = [f'"""Module {number}."""', "", *(["import threading", ""] if starts else [])]
    for other in used:
        lines.append(f"from {_package(other)} import module_{other}")
    pieces = []
    calls = [f"module_{o}.step_{chance.randrange(4)}(items)" for o in used]
    kinds = [f"module_{o}.Store{o}_{chance.randrange(3)}(self.label).summary()" for o in used]
    for index in range(10):
        call = f"total += {chance.choice(calls)}[0]" if calls and index % 2 else "total += len(counts)"
        pieces.append(_FUNCTION.format(name=f"step_{index}", limit=chance.randrange(10, 99), call=call))
    for index in range(4):
        call = f"lines.append({chance.choice(kinds)})" if kinds and index % 2 else "lines.append(self.label)"
        pieces.append(_CLASS.format(name=f"Store{number}_{index}", limit=chance.randrange(10, 99), call=call))
    if starts and used:
        store = f"module_{used[0]}.Store{used[0]}_0"
        pieces.append(_ROOT.format(call=chance.choice(calls), store=store))
    return "\n".join([*lines, ""]) + "\n".join(pieces)


def run(kind: str, folder: Path, paths: list[str], cache: Path | None) -> tuple[float, float]:
    """Run flake8 in a project, and give its CPU seconds and the most memory it held, in MB."""
    options = ["--isolated", "--jobs=1", "--exit-zero", "--quiet"]
    if kind == "with":
        options.append(f"--sharedstate-cache-dir={cache}" if cache else "--sharedstate-no-cache")
    command = [sys.executable, "-c", LAUNCHER, kind, *options, *paths]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"flake8 {kind} the plugin ended with status {process.returncode}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    """Make projects, measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, metavar="MODULES", help="default: 100 300 1000")
    parser.add_argument("--roots", type=int, default=20, metavar="N", help="thread roots (default 20)")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="rounds (default 3)")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="only write the first project there")
    given = parser.parse_args()
    sizes = given.sizes or SIZES
    if given.into is not None:
        given.into.mkdir(parents=True)
        make(given.into, sizes[0], given.roots)
        return
    print("  modules    lines   bare s   cold s    ratio   warm s    ratio  MB more  one more  (warm)")
    for modules in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            make(folder, modules, given.roots)
            files = sorted(folder.rglob("module_*.py"))
            lines = sum(path.read_text().count("\n") for path in files)
            one = str(files[0].relative_to(folder))
            cache = folder / ".cache"
            ways = [("without", None), ("with", None), ("with", cache)]
            kinds = [(kind, paths, kept) for paths in (["."], [one]) for kind, kept in ways]
            run("with", folder, [one], cache)
            rounds = [[run(kind, folder, *given_so) for kind, *given_so in kinds] for _ in range(given.runs)]
        seconds = [statistics.median(r[i][0] for r in rounds) for i in range(6)]
        (bare, cold, warm), (bare_one, *one_more) = seconds[:3], seconds[3:]
        more = statistics.median(r[1][1] - r[0][1] for r in rounds)
        whole = "".join(f"{way:>9.2f}{way / bare:>8.3f}x" for way in (cold, warm))
        alone = "".join(f"{way - bare_one:>9.2f}" for way in one_more)
        print(f"{modules:>9}{lines:>9}{bare:>9.2f}{whole}{more:>9.0f}{alone}", flush=True)


if __name__ == "__main__":
    main()
