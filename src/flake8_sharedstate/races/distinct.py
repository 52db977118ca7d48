"""One for each: whether the threads that one place starts are given different objects, or different keys."""

from __future__ import annotations

from flake8_sharedstate.dataflow import bindings
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Instruction, Value
from flake8_sharedstate.libraries.vocabulary import Identify, Identity, TakePairs
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.objects import (
    BoundObject,
    Clone,
    FunctionObject,
    ObjectId,
    QualifiedObject,
)
from flake8_sharedstate.threads.contexts import Context
from flake8_sharedstate.threads.multiplicity import Multiplicity

# Containers whose elements are all different.
_DIFFERENT = ("range", "dict", "set", "frozenset")


class Distinct:
    """Follows values back to the loops and calls that make them different each time."""

    def __init__(self, multiplicity: Multiplicity) -> None:
        self.program: Program = multiplicity.program
        self.loops = multiplicity.loops
        self._is_unique = multiplicity.is_unique
        self._only_stored = multiplicity.only_stored
        self._callers = multiplicity.callers

    def is_distinct(
        self,
        clone: Clone,
        value: Value,
        around: tuple[int, ...],
        trail: frozenset[tuple[Clone, Value]] = frozenset(),
    ) -> bool:
        """Whether each run of a point inside the loops ``around`` sees another object at ``value``."""
        if (clone, value) in trail:
            return False
        trail |= {(clone, value)}
        definition = self.program.definitions(clone.function)[value]
        match definition:
            case None:
                return not around and self._is_distinct_argument(clone, value, trail)
            case model.Call() | model.Build():
                objects = self.program.at(clone.node(value)) - {self.program.none}
                inside = self.loops(definition)[: len(around)] == around
                return inside and all(self._is_fresh(o, clone, definition) for o in objects)
            case model.Iterate():
                return self.loops(definition)[: len(around)] == around and bool(around)
            case model.MakeFunction():
                return not around
            case model.LoadAttr(base=base):
                return self.is_distinct(clone, base, around, trail)
            case model.LoadItem(base=base, key=key):
                return self.is_distinct(clone, base, around, trail) or self._varies(clone, key, around)
            case model.Unpack(source=source):
                return self.is_distinct(clone, source, around, trail)
            case model.Await(src=src) if src is not None:
                return self.is_distinct(clone, src, around, trail)
            case model.Phi(sources=sources):
                return all(self.is_distinct(clone, s, around, trail) for s in sources if s != value)
            case model.LoadCell() | model.LoadGlobal():
                stored = self._only_stored(clone, definition)
                return stored is not None and self.is_distinct(clone, stored, around, trail)
        return False

    def _varies(self, clone: Clone, key: Value, around: tuple[int, ...]) -> bool:
        definition = self.program.definitions(clone.function)[key]
        return (
            isinstance(definition, model.Iterate)
            and bool(around)
            and self.loops(definition)[: len(around)] == around
        )

    def _is_fresh(self, number: ObjectId, clone: Clone, made: Instruction) -> bool:
        """Whether a call makes a new object each time it runs."""
        found = self.program.objects[number]
        site = found.site
        if isinstance(found, FunctionObject) and found.frame is not None:
            # A closure is as new as the variables it closes over.
            site = self.program.objects[found.frame].site
        if site is None:
            return False
        if site.clone is clone:
            return site.instruction is made
        return any(
            target.clone is site.clone for target in self.program.targets.get((clone.number, id(made)), ())
        )

    def _is_distinct_argument(
        self, clone: Clone, value: Value, trail: frozenset[tuple[Clone, Value]]
    ) -> bool:
        callers = self._callers.get(clone, [])
        seen = set()
        for caller, instruction, target in callers:
            if target is None:
                return False
            bound = dict(bindings(self.program, caller, instruction, target)).get(value)
            if target.construct and clone.function.parameters[0].value == value:
                seen.add((caller, id(instruction)))
                continue
            if bound is None:
                # By a way out of sight: nothing says that it is the same each time.
                seen.add((caller, id(instruction)))
                continue
            if not self.is_distinct(caller, bound, self.loops(instruction), trail):
                return False
            seen.add((caller, bound))
        return len(seen) == len(callers)

    def own_keys(self, clone: Clone, base: Value, key: Value | None, context: Context) -> frozenset[int]:
        """Which keys on the way to an item or attribute no other thread of the context has.

        They are counted from the end, where ``key`` is: that of the item, if it is one. Under different
        keys are different things, unless there is one only.
        """
        definitions = self.program.definitions(clone.function)
        found = {0} if key is not None and self.is_own_key(clone, key, context) else set()
        steps, way = 1, definitions[base]
        while isinstance(way, (model.LoadItem, model.LoadAttr)):
            is_own = isinstance(way, model.LoadItem) and self.is_own_key(clone, way.key, context)
            if is_own and not any(map(self._is_unique, self.program.at(clone.node(way.dst)))):
                found.add(steps)
            steps, way = steps + 1, definitions[way.base]
        return frozenset(found)

    def is_own_key(self, clone: Clone, key: Value, context: Context) -> bool:
        """Whether an item's key is one that no other thread of the context has."""
        definition = self.program.definitions(clone.function)[key]
        if isinstance(definition, model.Call) and any(
            isinstance(event.effect, Identify) and event.effect.who is Identity.RUNNING
            for event in self.program.events.get((clone.number, id(definition)), ())
        ):
            return True
        told_by = self._told_by(clone, definition)
        if told_by:
            return any(self.is_own_key(clone, value, context) for value in told_by)
        if definition is not None or context.spawned is None:
            return False
        if clone not in context.roots:
            bound = [
                (caller, dict(bindings(self.program, caller, instruction, target)).get(key))
                for caller, instruction, target in self._callers.get(clone, ())
                if target is not None and caller in context.clones
            ]
            return bool(bound) and all(
                value is not None and self.is_own_key(caller, value, context) for caller, value in bound
            )
        made = context.spawned.made
        origins = [(c, node) for parameter, c, node in context.spawned.payload if parameter == key]
        return bool(origins) and all(
            self._is_numbered(c, self.program.value_of(c, node), self.loops(made[1]) if c is made[0] else ())
            for c, node in origins
        )

    def _told_by(self, clone: Clone, definition: Instruction | None) -> list[Value]:
        """The values of which each makes another key where it is another."""
        definitions = self.program.definitions(clone.function)
        match definition:
            case model.Build(kind="tuple", items=items):
                return [value for _, value, _ in items]
            case model.Compute(op="JoinedStr" | "FormattedValue", operands=operands):
                return list(operands)
            case model.Compute(op="Add" | "Sub" | "Mod" as op, operands=(left, right)):
                # A text is formatted, or something is added to a number that is fixed.
                fixed = [v for v in (left, right) if isinstance(definitions[v], model.Const)]
                return [left, right] if fixed and (op != "Mod" or fixed == [left]) else []
            case model.Call(function=function, args=((value, False),)):
                names = {self.program.objects[o] for o in self.program.at(clone.node(function))}
                known = self.program.book.repeating
                tells = all(isinstance(o, QualifiedObject) and known.get(o.name) for o in names)
                return [value] if names and tells else []
        return []

    def _is_numbered(self, clone: Clone, value: Value | None, around: tuple[int, ...]) -> bool:
        """Whether each round of the innermost loop has another number or key at ``value``."""
        if value is None or not around:
            return False
        definition = self.program.definitions(clone.function)[value]
        if isinstance(definition, model.LoadGlobal):
            return self._is_numbered(clone, self._only_stored(clone, definition), around)
        pairs = False
        if isinstance(definition, model.Unpack) and definition.index == 0:
            definition, pairs = self.program.definitions(clone.function)[definition.source], True
        if not isinstance(definition, model.Iterate) or self.loops(definition)[: len(around)] != around:
            return False
        source = self.program.definitions(clone.function)[definition.source]
        if pairs:
            return isinstance(source, model.Call) and any(
                isinstance(event.effect, TakePairs)
                for event in self.program.events.get((clone.number, id(source)), ())
            )
        objects = self.program.at(clone.node(definition.source))
        return bool(objects) and all(self.program.container(o) in _DIFFERENT for o in objects)

    def carried(self, node: int) -> set[ObjectId]:
        """The receivers and frames that the callables at a node carry with them."""
        found: set[ObjectId] = set()
        for number in self.program.at(node):
            callee = self.program.objects[number]
            if isinstance(callee, BoundObject):
                found.add(callee.receiver)
            elif isinstance(callee, FunctionObject) and callee.frame is not None:
                found.add(callee.frame)
        return found
