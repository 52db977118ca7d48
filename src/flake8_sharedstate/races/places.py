"""Places of state in the terms of one function, and what a callee's places are called by its caller."""

from __future__ import annotations

from dataclasses import dataclass

from flake8_sharedstate.dataflow import asks_descriptor, bindings, is_unbound, receiver_value
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Instruction, Value
from flake8_sharedstate.facts.paths import Path, Renaming
from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Receiver,
    Source,
)
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import Target
from flake8_sharedstate.program.objects import Clone
from flake8_sharedstate.threads.contexts import Contexts


@dataclass(frozen=True, slots=True)
class PlaceKey:
    """A place in the terms of one function: how it is reached and which part of it.

    ``kind`` is ``attribute``, ``item``, ``content`` (a container as a whole), ``global`` or ``cell``.
    """

    kind: str
    base: Path
    part: str | Path | None = None
    """An attribute's or a global's name, or an item's key."""

    def covers(self, other: PlaceKey) -> bool:
        """Whether a read of this place tells something of what a write of the other changes."""
        if self == other:
            return True
        containers = ("item", "content")
        if self.kind not in containers or other.kind not in containers or self.base != other.base:
            return False
        return "content" in (self.kind, other.kind)


class Places:
    """Tells which places the loads, stores and library calls of a clone have to do with."""

    def __init__(self, contexts: Contexts) -> None:
        self.contexts = contexts
        self.program: Program = contexts.program

    def place(self, clone: Clone, instruction: Instruction) -> PlaceKey | None:
        """The place of a load or store."""
        paths = self.contexts.paths(clone)
        match instruction:
            case model.LoadAttr(base=base, name=name) | model.StoreAttr(base=base, name=name):
                return PlaceKey("attribute", paths.of(base), name)
            case model.LoadItem(base=base, key=key) | model.StoreItem(base=base, key=key):
                return PlaceKey("item", paths.of(base), paths.key(key))
            case model.LoadGlobal(name=name) | model.StoreGlobal(name=name):
                return PlaceKey("global", (), name)
            case model.LoadCell(owner=owner, name=name) | model.StoreCell(owner=owner, name=name):
                return PlaceKey("cell", (("cell", (owner, name)),), None)
        return None

    def value(self, clone: Clone, call: Instruction, source: Source) -> Value | None:
        """The value that a source of a library's effect is in a call."""
        if not isinstance(call, model.Call):
            return None
        if isinstance(source, Receiver):
            return receiver_value(self.program, clone, call)
        if isinstance(source, Arg):
            given = call.args[1:] if is_unbound(self.program, clone, call) else call.args
            if source.position is not None and source.position < len(given):
                return given[source.position][0]
            return next((v for name, v in call.keywords if name == source.name and name), None)
        return None

    def container(self, clone: Clone, call: Instruction, of: Source, key: Source | None) -> PlaceKey | None:
        base = self.value(clone, call, of)
        if base is None:
            return None
        paths = self.contexts.paths(clone)
        part = self.value(clone, call, key) if key is not None else None
        if part is None:
            return PlaceKey("content", paths.of(base))
        return PlaceKey("item", paths.of(base), paths.key(part))

    def renaming(self, clone: Clone, instruction: Instruction, target: Target) -> Renaming:
        """What a callee's parameters are in the caller."""
        paths = self.contexts.paths(clone)
        bound = list(bindings(self.program, clone, instruction, target))
        objects = {parameter: paths.of(value) for parameter, value in bound}
        keys = {parameter: paths.key(value) for parameter, value in bound}
        if asks_descriptor(instruction, target):
            itself = target.clone.function.parameters[0].value
            keys[itself] = objects[itself] = (
                *paths.of(instruction.base),
                ("descriptor", instruction.name),
            )
        return Renaming(objects, keys)


def renamed(place: PlaceKey, renaming: Renaming) -> PlaceKey | None:
    """A callee's place in the terms of its caller; None where it is the callee's own affair."""
    base = renaming.path(place.base) if place.base else place.base
    part = renaming.key(place.part) if isinstance(place.part, tuple) else place.part
    if base is None or (part is None and place.part is not None):
        return None
    return PlaceKey(place.kind, base, part)
