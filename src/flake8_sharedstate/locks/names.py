"""How locks and state are reached, in the terms of one function and across calls."""

from __future__ import annotations

from dataclasses import dataclass

from flake8_sharedstate.dataflow import bindings
from flake8_sharedstate.facts.model import Instruction, Value
from flake8_sharedstate.facts.paths import Path, Renaming, values_of
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import Target
from flake8_sharedstate.program.objects import Clone
from flake8_sharedstate.threads.contexts import Contexts


class Names:
    """Paths of values, and what a callee calls them."""

    def __init__(self, contexts: Contexts) -> None:
        self.contexts = contexts
        self.program: Program = contexts.program
        self._renamings: dict[tuple[int, int, int], Inward] = {}

    def path(self, clone: Clone, value: Value) -> Path:
        """The path of a value of a clone, with cells and globals made absolute."""
        path = self.contexts.paths(clone).of(value)
        kind, root = path[0]
        if kind == "cell":
            owner, name = root
            return (("cell", (self.program.frame_of(clone, owner), name)), *path[1:])
        if kind == "global":
            return (("global", (clone.module.index, root)), *path[1:])
        return path

    def inward(self, clone: Clone, instruction: Instruction, target: Target) -> Inward:
        """What a callee calls what its caller has."""
        place = (clone.number, id(instruction), target.clone.number)
        known = self._renamings.get(place)
        if known is None:
            bound = list(bindings(self.program, clone, instruction, target))
            key = self.contexts.paths(clone).key
            objects = sorted(((self.path(clone, v), p) for p, v in bound), key=lambda pair: -len(pair[0]))
            keys = sorted(((key(v), p) for p, v in bound), key=lambda pair: -len(pair[0]))
            known = self._renamings[place] = Inward(clone, objects, keys)
        return known

    def out(self, path: Path | None, clone: Clone, back: dict[Value, Value]) -> Path | None:
        """A path of a callee in the terms of its caller, by what was bound to which parameter."""
        if path is None:
            return None
        key = self.contexts.paths(clone).key
        bound = back.items()
        return Renaming({p: self.path(clone, v) for p, v in bound}, {p: key(v) for p, v in bound}).path(path)


@dataclass(frozen=True, slots=True)
class Inward:
    """Which parameters of a callee are which paths of its caller, and which keys; the longest first."""

    caller: Clone
    objects: list[tuple[Path, Value]]
    keys: list[tuple[Path, Value]]

    def path(self, path: Path | None) -> Path | None:
        """A path of the caller in the terms of the callee; None where the callee knows no way."""
        if path is None or path[0][0] != "value":
            return path and self._steps(path)
        return self._bound(path, self.objects)

    def _bound(self, path: Path, parameters: list[tuple[Path, Value]]) -> Path | None:
        for prefix, parameter in parameters:
            if path[: len(prefix)] == prefix:
                return (("value", parameter), *self._steps(path[len(prefix) :]))
        return None

    def _steps(self, steps: Path) -> Path:
        """Steps with their keys renamed."""
        return tuple(
            (kind, self._key(part) or self._lost(part) if kind == "item" else part) for kind, part in steps
        )

    def _lost(self, key: Path) -> Path:
        """A key that the callee cannot compute, and the parameters that are computed from it."""
        other = (("other", (self.caller.number, key)),)
        values = set(values_of(key))
        follow = [(("value", p),) for k, p in self.keys if values and values <= set(values_of(k))]
        return (("computed", ("lost", other, *follow)),) if follow else other

    def _key(self, key: Path) -> Path | None:
        kind, root = key[0]
        bound = self._bound(key, self.keys) if kind in ("value", "computed") else self._steps(key)
        if bound is not None or kind != "computed":
            return bound
        how, *operands = root
        parts = [self._key(operand) for operand in operands]
        return None if None in parts else ((kind, (how, *parts)), *self._steps(key[1:]))
