"""The solver, on a problem small enough to solve by hand: which functions have surely been called."""

from __future__ import annotations

import ast
import textwrap

import pytest

from flake8_sharedstate.dataflow import Run, Solver, runs_of
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.lower import extract
from flake8_sharedstate.facts.model import Block, Instruction
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import Target
from flake8_sharedstate.program.objects import Clone, Module

Names = frozenset[str]


class Called:
    """``stop()`` never returns; ``NEVER`` is never true."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def join(self, first: Names, second: Names) -> Names:
        return first & second

    def step(self, run: Run, instruction: Instruction, state: Names) -> Names | None:
        name = self.called(run.clone, instruction)
        if name == "stop":
            return None
        return state | {name} if name in ("a", "b", "c") else state

    def branch(self, run: Run, block: Block, taken: bool, state: Names) -> Names | None:
        assert block.branch is not None
        definition = self.program.definitions(run.clone.function)[block.branch.condition]
        never = isinstance(definition, model.LoadGlobal) and definition.name == "NEVER"
        return None if never and taken else state

    def enter(self, run: Run, instruction: Instruction, target: Target, state: Names) -> Names:
        return state

    def leave(
        self, run: Run, instruction: Instruction, target: Target, state: Names, entered: Names, left: Names
    ) -> Names:
        return state | left

    def called(self, clone: Clone, instruction: Instruction) -> str:
        if not isinstance(instruction, model.Call):
            return ""
        definition = self.program.definitions(clone.function)[instruction.function]
        return definition.name if isinstance(definition, model.LoadGlobal) else ""


class Solved:
    """A program in which ``f`` is run, solved."""

    def __init__(self, text: str) -> None:
        facts = extract(ast.parse(textwrap.dedent(text)))
        self.program = Program([Module("__main__", "program.py", facts, 0, "")])
        self.problem = Called(self.program)
        self.solver: Solver[Names] = Solver(self.program, self.problem)
        (self.root,) = [c for c in self.program.clones if c.function.qualname == "f"]
        self.run = Run(self.root, 0)
        self.solver.feed(self.run, frozenset())
        self.solver.solve()

    def before(self, name: str) -> list[Names | None]:
        """Give the states before the calls of a function, in the order of the text."""
        return [
            self.solver.before(Run(clone, 0), i)
            for clone in sorted(runs_of(self.program, [self.root]), key=lambda clone: clone.number)
            for block in clone.function.blocks
            for i in block.instructions
            if self.problem.called(clone, i) == name
        ]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("here()\na()", ""),
        ("a()\nhere()", "a"),
        ("if x:\n    a()\nhere()", ""),
        ("if x:\n    a()\n    b()\nelse:\n    a()\nhere()", "a"),
        ("if x:\n    stop()\nelse:\n    a()\nhere()", "a"),
        ("if x:\n    return\na()\nhere()", "a"),
        ("if NEVER:\n    pass\nelse:\n    a()\nhere()", "a"),
        ("x and a()\nhere()", ""),
        ("a() and x\nhere()", "a"),
        ("while x:\n    a()\nhere()", ""),
        ("while a():\n    b()\nhere()", "a"),
        ("while True:\n    a()\n    if x:\n        break\nhere()", "a"),
        ("for i in x:\n    here()\n    a()", ""),
        ("try:\n    a()\n    b()\nexcept E:\n    here()", ""),
        ("a()\ntry:\n    b()\nexcept E:\n    here()", "a"),
        ("try:\n    a()\nfinally:\n    b()\nhere()", "ab"),
        ("try:\n    a()\nexcept E:\n    return\nhere()", "a"),
    ],
)
def test_state_before_a_call(statements: str, expected: str) -> None:
    solved = Solved("def f(x):\n" + textwrap.indent(statements, "    "))
    assert solved.before("here") == [frozenset(expected)]


@pytest.mark.parametrize(
    ("functions", "expected"),
    [
        ("def g():\n    a()\ndef f():\n    g()\n    here()", "a"),
        ("def g(x):\n    if x:\n        a()\ndef f():\n    g(1)\n    here()", ""),
        ("def g():\n    here()\ndef f():\n    a()\n    g()", "a"),
        ("def g():\n    here()\ndef f(x):\n    a()\n    while x:\n        g()\n        b()", "a"),
        ("def g(x):\n    if x:\n        a()\n        g(x)\ndef f():\n    b()\n    g(1)\n    here()", "b"),
        ("def g(x):\n    a()\n    x and h(x)\ndef h(x):\n    g(x)\ndef f():\n    h(1)\n    here()", "a"),
        ("def g():\n    a()\ndef h():\n    b()\n    a()\ndef f(x):\n    (g if x else h)()\n    here()", "a"),
        ("def g():\n    yield\n    a()\ndef f():\n    b()\n    g()\n    here()", "b"),
    ],
)
def test_state_across_calls(functions: str, expected: str) -> None:
    assert Solved(functions).before("here") == [frozenset(expected)]


@pytest.mark.parametrize(
    "functions",
    [
        "def f():\n    stop()\n    here()",
        "def f():\n    if NEVER:\n        here()",
        "def g():\n    stop()\ndef f():\n    g()\n    here()",
        "def g():\n    g()\ndef f():\n    g()\n    here()",
    ],
)
def test_no_state_where_no_path_leads(functions: str) -> None:
    assert Solved(functions).before("here") == [None]


def test_a_state_fed_later_is_joined() -> None:
    solved = Solved("def f():\n    b()\n    here()")
    solved.solver.feed(solved.run, frozenset("ac"))
    solved.solver.solve()
    assert solved.before("here") == [frozenset("b")]
    other = Run(solved.root, 1)
    solved.solver.feed(other, frozenset("ac"))
    solved.solver.solve()
    assert solved.solver.exit == {solved.run: frozenset("b"), other: frozenset("abc")}


def test_what_a_generator_yields_with_is_kept() -> None:
    solved = Solved("def f(x):\n    a()\n    if x:\n        b()\n        yield\n    yield\n    c()")
    assert solved.solver.at_yield[solved.run] == frozenset("a")
    assert solved.solver.exit[solved.run] == frozenset("ac")
