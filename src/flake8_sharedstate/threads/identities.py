"""Conditions that tell who runs: the main thread, or the only thread of a forked child (catalogue 2.4)."""

from __future__ import annotations

from collections.abc import Callable

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Value
from flake8_sharedstate.libraries.vocabulary import Identify, Identity
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.objects import Clone, ProcessObject

_MAX_CALLS = 2
_EQUAL, _UNEQUAL = ("Is", "Eq"), ("IsNot", "NotEq")


class Identities:
    """Answers what values and conditions tell of the running thread and process."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def tests_main(self, clone: Clone, condition: Value) -> bool | None:
        """Whether a condition is true (or, False, is not) in the main thread only; None for any other."""
        return self._compares(
            clone,
            condition,
            lambda where, first, second: (
                {self.identified(where, first), self.identified(where, second)}
                == {Identity.MAIN, Identity.RUNNING}
            ),
        )

    def tests_fork(self, clone: Clone, condition: Value) -> bool | None:
        """Whether a condition is true (or, False, is not) in a forked child only; None for any other.

        It is where the running process is compared with what never was anything but the number of
        the process that ran: only a fork makes them differ.
        """
        same = self._compares(
            clone,
            condition,
            lambda where, first, second: any(
                self.identified(where, one) is Identity.PROCESS and self.is_process(where, other)
                for one, other in ((first, second), (second, first))
            ),
        )
        return None if same is None else not same

    def _compares(
        self, clone: Clone, condition: Value, told: Callable[[Clone, Value, Value], bool], depth: int = 0
    ) -> bool | None:
        """Whether a condition tells two such values to be equal (or, False, to differ)."""
        definition = self.program.definitions(clone.function)[condition]
        if isinstance(definition, model.Call) and depth < _MAX_CALLS:
            # ``if self.is_forked():`` asks a function the same.
            asked = {
                self._compares(target.clone, i.src, told, depth + 1)
                for target in self.program.targets.get((clone.number, id(definition)), ())
                for block in target.clone.function.blocks
                for i in block.instructions
                if isinstance(i, model.Return)
            }
            return asked.pop() if len(asked) == 1 else None
        if not isinstance(definition, model.Compute):
            return None
        if definition.op == "Not":
            inner = self._compares(clone, definition.operands[0], told, depth)
            return None if inner is None else not inner
        if definition.op not in (*_EQUAL, *_UNEQUAL) or len(definition.operands) != 2:
            return None
        return definition.op in _EQUAL if told(clone, *definition.operands) else None

    def identified(self, clone: Clone, value: Value) -> Identity | None:
        """Whom a value identifies, by itself or by one of its attributes."""
        definition = self.program.definitions(clone.function)[value]
        if isinstance(definition, model.LoadAttr):
            return self.identified(clone, definition.base)
        if isinstance(definition, model.Call):
            for event in self.program.events.get((clone.number, id(definition)), ()):
                if isinstance(event.effect, Identify):
                    return event.effect.who
        return None

    def is_process(self, clone: Clone, value: Value) -> bool:
        """Whether a value is the number of a process that runs, or ran, and nothing else."""
        found = self.program.at(clone.node(value))
        return bool(found) and all(isinstance(self.program.objects[n], ProcessObject) for n in found)
