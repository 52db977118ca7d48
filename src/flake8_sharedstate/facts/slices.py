"""Backward slices: what a written value was derived from, and what decided that it is written.

A store is a *read-modify-write* if its value flows from a load of the same place (through
arithmetic, calls, displays, other names); it is a *check-then-act* if such a load flows into a
condition under which it runs. Weiser's program slices (1984), on the value graph of one function.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Block, Function, Instruction, Value
from flake8_sharedstate.facts.paths import Paths

Store: TypeAlias = "model.StoreAttr | model.StoreItem | model.StoreGlobal | model.StoreCell"
Load: TypeAlias = "model.LoadAttr | model.LoadItem | model.LoadGlobal | model.LoadCell | model.Call"
"""What reads a place; a method call reads an item if its library says so (``d.get(k)``)."""

STORES = (model.StoreAttr, model.StoreItem, model.StoreGlobal, model.StoreCell)
LOADS = (model.LoadAttr, model.LoadItem, model.LoadGlobal, model.LoadCell, model.Call)

# Between read and write these let another thread in on any build: see ``Write.yields``.
_SWITCHES = (
    model.Call, model.Await, model.Yield, model.Iterate, model.Enter, model.Exit, model.MakeClass,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Write:
    """A store and the loads of its own place that it rests on."""

    store: Store
    block: Block
    reads: tuple[Load, ...] = ()
    """Loads of the place that its value is derived from."""
    checks: tuple[Load, ...] = ()
    """Loads of the place that decided that it runs."""
    in_place: model.Compute | None = None
    """The augmented operation, if the value is its result."""
    exchanged: tuple[Load, ...] = ()
    """Loads of another place that gets this place's value in exchange."""
    between: tuple[Instruction, ...] = field(default=(), compare=False)
    """The instructions between the first such load and the store, in the order of the text."""


