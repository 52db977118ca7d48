"""Order by queues: what is done on a task, until ``task_done()``, is done before what follows ``q.join()``.

Two dataflow problems tell, at each point, of which queues a task is surely in hand, and of which all
tasks surely are done, as none was put since the join. If nobody else puts, both is not true at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flake8_sharedstate.dataflow import Run, Solver
from flake8_sharedstate.facts.model import Block, Instruction
from flake8_sharedstate.libraries.vocabulary import Effect, Finish, Join, Put, Take
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import Target
from flake8_sharedstate.program.objects import Clone, ObjectId
from flake8_sharedstate.threads.contexts import Contexts
from flake8_sharedstate.threads.multiplicity import Multiplicity

Held = frozenset[ObjectId]


@dataclass(frozen=True)
class _Problem:
    """Collects the queues on which surely one effect is had and not yet, perhaps, another."""

    events: Callable[[Clone, Instruction, type[Effect]], Held]
    begins: type[Effect]
    ends: type[Effect]
    ending: dict[Clone, Held]
    """The queues on which a clone, or what it calls, may have the other effect."""

    def join(self, first: Held, second: Held) -> Held:
        return first & second

    def step(self, run: Run, instruction: Instruction, state: Held) -> Held:
        begun = self.events(run.clone, instruction, self.begins)
        state = state - self.events(run.clone, instruction, self.ends)
        return state | begun if len(begun) == 1 else state

    def branch(self, run: Run, block: Block, taken: bool, state: Held) -> Held:
        return state

    def enter(self, run: Run, instruction: Instruction, target: Target, state: Held) -> Held:
        return state

    def leave(
        self, run: Run, instruction: Instruction, target: Target, state: Held, entered: Held, left: Held
    ) -> Held:
        return (state - self.ending.get(target.clone, frozenset())) | (left - entered)


class Queues:
    """Answers whether a queue's join orders two accesses."""

    def __init__(self, contexts: Contexts, multiplicity: Multiplicity) -> None:
        self.contexts = contexts
        self.program: Program = contexts.program
        self.multiplicity = multiplicity
        finished = {queue for _, _, queue in self._all(Finish)}
        self._queues = {queue for _, _, queue in self._all(Join) if queue in finished}
        if self._queues:
            self._in_hand = self._solve(Take, Finish)
            self._all_done = self._solve(Join, Put)
            self._putting = self._find_putting()

    def _all(self, effect: type[Effect]) -> Iterator[tuple[Clone, int, ObjectId]]:
        for (number, instruction), events in self.program.events.items():
            for event in events:
                if isinstance(event.effect, effect) and event.receiver is not None:
                    yield self.program.clones[number], instruction, event.receiver

    def _events(self, clone: Clone, instruction: Instruction, effect: type[Effect]) -> Held:
        return frozenset(
            event.receiver
            for event in self.program.events.get((clone.number, id(instruction)), ())
            if isinstance(event.effect, effect) and event.receiver in self._queues
        )

    def _solve(self, begins: type[Effect], ends: type[Effect]) -> Solver[Held]:
        solver: Solver[Held] = Solver(
            self.program, _Problem(self._events, begins, ends, self._reaching(ends))
        )
        for context in self.contexts.all:
            for root in context.roots:
                solver.feed(Run(root, context.number), frozenset())
        solver.solve()
        return solver

    def _reaching(self, effect: type[Effect]) -> dict[Clone, Held]:
        """The queues on which clones, or what they call, may have an effect."""
        found: dict[Clone, Held] = {}
        for origin, _, queue in self._all(effect):
            waiting = [origin] if queue in self._queues else []
            while waiting:
                clone = waiting.pop()
                known = found.get(clone, frozenset())
                if queue not in known:
                    found[clone] = known | {queue}
                    callers = self.multiplicity.callers.get(clone, ())
                    waiting.extend(caller for caller, _, target in callers if target is not None)
        return found

    def _find_putting(self) -> dict[ObjectId, set[int]]:
        """The contexts that put a task into each queue without having another of it in hand."""
        putting: dict[ObjectId, set[int]] = {}
        for clone, instruction, queue in self._all(Put):
            for context in self.contexts.of(clone):
                if queue not in self._in_hand.at_key((Run(clone, context.number), instruction), frozenset()):
                    putting.setdefault(queue, set()).add(context.number)
        return putting

    def order(self, first: Run, at: Instruction, second: Run, then: Instruction) -> bool:
        """Whether ``first`` has a task in hand, and all are done at ``second``."""
        if not self._queues or self.contexts.all[second.context].many:
            return False
        in_hand = self._in_hand.before(first, at) or frozenset()
        all_done = self._all_done.before(second, then) or frozenset()
        return any(
            self._putting.get(queue, set()) <= {second.context} and self.multiplicity.is_unique(queue)
            for queue in in_hand & all_done
        )
