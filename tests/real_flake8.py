"""Runs the real flake8 with the plugin, in a process of its own as users do."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_FORMAT = "%(path)s\t%(row)d\t%(col)d\t%(code)s\t%(text)s"


@dataclass(frozen=True)
class Reported:
    """One line of flake8's output."""

    path: str
    line: int
    column: int
    code: str
    text: str


@dataclass(frozen=True)
class Run:
    """What a flake8 process left behind."""

    status: int
    stdout: str
    stderr: str

    @property
    def reports(self) -> list[Reported]:
        """The output as records, of a run whose output is reports and nothing else."""
        assert self.stderr == "", self.stderr
        records = [line.split("\t", maxsplit=4) for line in self.stdout.splitlines()]
        assert all(len(record) == 5 for record in records), self.stdout
        return [
            Reported(path, int(line), int(column), code, text) for path, line, column, code, text in records
        ]

    @property
    def codes(self) -> list[str]:
        """The codes reported, in order."""
        return [report.code for report in self.reports]


def flake8(*arguments: object, cwd: Path = ROOT, stdin: str | None = None) -> Run:
    """Run flake8 with an output that `Run.reports` can read."""
    return python("-m", "flake8", f"--format={_FORMAT}", *arguments, cwd=cwd, stdin=stdin)


def python(*arguments: object, cwd: Path = ROOT, stdin: str | None = None) -> Run:
    """Run this interpreter; two minutes are a hang."""
    process = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    return Run(process.returncode, process.stdout, process.stderr)
