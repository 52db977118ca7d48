"""Two values have one path where nothing can lie between them but the same way from the same root."""

from __future__ import annotations

import ast

import pytest

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.lower import extract
from flake8_sharedstate.facts.model import Function, Value
from flake8_sharedstate.facts.paths import Path, Paths


def compared(before: str, *expressions: str) -> tuple[Function, list[Value]]:
    """Give the values of expressions behind some statements of ``f(self, other, k)``."""
    text = f"def f(self, other, k):\n    {before or 'pass'}\n    return ({', '.join(expressions)},)"
    function = extract(ast.parse(text)).functions[1]
    instructions = [i for block in function.blocks for i in block.instructions]
    (returned,) = [i for i in instructions if isinstance(i, model.Return)]
    display = Paths(function).definitions[returned.src]
    assert isinstance(display, model.Build)
    return function, [value for _, value, _ in display.items]


def path(before: str, expression: str) -> Path:
    function, (value,) = compared(before, expression)
    return Paths(function).of(value)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("self", (("value", 0),)),
        ("self._lock", (("value", 0), ("attribute", "_lock"))),
        ("k.a.b", (("value", 2), ("attribute", "a"), ("attribute", "b"))),
        ("LOCKS", (("global", "LOCKS"),)),
        ("mod.lock", (("global", "mod"), ("attribute", "lock"))),
        ("self.locks['a']", (("value", 0), ("attribute", "locks"), ("item", (("literal", "'a'"),)))),
        ("self.locks[k]", (("value", 0), ("attribute", "locks"), ("item", (("value", 2),)))),
        (
            "self.locks[k, 0]",
            (
                ("value", 0),
                ("attribute", "locks"),
                ("item", (("computed", ("tuple", (("value", 2),), (("literal", "0"),))),)),
            ),
        ),
    ],
)
def test_path(expression: str, expected: Path) -> None:
    assert path("", expression) == expected


def test_a_variable_of_an_outer_function_is_a_cell_of_its_frame() -> None:
    facts = extract(ast.parse("def f():\n    lock = 1\n    def g():\n        return lock.inner"))
    inner = facts.functions[2]
    (returned,) = [i for b in inner.blocks for i in b.instructions if isinstance(i, model.Return)]
    assert Paths(inner).of(returned.src) == (("cell", (1, "lock")), ("attribute", "inner"))


@pytest.mark.parametrize(
    ("before", "first", "second", "same"),
    [
        ("", "self._lock", "self._lock", True),
        ("", "self._lock", "other._lock", False),
        ("", "self._lock", "self._mutex", False),
        ("lock = self._lock", "lock", "self._lock", True),
        ("me = self", "me._lock", "self._lock", True),
        ("lock = self._lock if k else other._lock", "lock", "self._lock", False),
        ("", "self.locks[k]", "self.locks[k]", True),
        ("", "self.locks[k]", "self.locks[other]", False),
        ("", "self.locks[0]", "self.locks[1]", False),
        ("", "self.locks[k.id]", "self.locks[k.id]", True),
        ("", "self.locks[k + 1]", "self.locks[k + 1]", True),
        ("", "self.locks[k + 1]", "self.locks[k + 2]", False),
        ("", "self.locks[k.next()]", "self.locks[k.next()]", False),
        ("key = k + 1", "self.locks[key]", "self.locks[key]", True),
        ("", "self.make()", "self.make()", False),
        ("made = self.make()", "made.lock", "made.lock", True),
        ("", "getattr(self, '_lock')", "self._lock", True),
    ],
)
def test_same_path(before: str, first: str, second: str, same: bool) -> None:
    function, (one, another) = compared(before, first, second)
    paths = Paths(function)
    assert (paths.of(one) == paths.of(another)) is same


def test_an_endless_way_ends() -> None:
    """What is deeper than any lock is a root of its own, the same for the same value only."""
    deep = "self" + ".next" * 30
    function, (one, another) = compared(f"v = {deep}", "v", deep)
    paths = Paths(function)
    assert len(paths.of(one)) < 30
    assert paths.of(one) == paths.of(one)
    assert paths.of(one) != paths.of(another)
