"""What the threads that a loop starts are given: each its own element of a container, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Instruction, Value
from flake8_sharedstate.facts.slices import STORES
from flake8_sharedstate.libraries.vocabulary import Arg, Change, Mutate, Spawn, TakePairs, TakeTuples, View
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import ANY, UNKNOWN, Spawned
from flake8_sharedstate.program.objects import BoundObject, Clone, Node, ObjectId
from flake8_sharedstate.threads.multiplicity import Multiplicity

_TAKING_OUT = (Change.REMOVE, Change.CLEAR)

Leads = Callable[[ObjectId], bool]
"""Whether an element is, or leads to, the object that is asked about."""


class Elements:
    """Counts how often an object is met where a loop, or a call, hands out the elements of a container."""

    def __init__(self, multiplicity: Multiplicity) -> None:
        self.program: Program = multiplicity.program
        self._multiplicity = multiplicity

    def is_started_once(self, spawned: Spawned) -> bool:
        """Whether a loop over callables, or over their receivers, meets this callable once."""
        bound = self.program.get(spawned.callee, BoundObject)
        receiver = bound.receiver if bound is not None else None
        found = [
            self._is_met_once(clone, value, spawned, lambda o: o in (spawned.callee, receiver))
            for parameter, clone, node in spawned.payload
            if parameter is None and (value := self.program.value_of(clone, node)) is not None
        ]
        return bool(found) and all(found) and not spawned.root.is_merged

    def is_given_once(self, spawned: Spawned, leads: Leads) -> bool:
        """Whether one only of the threads that one place starts is given what leads to an object."""
        handed_out = self._handed_out(spawned)
        if handed_out is not None:
            clone, values = handed_out
            total = sum(self._held(clone, value, leads) for value in values)
            return total == 1 and not any(map(leads, self._carried(spawned)))
        given = {
            (c, value)
            for _, c, node in spawned.payload
            if any(map(leads, self.program.at(node)))
            for value in [self.program.value_of(c, node)]
        }
        return bool(given) and all(
            value is not None and self._is_met_once(c, value, spawned, leads) for c, value in given
        )

    def round_of_all(self, spawned: Spawned, leads: Leads) -> Instruction | None:
        """Where a round begins in which a loop gives all elements of a container to threads once more.

        None where no loop around does so, or the next round may find other elements.
        """
        clone, made = spawned.made
        around = self._multiplicity.loops(made)
        for _, c, node in spawned.payload if len(around) > 1 else ():
            value = self.program.value_of(c, node) if c is clone else None
            element = self._element(clone, value) if value is not None else None
            if element is None or not any(map(leads, self._given_at(node))):
                continue
            if self._multiplicity.loops(element) == around and self._stays(
                clone, element.source, around[:-1]
            ):
                rounds = (b.instructions for b in clone.function.blocks if b.loops == around[:-1])
                return next((i for instructions in rounds for i in instructions), None)
        return None

    def _given_at(self, node: Node) -> Iterator[ObjectId]:
        for number in self.program.at(node):
            yield number
            bound = self.program.get(number, BoundObject)
            if bound is not None:
                yield bound.receiver

    def _stays(self, clone: Clone, value: Value, around: tuple[int, ...]) -> bool:
        """Whether a container is the same, with the same items, in each round of a loop."""
        definition = self.program.definitions(clone.function)[value]
        if definition is None or self._multiplicity.loops(definition)[: len(around)] != around:
            return not self._is_emptied(clone, value, around)
        if isinstance(definition, model.LoadAttr) and not self._stays(clone, definition.base, around):
            return False
        loads = (model.LoadAttr, model.LoadGlobal, model.LoadCell)
        return isinstance(definition, loads) and not self._is_emptied(clone, value, around)

    def _is_emptied(self, clone: Clone, value: Value, around: tuple[int, ...]) -> bool:
        """Whether a round may take items out of a container, or put another in its place."""
        program = self.program
        containers = program.at(clone.node(value))
        name = getattr(program.definitions(clone.function)[value], "name", None)
        inside = (b.instructions for b in clone.function.blocks if b.loops[: len(around)] == around)
        for i in (i for instructions in inside for i in instructions):
            if name is not None and isinstance(i, STORES) and getattr(i, "name", None) == name:
                return True
            if (
                isinstance(i, model.StoreItem)
                and i.src is None
                and containers & program.at(clone.node(i.base))
            ):
                return True
            for event in program.events.get((clone.number, id(i)), ()):
                removes = isinstance(event.effect, Mutate) and event.effect.change in _TAKING_OUT
                if removes and event.receiver in containers:
                    return True
        return False

    def _handed_out(self, spawned: Spawned) -> tuple[Clone, list[Value]] | None:
        """The containers of which one call hands each element to a thread (``map``), with the caller."""
        clone, made = spawned.made
        effect = spawned.effect
        if not isinstance(effect, Spawn) or not isinstance(made, model.Call):
            return None
        given = effect.arguments
        if isinstance(given.each, Arg) and given.each.position is not None:
            found = made.args[given.each.position : given.each.position + 1]
        elif given.each_rest is not None:
            found = made.args[given.each_rest :]
        else:
            return None
        return None if any(starred for _, starred in found) else (clone, [value for value, _ in found])

    def _carried(self, spawned: Spawned) -> list[ObjectId]:
        """What the callable itself brings along, for all the threads."""
        root = spawned.root
        return [o for o in (root.receiver, root.frame) if o is not None]

    def _is_met_once(self, clone: Clone, value: Value, spawned: Spawned, leads: Leads) -> bool:
        """Whether the loop in which a thread is made has something of an object in one round only."""
        maker, made = spawned.made
        around = self._multiplicity.loops(made)
        element = self._element(clone, value)
        return (
            element is not None
            and clone is maker
            and self._multiplicity.runs_once(clone)
            and self._is_the_only_round(clone, element, around, leads)
        )

    def _is_the_only_round(
        self, clone: Clone, element: model.Iterate, around: tuple[int, ...], leads: Leads
    ) -> bool:
        if self._multiplicity.loops(element) != around or self._held(clone, element.source, leads) != 1:
            return False
        outer = self._element(clone, element.source)
        return len(around) == 1 or (
            outer is not None and self._is_the_only_round(clone, outer, around[:-1], leads)
        )

    def _element(self, clone: Clone, value: Value) -> model.Iterate | None:
        """Where a loop takes the element that a value is, or is a method or part of."""
        current: Value | None = value
        while current is not None:
            match self.program.definitions(clone.function)[current]:
                case model.LoadAttr(base=source) | model.Unpack(source=source):
                    current = source
                case model.LoadGlobal() | model.LoadCell() as load:
                    current = self._multiplicity.only_stored(clone, load)
                case definition:
                    return definition if isinstance(definition, model.Iterate) else None
        return None

    def _held(self, clone: Clone, value: Value, leads: Leads) -> int:
        """How many elements of the containers that a value can be lead to an object; two for any more."""
        containers = self._containers(clone, value)
        if not all(map(self._multiplicity.is_unique, containers)):
            return 2
        return sum(self._occurrences(container, leads) for container in containers)

    def _occurrences(self, container: ObjectId, leads: Leads) -> int:
        program = self.program

        def meets(number: ObjectId) -> bool:
            # Pairs and rows: what is unpacked is an item of an item.
            return leads(number) or (
                program.container(number) == "tuple"
                and any(map(leads, program.at(program.field(number, ANY))))
            )

        count = 0
        for name in program.fields_of(container):
            if (
                name.startswith("[")
                and name != ANY
                and any(map(meets, program.at(program.field(container, name))))
            ):
                count += 2 if name == UNKNOWN else 1
        return count

    def _containers(self, clone: Clone, value: Value) -> set[ObjectId]:
        """The containers whose items are met: ``d`` for ``d.items()``, ``xs`` for ``enumerate(xs)``."""
        program = self.program
        definition = program.definitions(clone.function)[value]
        if isinstance(definition, model.Call):
            effects = [e.effect for e in program.events.get((clone.number, id(definition)), ())]
            if any(isinstance(e, TakeTuples) for e in effects):
                return set[ObjectId]().union(*(self._containers(clone, a) for a, _ in definition.args))
            if any(isinstance(e, (View, TakePairs)) for e in effects):
                if definition.args:
                    return self._containers(clone, definition.args[0][0])
                method = program.definitions(clone.function)[definition.function]
                if isinstance(method, model.LoadAttr):
                    return self._containers(clone, method.base)
        return set(program.at(clone.node(value))) - {program.none}
