"""Containers that are read as a whole and then emptied or exchanged: what others add in between is lost.

``data = b"".join(self.parts); self.parts = []`` and ``a.update(b); b.clear()``. One statement that
exchanges (``parts, self.parts = self.parts, []``) takes out what is there, and loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_sharedstate.dataflow import Run, receiver_value
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Block, Instruction, Value
from flake8_sharedstate.libraries.vocabulary import Change, Make, Mutate, PutAll, TakePairs, TakeTuples, View
from flake8_sharedstate.program.objects import Clone, QualifiedObject
from flake8_sharedstate.races.accesses import Access, Location, Place, Shape
from flake8_sharedstate.races.flows import Write
from flake8_sharedstate.races.origins import Origin
from flake8_sharedstate.races.places import PlaceKey
from flake8_sharedstate.races.reads import Read
from flake8_sharedstate.races.stages import Stages
from flake8_sharedstate.races.writes import Writes
from flake8_sharedstate.threads.contexts import Context

_LOADS = (model.LoadAttr, model.LoadGlobal, model.LoadCell)
_STORES = (model.StoreAttr, model.StoreGlobal, model.StoreCell)
_COPIES = (Make, PutAll, TakePairs, TakeTuples, View)


def drains(stages: Stages, writes: Writes) -> Iterator[Access]:
    """Every reset of a container that was read as a whole before, as an access that additions make wrong."""
    found: dict[Clone, list[tuple[Write, Value]]] = {}
    for context in stages.contexts.all:
        for clone in sorted(context.clones, key=lambda c: c.number):
            if clone.is_merged or clone.function.kind in ("class", "module"):
                continue
            if clone not in found:
                found[clone] = list(_drained(stages, clone))
            for write, container in found[clone]:
                yield from _accesses(stages, writes, context, write, container)


def _drained(stages: Stages, clone: Clone) -> Iterator[tuple[Write, Value]]:
    """The resets of a clone's function, each with the container that was read before."""
    slices, paths = stages.flows.slices(clone), stages.contexts.paths(clone)
    for block, reset, emptied in _resets(stages, clone):
        for read, container in _whole_reads(stages, clone):
            start = read if emptied is not None else paths.definitions[container]
            place = PlaceKey("content", paths.of(container))
            if emptied is None:
                if not isinstance(start, _LOADS):
                    continue
                # Once loaded it stays the same container, whenever its items are read.
                place = stages.flows.place(clone, start) or place
                is_same = place == stages.flows.place(clone, reset)
            else:
                is_same = place.base == paths.of(emptied)
            if not is_same or start is None or start.at == reset.at:
                continue
            between = tuple(slices.on_paths(start, reset))
            if between and slices.leads_past(start, reset, ()):
                reads = (Read(place, clone, start, start),)
                yield Write(place, clone, reset, reset, block, None, reads=reads, between=between), container
                break


def _resets(stages: Stages, clone: Clone) -> Iterator[tuple[Block, Instruction, Value | None]]:
    """Where an empty container takes the place of another, or one is emptied."""
    definitions = stages.contexts.paths(clone).definitions
    for block in clone.function.blocks:
        for i in block.instructions:
            if isinstance(i, _STORES) and i.src is not None:
                made = definitions[i.src]
                if (isinstance(made, model.Build) and not made.items) or (
                    isinstance(made, model.Call) and not made.args and _is_container(stages, clone, i.src)
                ):
                    yield block, i, None
            elif isinstance(i, model.Call):
                events = stages.program.events.get((clone.number, id(i)), ())
                if any(isinstance(e.effect, Mutate) and e.effect.change is Change.CLEAR for e in events):
                    yield block, i, receiver_value(stages.program, clone, i)


def _whole_reads(stages: Stages, clone: Clone) -> Iterator[tuple[Instruction, Value]]:
    """Where all items of a container are read: it is walked, copied, or handed to others."""
    for block in clone.function.blocks:
        for i in block.instructions:
            if isinstance(i, model.Iterate):
                yield i, i.source
            elif isinstance(i, model.Build):
                yield from ((i, element) for _, element, starred in i.items if starred)
            elif isinstance(i, model.Return):
                yield i, i.src
            elif isinstance(i, model.Call):
                yield from ((i, value) for value in _read_by(stages, clone, i))


def _read_by(stages: Stages, clone: Clone, call: model.Call) -> Iterator[Value]:
    """The containers whose items a call reads: what it copies, or what code out of sight is given."""
    program = stages.program
    events = program.events.get((clone.number, id(call)), ())
    if any(isinstance(event.effect, _COPIES) for event in events):
        receiver = receiver_value(program, clone, call)
        if receiver is not None and _is_container(stages, clone, receiver):
            yield receiver
        yield from (value for value, _ in call.args)
    elif not events and not any(
        isinstance(program.objects[o], QualifiedObject) for o in program.at(clone.node(call.function))
    ):
        yield from (value for value, _ in call.args)


def _is_container(stages: Stages, clone: Clone, value: Value) -> bool:
    program = stages.program
    return any(program.container(o) is not None for o in program.at(clone.node(value)))


def _accesses(
    stages: Stages, writes: Writes, context: Context, write: Write, container: Value
) -> Iterator[Access]:
    clone, reset = write.clone, write.instruction
    run = Run(clone, context.number)
    holder = reset.base if isinstance(reset, model.StoreAttr) else container
    if not stages.order.is_reached(run, reset) or stages.ownership.owns(run, holder, reset):
        return
    held = stages.locksets.held(run, reset)
    window, split = writes.window(clone, context, write, held)
    for owner in sorted(stages.program.at(clone.node(container))):
        if stages.program.container(owner) is None or owner not in stages.reachable.escaped:
            continue
        if not stages.concerns(context, owner):
            continue
        yield Access(
            Location(owner, "[]"),
            Place.ITEM,
            Shape.DRAIN,
            run,
            context,
            write,
            container,
            _origin(stages, context, clone, reset, holder),
            held,
            window,
            split,
            writes.shapes.today(clone, run, write),
            writes.shapes.awaits(clone, write),
            clone,
        )


def _origin(stages: Stages, context: Context, clone: Clone, reset: Instruction, holder: Value) -> Origin:
    """How a thread came to what holds the container; to take out what is there makes that nobody's own."""
    if isinstance(reset, model.StoreGlobal):
        return Origin.SHARED
    if isinstance(reset, model.StoreCell):
        return stages.sharing.frame_origin(stages.program.frame_of(clone, reset.owner), context)
    return stages.sharing.origin(clone, holder, context)
