"""What owns a lock and uses it: instances, modules and frames that are so meant for threads, or tasks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flake8_sharedstate.dataflow import called_by
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Instruction
from flake8_sharedstate.facts.paths import Path, Paths
from flake8_sharedstate.libraries.vocabulary import Exclusion, Side
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.objects import (
    ClassObject,
    Clone,
    FrameObject,
    InstanceObject,
    LibraryMethodObject,
    ModuleObject,
    ObjectId,
)
from flake8_sharedstate.program.repeats import Repeats


class Owners:
    """Finds the owners of locks by who takes which (specification, section 3)."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._paths: dict[object, Paths] = {}
        self._repeats = Repeats(program)
        self.of_class_only: set[ObjectId] = set()
        """Instances whose class takes locks in class methods only: they share the class, not themselves."""
        self.owners = self._lock_owners()

    def paths(self, clone: Clone) -> Paths:
        """The paths of a clone's function."""
        known = self._paths.get(clone.function)
        if known is None:
            known = Paths(clone.function, partial(self._repeats.gives_equal, clone))
            self._paths[clone.function] = known
        return known

    def held_through(self, clone: Clone, value: model.Value) -> model.Value:
        """The lock that is held through a value: of ``rw.read_lock()`` it is ``rw``."""
        definition = self.program.definitions(clone.function)[value]
        if isinstance(definition, model.Call):
            method = self.program.definitions(clone.function)[definition.function]
            events = self.program.events.get((clone.number, id(definition)), ())
            if isinstance(method, model.LoadAttr) and any(isinstance(e.effect, Side) for e in events):
                return method.base
        return value

    def _lock_owners(self) -> dict[ObjectId, Exclusion]:
        """The instances, modules and frames that own a lock and use it (specification, section 3)."""
        owners: dict[ObjectId, Exclusion] = dict(self.program.assumed)
        for shared in self.program.shared:
            taken = [
                (clone, lock)
                for clone in self.program.clones
                if self._belongs(clone, shared)
                for lock in self._own_locks(clone, shared)
            ]
            if all(self._opens_with(clone, shared) for clone, _ in taken):
                continue
            kinds = {kind for _, (kind, _) in taken}
            if taken and all(is_of_class for _, (_, is_of_class) in taken):
                self.of_class_only.add(shared)
            for kind in (Exclusion.THREADS, Exclusion.READERS, Exclusion.TASKS):
                if kind in kinds:
                    owners[shared] = kind
                    break
        return owners

    def _opens_with(self, clone: Clone, shared: ObjectId) -> bool:
        """Whether a method takes locks for the ``with`` statements that others write around their calls.

        What is called there, and what elsewhere, these callers tell.
        """
        if clone.function.name != "__enter__" or clone.receiver != shared:
            return False
        own = [c for c in self.program.clones if self._belongs(c, shared)]
        if any(clone in called_by(self.program, c) for c in own):
            return False
        taken = self._called_on(clone, self.program.acquires)
        left = [self._called_on(c, self.program.releases) for c in own if c.function.name == "__exit__"]
        return any(not taken.isdisjoint(released) for released in left)

    def _called_on(self, clone: Clone, does: Callable[[LibraryMethodObject], bool]) -> set[ObjectId]:
        """The objects on which a clone calls a library's method that does something."""
        functions = {
            number
            for block in clone.function.blocks
            for i in block.instructions
            if isinstance(i, model.Call)
            for number in self.program.at(clone.node(i.function))
        }
        methods = (self.program.get(number, LibraryMethodObject) for number in functions)
        return {method.receiver for method in methods if method is not None and does(method)}

    def _belongs(self, clone: Clone, shared: ObjectId) -> bool:
        found = self.program.objects[shared]
        if isinstance(found, InstanceObject):
            is_static = clone.receiver is None and clone.function.owner_class is not None
            if is_static and clone.function.owner_class in self.bodies_of(found.cls):
                return clone.module is self.program.class_object(found.cls).module
            return clone.receiver in (shared, found.cls)
        if isinstance(found, FrameObject):
            return clone.frame == shared
        return (
            isinstance(found, ModuleObject)
            and clone.module is found.module
            and clone.function.parent is not None
        )

    def _own_locks(self, clone: Clone, shared: ObjectId) -> set[tuple[Exclusion, bool]]:
        """The kinds of lock of the shared thing's own that a clone takes, and whether as its class's."""
        taken: set[tuple[Exclusion, bool]] = set()
        for block in clone.function.blocks:
            for instruction in block.instructions:
                for value, objects in acquired(self.program, clone, instruction):
                    through = self.held_through(clone, value)
                    is_of_class = self._is_of_class(clone, through, shared)
                    if is_of_class or self._leads(clone, self.paths(clone).of(through), shared):
                        kinds = {self.program.exclusion(number) for number in objects} - {None}
                        taken.update((kind, is_of_class) for kind in kinds if kind is not None)
        return taken

    def _is_of_class(self, clone: Clone, lock: model.Value, shared: ObjectId) -> bool:
        """Whether a lock is taken through the class of what is shared (``cls._lock``, ``Name._lock``)."""
        found = self.program.get(shared, InstanceObject)
        definition = self.program.definitions(clone.function)[lock]
        if found is None or not isinstance(definition, model.LoadAttr):
            return False
        holders = self.program.at(clone.node(definition.base))
        return bool(holders) and holders <= set(self.program.linearized(found.cls))

    def _leads(self, clone: Clone, path: Path, shared: ObjectId) -> bool:
        kind, root = path[0]
        found = self.program.objects[shared]
        if isinstance(found, InstanceObject):
            parameters = clone.function.parameters
            return bool(parameters) and (kind, root) == ("value", parameters[0].value) and len(path) > 1
        if isinstance(found, FrameObject):
            return kind == "cell" and self.program.frame_of(clone, root[0]) == shared
        return kind == "global"

    def has_class_lock(self, cls: ObjectId) -> bool:
        """Whether a class has a lock that all its objects share."""
        return any(
            self.program.exclusion(number) is Exclusion.THREADS
            for ancestor in self.program.linearized(cls)
            for name in self.program.fields_of(ancestor)
            for number in self.program.at(self.program.field(ancestor, name))
        )

    def bodies_of(self, cls: ObjectId) -> set[int]:
        """The bodies of a class and its bases, by their numbers."""
        bodies = set()
        for ancestor in self.program.linearized(cls):
            found = self.program.get(ancestor, ClassObject)
            if found is not None:
                bodies.add(found.function.number)
        return bodies


def acquired(
    program: Program, clone: Clone, instruction: Instruction
) -> list[tuple[model.Value, list[ObjectId]]]:
    """The values that an instruction takes as locks, with the lock objects each can be."""
    if isinstance(instruction, model.Enter):
        objects = [
            o for o in sorted(program.at(clone.node(instruction.manager))) if program.exclusion(o) is not None
        ]
        return [(instruction.manager, objects)] if objects else []
    if isinstance(instruction, model.Call):
        receivers = []
        for number in sorted(program.at(clone.node(instruction.function))):
            method = program.get(number, LibraryMethodObject)
            if method is not None and program.acquires(method):
                receivers.append(method.receiver)
        if receivers:
            definition = program.definitions(clone.function)[instruction.function]
            value = definition.base if isinstance(definition, model.LoadAttr) else instruction.function
            return [(value, receivers)]
    return []
