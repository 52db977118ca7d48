"""The writes of the program, each with its location, the run that makes it and the locks held."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from flake8_sharedstate.dataflow import Run
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Function, Instruction, Value
from flake8_sharedstate.facts.slices import Slices, Write, switches
from flake8_sharedstate.libraries.vocabulary import Take, Test
from flake8_sharedstate.locks.held import Held
from flake8_sharedstate.locks.locksets import Locksets
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.objects import (
    ClassObject,
    Clone,
    FrameObject,
    InstanceObject,
    LibraryObject,
    ModuleObject,
    ObjectId,
    QualifiedObject,
)
from flake8_sharedstate.races.ownership import Ownership
from flake8_sharedstate.races.reachable import Reachable
from flake8_sharedstate.races.sharing import Origin, Sharing
from flake8_sharedstate.threads.contexts import Context, Contexts
from flake8_sharedstate.threads.order import Order


class Place(Enum):
    """What kind of state a location is; each has a code of its own."""

    INSTANCE = "instance attribute"
    CLASS = "class attribute"
    GLOBAL = "module global"
    CLOSURE = "closure variable"
    ITEM = "item"


class Shape(Enum):
    """What a write does."""

    STORE = "a plain store"
    UPDATE = "a read-modify-write"
    IN_PLACE = "an in-place operation that stores the same object back"


@dataclass(frozen=True, slots=True)
class Location:
    """One piece of state: a field of an object.

    ``key`` is the literal key of an item, if known; ``own_key`` tells that each thread of the
    context has another key.
    """

    owner: ObjectId
    field: str
    key: str | None = None
    own_key: bool = False


@dataclass(eq=False)
class Access:
    """A write of a location by a run."""

    location: Location
    place: Place
    shape: Shape
    run: Run
    context: Context
    write: Write
    base: Value | None
    origin: Origin
    held: frozenset[Held]
    today: bool

    @property
    def at(self) -> Instruction:
        """The instruction that writes."""
        return self.write.store

    @property
    def line(self) -> int:
        """The line of the statement."""
        return self.run.clone.module.facts.spans[self.at.at][0]

    @cached_property
    def order(self) -> tuple[str, int, int, int]:
        """Sorts accesses by path and place in the text, then by context."""
        line, column, *_ = self.run.clone.module.facts.spans[self.at.at]
        return (self.run.clone.module.path, line, column, self.run.context)


class Stages:
    """The results of the stages before, for the questions that races ask."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.contexts = Contexts(program)
        self.order = Order(self.contexts)
        self.locksets = Locksets(self.contexts)
        self.reachable = Reachable(self.contexts)
        self.ownership = Ownership(self.contexts, self.reachable)
        self.sharing = Sharing(self.order.multiplicity)
        self._slices: dict[Function, Slices] = {}

    def slices(self, run: Run) -> Slices:
        """The slices of a run's function."""
        function = run.clone.function
        known = self._slices.get(function)
        if known is None:
            known = self._slices[function] = Slices(function, self.contexts.paths(run.clone))
        return known

    def accesses(self) -> list[Access]:
        """All writes that code in any context makes to state that it does not own."""
        result = []
        for context in self.contexts.all:
            for clone in sorted(context.clones, key=lambda c: c.number):
                if clone.is_merged:
                    continue
                run = Run(clone, context.number)
                for write in self.slices(run).writes:
                    result.extend(self._of_write(run, context, write))
        return result

    def _of_write(self, run: Run, context: Context, write: Write) -> list[Access]:
        store, clone, program = write.store, run.clone, self.program
        if clone.function.kind == "class" or not self.order.is_reached(run, store):
            return []
        if clone.function.kind == "module":
            # Module bodies run once, under the import lock, before anyone has the module.
            if isinstance(store, model.StoreGlobal) and not write.reads:
                return []
        base: Value | None = None
        own_key = False
        owners: list[tuple[ObjectId, str, str | None]] = []
        match store:
            case model.StoreGlobal(name=name):
                owners = [(clone.module.object, name, None)]
            case model.StoreCell(owner=owner, name=name):
                frame = program.frame_of(clone, owner)
                if frame is not None:
                    owners = [(frame, name, None)]
            case model.StoreAttr(base=base, name=name):
                if not program.targets.get((clone.number, id(store))):
                    owners = [(o, name, None) for o in sorted(program.at(clone.node(base)))]
            case model.StoreItem(base=base, key=key):
                literal = program.literal(clone, clone.node(key))
                text = repr(literal.value) if literal is not None else None
                own_key = self.sharing.is_own_key(clone, key, context)
                owners = [(o, "[]", text) for o in sorted(program.at(clone.node(base)))]
        if base is not None and self.ownership.owns(run, base, store):
            return []
        if self._is_identified(run, write):
            return []
        found = []
        for owner, name, literal_key in owners:
            place = self._place(owner, isinstance(store, model.StoreItem))
            if place is None or owner not in self.reachable.escaped:
                continue
            if not self._concerns(context, owner):
                continue
            found.append(
                Access(
                    Location(owner, name, literal_key, own_key),
                    place,
                    self._shape(run, write),
                    run,
                    context,
                    write,
                    base,
                    self._origin(run, context, base, owner),
                    self.locksets.held(run, store),
                    self._today(run, write),
                )
            )
        return found

    def _is_identified(self, run: Run, write: Write) -> bool:
        """Whether the write depends on who the running thread is: an owner's own (``RLock``)."""
        return any(self._compares_identity(run.clone, c) for c in write.block.conditions)

    def _compares_identity(self, clone: Clone, condition: Value, depth: int = 0) -> bool:
        definition = self.contexts.paths(clone).definitions[condition]
        if isinstance(definition, model.Compute):
            identities = [self.order.identified(clone, operand) for operand in definition.operands]
            if False in identities and True not in identities and len(identities) == 2:
                return True
            return any(self._compares_identity(clone, o, depth) for o in definition.operands)
        if isinstance(definition, model.Call) and depth < 2:
            # ``if self.is_owner():`` asks a method the same.
            return any(
                self._compares_identity(target.clone, i.src, depth + 1)
                for target in self.program.targets.get((clone.number, id(definition)), ())
                for block in target.clone.function.blocks
                for i in block.instructions
                if isinstance(i, model.Return)
            )
        return False

    def _concerns(self, context: Context, owner: ObjectId) -> bool:
        """Users of a module share its globals, users of closures their variables, and nothing else."""
        shared = self.program.objects[context.shared] if context.shared is not None else None
        if isinstance(shared, ModuleObject):
            return owner in self.reachable.from_globals
        if isinstance(shared, FrameObject):
            return owner == shared.number or owner in self.reachable.successors(shared.number)
        return True

    def _place(self, owner: ObjectId, is_item: bool) -> Place | None:
        found = self.program.objects[owner]
        if any(known.thread_local for _, known in self.program.models(owner)):
            return None
        if is_item:
            container = isinstance(found, (LibraryObject, InstanceObject))
            return Place.ITEM if container else None
        match found:
            case ModuleObject():
                return Place.GLOBAL
            case ClassObject():
                return Place.CLASS
            case FrameObject():
                return Place.CLOSURE
            case InstanceObject() | LibraryObject():
                return Place.INSTANCE
            case QualifiedObject():
                return None
        return None

    def _origin(self, run: Run, context: Context, base: Value | None, owner: ObjectId) -> Origin:
        found = self.program.objects[owner]
        if isinstance(found, FrameObject):
            return self.sharing.frame_origin(owner, context)
        if base is None or isinstance(found, (ModuleObject, ClassObject)):
            return Origin.SHARED
        return self.sharing.origin(run.clone, base, context)

    def _shape(self, run: Run, write: Write) -> Shape:
        if write.exchanged:
            return Shape.UPDATE
        if not self._reads(run, write):
            return Shape.STORE
        if write.in_place is not None and self._in_place(run, write.in_place):
            return Shape.IN_PLACE
        return Shape.UPDATE

    def _reads(self, run: Run, write: Write) -> bool:
        """Whether any of the loads is one: a method call is if the library says that it reads an item."""
        return any(
            not isinstance(read, model.Call)
            or any(
                isinstance(event.effect, (Take, Test)) and event.effect.key is not None
                for event in self.program.events.get((run.clone.number, id(read)), ())
            )
            for read in write.reads
        )

    def _in_place(self, run: Run, operation: model.Compute) -> bool:
        """Whether an augmented assignment changes the object itself instead of making a new value."""
        program, clone = self.program, run.clone
        left = program.at(clone.node(operation.operands[0])) - {program.none}
        if left:
            models = [[m for _, m in program.models(o)] for o in sorted(left)]
            return all(any(m.in_place or m.atomic for m in known) for known in models)
        # The left side is not known: ``+= [x]`` is a list's, ``|= {x}`` a set's.
        definition = program.definitions(clone.function)[operation.operands[1]]
        return isinstance(definition, model.Build) and definition.kind in ("list", "set", "dict")

    def _today(self, run: Run, write: Write) -> bool:
        """Whether a GIL build can switch threads between read and write (catalogue, 3.1)."""
        clone, program = run.clone, self.program
        for instruction in write.between:
            if isinstance(instruction, model.Call):
                names = {
                    o.name
                    for o in (program.objects[n] for n in program.at(clone.node(instruction.function)))
                    if isinstance(o, QualifiedObject)
                }
                if names and names <= _NO_SWITCH:
                    continue
            if switches(instruction) or program.targets.get((clone.number, id(instruction))):
                return True
        if write.reads and program.targets.get((clone.number, id(write.store))):
            return True
        # A user-defined operator is a call; so is a getter behind the load itself.
        return any(program.targets.get((clone.number, id(read))) for read in write.reads)


# The specialised calls after which CPython does not look for a switch (catalogue, 3.1).
_NO_SWITCH = frozenset({"builtins.len", "builtins.isinstance", "builtins.type"})
