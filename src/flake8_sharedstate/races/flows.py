"""What a write rests on, across calls: the reads its value flows from and the reads that decided it.

Slices (``facts.slices``) tell this inside one function from its text; here library knowledge and
resolved calls are added: ``d.get(k)`` reads an item, ``q.pop()`` changes a container, a getter,
predicate or setter reads or writes for its caller. Callees are summarised in the terms of their
parameters and renamed to the caller's, to a small depth.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flake8_sharedstate.dataflow import bindings
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Block, Function, Instruction, Value
from flake8_sharedstate.facts.paths import Path, Paths
from flake8_sharedstate.facts.slices import LOADS, Load, Slices
from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Change,
    Effect,
    Give,
    Mutate,
    Put,
    PutAll,
    Receiver,
    Source,
    Take,
    Test,
)
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import Target
from flake8_sharedstate.program.objects import Clone
from flake8_sharedstate.threads.contexts import Contexts

_DEPTH = 2


@dataclass(frozen=True, slots=True)
class PlaceKey:
    """A place in the terms of one function: how it is reached and which part of it.

    ``kind`` is ``attribute``, ``item``, ``content`` (a container as a whole), ``global`` or ``cell``.
    """

    kind: str
    base: Path
    part: object = None

    def covers(self, other: PlaceKey) -> bool:
        """Whether a read of this place tells something of what a write of the other changes."""
        if self == other:
            return True
        containers = ("item", "content")
        if self.kind not in containers or other.kind not in containers or self.base != other.base:
            return False
        return "content" in (self.kind, other.kind)


@dataclass(frozen=True, slots=True)
class Read:
    """A load of a place: where it stands, and where it appears in the function that is looked at."""

    place: PlaceKey
    clone: Clone
    instruction: Instruction
    at: Instruction
    compared: bool = False
    """Whether its value is compared with another, rather than asked for being there."""


@dataclass(frozen=True, slots=True)
class Write:
    """A change of a place, with the reads that it rests on."""

    place: PlaceKey
    clone: Clone
    instruction: Instruction
    at: Instruction
    """The instruction of the function that is looked at: the write itself or the call that leads to it."""
    block: Block
    src: Value | None
    change: Change | None = None
    """What a container's method does; None for an assignment."""
    container: Value | None = None
    """The container that a call changes."""
    is_deletion: bool = False
    tolerant: bool = False
    """Whether it is right whatever was read before (``pop(k, default)``)."""
    reads: tuple[Read, ...] = ()
    checks: tuple[Read, ...] = ()
    in_place: model.Compute | None = None
    exchanged: bool = False
    between: tuple[Instruction, ...] = ()


