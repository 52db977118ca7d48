"""Which threads are over: what a join, the end of a pool or of a task, and a loop of joins tell."""

from __future__ import annotations

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Instruction, Value
from flake8_sharedstate.libraries.vocabulary import Join, Receiver, Spawn
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import ANY, Event
from flake8_sharedstate.program.objects import Clone, ObjectId
from flake8_sharedstate.program.spawning import marshalled
from flake8_sharedstate.threads.contexts import Context, Contexts, Kind, spawn_of


class Joins:
    """Answers which contexts are surely done after an instruction, an await or a loop."""

    def __init__(self, contexts: Contexts) -> None:
        self.program: Program = contexts.program
        self._by_handle: dict[ObjectId, list[Context]] = {}
        self._by_pool: dict[ObjectId, list[Context]] = {}
        self._by_loop: dict[tuple[Clone, Value], list[Context]] = {}
        for context in contexts.all:
            if context.spawned is not None:
                if context.spawned.handle is not None:
                    self._by_handle.setdefault(context.spawned.handle, []).append(context)
                for pool in sorted(self.program.executors(context.spawned) | self._groups(context)):
                    self._by_pool.setdefault(pool, []).append(context)
            if context.is_marshalled:
                for thread, loops in contexts.loop_threads.ended_by.items():
                    if not loops.isdisjoint(context.loops):
                        self._by_handle.setdefault(thread, []).append(context)

    def _groups(self, context: Context) -> frozenset[ObjectId]:
        """The groups of tasks whose task, a library's coroutine, has the thread work and waits for it."""
        spawned = context.spawned
        if spawned is None or context.kind is not Kind.THREAD or len(spawned.starts) != 1:
            return frozenset()
        return frozenset(
            event.receiver
            for clone, instruction in spawned.starts
            for event in self.program.events.get((clone.number, id(instruction)), ())
            if isinstance(event.effect, Spawn) and marshalled(event.effect) and event.receiver is not None
        )

    def at(self, clone: Clone, instruction: Instruction) -> list[Context]:
        """The contexts that an instruction surely ends."""
        return [
            context
            for event in self.program.events.get((clone.number, id(instruction)), ())
            if isinstance(event.effect, Join) and not self._returns_early(event)
            for context in self._joined(clone, instruction, event)
        ]

    def _returns_early(self, event: Event) -> bool:
        """Whether a wait was asked to return before all is done."""
        unless = event.effect.unless if isinstance(event.effect, Join) else None
        return unless is not None and self.program.source(unless, None, event.arguments) is not None

    def _joined(self, clone: Clone, instruction: Instruction, event: Event) -> list[Context]:
        """The contexts that a join surely ends."""
        effect = event.effect
        assert isinstance(effect, Join)
        if isinstance(effect.of, Receiver):
            if event.receiver is None:
                return []
            pooled = self._by_pool.get(event.receiver, [])
            if pooled:
                return pooled
            handled = self._by_handle.get(event.receiver, [])
            if not handled or not self._is_sure(clone, instruction, event.receiver):
                return []
            return handled
        node = self.program.source(effect.of, event.receiver, event.arguments)
        return self._held(node) if node is not None else []

    def by_loop(self, clone: Clone, condition: Value) -> list[Context]:
        """The contexts that a loop, by its test for another element, has joined one by one."""
        known = self._by_loop.get((clone, condition))
        if known is None:
            known = self._by_loop[clone, condition] = self._find_loop_joins(clone, condition)
        return known

    def _find_loop_joins(self, clone: Clone, condition: Value) -> list[Context]:
        definitions = self.program.definitions(clone.function)
        test = definitions[condition]
        if not isinstance(test, model.Compute) or test.op != "HasNext":
            return []
        result: list[Context] = []
        around = loops_around(clone, test)
        for block in clone.function.blocks:
            for instruction in block.instructions:
                events = self.program.events.get((clone.number, id(instruction)), ())
                if not isinstance(instruction, model.Call) or not events:
                    continue
                value = self._receiver(clone, instruction)
                element = definitions[value] if value is not None else None
                if isinstance(element, model.Unpack):
                    element = definitions[element.source]
                if isinstance(element, model.Iterate) and around and element.loop == around[-1]:
                    for event in events:
                        if isinstance(event.effect, Join):
                            result.extend(self._joined(clone, instruction, event))
        return result

    def _is_sure(self, clone: Clone, instruction: Instruction, handle: ObjectId) -> bool:
        """Whether joining this one handle leaves no other thread of the same abstract handle."""
        site = self.program.objects[handle].site
        if site is None or site.instruction is None or not loops_around(site.clone, site.instruction):
            return True
        if not isinstance(instruction, model.Call):
            return True
        value = self._receiver(clone, instruction)
        if value is None:
            return False
        return self._is_this_round(clone, value, site.instruction)

    def _receiver(self, clone: Clone, instruction: model.Call) -> Value | None:
        definition = self.program.definitions(clone.function)[instruction.function]
        return definition.base if isinstance(definition, model.LoadAttr) else None

    def _is_this_round(self, clone: Clone, value: Value, made: Instruction) -> bool:
        definition = self.program.definitions(clone.function)[value]
        if definition is made or isinstance(definition, (model.Iterate, model.Unpack)):
            # The thread that this round made, or each one of a collection in turn.
            return True
        if isinstance(definition, model.Call):
            # ``spawn(...)`` that gives back what it has made, or ``threads.pop()``.
            return True
        if isinstance(definition, model.LoadItem):
            return bool(loops_around(clone, definition))
        return isinstance(definition, model.Phi) and all(
            self._is_this_round(clone, s, made) for s in definition.sources if s != value
        )

    def awaited(self, clone: Clone, value: Value) -> list[Context]:
        """The contexts that awaiting a value ends."""
        held = [(c, spawn_of(c)) for c in self._held(clone.node(value))]
        return [c for c, effect in held if effect is not None and effect.awaited]

    def _held(self, node: int) -> list[Context]:
        """The contexts whose handles are at a node, or in a container there."""
        result = []
        for number in sorted(self.program.at(node)):
            result.extend(self._by_handle.get(number, []))
            for inner in sorted(self.program.at(self.program.field(number, ANY))):
                result.extend(self._by_handle.get(inner, []))
        return result


def loops_around(clone: Clone, instruction: Instruction) -> tuple[int, ...]:
    """The loops around an instruction of a clone's function."""
    for block in clone.function.blocks:
        if any(i is instruction for i in block.instructions):
            return block.loops
    return ()
