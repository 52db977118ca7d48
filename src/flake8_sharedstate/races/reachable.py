"""What leads to what on the heap, and which objects more than one thread can reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flake8_sharedstate.facts.model import Value
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import Spawned
from flake8_sharedstate.program.objects import (
    BoundObject,
    ClassObject,
    FrameObject,
    FunctionObject,
    LibraryMethodObject,
    ModuleObject,
    ObjectId,
)
from flake8_sharedstate.threads.contexts import Contexts


class Reachable:
    """Reachability over the fields of the points-to graph."""

    def __init__(self, contexts: Contexts) -> None:
        self.program: Program = contexts.program
        self._next: dict[ObjectId, frozenset[ObjectId]] = {}
        self._without: dict[ObjectId, frozenset[ObjectId]] = {}
        program = self.program
        self._globals = [
            o.number
            for o in program.objects
            if isinstance(o, ModuleObject)
            or (
                isinstance(o, ClassObject) and o.site is not None and o.site.clone.function.kind != "function"
            )
        ]
        self.from_globals = self.closure(self._globals)
        shared = set(self.from_globals)
        for context in contexts.all:
            if context.shared is not None:
                shared |= self.closure([context.shared])
            if context.spawned is not None:
                shared |= self.closure(payload(program, context.spawned))
        self.escaped = frozenset(shared)
        """The objects that more than their maker can reach, at some time."""

    def from_globals_without(self, number: ObjectId) -> frozenset[ObjectId]:
        """What globals and classes lead to by another way than through one object."""
        known = self._without.get(number)
        if known is None:
            found = self.closure(self._globals, lambda holder: holder != number)
            known = self._without[number] = found - {number}
        return known

    def successors(self, number: ObjectId) -> frozenset[ObjectId]:
        """The objects that one object holds."""
        known = self._next.get(number)
        if known is None:
            program = self.program
            if any(model.thread_local for _, model in program.models(number)):
                # What a ``threading.local`` holds, each thread has its own of.
                known = self._next[number] = frozenset()
                return known
            found: set[ObjectId] = set()
            for name in program.fields_of(number):
                found |= program.at(program.field(number, name))
            target = program.objects[number]
            if isinstance(target, BoundObject):
                found |= {target.function, target.receiver}
            elif isinstance(target, LibraryMethodObject):
                found.add(target.receiver)
            elif isinstance(target, FunctionObject):
                if target.frame is not None:
                    found.add(target.frame)
                for node in target.defaults.values():
                    found |= program.at(node)
            elif isinstance(target, FrameObject) and target.clone.frame is not None:
                found.add(target.clone.frame)
            known = self._next[number] = frozenset(found - {program.none})
        return known

    def closure(
        self, objects: Iterable[ObjectId], leads_on: Callable[[ObjectId], bool] = lambda number: True
    ) -> frozenset[ObjectId]:
        """Objects and all that they lead to, past those only that lead on."""
        reached = set(objects)
        waiting = list(reached)
        while waiting:
            current = waiting.pop()
            for number in self.successors(current) if leads_on(current) else ():
                if number not in reached:
                    reached.add(number)
                    waiting.append(number)
        return frozenset(reached)


def payload(program: Program, spawned: Spawned) -> set[ObjectId]:
    """The objects that a thread is given: its callable, its arguments, itself."""
    objects = {spawned.callee}
    if spawned.handle is not None:
        objects.add(spawned.handle)
    if spawned.pool is not None:
        objects.add(spawned.pool)
    root = spawned.root
    objects.update(o for o in (root.receiver, root.frame) if o is not None)
    for parameter in root.function.parameters:
        value: Value = parameter.value
        objects |= program.at(root.node(value))
    return objects
