"""The reads that a value flows from, and those that a condition asks, across calls to a small depth.

Slices (``facts.slices``) tell this inside one function from its text; here library knowledge and
resolved calls are added: ``d.get(k)`` reads an item, a getter or predicate reads for its caller.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Function, Instruction, Value
from flake8_sharedstate.facts.slices import LOADS, Load, Slices
from flake8_sharedstate.libraries.vocabulary import (
    Mutate,
    Take,
    Test,
)
from flake8_sharedstate.program.heap import Target
from flake8_sharedstate.program.objects import Clone
from flake8_sharedstate.races.places import PlaceKey, Places, renamed
from flake8_sharedstate.threads.contexts import Contexts

DEPTH = 2


@dataclass(frozen=True, slots=True)
class Read:
    """A load of a place: where it stands, and where it appears in the function that is looked at."""

    place: PlaceKey
    clone: Clone
    instruction: Instruction
    at: Instruction
    compared: bool = False
    """Whether its value is compared with another, rather than asked for being there."""


class Reads(Places):
    """Reads of the clones of a program."""

    def __init__(self, contexts: Contexts) -> None:
        super().__init__(contexts)
        self._slices: dict[Function, Slices] = {}
        self._returned: dict[Clone, tuple[Read, ...]] = {}

    def slices(self, clone: Clone) -> Slices:
        """The slices of a clone's function."""
        known = self._slices.get(clone.function)
        if known is None:
            known = self._slices[clone.function] = Slices(clone.function, self.contexts.paths(clone))
        return known

    def given(self, clone: Clone, value: Value) -> Iterator[Read]:
        """The reads that a value comes from, changed on the way or not."""
        for load in self.slices(clone).sources(value):
            yield from self._of_load(clone, load, DEPTH)

    def derived(self, clone: Clone, value: Value, depth: int) -> Iterator[Read]:
        """The reads that a value flows from, changed on the way; those that callees return, too."""
        for load, changed in self.slices(clone).sources(value).items():
            if changed:
                yield from self._of_load(clone, load, depth)
            elif self.calls(clone, load):
                yield from self._through(clone, load, depth)

    def _of_load(self, clone: Clone, load: Load, depth: int) -> Iterator[Read]:
        if self.calls(clone, load):
            yield from self._through(clone, load, depth)
        if isinstance(load, model.Call):
            for event in self.program.events.get((clone.number, id(load)), ()):
                if isinstance(event.effect, (Take, Test)):
                    place = self.container(clone, load, event.effect.of, event.effect.key)
                    if place is not None:
                        yield Read(place, clone, load, load)
            return
        place = self.place(clone, load)
        if place is not None and not self.calls(clone, load):
            yield Read(place, clone, load, load)

    def calls(self, clone: Clone, instruction: Instruction) -> list[Target]:
        return self.program.targets.get((clone.number, id(instruction)), [])

    def _through(self, clone: Clone, call: Instruction, depth: int) -> Iterator[Read]:
        """The reads whose values a call gives back, in the terms of the caller."""
        if depth <= 0:
            return
        for target in self.calls(clone, call):
            renaming = self.renaming(clone, call, target)
            for read in self._returns(target.clone, depth - 1):
                place = renamed(read.place, renaming)
                if place is not None:
                    yield Read(place, read.clone, read.instruction, call, read.compared)

    def _returns(self, clone: Clone, depth: int) -> tuple[Read, ...]:
        known = self._returned.get(clone)
        if known is None:
            self._returned[clone] = ()
            found: dict[Read, None] = {}
            returned = [
                (block, i.src)
                for block in clone.function.blocks
                for i in block.instructions
                if isinstance(i, model.Return)
            ]
            several = len({self._answer(clone, result) for _, result in returned}) > 1
            for block, result in returned:
                for load in self.slices(clone).sources(result):
                    found.update(dict.fromkeys(self._of_load(clone, load, depth)))
                # Which of several answers it gives tells what it asked before.
                decided = block.conditions if several and self._answer(clone, result) is not None else ()
                for condition in (result, *decided):
                    found.update(dict.fromkeys(self.tests(clone, condition, depth)))
            known = self._returned[clone] = tuple(found)
        return known

    def _answer(self, clone: Clone, result: Value) -> str | None:
        """A literal that is returned; None for what says more by itself."""
        definition = self.contexts.paths(clone).definitions[result]
        return repr(definition.value) if isinstance(definition, model.Const) else None

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
                            place = self.container(clone, definition, event.effect.of, event.effect.key)
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
