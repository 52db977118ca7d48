"""Order by barriers: threads that all wait at one barrier are in the same phase wherever they overlap.

Where each party of a barrier is one thread in sight, no round of it is over before all have come as
often. So two accesses overlap only where their threads have waited equally often. A dataflow problem
counts how often a thread may have waited, modulo a number that the waits of most loops' rounds divide.
"""

from __future__ import annotations

from flake8_sharedstate.dataflow import Run, Solver
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Block, Instruction
from flake8_sharedstate.libraries.vocabulary import Meet, Parties
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import Event, Target
from flake8_sharedstate.program.objects import Clone, ObjectId
from flake8_sharedstate.threads.contexts import Context, Contexts
from flake8_sharedstate.threads.multiplicity import Multiplicity

_PERIOD = 12

Phases = frozenset[tuple[int, int]]
"""How often a thread may have waited where a function began, and how often by now."""


class _Problem:
    """Counts the waits at one barrier."""

    def __init__(self, program: Program, barrier: ObjectId) -> None:
        self.program = program
        self.barrier = barrier

    def join(self, first: Phases, second: Phases) -> Phases:
        return first | second

    def step(self, run: Run, instruction: Instruction, state: Phases) -> Phases:
        events = self.program.events.get((run.clone.number, id(instruction)), ())
        if not isinstance(instruction, model.Call) or not any(_is_wait(e, self.barrier) for e in events):
            return state
        counted = frozenset((begun, (count + 1) % _PERIOD) for begun, count in state)
        is_sure = len(self.program.at(run.clone.node(instruction.function))) == 1
        return counted if is_sure else state | counted

    def branch(self, run: Run, block: Block, taken: bool, state: Phases) -> Phases:
        return state

    def enter(self, run: Run, instruction: Instruction, target: Target, state: Phases) -> Phases:
        return frozenset((count, count) for _, count in state)

    def leave(
        self,
        run: Run,
        instruction: Instruction,
        target: Target,
        state: Phases,
        entered: Phases,
        left: Phases,
    ) -> Phases:
        return frozenset((begun, after) for begun, before in state for at, after in left if at == before)


class Barriers:
    """Answers whether a barrier keeps two accesses apart."""

    def __init__(self, contexts: Contexts, multiplicity: Multiplicity) -> None:
        self.contexts = contexts
        self.program: Program = contexts.program
        self.multiplicity = multiplicity
        self._solved: list[tuple[set[int], Solver[Phases]]] = []
        """Of each barrier the contexts that are its parties, and their phases."""
        for barrier, count in self._barriers().items():
            waiting = self._waiting(barrier)
            parties = [c for c in contexts.all if not c.clones.isdisjoint(waiting)]
            if len(parties) == count and all(map(self._is_one_thread, parties)):
                self._solved.append(({c.number for c in parties}, self._solve(barrier, parties)))

    def keep_apart(self, first: Run, at: Instruction, second: Run, then: Instruction) -> bool:
        """Whether the threads of two accesses are surely in different phases there."""
        for parties, solver in self._solved:
            if {first.context, second.context} <= parties:
                before, other = solver.before(first, at) or (), solver.before(second, then) or ()
                if {count for _, count in before}.isdisjoint(count for _, count in other):
                    return True
        return False

    def _barriers(self) -> dict[ObjectId, int]:
        """The barriers of which there is surely one, each with the number of its parties."""
        found: dict[ObjectId, int] = {}
        for (number, _), events in self.program.events.items():
            for event in events:
                if isinstance(event.effect, Parties) and event.receiver is not None:
                    node = self.program.argument(event.effect.count, event.arguments)
                    literal = self.program.literal(self.program.clones[number], node) if node else None
                    if literal is not None and isinstance(literal.value, int):
                        found[event.receiver] = literal.value
        return {barrier: count for barrier, count in found.items() if self.multiplicity.is_unique(barrier)}

    def _waiting(self, barrier: ObjectId) -> set[Clone]:
        """The clones that may wait at a barrier, or call what may."""
        found: set[Clone] = set()
        left = [
            self.program.clones[number]
            for (number, _), events in self.program.events.items()
            if any(_is_wait(event, barrier) for event in events)
        ]
        while left:
            clone = left.pop()
            if clone not in found:
                found.add(clone)
                callers = self.multiplicity.callers.get(clone, ())
                left.extend(caller for caller, _, target in callers if target is not None)
        return found

    def _is_one_thread(self, context: Context) -> bool:
        if context.spawned is None or context.is_outside:
            return not context.is_outside
        return not context.many and self.multiplicity.runs_once(context.roots[0])

    def _solve(self, barrier: ObjectId, parties: list[Context]) -> Solver[Phases]:
        solver: Solver[Phases] = Solver(self.program, _Problem(self.program, barrier))
        runs = [Run(root, context.number) for context in parties for root in context.roots]
        for run in runs:
            solver.feed(run, frozenset({(0, 0)}))
        solver.solve()
        # What a thread runs from several roots it runs one after the other, in any order.
        while solver.changed_exits:
            solver.changed_exits.clear()
            for run in runs:
                for other in runs:
                    if other.context == run.context and other is not run and other in solver.exit:
                        solver.feed(run, frozenset((count, count) for _, count in solver.exit[other]))
            solver.solve()
        return solver


def _is_wait(event: Event, barrier: ObjectId) -> bool:
    return isinstance(event.effect, Meet) and event.receiver == barrier
