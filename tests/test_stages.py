"""The inner stages find in each program of fixtures/stages/ what its statements are marked with; flake8 is not run."""

from __future__ import annotations

from functools import cache

import pytest

from real_flake8 import ROOT
from stages import Analysed, Mark, analysed, read_stage_marks

FIXTURES = ROOT / "tests" / "fixtures" / "stages"
PROGRAMS = sorted(path.stem for path in FIXTURES.glob("*.py"))
MARKS = [
    (program, mark)
    for program in PROGRAMS
    for mark in read_stage_marks((FIXTURES / f"{program}.py").read_text(encoding="utf-8"))
]

# Marks that the stages do not meet yet, and what each needs.
OPEN: dict[str, str] = {}


def _name(program: str, mark: Mark) -> str:
    return f"{program}:{mark.line}:{mark.kind}"


@cache
def _analysed(program: str) -> Analysed:
    return analysed(FIXTURES / f"{program}.py")


@pytest.mark.parametrize(
    ("program", "mark"),
    [
        pytest.param(
            program,
            mark,
            id=_name(program, mark),
            marks=pytest.mark.xfail(reason=OPEN[_name(program, mark)], strict=True)
            if _name(program, mark) in OPEN
            else (),
        )
        for program, mark in MARKS
    ],
)
def test_mark(program: str, mark: Mark) -> None:
    assert _analysed(program).found(mark.line, mark.kind) == mark.words


def test_every_program_is_marked_and_open_marks_exist() -> None:
    assert {program for program, _ in MARKS} == set(PROGRAMS)
    assert set(OPEN) <= {_name(program, mark) for program, mark in MARKS}