class Flows:
    """The writes of each clone."""

    def __init__(self, contexts: Contexts) -> None:
        self.contexts = contexts
        self.program: Program = contexts.program
        self._slices: dict[Function, Slices] = {}
        self._writes: dict[Clone, list[Write]] = {}
        self._returned: dict[Clone, tuple[Read, ...]] = {}
        self._stored: dict[Clone, list[tuple[Write, frozenset[Value]]]] = {}

    def slices(self, clone: Clone) -> Slices:
        """The slices of a clone's function."""
        known = self._slices.get(clone.function)
        if known is None:
            known = self._slices[clone.function] = Slices(clone.function, self.contexts.paths(clone))
        return known

    def of(self, clone: Clone) -> list[Write]:
        """The writes of a clone, its own first, then those that calls make for it."""
        known = self._writes.get(clone)
        if known is None:
            self._writes[clone] = []
            own = list(self._own(clone))
            known = self._writes[clone] = [*own, *self._joined(clone)]
        return known

    # -- places

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

    def _value(self, clone: Clone, call: Instruction, source: Source) -> Value | None:
        """The value that a source of a library's effect is in a call."""
        if not isinstance(call, model.Call):
            return None
        if isinstance(source, Receiver):
            definition = self.contexts.paths(clone).definitions[call.function]
            return definition.base if isinstance(definition, model.LoadAttr) else None
        if isinstance(source, Arg):
            if source.position is not None and source.position < len(call.args):
                return call.args[source.position][0]
            return next((v for name, v in call.keywords if name == source.name and name), None)
        return None

    def _container_place(
        self, clone: Clone, call: Instruction, of: Source, key: Source | None
    ) -> PlaceKey | None:
        base = self._value(clone, call, of)
        if base is None:
            return None
        paths = self.contexts.paths(clone)
        part = self._value(clone, call, key) if key is not None else None
        if part is None:
            return PlaceKey("content", paths.of(base))
        return PlaceKey("item", paths.of(base), paths.key(part))

    # -- own writes

    def _own(self, clone: Clone) -> Iterator[Write]:
        slices = self.slices(clone)
        for found in slices.writes:
            place = self.place(clone, found.store)
            assert place is not None
            src = found.store.src
            write = Write(
                place,
                clone,
                found.store,
                found.store,
                found.block,
                src,
                is_deletion=src is None,
                tolerant=src is None and _is_caught(clone.function, found.block),
                in_place=found.in_place,
                exchanged=bool(found.exchanged),
                between=found.between,
            )
            values = [src] if src is not None else []
            if isinstance(found.store, model.StoreItem) and values:
                values.append(found.store.key)
            reads = self._rests_on(clone, values, place)
            yield replace(
                write,
                reads=reads,
                checks=self._checks(clone, found.block, place),
                between=found.between or self._between(slices, reads, found.store),
            )
        for block in clone.function.blocks:
            for instruction in block.instructions:
                if isinstance(instruction, model.Call):
                    yield from self._mutations(clone, block, instruction)

    def _between(
        self, slices: Slices, reads: tuple[Read, ...], store: Instruction
    ) -> tuple[Instruction, ...]:
        return slices.between([r.at for r in reads], store)

    def _rests_on(self, clone: Clone, values: list[Value], place: PlaceKey) -> tuple[Read, ...]:
        """The reads of a place itself, or of the whole container it is in, that values flow from."""
        found: dict[Read, None] = {}
        for value in values:
            for read in self.derived(clone, value, _DEPTH):
                whole = read.place.kind == "content" or place.kind == "content"
                if read.place == place or (whole and read.place.covers(place)):
                    found[read] = None
        return tuple(found)

    def _mutations(self, clone: Clone, block: Block, call: model.Call) -> Iterator[Write]:
        """What a call of a container's method changes."""
        events = self.program.events.get((clone.number, id(call)), ())
        seen: set[PlaceKey] = set()
        for event in events:
            effect = event.effect
            if not isinstance(effect, (Mutate, Put, PutAll)):
                continue
            source = effect.of if isinstance(effect, Mutate) else effect.into
            key = None if isinstance(effect, PutAll) else effect.key
            place, change = self._container_place(clone, call, source, key), effect.change
            if place is None or place in seen:
                continue
            seen.add(place)
            effects = tuple(e.effect for e in events)
            given = [v for v, _ in call.args] if change in (Change.APPEND, Change.STORE) else []
            reads = self._rests_on(clone, given, place)
            if any(isinstance(e, Test) and e.of == source for e in effects):
                # It looks at what is there and changes it in more than one step (``heappush``).
                reads = (*reads, Read(place, clone, call, call))
            yield Write(
                place,
                clone,
                call,
                call,
                block,
                None,
                change=change,
                container=self._value(clone, call, source),
                is_deletion=change in (Change.REMOVE, Change.CLEAR),
                tolerant=self._is_tolerant(call, effects)
                or (change is Change.REMOVE and _is_caught(clone.function, block)),
                reads=reads,
                checks=self._checks(clone, block, place, change),
                between=self._between(self.slices(clone), reads, call),
            )

    def _is_tolerant(self, call: model.Call, effects: tuple[Effect, ...]) -> bool:
        """Whether a method does the right thing whether or not the item is there."""
        if any(isinstance(e, Mutate) and e.tolerant for e in effects):
            return True
        if any(isinstance(e, Put) and e.key is not None and e.change is Change.INSERT for e in effects):
            return any(isinstance(e, Take) for e in effects)
        return any(
            isinstance(e, Give)
            and isinstance(e.source, Arg)
            and e.source.position is not None
            and e.source.position < len(call.args)
            for e in effects
        ) and any(isinstance(e, Mutate) for e in effects)

    def _checks(
        self, clone: Clone, block: Block, place: PlaceKey, change: Change | None = None
    ) -> tuple[Read, ...]:
        adds = change in (Change.APPEND, Change.INSERT)
        found: dict[Read, None] = {}
        for condition in block.conditions:
            for read in self.tests(clone, condition, _DEPTH):
                # What is added anywhere relies on how many there are, not on whether there are any.
                if adds and place.kind == "content" and not read.compared:
                    continue
                if read.place.covers(place):
                    found[read] = None
        return tuple(found)

    # -- reads

    def derived(self, clone: Clone, value: Value, depth: int) -> Iterator[Read]:
        """The reads that a value flows from, changed on the way; those that callees return, too."""
        for load, changed in self.slices(clone).sources(value).items():
            if changed:
                yield from self._of_load(clone, load, depth)
            elif self._calls(clone, load):
                yield from self._through(clone, load, depth)

    def _of_load(self, clone: Clone, load: Load, depth: int) -> Iterator[Read]:
        if self._calls(clone, load):
            yield from self._through(clone, load, depth)
        if isinstance(load, model.Call):
            for event in self.program.events.get((clone.number, id(load)), ()):
                if isinstance(event.effect, (Take, Test)):
                    place = self._container_place(clone, load, event.effect.of, event.effect.key)
                    if place is not None:
                        yield Read(place, clone, load, load)
            return
        place = self.place(clone, load)
        if place is not None and not self._calls(clone, load):
            yield Read(place, clone, load, load)

    def _calls(self, clone: Clone, instruction: Instruction) -> list[Target]:
        return self.program.targets.get((clone.number, id(instruction)), [])

    def _through(self, clone: Clone, call: Instruction, depth: int) -> Iterator[Read]:
        """The reads whose values a call gives back, in the terms of the caller."""
        if depth <= 0:
            return
        for target in self._calls(clone, call):
            renaming = self._renaming(clone, call, target)
            for read in self._returns(target.clone, depth - 1):
                place = _renamed(read.place, renaming)
                if place is not None:
                    yield Read(place, read.clone, read.instruction, call)

    def _returns(self, clone: Clone, depth: int) -> tuple[Read, ...]:
        known = self._returned.get(clone)
        if known is None:
            self._returned[clone] = ()
            found: dict[Read, None] = {}
            for block in clone.function.blocks:
                for instruction in block.instructions:
                    if isinstance(instruction, model.Return):
                        for load in self.slices(clone).sources(instruction.src):
                            for read in self._of_load(clone, load, depth):
                                found[read] = None
                        for read in self.tests(clone, instruction.src, depth):
                            found[read] = None
            known = self._returned[clone] = tuple(found)
        return known

    def tests(self, clone: Clone, condition: Value, depth: int) -> Iterator[Read]:
        """What a condition asks: the reads of places, items and containers that it rests on."""
        paths = self.contexts.paths(clone)
        seen: set[tuple[Value, bool]] = set()
        waiting = [(condition, False)]
        while waiting:
            value, compared = waiting.pop()
            if (value, compared) in seen:
                continue
            seen.add((value, compared))
            definition = paths.definitions[value]
            found: list[Read] = []
            match definition:
                case model.Compute(op="In" | "NotIn", operands=(key, container)):
                    found.append(
                        Read(
                            PlaceKey("item", paths.of(container), paths.key(key)),
                            clone,
                            definition,
                            definition,
                        )
                    )
                    waiting.append((key, True))
                case model.Compute(op="HasNext"):
                    pass
                case model.Compute(operands=operands):
                    deeper = compared or not self._asks_presence(clone, definition)
                    waiting.extend((operand, deeper) for operand in operands)
                case model.Phi(sources=sources, decider=decider):
                    waiting.extend((source, compared) for source in sources)
                    if decider is not None:
                        waiting.append((decider, compared))
                case model.Await(src=src) if src is not None:
                    waiting.append((src, compared))
                case model.Call(args=args):
                    found.extend(self._of_load(clone, definition, depth))
                    for event in self.program.events.get((clone.number, id(definition)), ()):
                        if isinstance(event.effect, Mutate):
                            place = self._container_place(
                                clone, definition, event.effect.of, event.effect.key
                            )
                            # To have taken something out is no decision on what is left.
                            if place is not None and place.kind == "item":
                                found.append(Read(place, clone, definition, definition))
                    waiting.extend((argument, True) for argument, _ in args)
                case model.Unpack(source=source):
                    waiting.append((source, compared))
                case _ if isinstance(definition, LOADS):
                    found.extend(self._of_load(clone, definition, depth))
            if definition is not None and self._is_container(clone, value):
                found.append(Read(PlaceKey("content", paths.of(value)), clone, definition, definition))
            for read in found:
                yield replace(read, compared=read.compared or compared)

    def _asks_presence(self, clone: Clone, test: model.Compute) -> bool:
        """Whether a test asks for a value being there: its truth, ``None``, a sentinel, an attribute."""
        if test.op in ("Not", "HasAttr", "Raised", "BoolOp"):
            return True
        if test.op not in ("Is", "IsNot", "Eq", "NotEq"):
            return False
        definitions = self.contexts.paths(clone).definitions
        return any(
            (isinstance(d, model.Const) and d.value is None and d.known)
            or (test.op in ("Is", "IsNot") and isinstance(d, model.LoadGlobal))
            for d in (definitions[operand] for operand in test.operands)
        )

    def _is_container(self, clone: Clone, value: Value) -> bool:
        return any(self.program.container(o) is not None for o in self.program.at(clone.node(value)))

    # -- writes that calls make

    def _joined(self, clone: Clone) -> Iterator[Write]:
        """Writes in callees that rest on what this function has read: setters, helpers that act."""
        slices = self.slices(clone)
        for block in clone.function.blocks:
            for instruction in block.instructions:
                for target in self._calls(clone, instruction):
                    if target.construct or target.clone.is_merged:
                        continue
                    renaming = self._renaming(clone, instruction, target)
                    values = dict(bindings(self.program, clone, instruction, target))
                    for write, parameters in self._stores(target.clone):
                        place = _renamed(write.place, renaming)
                        if place is None:
                            continue
                        given = [values[p] for p in parameters if p in values]
                        if isinstance(instruction, (model.StoreAttr, model.StoreItem)) and instruction.src:
                            given = [instruction.src] if parameters else []
                        reads = tuple(
                            read
                            for value in given
                            for read in self.given(clone, value)
                            if read.place == place
                        )
                        checks = () if write.checks or write.reads else self._checks(clone, block, place)
                        if reads or checks:
                            yield replace(
                                write,
                                place=place,
                                at=instruction,
                                reads=reads,
                                checks=checks,
                                block=block,
                                between=slices.between([r.at for r in reads], instruction) or (instruction,),
                            )

    def given(self, clone: Clone, value: Value) -> Iterator[Read]:
        """The reads that a value comes from, changed on the way or not."""
        for load in self.slices(clone).sources(value):
            yield from self._of_load(clone, load, _DEPTH)

    def _stores(self, clone: Clone) -> list[tuple[Write, frozenset[Value]]]:
        """The assignments of a callee, with the parameters that their values rest on."""
        known = self._stored.get(clone)
        if known is None:
            parameters = {p.value for p in clone.function.parameters}
            known = []
            slices = self.slices(clone)
            for found in slices.writes:
                place = self.place(clone, found.store)
                if place is None or found.store.src is None:
                    continue
                write = Write(
                    place,
                    clone,
                    found.store,
                    found.store,
                    found.block,
                    found.store.src,
                    reads=tuple(Read(place, clone, r, r) for r in found.reads),
                    checks=self._checks(clone, found.block, place),
                )
                roots = slices.roots(found.store.src) & parameters
                known.append((write, frozenset(roots)))
            self._stored[clone] = known
        return known

    def _renaming(self, clone: Clone, instruction: Instruction, target: Target) -> dict[Value, Path]:
        paths: Paths = self.contexts.paths(clone)
        return {
            parameter: paths.of(value)
            for parameter, value in bindings(self.program, clone, instruction, target)
        }


def _is_caught(function: Function, block: Block) -> bool:
    """Whether a handler catches what is raised in a block (a ``finally`` alone does not)."""
    handler = block.raises_to
    while handler is not None:
        caught = function.blocks[handler]
        if any(isinstance(i, model.Compute) and i.op == "Raised" for i in caught.instructions):
            return True
        handler = caught.raises_to
    return False


def _renamed(place: PlaceKey, renaming: dict[Value, Path]) -> PlaceKey | None:
    """A callee's place in the terms of its caller; None where it is the callee's own affair."""
    if not place.base:
        return place
    kind, root = place.base[0]
    if kind != "value":
        return place
    if root not in renaming:
        return None
    base = (*renaming[root], *place.base[1:])
    part = place.part
    if place.kind == "item" and isinstance(part, tuple) and part and part[0] != "literal":
        part = _renamed_key(part, renaming)
        if part is None:
            return None
    return PlaceKey(place.kind, base, part)


def _renamed_key(key: tuple[object, ...], renaming: dict[Value, Path]) -> object:
    first = key[0]
    if isinstance(first, tuple) and len(first) == 2 and first[0] == "value":
        found = renaming.get(first[1])
        return (*found, *key[1:]) if found is not None else None
    return key
