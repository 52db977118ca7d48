"""What comparing accesses costs: those that are alike are compared once."""

from __future__ import annotations

import ast

import pytest

from flake8_sharedstate.pipeline import analyse
from flake8_sharedstate.races.conflicts import Conflicts
from flake8_sharedstate.settings import Settings

CLASS = """\
import threading

class Ledger:
    def __init__(self):
        self._lock = threading.Lock()
        self.total = 0
"""
LOCKED = """
    def add_{0}(self):
        with self._lock:
            self.total += {0}
"""
OPEN = """
    def set_{0}(self):
        self.total += {0}
"""


def compared(text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, list[int]]:
    """Give how many accesses were compared, and the lines of the reports."""
    count = 0
    conflict = Conflicts._conflict

    def counted(*given: object) -> bool:
        nonlocal count
        count += 1
        return conflict(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Conflicts, "_conflict", counted)
        reports = analyse(ast.parse(text), text, "ledger.py", Settings())
    return count, [report.line for report in reports]


def test_a_class_of_many_methods(monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = (CLASS + "".join(LOCKED.format(number) for number in range(methods)) for methods in (10, 200))
    assert compared(few, monkeypatch)[1] == []
    count, lines = compared(many, monkeypatch)
    assert lines == []
    # Each with itself, and each kind with each.
    assert count < 2 * 200 + 10


def test_the_odd_one_out(monkeypatch: pytest.MonkeyPatch) -> None:
    locked = "".join(LOCKED.format(number) for number in range(100))
    text = CLASS + locked + OPEN.format(1) + locked.replace("add", "more") + OPEN.format(2)
    count, lines = compared(text, monkeypatch)
    assert [text.splitlines()[line - 1].strip() for line in lines] == ["self.total += 1", "self.total += 2"]
    assert count < 2 * 202 + 20
