"""Every program in fixtures/ gets from the real flake8 the reports that its own lines expect."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from marks import read_marks
from real_flake8 import ROOT, Reported, flake8

FIXTURES = ROOT / "tests" / "fixtures"
# Programs of several modules have a test of their own.
PROGRAMS = sorted(
    str(path.relative_to(FIXTURES))
    for path in FIXTURES.rglob("*.py")
    if path.relative_to(FIXTURES).parts[0] != "project"
)


def _open() -> dict[str, str]:
    """Read which programs do not come out right yet, and what each needs."""
    lines = (FIXTURES / "open.txt").read_text(encoding="utf-8").splitlines()
    entries = (line.partition(" ") for line in lines if line and not line.startswith("#"))
    return {program: need.strip() for program, _, need in entries}


OPEN = _open()


@pytest.fixture(scope="session")
def reports() -> dict[str, list[Reported]]:
    """Run flake8 once over all programs. One that does not parse is an E999 that nothing expects."""
    of_program = defaultdict(list)
    # The programs whose names begin so are what a user says threads run.
    assumed = "--sharedstate-assume-threads=assumed_*"
    options = ("--isolated", "--select=SHS,E9", "--sharedstate-project-root=off", assumed)
    for report in flake8(*options, FIXTURES).reports:
        of_program[str(Path(report.path).relative_to(FIXTURES))].append(report)
    return of_program


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(program, marks=pytest.mark.xfail(reason=OPEN[program]) if program in OPEN else ())
        for program in PROGRAMS
    ],
)
def test_program(program: str, reports: dict[str, list[Reported]]) -> None:
    text = (FIXTURES / program).read_text(encoding="utf-8")
    got = reports[program]
    disagreements = read_marks(text).disagreements({(report.line, report.code) for report in got})
    said = [f"  {report.line}:{report.column}: {report.code} {report.text}" for report in got]
    assert not disagreements, "\n".join([program, *disagreements, "reported:", *(said or ["  nothing"])])
    assert [report for report, times in Counter(got).items() if times > 1] == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_name_says_what_the_marks_say(program: str) -> None:
    marks = read_marks((FIXTURES / program).read_text(encoding="utf-8"))
    stem = Path(program).stem
    if stem.endswith("_racy"):
        assert marks.expected or marks.one_of
    elif stem.endswith("_safe"):
        assert not marks.expected
        assert not marks.one_of


def test_open_programs_exist() -> None:
    assert set(OPEN) <= set(PROGRAMS)
