"""The same text gives the same reports, in the same words, however the interpreter happens to hash."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from real_flake8 import ROOT

# One process for each seed analyses all programs: flake8 itself would take most of the time.
_ANALYSE = """
import ast, sys
from pathlib import Path
from flake8_sharedstate.pipeline import analyse
from flake8_sharedstate.settings import Settings
for path in sorted(Path(sys.argv[1]).rglob("*.py")):
    text = path.read_text(encoding="utf-8")
    for report in analyse(ast.parse(text), text, str(path), Settings()):
        print(path, ascii(report))
"""
_SEEDS = ("0", "1", "2")


def test_hash_seeds_change_nothing(tmp_path: Path) -> None:
    processes = []
    for seed in _SEEDS:
        with (tmp_path / seed).open("w") as output:
            processes.append(
                subprocess.Popen(
                    [sys.executable, "-c", _ANALYSE, str(ROOT / "tests" / "fixtures")],
                    env={**os.environ, "PYTHONHASHSEED": seed},
                    stdout=output,
                )
            )
    assert [process.wait(timeout=120) for process in processes] == [0 for _ in _SEEDS]
    first, *others = ((tmp_path / seed).read_text().splitlines() for seed in _SEEDS)
    assert any("SHS101" in line for line in first)
    assert [other == first for other in others] == [True for _ in others]
