"""How locks and state are reached, in the terms of one function and across calls."""

from __future__ import annotations

from flake8_sharedstate.dataflow import bindings
from flake8_sharedstate.facts.model import Instruction, Value
from flake8_sharedstate.facts.paths import Path
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import Target
from flake8_sharedstate.program.objects import Clone
from flake8_sharedstate.threads.contexts import Contexts


class Names:
    """Paths of values, and what a callee calls them."""

    def __init__(self, contexts: Contexts) -> None:
        self.contexts = contexts
        self.program: Program = contexts.program
        self._renamings: dict[tuple[int, int, int], list[tuple[Path, Value]]] = {}

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

    def renaming(self, clone: Clone, instruction: Instruction, target: Target) -> list[tuple[Path, Value]]:
        """Which paths of the caller are which parameters of the callee, the longest first."""
        key = (clone.number, id(instruction), target.clone.number)
        known = self._renamings.get(key)
        if known is None:
            known = [
                (self.path(clone, value), parameter)
                for parameter, value in bindings(self.program, clone, instruction, target)
            ]
            known.sort(key=lambda pair: -len(pair[0]))
            self._renamings[key] = known
        return known

    def into(
        self, path: Path | None, clone: Clone, callee: Clone, renamed: list[tuple[Path, Value]]
    ) -> Path | None:
        """A path in the terms of a callee."""
        if path is None:
            return None
        if path[0][0] != "value":
            return path
        for prefix, parameter in renamed:
            if path[: len(prefix)] == prefix:
                return (("value", parameter), *path[len(prefix) :])
        return None

    def out(self, path: Path | None, clone: Clone, back: dict[Value, Value]) -> Path | None:
        """A path of a callee in the terms of its caller, by what was bound to which parameter."""
        if path is None:
            return None
        kind, root = path[0]
        if kind != "value":
            return path
        return (*self.path(clone, back[root]), *path[1:]) if root in back else None
