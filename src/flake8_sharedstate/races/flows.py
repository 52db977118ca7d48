"""The writes of each clone, its own and those that calls make for it, with the reads that they rest on.

``q.pop()`` changes a container, a setter writes for its caller. Callees are summarised in the terms
of their parameters and renamed to the caller's, to a small depth.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flake8_sharedstate.dataflow import bindings
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Block, Function, Instruction, Value
from flake8_sharedstate.facts.slices import Slices
from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Change,
    Effect,
    Give,
    Invoke,
    Mutate,
    Put,
    PutAll,
    Take,
    Test,
)
from flake8_sharedstate.program.objects import Clone, LibraryMethodObject
from flake8_sharedstate.races.places import PlaceKey, renamed
from flake8_sharedstate.races.reads import DEPTH, Read, Reads
from flake8_sharedstate.threads.contexts import Contexts


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
    key: Value | None = None
    """The key of the item there."""
    is_deletion: bool = False
    tolerant: bool = False
    """Whether it is right whatever was read before (``pop(k, default)``)."""
    reads: tuple[Read, ...] = ()
    checks: tuple[Read, ...] = ()
    in_place: model.Compute | None = None
    exchanged: bool = False
    between: tuple[Instruction, ...] = ()
    is_setters: bool = False
    """Whether the function that writes is told by its caller what to write."""


# Where what is deleted moves all that comes after it to another position.
_SEQUENCES = ("list", "deque", "bytearray")


class Flows(Reads):
    """The writes of each clone."""

    def __init__(self, contexts: Contexts) -> None:
        super().__init__(contexts)
        self._writes: dict[Clone, list[Write]] = {}
        self._stored: dict[Clone, list[tuple[Write, frozenset[Value]]]] = {}
        self._waiting: dict[Clone, list[tuple[Block, model.Call]]] = {}

    def of(self, clone: Clone) -> list[Write]:
        """The writes of a clone, its own first, then those that calls make for it."""
        known = self._writes.get(clone)
        if known is None:
            self._writes[clone] = []
            own = list(self._own(clone))
            known = self._writes[clone] = [*own, *self._joined(clone)]
        return known

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
            checks = self._checks(clone, found.block, found.store, place)
            if src is None and isinstance(found.store, model.StoreItem):
                checks += self._located(clone, found.store, found.store.base, found.store.key, place)
                checks += tuple(self._found_before(clone, found.block, place, found.store.key))
            yield replace(
                write,
                reads=reads,
                checks=checks,
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
            for read in self.derived(clone, value, DEPTH):
                whole = read.place.kind == "content" or place.kind == "content"
                if read.place == place or (whole and read.place.covers(place)):
                    found[read] = None
        return tuple(found)

    def _located(
        self, clone: Clone, act: Instruction, base: Value, position: Value, place: PlaceKey
    ) -> tuple[Read, ...]:
        """The reads of a sequence that tell what is deleted at a position: by then it may be another's."""
        definitions = self.contexts.paths(clone).definitions
        sliced = definitions[position]
        objects = self.program.at(clone.node(base)) - {self.program.none}
        if not (isinstance(sliced, model.Compute) and sliced.op == "Slice") and (
            not objects or any(self.program.container(o) not in _SEQUENCES for o in objects)
        ):
            return ()
        found = [
            read
            for read in self.given(clone, position)
            if read.place.kind == "content" and read.place.covers(place)
        ]
        taken = [
            Read(place, clone, i, i)
            for i in definitions
            if isinstance(i, model.LoadItem)
            and self.place(clone, i) == place
            and self.slices(clone).between([i], act)
        ]
        return (*found, *taken)

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
            place, change = self.container(clone, call, source, key), effect.change
            if place is None or place in seen:
                continue
            seen.add(place)
            effects = tuple(e.effect for e in events)
            given = [v for v, _ in call.args] if change in (Change.APPEND, Change.STORE) else []
            reads = self._rests_on(clone, given, place)
            if change is Change.APPEND:
                reads = self._not_taken(reads)
            if any(isinstance(e, Test) and e.of == source for e in effects):
                # It looks at what is there and changes it in more than one step (``heappush``).
                reads = (*reads, Read(place, clone, call, call))
            checks = self._checks(clone, block, call, place, change)
            if change is Change.APPEND:
                checks = self._not_taken(checks)
            container = self.value(clone, call, source)
            taken = next((e.key for e in effects if isinstance(e, Take) and e.key is not None), None)
            position = self.value(clone, call, taken) if taken is not None else None
            if change is Change.REMOVE and key is None and container is not None and position is not None:
                checks += self._located(clone, call, container, position, place)
            by_key = self.value(clone, call, key) if key is not None else None
            if change is Change.REMOVE:
                checks += tuple(self._found_before(clone, block, place, by_key))
            yield Write(
                place,
                clone,
                call,
                call,
                block,
                None,
                change=change,
                container=container,
                key=by_key,
                is_deletion=change in (Change.REMOVE, Change.CLEAR),
                tolerant=self._is_tolerant(clone, call, effects)
                or (change is Change.REMOVE and _is_caught(clone.function, block)),
                reads=reads,
                checks=checks,
                between=self._between(self.slices(clone), reads, call),
            )

    def _not_taken(self, reads: tuple[Read, ...]) -> tuple[Read, ...]:
        """Reads but for those that remove what they read: that is the reader's own, to put back as well."""
        return tuple(
            read
            for read in reads
            if not any(
                isinstance(event.effect, Mutate) and event.effect.change is Change.REMOVE
                for event in self.program.events.get((read.clone.number, id(read.at)), ())
            )
        )

    def _is_tolerant(self, clone: Clone, call: model.Call, effects: tuple[Effect, ...]) -> bool:
        """Whether a method does the right thing whether or not the item is there."""
        if any(isinstance(e, Mutate) and e.tolerant for e in effects):
            return True
        if any(isinstance(e, Put) and e.key is not None and e.change is Change.INSERT for e in effects):
            return any(isinstance(e, Take) for e in effects)
        return any(
            isinstance(e, Give)
            and isinstance(e.source, Arg)
            and e.source.position is not None
            and self.value(clone, call, e.source) is not None
            for e in effects
        ) and any(isinstance(e, Mutate) for e in effects)

    def _checks(
        self,
        clone: Clone,
        block: Block,
        at: Instruction,
        place: PlaceKey,
        change: Change | None = None,
    ) -> tuple[Read, ...]:
        found: dict[Read, None] = {}
        for condition in block.conditions:
            found.update(dict.fromkeys(self._asked(clone, condition, place, change)))
        for waiting, wait in self._waits(clone):
            conditions = [c for c in waiting.conditions if c not in block.conditions]
            reads = [r for c in conditions for r in self._asked(clone, c, place, change)]
            # It goes on from a wait as if the test had come out well, unless it asks again.
            if reads and self.slices(clone).leads_past(wait, at, self._questions(clone, place)):
                found.update(dict.fromkeys(reads))
        return tuple(found)

    def _found_before(self, clone: Clone, block: Block, place: PlaceKey, key: Value | None) -> Iterator[Read]:
        """What a removal relies on: a key was found there by a walk, or items were counted."""
        paths, slices = self.contexts.paths(clone), self.slices(clone)
        walk = slices.walk_of(key) if key is not None else None
        for load in slices.sources(walk.source) if walk is not None else ():
            if paths.of(load.dst) == place.base:
                yield Read(PlaceKey("content", place.base), clone, load, load)
        for around in clone.function.blocks:
            for i in around.instructions:
                if isinstance(i, model.Iterate) and i.loop in block.loops:
                    rounds = paths.definitions[i.source]
                    if isinstance(rounds, model.Call) and self._is_range(clone, rounds):
                        for count, _ in rounds.args:
                            yield from (r for r in self.tests(clone, count, DEPTH) if r.place == place)

    def _is_range(self, clone: Clone, call: model.Call) -> bool:
        return any(self.program.container(o) == "range" for o in self.program.at(clone.node(call.dst)))

    def _asked(
        self, clone: Clone, condition: Value, place: PlaceKey, change: Change | None
    ) -> Iterator[Read]:
        """The reads in a condition that tell something of a place that is changed."""
        adds = change in (Change.APPEND, Change.INSERT)
        for read in self.tests(clone, condition, DEPTH):
            # What is added anywhere relies on how many there are, not on whether there are any.
            if read.place.covers(place) and (read.compared or not (adds and place.kind == "content")):
                yield read

    def _questions(self, clone: Clone, place: PlaceKey) -> list[Instruction]:
        """Where any test of a function asks for a place."""
        branches = (block.branch for block in clone.function.blocks if block.branch is not None)
        return [r.at for branch in branches for r in self._asked(clone, branch.condition, place, None)]

    def _waits(self, clone: Clone) -> list[tuple[Block, model.Call]]:
        """Where a clone gives a lock up to wait, and asks nothing when it has it again."""
        known = self._waiting.get(clone)
        if known is None:
            known = self._waiting[clone] = [
                (block, i)
                for block in clone.function.blocks
                if block.conditions
                for i in block.instructions
                if isinstance(i, model.Call) and self._is_wait(clone, i)
            ]
        return known

    def _is_wait(self, clone: Clone, call: model.Call) -> bool:
        found = self.program.at(clone.node(call.function))
        methods = (self.program.get(number, LibraryMethodObject) for number in found)
        return any(m is not None and self.program.waits(m) for m in methods) and not any(
            isinstance(event.effect, Invoke)
            for event in self.program.events.get((clone.number, id(call)), ())
        )

    # -- writes that calls make

    def _joined(self, clone: Clone) -> Iterator[Write]:
        """Writes in callees that rest on what this function has read: setters, helpers that act."""
        slices = self.slices(clone)
        for block in clone.function.blocks:
            for instruction in block.instructions:
                for target in self.calls(clone, instruction):
                    if target.construct or target.clone.is_merged:
                        continue
                    renaming = self.renaming(clone, instruction, target)
                    values = dict(bindings(self.program, clone, instruction, target))
                    for write, parameters in self._stores(target.clone):
                        place = renamed(write.place, renaming)
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
                        known = write.checks or write.reads or self._decides(target.clone, write.block)
                        checks = () if known else self._checks(clone, block, instruction, place, write.change)
                        if reads or checks:
                            removes = write.change is Change.REMOVE
                            yield replace(
                                write,
                                place=place,
                                at=instruction,
                                tolerant=write.tolerant or (removes and _is_caught(clone.function, block)),
                                reads=reads,
                                checks=checks,
                                block=block,
                                between=slices.between([r.at for r in reads], instruction) or (instruction,),
                                is_setters=bool(reads) or write.src in parameters,
                            )

    def _decides(self, clone: Clone, block: Block) -> bool:
        """Whether a function itself asks for some state before it comes to a block."""
        return any(True for condition in block.conditions for _ in self.tests(clone, condition, DEPTH))

    def _stores(self, clone: Clone) -> list[tuple[Write, frozenset[Value]]]:
        """The writes of a callee's own, with the parameters that the values of assignments rest on."""
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
                    checks=self._checks(clone, found.block, found.store, place),
                )
                roots = slices.roots(found.store.src) & parameters
                known.append((write, frozenset(roots)))
            for block in clone.function.blocks:
                for instruction in block.instructions:
                    # How often it is done in a loop is decided here, not by the caller.
                    if isinstance(instruction, model.Call) and not block.loops:
                        changes = self._mutations(clone, block, instruction)
                        known.extend((write, frozenset()) for write in changes)
            self._stored[clone] = known
        return known


def _is_caught(function: Function, block: Block) -> bool:
    """Whether a handler catches what is raised in a block (a ``finally`` alone does not)."""
    handler = block.raises_to
    while handler is not None:
        caught = function.blocks[handler]
        if any(isinstance(i, model.Compute) and i.op == "Raised" for i in caught.instructions):
            return True
        handler = caught.raises_to
    return False
