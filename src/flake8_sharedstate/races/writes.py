"""Collects the writes of a program to state that others can reach, with the locks held around each."""

from __future__ import annotations

from dataclasses import replace

from flake8_sharedstate.dataflow import Run
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Value
from flake8_sharedstate.libraries.vocabulary import Identity
from flake8_sharedstate.locks.held import Held
from flake8_sharedstate.program.objects import (
    ClassObject,
    Clone,
    FrameObject,
    InstanceObject,
    LibraryObject,
    ModuleObject,
    NamespaceObject,
    ObjectId,
    QualifiedObject,
)
from flake8_sharedstate.races.accesses import Access, Location, Place
from flake8_sharedstate.races.flows import Write
from flake8_sharedstate.races.origins import Origin
from flake8_sharedstate.races.reads import Read
from flake8_sharedstate.races.shapes import Shapes
from flake8_sharedstate.races.stages import Stages
from flake8_sharedstate.threads.contexts import Context


class Writes:
    """All writes of a program, as accesses."""

    def __init__(self, stages: Stages) -> None:
        self.stages = stages
        self.shapes = Shapes(stages)
        self.program = stages.program
        self.contexts = stages.contexts
        self.order = stages.order
        self.locksets = stages.locksets
        self.reachable = stages.reachable
        self.ownership = stages.ownership
        self.sharing = stages.sharing
        self.flows = stages.flows

    def all(self) -> list[Access]:
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
        key: Value | None = None
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
                owners = self._items(clone, base, key)
            case model.Call():
                base = write.container
                if base is not None:
                    key = write.key
                    owners = self._items(clone, base, key)
        if base is not None and self.ownership.owns(run, base, store):
            return []
        if self._is_identified(reporter, write):
            return []
        found = []
        own_keys: frozenset[int] = frozenset()
        if base is not None:
            own_keys = self.sharing.distinct.own_keys(clone, base, key, context)
        held = self.locksets.held(run, store) | self._held_around(reporter, context, write)
        window, split = self.window(reporter, context, write, held)
        # Whoever claims a flag finds it unset, so no one else has it.
        claimed = self.locksets.claims.made(run, store)
        held, window = held | claimed, window | claimed
        for owner, name, literal_key in owners:
            place = self._place(owner, name == "[]")
            if place is None or owner not in self.reachable.escaped:
                continue
            if not self.stages.concerns(context, owner):
                continue
            found.append(
                Access(
                    Location(owner, name, literal_key, own_keys),
                    place,
                    self.shapes.of(reporter, run, write),
                    run,
                    context,
                    write,
                    base,
                    self._origin(run, context, base, owner),
                    held,
                    window,
                    split,
                    self.shapes.today(reporter, run, write),
                    self.shapes.awaits(reporter, write),
                    reporter,
                )
            )
        return found

    def _items(self, clone: Clone, base: Value, key: Value | None) -> list[tuple[ObjectId, str, str | None]]:
        literal = self.program.literal(clone, clone.node(key)) if key is not None else None
        text = repr(literal.value) if literal is not None else None
        return [(o, "[]", text) for o in sorted(self.program.at(clone.node(base)))]

    def _held_around(self, reporter: Clone, context: Context, write: Write) -> frozenset[Held]:
        """What the function that calls a setter holds around the call; the setter has other names for it."""
        if write.at is write.instruction:
            return frozenset()
        around = self.locksets.held(Run(reporter, context.number), write.at)
        return frozenset(replace(h, path=None) for h in around)

    def window(
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
                identified = self.order.identities.identified
                who = [identified(clone, operand) for operand in definition.operands]
                if Identity.RUNNING in who and Identity.MAIN not in who and len(who) == 2:
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

    def _place(self, owner: ObjectId, is_item: bool) -> Place | None:
        found = self.program.objects[owner]
        if any(known.thread_local for _, known in self.program.models(owner)):
            return None
        if is_item and not isinstance(found, NamespaceObject):
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


def _continues(earlier: Held, later: Held) -> bool:
    """Whether a lock has been held since: the same acquisition of the same lock."""
    if earlier.objects != later.objects:
        return False
    return later.acquired <= earlier.acquired
