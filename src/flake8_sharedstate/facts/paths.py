"""Access paths: how a value is reached, in the terms of its own function.

Two values with the same path are the same object wherever nothing on the path is rebound in
between: ``self._lock`` here and ``self._lock`` three lines later. Paths compare locks with the
objects they guard (``with self._locks[k]: self._counts[k] += 1``) without knowing either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Function, Instruction, Value

Step: TypeAlias = "tuple[str, Any]"
"""``("attribute", name)`` or ``("item", key)``; an item's key is a path, see :meth:`Paths.key`."""

Path: TypeAlias = "tuple[Step, ...]"
"""A root (``("value", v)``, ``("global", name)``, ``("cell", (owner, name))``) and the steps from it.

A key begins with what it is equal to, too: ``("literal", text)``, ``("computed", (how, key, ...))``.
"""

_DEEPEST = 8
_MOST_NESTED = 5


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
            elif isinstance(definition, model.LoadItem):
                steps.append(("item", self.key(definition.key)))
                current = definition.base
            elif isinstance(definition, model.LoadGlobal):
                return (("global", definition.name), *reversed(steps))
            elif isinstance(definition, model.LoadCell):
                return (("cell", (definition.owner, definition.name)), *reversed(steps))
            else:
                break
        return (("value", current), *reversed(steps))

    def key(self, value: Value, nesting: int = _MOST_NESTED) -> Path:
        """The path of a key: values that are surely equal have the same, whatever objects they are."""
        path = self.of(value)
        kind, root = path[0]
        equal = self._equal(root, nesting) if kind == "value" else None
        return path if equal is None else (equal, *path[1:])

    def _equal(self, value: Value, nesting: int) -> Step | None:
        """What a value is equal to each time it is made; None where nothing is known but its number."""
        definition = self.definitions[value]
        if isinstance(definition, model.Const) and definition.known:
            return ("literal", repr(definition.value))
        if nesting and isinstance(definition, model.Build) and definition.kind == "tuple":
            return ("computed", ("tuple", *(self.key(v, nesting - 1) for _, v, _ in definition.items)))
        return None


@dataclass(frozen=True, slots=True)
class Renaming:
    """What the parameters of a function are to its caller: which objects, and, as keys, equal to what."""

    objects: Mapping[Value, Path]
    keys: Mapping[Value, Path]

    def path(self, path: Path) -> Path | None:
        """A path of the callee in the caller's terms; None where it is the callee's own affair."""
        return self._renamed(path, self.objects)

    def key(self, key: Path) -> Path | None:
        """The same for a key."""
        return self._renamed(key, self.keys)

    def _renamed(self, path: Path, roots: Mapping[Value, Path]) -> Path | None:
        kind, root = path[0]
        start: Path | None = path[:1]
        if kind == "value":
            start = roots.get(root)
        elif kind == "computed":
            how, *operands = root
            parts = [self.key(operand) for operand in operands]
            start = None if None in parts else ((kind, (how, *parts)),)
        steps = [(kind, self.key(part) if kind == "item" else part) for kind, part in path[1:]]
        if start is None or any(part is None for _, part in steps):
            return None
        return (*start, *steps)


def definitions(function: Function) -> list[Instruction | None]:
    """The defining instruction of each value of a function; None for parameters."""
    result: list[Instruction | None] = [None] * function.values
    for block in function.blocks:
        for instruction in block.instructions:
            dst = getattr(instruction, "dst", None)
            if dst is not None:
                result[dst] = instruction
    return result
