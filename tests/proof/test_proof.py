"""Every driver shows what its fixture says: a racy one breaks under some schedule, a safe one under none."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from conftest import Tried
from explorer import FIXTURES, Driver, prove, undisturbed
from marks import read_marks

TOPICS = [importlib.import_module(path.stem) for path in sorted(Path(__file__).parent.glob("drivers_*.py"))]
DRIVERS: dict[str, Driver] = {
    program: driver for topic in TOPICS for program, driver in topic.DRIVERS.items()
}


def is_racy(program: str) -> bool:
    """Whether anything is expected on the fixture's lines: no driver can say otherwise."""
    marks = read_marks((FIXTURES / f"{program}.py").read_text(encoding="utf-8"))
    return bool(marks.expected or marks.one_of)


@pytest.mark.parametrize("program", DRIVERS)
def test_program(program: str, tried: Tried) -> None:
    driver, racy = DRIVERS[program], is_racy(program)
    runs = list(undisturbed(program, driver))
    assert any(held for _, held, _ in runs)
    assert [order for order, held, waited in runs if not held and not waited] == []
    proof = prove(program, driver, racy)
    tried.add("racy" if racy else "safe", proof.schedules)
    if racy:
        assert proof.broken, f"held in {proof.schedules} schedules"
    else:
        assert not proof.broken, proof.broken


def test_enough_is_proved() -> None:
    assert sum(len(topic.DRIVERS) for topic in TOPICS) == len(DRIVERS) >= 120
    racy = sum(map(is_racy, DRIVERS))
    assert min(racy, len(DRIVERS) - racy) >= 50
