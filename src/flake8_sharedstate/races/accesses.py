"""The writes of the program, each with its location, the run that makes it and the locks held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

from flake8_sharedstate.dataflow import Run, receiver_value
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Instruction, Value
from flake8_sharedstate.facts.slices import STORES, switches
from flake8_sharedstate.libraries.vocabulary import Change
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
from flake8_sharedstate.races.flows import Flows, Read, Write
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
    ACT = "a change that relies on a decision taken before"
    LAZY = "an initialisation on first use"
    WALK = "no write but an iteration, which others' changes break"
    ADVANCE = "the next step of an iterator"


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
    """A write of a location by a run.

    ``held`` are the locks at the write; ``window`` those held without a gap from what the write
    rests on to the write; ``split`` tells that a lock was held at both ends but given up between.
    """

    location: Location
    place: Place
    shape: Shape
    run: Run
    context: Context
    write: Write
    base: Value | None
    origin: Origin
    held: frozenset[Held]
    window: frozenset[Held]
    split: bool
    today: bool
    awaits: bool
    """Whether other tasks of the same loop get a turn between what the write rests on and the write."""
    reporter: Clone
    """The clone that joins read and write: the writing one, or its caller."""
    container: str | None = None
    """What kind of container a walk goes over."""
    stores_constant: bool = False

    @property
    def at(self) -> Instruction:
        """The instruction that writes."""
        return self.write.instruction

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
        self.flows = Flows(self.contexts)

    def accesses(self) -> list[Access]:
        """All writes that code in any context makes to state that it does not own."""
        result = []
        for context in self.contexts.all:
            for clone in sorted(context.clones, key=lambda c: c.number):
                if clone.is_merged or clone.function.kind == "class":
                    continue
                for write in self.flows.of(clone):
                    result.extend(self._of_write(clone, context, write))
        return result

    def _of_write(self, reporter: Clone, context: Context, write: Write) -> list[Access]:
        run = Run(write.clone, context.number)
        store, clone, program = write.instruction, run.clone, self.program
        if not self.order.is_reached(run, store):
            return []
        if clone.function.kind == "module" and not write.reads:
            # Module bodies run once, under the import lock, before anyone has the module.
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
                owners, own_key = self._items(run, context, base, key)
            case model.Call():
                base = receiver_value(program, clone, store)
                if base is not None:
                    key_value = store.args[0][0] if write.place.kind == "item" and store.args else None
                    owners, own_key = self._items(run, context, base, key_value)
        if base is not None and self.ownership.owns(run, base, store):
            return []
        if self._is_identified(reporter, write):
            return []
        found = []
        held = self.locksets.held(run, store) | self._held_around(reporter, context, write)
        window, split = self._window(reporter, context, write, held)
        for owner, name, literal_key in owners:
            place = self._place(owner, name == "[]")
            if place is None or owner not in self.reachable.escaped:
                continue
            if not self.concerns(context, owner):
                continue
            found.append(
                Access(
                    Location(owner, name, literal_key, own_key),
                    place,
                    self._shape(reporter, run, write),
                    run,
                    context,
                    write,
                    base,
                    self._origin(run, context, base, owner),
                    held,
                    window,
                    split,
                    self._today(reporter, run, write),
                    any(isinstance(i, model.Await) for i in self._between(reporter, write)),
                    reporter,
                    stores_constant=self._is_constant(run, write),
                )
            )
        return found

    def _is_constant(self, run: Run, write: Write) -> bool:
        definitions = self.contexts.paths(run.clone).definitions
        return write.src is not None and isinstance(definitions[write.src], model.Const)

    def _items(
        self, run: Run, context: Context, base: Value, key: Value | None
    ) -> tuple[list[tuple[ObjectId, str, str | None]], bool]:
        clone, program = run.clone, self.program
        literal = program.literal(clone, clone.node(key)) if key is not None else None
        text = repr(literal.value) if literal is not None else None
        own = key is not None and self.sharing.is_own_key(clone, key, context)
        return [(o, "[]", text) for o in sorted(program.at(clone.node(base)))], own

    def _held_around(self, reporter: Clone, context: Context, write: Write) -> frozenset[Held]:
        """What the function that calls a setter holds around the call; the setter has other names for it."""
        if write.at is write.instruction:
            return frozenset()
        around = self.locksets.held(Run(reporter, context.number), write.at)
        return frozenset(replace(h, path=None) for h in around)

    def _window(
        self, reporter: Clone, context: Context, write: Write, held: frozenset[Held]
    ) -> tuple[frozenset[Held], bool]:
        """The locks held from read to write, and whether one was held at both but not in between."""
        reads = [self._held_at(reporter, context, read) for read in write.reads]
        checks = [self._held_at(reporter, context, read) for read in write.checks]
        if not reads and not checks:
            return held, False
        if checks:
            # A decision that is taken again under the lock makes the earlier one a mere hint.
            kept = {h for h in held if any(any(_continues(r, h) for r in at) for at in checks)}
        else:
            kept = {h for h in held if all(any(_continues(r, h) for r in at) for at in reads)}
        lost = {h for h in held if h.objects and h not in kept}
        split = any(r.objects == h.objects for at in (*reads, *checks) for r in at for h in lost)
        return frozenset(kept), split and not any(h.objects for h in kept)

    def _held_at(self, reporter: Clone, context: Context, read: Read) -> frozenset[Held]:
        inside = self.locksets.held(Run(read.clone, context.number), read.instruction)
        if read.at is read.instruction:
            return inside
        return inside | self.locksets.held(Run(reporter, context.number), read.at)

    def _is_identified(self, reporter: Clone, write: Write) -> bool:
        """Whether the write depends on who the running thread is: an owner's own (``RLock``)."""
        return any(self._compares_identity(reporter, c) for c in write.block.conditions)

    def _compares_identity(self, clone: Clone, condition: Value, depth: int = 0) -> bool:
        definitions = self.contexts.paths(clone).definitions
        seen: set[Value] = set()
        waiting = [condition]
        while waiting:
            value = waiting.pop()
            if value in seen:
                continue
            seen.add(value)
            definition = definitions[value]
            if isinstance(definition, model.Compute):
                identities = [self.order.identified(clone, operand) for operand in definition.operands]
                if False in identities and True not in identities and len(identities) == 2:
                    return True
                waiting.extend(definition.operands)
            elif isinstance(definition, model.Call) and depth < 2:
                # ``if self.is_owner():`` asks a method the same.
                for target in self.program.targets.get((clone.number, id(definition)), ()):
                    for block in target.clone.function.blocks:
                        for i in block.instructions:
                            if isinstance(i, model.Return) and self._compares_identity(
                                target.clone, i.src, depth + 1
                            ):
                                return True
        return False

    def concerns(self, context: Context, owner: ObjectId) -> bool:
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

    def _shape(self, reporter: Clone, run: Run, write: Write) -> Shape:
        if write.exchanged:
            return Shape.UPDATE
        if write.reads:
            if write.in_place is not None and self._in_place(run, write.in_place):
                return Shape.IN_PLACE
            return self._lazy_or(Shape.UPDATE, reporter, run, write)
        if write.checks and not write.tolerant and write.change is not Change.CLEAR:
            return self._lazy_or(Shape.ACT, reporter, run, write)
        return Shape.STORE

    def _lazy_or(self, shape: Shape, reporter: Clone, run: Run, write: Write) -> Shape:
        """Tells initialisation on first use from other decisions, and drops it where doing it twice is harmless."""
        if write.src is None or write.in_place is not None:
            return shape
        definition = self.contexts.paths(run.clone).definitions[write.src]
        if shape is Shape.UPDATE:
            # ``x = x or make()`` reads to decide, not to compute.
            if not isinstance(definition, model.Phi) or definition.op != "Or":
                return shape
        elif isinstance(definition, model.Const):
            return self._constant_act(reporter, write, definition)
        elif any(read.compared for read in write.checks) or self._is_callers(run.clone, write.src):
            return shape
        objects = self.program.at(run.clone.node(write.src)) - {self.program.none}
        if not any(self._has_identity(o) for o in objects):
            return Shape.STORE
        return Shape.LAZY

    def _constant_act(self, reporter: Clone, write: Write, stored: model.Const) -> Shape:
        """A constant that is stored after a test: a flag that is tested and set, or nothing."""
        if any(read.compared for read in write.checks):
            return Shape.ACT
        if write.place.kind == "item" or (
            stored.value is not None and any(self._asks_none(read) for read in write.checks)
        ):
            # Whoever finds nothing stores the same.
            return Shape.STORE
        # A flag that is one condition among others ends something; one that is tested alone claims it.
        paths = self.contexts.paths(reporter)
        last = paths.definitions[write.block.conditions[-1]] if write.block.conditions else None
        while isinstance(last, model.Compute) and last.op in ("Not", "Is", "IsNot", "HasAttr"):
            last = paths.definitions[last.operands[0]]
        alone = write.at is not write.instruction or any(last is read.at for read in write.checks)
        return Shape.ACT if alone and self._does_more(reporter, write) else Shape.STORE

    def _does_more(self, reporter: Clone, write: Write) -> bool:
        """Whether the test decides anything besides the store that others would mind being done twice."""
        if write.at is not write.instruction:
            return True
        condition = write.block.conditions[-1]
        for block in reporter.function.blocks:
            if condition not in block.conditions:
                continue
            for i in block.instructions:
                if isinstance(i, STORES) and i is not write.instruction:
                    return True
                if isinstance(i, model.Call):
                    called = self.program.at(reporter.node(i.function))
                    names = [o.name for o in map(self.program.objects.__getitem__, called) if isinstance(o, QualifiedObject)]
                    if not names or any(n != "builtins.print" and not n.startswith("logging.") for n in names):
                        return True
        return False

    def _is_callers(self, clone: Clone, value: Value) -> bool:
        """Whether a value is one that the caller (or the running thread) brings, another each time."""
        definition = self.contexts.paths(clone).definitions[value]
        while isinstance(definition, (model.LoadAttr, model.Unpack)):
            value = definition.base if isinstance(definition, model.LoadAttr) else definition.source
            definition = self.contexts.paths(clone).definitions[value]
        if definition is None:
            parameters = clone.function.parameters
            return clone.receiver is None or not parameters or parameters[0].value != value
        return self.order.identified(clone, value) is not None

    def _asks_none(self, read: Read) -> bool:
        """Whether a value is asked for being ``None``: then a constant is the same whoever stores it."""
        definitions = self.contexts.paths(read.clone).definitions
        return any(
            isinstance(i, model.Compute)
            and i.op in ("Is", "IsNot")
            and any(o == getattr(read.at, "dst", None) for o in i.operands)
            for i in definitions
            if i is not None
        )

    def _has_identity(self, number: ObjectId) -> bool:
        """Whether it matters which of two such objects is kept: it has state or effects."""
        found = self.program.objects[number]
        if isinstance(found, LibraryObject):
            return self.program.container(number) not in _IMMUTABLE
        return isinstance(found, (InstanceObject, ClassObject))

    def _in_place(self, run: Run, operation: model.Compute) -> bool:
        """Whether an augmented assignment changes the object itself instead of making a new value."""
        program, clone = self.program, run.clone
        left = program.at(clone.node(operation.operands[0])) - {program.none}
        targets = program.targets.get((clone.number, id(operation)), ())
        if targets and all(_gives_itself_back(t.clone) for t in targets):
            # ``__iadd__`` that gives back ``self``: what is stored is what was there.
            return True
        if left:
            models = [[m for _, m in program.models(o)] for o in sorted(left)]
            return all(any(m.in_place or m.atomic for m in known) for known in models)
        # The left side is not known: ``+= [x]`` is a list's, ``|= {x}`` a set's.
        definition = program.definitions(clone.function)[operation.operands[1]]
        return isinstance(definition, model.Build) and definition.kind in ("list", "set", "dict")

    def _between(self, reporter: Clone, write: Write) -> tuple[Instruction, ...]:
        """The instructions between what a write rests on and the write."""
        if write.checks and not write.reads:
            return self.flows.slices(reporter).between([r.at for r in write.checks], write.at)
        return write.between

    def _today(self, reporter: Clone, run: Run, write: Write) -> bool:
        """Whether a GIL build can switch threads between read and write (catalogue, 3.1)."""
        clone, program = run.clone, self.program
        for instruction in self._between(reporter, write):
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
        if write.at is not write.instruction:
            return True
        # A user-defined operator is a call; so is a getter behind the load itself.
        return any(program.targets.get((clone.number, id(read.at))) for read in write.reads)


# Containers of which two equal ones are as good as one.
# The specialised calls after which CPython does not look for a switch (catalogue, 3.1).
_IMMUTABLE = ("tuple", "frozenset", "str", "bytes", "range")
_NO_SWITCH = frozenset({"builtins.len", "builtins.isinstance", "builtins.type"})


def _gives_itself_back(clone: Clone) -> bool:
    """Whether a method returns its receiver and nothing else."""
    parameters = clone.function.parameters
    returned = {
        i.src for block in clone.function.blocks for i in block.instructions if isinstance(i, model.Return)
    }
    return bool(parameters) and returned == {parameters[0].value}


def _continues(earlier: Held, later: Held) -> bool:
    """Whether a lock has been held since: the same acquisition of the same lock."""
    if earlier.objects != later.objects:
        return False
    return later.acquired <= earlier.acquired