class Slices:
    """The writes of one function."""

    def __init__(self, function: Function, paths: Paths) -> None:
        self.function = function
        self.paths = paths
        self._order: dict[int, int] = {}
        self._in_order: list[Instruction] = []
        for block in function.blocks:
            for instruction in block.instructions:
                self._order[id(instruction)] = len(self._in_order)
                self._in_order.append(instruction)
        self._added = self._additions()
        self.writes = list(self._writes())

    def _additions(self) -> dict[Value, list[Value]]:
        """What goes into each display after it is made: by its comprehension, or by a method of it."""
        added: dict[Value, list[Value]] = {}
        for instruction in self._in_order:
            if isinstance(instruction, model.Add):
                keys = [instruction.key] if instruction.key is not None else []
                added.setdefault(instruction.base, []).extend([*keys, instruction.src])
            elif isinstance(instruction, model.Call):
                method = self.paths.definitions[instruction.function]
                if isinstance(method, model.LoadAttr):
                    added.setdefault(method.base, []).extend(v for v, _ in instruction.args)
            elif isinstance(instruction, model.StoreItem) and instruction.src is not None:
                added.setdefault(instruction.base, []).extend([instruction.key, instruction.src])
        return added

    def place(self, instruction: Instruction) -> object:
        """What a load or store touches, comparable within the function."""
        match instruction:
            case model.LoadAttr(base=base, name=name) | model.StoreAttr(base=base, name=name):
                return ("attribute", self.paths.of(base), name)
            case model.LoadItem(base=base, key=key) | model.StoreItem(base=base, key=key):
                return ("item", self.paths.of(base), self.paths.key(key))
            case model.LoadGlobal(name=name) | model.StoreGlobal(name=name):
                return ("global", name)
            case model.LoadCell(owner=owner, name=name) | model.StoreCell(owner=owner, name=name):
                return ("cell", owner, name)
            case model.Call(function=function, args=((key, False), *_)):
                method = self.paths.definitions[function]
                if isinstance(method, model.LoadAttr):
                    return ("item", self.paths.of(method.base), self.paths.key(key))
        return None

    def _writes(self) -> Iterator[Write]:
        stores = [
            (block, i) for block in self.function.blocks for i in block.instructions if isinstance(i, STORES)
        ]
        sources = {id(i): self.sources(i.src) if i.src is not None else {} for _, i in stores}
        for block, store in stores:
            place = self.place(store)
            reads = [r for r, changed in sources[id(store)].items() if changed and self.place(r) == place]
            checks: dict[Load, None] = {}
            for condition in block.conditions:
                for read in self.sources(condition):
                    if self.place(read) == place:
                        checks[read] = None
            exchanged = self._exchanged(store, stores, sources)
            yield Write(
                store,
                block,
                tuple(reads),
                tuple(checks),
                self._augmented(store),
                tuple(exchanged),
                self.between((*reads, *exchanged), store),
            )

    def _augmented(self, store: Store) -> model.Compute | None:
        definition = self.paths.definitions[store.src] if store.src is not None else None
        return definition if isinstance(definition, model.Compute) and definition.in_place else None

    def _exchanged(
        self,
        store: Store,
        stores: list[tuple[Block, Store]],
        sources: dict[int, dict[Load, bool]],
    ) -> list[Load]:
        """``a, b = b, a``: two stores that each rest on a load of the other's place, both made before."""
        place = self.place(store)
        found: list[Load] = []
        for _, other in stores:
            if other is store or other.at != store.at:
                continue
            other_place = self.place(other)
            first = min(self._order[id(store)], self._order[id(other)])
            mine = [r for r in sources[id(store)] if self.place(r) == other_place]
            theirs = [r for r in sources[id(other)] if self.place(r) == place]
            if mine and theirs and all(self._order[id(r)] < first for r in (*mine, *theirs)):
                found += mine
        return found

    def between(self, reads: Iterable[Instruction], store: Instruction) -> tuple[Instruction, ...]:
        """The instructions between the first of some reads and a store, in the order of the text."""
        first = min((self._order[id(r)] for r in reads), default=None)
        at = self._order[id(store)]
        return tuple(self._in_order[first + 1 : at]) if first is not None and first < at else ()

    def on_paths(self, first: Instruction, last: Instruction) -> Iterator[Instruction]:
        """The instructions on some path from one instruction to another that does not come back to it."""
        (start, after), (end, before) = self._place_of(first), self._place_of(last)
        blocks = self.function.blocks
        if start == end and after < before:
            yield from blocks[start].instructions[after + 1 : before]
            return
        ahead = self._reachable(start, {n: b.successors for n, b in enumerate(blocks)}, {start})
        predecessors: dict[int, list[int]] = {n: [] for n in range(len(blocks))}
        for number, block in enumerate(blocks):
            for successor in block.successors:
                predecessors[successor].append(number)
        behind = self._reachable(end, predecessors, {start})
        if end not in ahead:
            return
        yield from blocks[start].instructions[after + 1 :]
        yield from blocks[end].instructions[:before]
        for number in sorted((ahead & behind) - {start, end}):
            yield from blocks[number].instructions

    def leads_past(self, first: Instruction, last: Instruction, barriers: Iterable[Instruction]) -> bool:
        """Whether control can come from one instruction to another without meeting any of some others."""
        (start, after), (end, before) = self._place_of(first), self._place_of(last)
        closed = [self._place_of(barrier) for barrier in barriers]
        if start == end and after < before:
            return not any(number == start and after < index < before for number, index in closed)
        if any((n == start and i > after) or (n == end and i < before) for n, i in closed):
            return False
        successors = {n: b.successors for n, b in enumerate(self.function.blocks)}
        return end in self._reachable(start, successors, {n for n, _ in closed} - {end})

    def _place_of(self, instruction: Instruction) -> tuple[int, int]:
        """The block of an instruction, and where in it."""
        return next(
            (number, block.instructions.index(instruction))
            for number, block in enumerate(self.function.blocks)
            if instruction in block.instructions
        )

    def _reachable(self, origin: int, edges: dict[int, list[int]], barriers: set[int]) -> set[int]:
        found: set[int] = set()
        waiting = list(edges[origin])
        while waiting:
            number = waiting.pop()
            if number not in found and number not in barriers:
                found.add(number)
                waiting.extend(edges[number])
        return found

    def roots(self, value: Value) -> set[Value]:
        """The parameters (and other values without a definition) that a value rests on."""
        found: set[Value] = set()
        seen: set[Value] = set()
        waiting = [value]
        while waiting:
            current = waiting.pop()
            if current in seen:
                continue
            seen.add(current)
            definition = self.paths.definitions[current]
            if definition is None:
                found.add(current)
            else:
                waiting.extend(operand for operand, _ in _operands(definition, True))
        return found

    def walk_of(self, value: Value) -> model.Iterate | None:
        """The walk over a container that a value is the element, or part of the element, of."""
        definition = self.paths.definitions[value]
        while isinstance(definition, model.Unpack):
            definition = self.paths.definitions[definition.source]
        return definition if isinstance(definition, model.Iterate) else None

    def sources(self, value: Value) -> dict[Load, bool]:
        """The loads that a value rests on, and whether it was changed on the way."""
        result: dict[Load, bool] = {}
        seen: set[tuple[Value, bool]] = set()
        waiting = [(value, False)]
        while waiting:
            current, changed = waiting.pop()
            if (current, changed) in seen:
                continue
            seen.add((current, changed))
            definition = self.paths.definitions[current]
            if definition is None:
                continue
            if isinstance(definition, model.Build):
                waiting.extend((v, True) for v in self._added.get(current, ()))
            if isinstance(definition, LOADS):
                result[definition] = result.get(definition, False) or changed
            waiting.extend(_operands(definition, changed))
        return result


def _operands(definition: Instruction, changed: bool) -> Iterator[tuple[Value, bool]]:
    """The values a value rests on; ``changed`` once anything but a choice lies between."""
    match definition:
        case model.Phi(sources=sources, decider=decider):
            for source in sources:
                yield source, changed
            if decider is not None:
                yield decider, True
        case model.Compute(operands=operands):
            for operand in operands:
                yield operand, True
        case model.LoadAttr(base=base):
            yield base, True
        case model.LoadItem(base=base, key=key):
            yield base, True
            yield key, True
        case model.Unpack(source=source) | model.Iterate(source=source):
            yield source, True
        case model.Await(src=src) if src is not None:
            yield src, changed
        case model.Call(function=function, args=args, keywords=keywords):
            yield function, True
            for argument, _ in args:
                yield argument, True
            for _, argument in keywords:
                yield argument, True
        case model.Build(items=items):
            for key_value, element, _ in items:
                if key_value is not None:
                    yield key_value, True
                yield element, True


def switches(instruction: Instruction) -> bool:
    """Whether a GIL build can switch threads in an instruction, whatever it is applied to."""
    return isinstance(instruction, _SWITCHES)
