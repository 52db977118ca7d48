"""Reads that a concurrent change breaks: walking over a container, advancing an iterator."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_sharedstate.dataflow import Run, receiver_value
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Block, Instruction, Value
from flake8_sharedstate.libraries.vocabulary import Change, Mutate, Take, TakePairs, View
from flake8_sharedstate.program.objects import Clone, LibraryObject, ObjectId
from flake8_sharedstate.races.accesses import Access, Location, Place, Shape
from flake8_sharedstate.races.flows import Write
from flake8_sharedstate.races.places import PlaceKey
from flake8_sharedstate.races.raising import Raising
from flake8_sharedstate.races.stages import Stages
from flake8_sharedstate.threads.contexts import Context

# Containers that raise, or skip and repeat items, when they change under a walk.
_WALKED = ("dict", "set", "deque", "list")
_ADVANCED = ("iterator",)


def visits(stages: Stages) -> Iterator[Access]:
    """Every walk and every advance of something shared, as accesses that conflict with changes."""
    raising = Raising(stages.program)
    for context in stages.contexts.all:
        for clone in sorted(context.clones, key=lambda c: c.number):
            if clone.is_merged:
                continue
            for block in clone.function.blocks:
                for instruction in block.instructions:
                    for value, shape in _visited(stages, clone, instruction):
                        if shape is Shape.WALK and raising.begins_again(clone, block):
                            # A list tells nobody that it has changed.
                            kinds: tuple[str, ...] = ("list",)
                        else:
                            kinds = _WALKED if shape is Shape.WALK else _ADVANCED
                        yield from _accesses(stages, context, clone, block, instruction, value, shape, kinds)


def _visited(stages: Stages, clone: Clone, instruction: Instruction) -> Iterator[tuple[Value, Shape]]:
    """The values that an instruction walks over or advances."""
    program = stages.program
    if isinstance(instruction, model.Iterate):
        source = instruction.source
        yield source, Shape.ADVANCE
        definition = stages.contexts.paths(clone).definitions[source]
        if isinstance(definition, model.Call):
            events = program.events.get((clone.number, id(definition)), ())
            if not any(isinstance(e.effect, (View, TakePairs)) for e in events):
                return
            given = definition.args[0][0] if definition.args else None
            receiver = receiver_value(program, clone, definition)
            source = given if given is not None else receiver if receiver is not None else source
        yield source, Shape.WALK
    elif isinstance(instruction, model.Call):
        for event in program.events.get((clone.number, id(instruction)), ()):
            if isinstance(event.effect, Take) and event.effect.key is None:
                if event.receiver is None and instruction.args:
                    yield instruction.args[0][0], Shape.ADVANCE
            elif isinstance(event.effect, Mutate) and event.effect.change is Change.REMOVE:
                receiver = receiver_value(program, clone, instruction)
                if receiver is not None:
                    yield receiver, Shape.ADVANCE


def _accesses(
    stages: Stages,
    context: Context,
    clone: Clone,
    block: Block,
    at: Instruction,
    value: Value,
    shape: Shape,
    kinds: tuple[str, ...],
) -> Iterator[Access]:
    run = Run(clone, context.number)
    if not stages.order.is_reached(run, at) or stages.ownership.owns(run, value, at):
        return
    for owner in sorted(stages.program.at(clone.node(value))):
        if stages.program.container(owner) not in kinds or owner not in stages.reachable.escaped:
            continue
        if shape is Shape.ADVANCE and not _is_fragile(stages, owner):
            continue
        if not stages.concerns(context, owner):
            continue
        held = stages.locksets.held(run, at)
        place = PlaceKey("content", stages.contexts.paths(clone).of(value))
        yield Access(
            Location(owner, "[]" if shape is Shape.WALK else "<next>"),
            Place.ITEM,
            shape,
            run,
            context,
            Write(place, clone, at, at, block, None),
            value,
            stages.sharing.origin(clone, value, context),
            held,
            held,
            False,
            True,
            False,
            clone,
            stages.program.container(owner),
        )


def _is_fragile(stages: Stages, number: ObjectId) -> bool:
    """Whether two threads must not advance an iterator at once (``itertools.count`` they may)."""
    found = stages.program.get(number, LibraryObject)
    return found is not None and not any(known.atomic for _, known in stages.program.models(number))
