"""Objects that a thread passes on to another through a queue, and does not touch any more.

What is done to an object before it is put comes before what is done by whoever takes it out. A forward
may-analysis tells, at each point, what has been put where others take out; what a value denotes in one
round of a loop over a collection is another object than in the rounds before.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from flake8_sharedstate.dataflow import Run, Solver, bindings
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Block, Function, Instruction, Value
from flake8_sharedstate.libraries.vocabulary import Change, Mutate, Put, Take
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import ANY, Target
from flake8_sharedstate.program.objects import Clone, ObjectId
from flake8_sharedstate.races.accesses import Access
from flake8_sharedstate.races.origins import Origin, Origins
from flake8_sharedstate.races.reachable import Reachable


class _Which(Enum):
    """Of what it is told that it has been put."""

    NOW = "the object that a value denotes"
    BEFORE = "the objects that a value denoted in the rounds of its loop before"
    OBJECT = "any for which an abstract object stands"


_Passed = frozenset[tuple[_Which, int]]


class _Problem:
    def __init__(self, passing: Passing) -> None:
        self.passing = passing
        self.program = passing.program

    def join(self, first: _Passed, second: _Passed) -> _Passed:
        return first | second

    def step(self, run: Run, instruction: Instruction, state: _Passed) -> _Passed:
        if isinstance(instruction, (model.Iterate, model.Unpack)) and state:
            value = instruction.dst
            if (_Which.NOW, value) in state and self._round(run.clone.function, value) is not None:
                state = state - {(_Which.NOW, value)} | {(_Which.BEFORE, value)}
        return state.union((_Which.NOW, value) for _, value in self.passing.put(run.clone, instruction))

    def branch(self, run: Run, block: Block, taken: bool, state: _Passed) -> _Passed:
        assert block.branch is not None
        test = self.program.definitions(run.clone.function)[block.branch.condition]
        if not taken and state and isinstance(test, model.Compute) and test.op == "HasNext":
            # The next time over the collection the same objects come again.
            over = {
                (which, value)
                for which, value in state
                if which is not _Which.OBJECT and self._round(run.clone.function, value) == block.loops[-1]
            }
            state = (state - over) | self._objects(run.clone, over)
        return state

    def _round(self, function: Function, value: Value) -> int | None:
        """The loop in each round of which a value is the next element of a collection."""
        definition = self.program.definitions(function)[value]
        if isinstance(definition, model.Unpack):
            definition = self.program.definitions(function)[definition.source]
        return definition.loop if isinstance(definition, model.Iterate) else None

    def _objects(self, clone: Clone, passed: Iterable[tuple[_Which, int]]) -> _Passed:
        """The same in words that other functions understand."""
        found: set[tuple[_Which, int]] = set()
        for which, number in passed:
            objects = {number} if which is _Which.OBJECT else self.program.at(clone.node(number))
            found.update((_Which.OBJECT, o) for o in objects)
        return frozenset(found)

    def enter(self, run: Run, instruction: Instruction, target: Target, state: _Passed) -> _Passed:
        if not state:
            return state
        given = list(bindings(self.program, run.clone, instruction, target))
        now = {(_Which.NOW, parameter) for parameter, value in given if (_Which.NOW, value) in state}
        other = {
            token for token in state if token[0] is _Which.OBJECT or token[1] not in dict(given).values()
        }
        return self._objects(run.clone, other) | now

    def leave(
        self,
        run: Run,
        instruction: Instruction,
        target: Target,
        state: _Passed,
        entered: _Passed,
        left: _Passed,
    ) -> _Passed:
        if left <= entered:
            return state
        given = dict(bindings(self.program, run.clone, instruction, target))
        new = left - entered
        mine = {token for token in new if token[0] is _Which.NOW and token[1] in given}
        now = {(_Which.NOW, given[parameter]) for _, parameter in mine}
        return state | now | self._objects(target.clone, new - mine)


class Passing:
    """Answers whether an object was passed on after one access, and taken out before another."""

    def __init__(self, origins: Origins, reachable: Reachable) -> None:
        self.origins = origins
        self.contexts = origins.contexts
        self.program: Program = origins.program
        self.reachable = reachable
        self._taken: dict[int, set[ObjectId]] = {}
        """From which containers each clone, by its number, takes what one taker gets."""
        self._find_taken()
        self._puts: dict[tuple[int, int], list[tuple[ObjectId, Value]]] = {}
        self._find_puts()
        self._fed: set[int] = set()
        self._solver: Solver[_Passed] = Solver(self.program, _Problem(self))

    def _find_taken(self) -> None:
        for (number, _), events in self.program.events.items():
            if any(isinstance(event.effect, Take) for event in events):
                self._taken.setdefault(number, set()).update(
                    event.receiver
                    for event in events
                    if isinstance(event.effect, Mutate)
                    and event.effect.change is Change.REMOVE
                    and event.receiver is not None
                )

    def _find_puts(self) -> None:
        taken = set().union(*self._taken.values())
        for (number, instruction), events in self.program.events.items():
            for event in events:
                if isinstance(event.effect, Put) and event.receiver in taken:
                    node = self.program.source(event.effect.source, event.receiver, event.arguments)
                    clone = self.program.clones[number]
                    value = self.program.value_of(clone, node) if node is not None else None
                    if value is not None:
                        puts = self._puts.setdefault((number, instruction), [])
                        puts.extend((event.receiver, part) for part in self._parts(clone, value))

    def _parts(self, clone: Clone, value: Value) -> list[Value]:
        """A value, or what a tuple of the function's own holds."""
        definition = self.program.definitions(clone.function)[value]
        if isinstance(definition, model.Build):
            return [element for _, element, _ in definition.items]
        return [value]

    def put(self, clone: Clone, instruction: Instruction) -> list[tuple[ObjectId, Value]]:
        """The values that an instruction puts where others take out, each with the container."""
        return self._puts.get((clone.number, id(instruction)), [])

    def before(self, giver: Access, taker: Access) -> bool:
        """Whether the giver is done with an object of its own before it puts it for the taker."""
        number, base = giver.location.owner, giver.base
        if base is None or giver.context is taker.context or not self._puts:
            return False
        own = bool(giver.origin) and not giver.origin & ~(Origin.GIVEN | Origin.MADE)
        if not own or taker.origin is not Origin.TAKEN:
            return False
        queues = {
            queue
            for clone in taker.context.clones
            for queue in self._taken.get(clone.number, ())
            if self._leads_to(self.program.at(self.program.field(queue, ANY)), number)
        }
        return bool(queues) and self._only_puts(giver, queues) and not self._is_passed(giver)

    def _leads_to(self, objects: Iterable[ObjectId], number: ObjectId) -> bool:
        return number in self.reachable.closure(objects)

    def _only_puts(self, giver: Access, queues: set[ObjectId]) -> bool:
        """Whether nobody besides the giver puts the object; what each makes is another."""
        return all(
            context is giver.context
            or giver.origin is self.origins.origin(clone, value, context) is Origin.MADE
            for (number, _), puts in self._puts.items()
            for clone in (self.program.clones[number],)
            for queue, value in puts
            if queue in queues and self._leads_to(self.program.at(clone.node(value)), giver.location.owner)
            for context in self.contexts.of(clone)
        )

    def _is_passed(self, giver: Access) -> bool:
        """Whether the object of an access may have been put already."""
        clone, number, base = giver.run.clone, giver.location.owner, giver.base
        assert base is not None
        if giver.context.number not in self._fed:
            self._fed.add(giver.context.number)
            for root in giver.context.roots:
                self._solver.feed(Run(root, giver.context.number), frozenset())
            self._solver.solve()
        way = self.contexts.paths(clone).of(base)
        return any(
            self._leads_to([other] if which is _Which.OBJECT else self.program.at(clone.node(other)), number)
            for which, other in self._solver.before(giver.run, giver.at) or ()
            if which is not _Which.BEFORE or way[0] != ("value", other)
        )
