"""Access paths: how a value is reached, in the terms of its own function.

Two values with the same path are the same object wherever nothing on the path is rebound in
between: ``self._lock`` here and ``self._lock`` three lines later. Paths compare locks with the
objects they guard (``with self._locks[k]: self._counts[k] += 1``) without knowing either.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Function, Instruction, Value

Step: TypeAlias = "tuple[str, Any]"
"""``("attribute", name)`` or ``("item", key)``; an item's key is a path or literal."""

Path: TypeAlias = "tuple[Step, ...]"
"""A root (``("value", v)``, ``("global", name)``, ``("cell", (owner, name))``) and the steps from it."""

_DEEPEST = 8


class Paths:
    """The paths of the values of one function."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.definitions = definitions(function)
        self._known: dict[Value, Path] = {}

    def of(self, value: Value) -> Path:
        """The path of a value; its own number where nothing leads to it."""
        known = self._known.get(value)
        if known is None:
            known = self._known[value] = self._compute(value)
        return known

    def _compute(self, value: Value) -> Path:
        steps: list[Step] = []
        current = value
        while True:
            definition = self.definitions[current]
            if len(steps) >= _DEEPEST:
                break
            if isinstance(definition, model.LoadAttr):
                steps.append(("attribute", definition.name))
                current = definition.base
            elif isinstance(definition, model.LoadItem) and not self._is_named_at_run_time(definition):
                steps.append(("item", self.key(definition.key)))
                current = definition.base
            elif isinstance(definition, model.LoadGlobal):
                return (("global", definition.name), *reversed(steps))
            elif isinstance(definition, model.LoadCell):
                return (("cell", (definition.owner, definition.name)), *reversed(steps))
            else:
                break
        return (("value", current), *reversed(steps))

    def _is_named_at_run_time(self, load: model.LoadItem) -> bool:
        """Whether it is an attribute by a name that the text does not tell (``getattr(o, name)``)."""
        space = self.definitions[load.base]
        return isinstance(space, model.LoadAttr) and space.name == "__dict__"

    def key(self, value: Value) -> object:
        """A key, comparable: a literal, or the path of what it is."""
        definition = self.definitions[value]
        if isinstance(definition, model.Const) and definition.known:
            return ("literal", repr(definition.value))
        if isinstance(definition, model.Build) and definition.kind == "tuple":
            return ("tuple", *(self.key(v) for _, v, _ in definition.items))
        return self.of(value)


def definitions(function: Function) -> list[Instruction | None]:
    """The defining instruction of each value of a function; None for parameters."""
    result: list[Instruction | None] = [None] * function.values
    for block in function.blocks:
        for instruction in block.instructions:
            dst = getattr(instruction, "dst", None)
            if dst is not None:
                result[dst] = instruction
    return result
