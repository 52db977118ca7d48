"""The inner stages find in the programs of fixtures/stages/ what the marks there say; flake8 is not run."""

from __future__ import annotations

from functools import cache
from itertools import combinations

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
LABELLED = sorted({program for program, mark in MARKS if mark.kind == "same-lock"})

# Marks that the stages do not meet yet, and what each needs.
OPEN = {
    "module_users:27:threads": "a public function that the module body calls is run by its users too",
    "no_locks:39:threads": "a public coroutine function that nothing in sight awaits",
}


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
        if mark.kind != "same-lock"
    ],
)
def test_mark(program: str, mark: Mark) -> None:
    assert _analysed(program).found(mark.line, mark.kind) == mark.words


@pytest.mark.parametrize("program", LABELLED)
def test_same_lock(program: str) -> None:
    labelled = [mark for name, mark in MARKS if name == program and mark.kind == "same-lock"]
    held = {mark: _analysed(program).lock_objects(mark.line) for mark in labelled}
    for first, second in combinations(labelled, 2):
        expected = not set(first.words).isdisjoint(second.words)
        assert (not held[first].isdisjoint(held[second])) is expected, (first, second)


@pytest.mark.parametrize("comment", ["# hold: lock", "# threads main", "# points to: A", "# same-lock"])
def test_a_comment_that_is_nearly_a_mark_is_refused(comment: str) -> None:
    with pytest.raises(ValueError, match="line 1: cannot read the mark"):
        read_stage_marks(f"a = 1  {comment}\n")


def test_every_program_is_marked_and_open_marks_exist() -> None:
    assert {program for program, _ in MARKS} == set(PROGRAMS)
    assert set(OPEN) <= {_name(program, mark) for program, mark in MARKS}
