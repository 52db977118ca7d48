"""Access paths: how a value is reached, in the terms of its own function.

Two values with the same path are the same object wherever nothing on the path is rebound in
between: ``self._lock`` here and ``self._lock`` three lines later. Paths compare locks with the
objects they guard (``with self._locks[k]: self._counts[k] += 1``) without knowing either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
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

# What is computed from more than the operands: by what went on meanwhile.
_NEWS = ("HasNext", "Raised")


class Paths:
    """The paths of the values of one function."""

    def __init__(
        self, function: Function, gives_equal: Callable[[model.Call], bool] = lambda _: False
    ) -> None:
        self.function = function
        self.gives_equal = gives_equal
        """Whether a call gives what it gave before with equal arguments."""
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

    def key(self, value: Value, nesting: int = _MOST_NESTED) -> Path:
        """The path of a key: values that are surely equal have the same, whatever objects they are."""
        path = self.of(value)
        kind, root = path[0]
        equal = self._equal(root, nesting) if kind == "value" else None
        return path if equal is None else (equal, *path[1:])

    def _equal(self, value: Value, nesting: int) -> Step | None:
        """What a value is equal to each time it is made; None where nothing is known but its number."""
        match self.definitions[value]:
            case model.Const(known=True, value=literal):
                return ("literal", repr(literal))
            case model.Build(kind="tuple", items=items) if nesting:
                return self._computed("tuple", [v for _, v, _ in items], nesting)
            case model.Compute(op=op, operands=operands) if nesting and op not in _NEWS:
                return self._computed(op, operands, nesting)
            case model.Call(function=function, args=args, keywords=keywords) as call if nesting:
                if self.gives_equal(call):
                    names = " ".join(["call", str(len(args)), *(name or "" for name, _ in keywords)])
                    given = [function, *(v for v, _ in args), *(v for _, v in keywords)]
                    return self._computed(names, given, nesting)
        return None

    def _computed(self, how: str, operands: Iterable[Value], nesting: int) -> Step:
        return ("computed", (how, *(self.key(operand, nesting - 1) for operand in operands)))


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


def values_of(key: Path) -> Iterator[Value]:
    """The values of its function that a key is, or is computed from."""
    (kind, root), *steps = key
    if kind == "value":
        yield root
    for part in root[1:] if kind == "computed" else ():
        yield from values_of(part)
    for step, part in steps:
        if step == "item":
            yield from values_of(part)


def definitions(function: Function) -> list[Instruction | None]:
    """The defining instruction of each value of a function; None for parameters."""
    result: list[Instruction | None] = [None] * function.values
    for block in function.blocks:
        for instruction in block.instructions:
            dst = getattr(instruction, "dst", None)
            if dst is not None:
                result[dst] = instruction
    return result
