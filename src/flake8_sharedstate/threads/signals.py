"""Order by events: what is done before ``event.set()`` is done before what follows ``event.wait()``.

Two dataflow problems tell, at each point, which events surely have been waited for and which may have
been set already. An access before the setting and one after the waiting do not overlap.
"""

from __future__ import annotations

from flake8_sharedstate.dataflow import Run, Solver
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.conditions import implied
from flake8_sharedstate.facts.model import Block, Instruction
from flake8_sharedstate.libraries.vocabulary import Effect, Signal, Wait
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import Target
from flake8_sharedstate.program.objects import Clone, ObjectId
from flake8_sharedstate.threads.contexts import Contexts
from flake8_sharedstate.threads.multiplicity import Multiplicity

Events = frozenset[ObjectId]


class _Problem:
    """Collects the events on which an effect is had: on every path, or on any."""

    def __init__(self, program: Program, effect: type[Effect], *, surely: bool) -> None:
        self.program = program
        self.effect = effect
        self.surely = surely

    def join(self, first: Events, second: Events) -> Events:
        return first & second if self.surely else first | second

    def step(self, run: Run, instruction: Instruction, state: Events) -> Events:
        found = self._events(run.clone, instruction)
        if self.surely and (len(found) > 1 or self._may_time_out(run.clone, instruction)):
            return state
        return state | found

    def _events(self, clone: Clone, instruction: Instruction) -> Events:
        return frozenset(
            event.receiver
            for event in self.program.events.get((clone.number, id(instruction)), ())
            if isinstance(event.effect, self.effect) and event.receiver is not None
        )

    def _may_time_out(self, clone: Clone, instruction: Instruction) -> bool:
        """Whether a wait was given a time, after which it returns though nobody gave the signal."""
        if not isinstance(instruction, model.Call):
            return False
        given = [v for v, _ in instruction.args] + [v for _, v in instruction.keywords]
        definitions = self.program.definitions(clone.function)
        return any(
            not (isinstance(d := definitions[v], model.Const) and d.known and d.value is None) for v in given
        )

    def branch(self, run: Run, block: Block, taken: bool, state: Events) -> Events:
        assert block.branch is not None
        if not self.surely:
            return state
        # ``if event.wait(timeout):`` goes on only if the signal was given.
        definitions = self.program.definitions(run.clone.function)
        for value in implied(definitions, block.branch.condition, taken):
            definition = definitions[value]
            if isinstance(definition, model.Call):
                found = self._events(run.clone, definition)
                state = state | found if len(found) == 1 else state
        return state

    def enter(self, run: Run, instruction: Instruction, target: Target, state: Events) -> Events:
        return state

    def leave(
        self,
        run: Run,
        instruction: Instruction,
        target: Target,
        state: Events,
        entered: Events,
        left: Events,
    ) -> Events:
        return state | (left - entered) if self.surely else state | left


class Signals:
    """Answers whether an event orders two accesses."""

    def __init__(self, contexts: Contexts, multiplicity: Multiplicity) -> None:
        self.contexts = contexts
        self.multiplicity = multiplicity
        self._setters = self._find_setters()
        if not self._setters:
            return
        self._waited = self._solve(Wait, surely=True)
        self._set = self._solve(Signal, surely=False)

    def _find_setters(self) -> dict[ObjectId, set[int]]:
        """The contexts that set each event."""
        setters: dict[ObjectId, set[int]] = {}
        for (number, _), events in self.contexts.program.events.items():
            clone = self.contexts.program.clones[number]
            for event in events:
                if isinstance(event.effect, Signal) and event.receiver is not None:
                    running = {c.number for c in self.contexts.of(clone)}
                    setters.setdefault(event.receiver, set()).update(running)
        return setters

    def _solve(self, effect: type[Effect], *, surely: bool) -> Solver[Events]:
        problem = _Problem(self.contexts.program, effect, surely=surely)
        solver: Solver[Events] = Solver(self.contexts.program, problem)
        for context in self.contexts.all:
            for root in context.roots:
                solver.feed(Run(root, context.number), frozenset())
        solver.solve()
        return solver

    def order(self, first: Run, at: Instruction, second: Run, then: Instruction) -> bool:
        """Whether ``first`` is over before the event is set that ``second`` has waited for."""
        if not self._setters:
            return False
        waited = self._waited.before(second, then) or frozenset()
        may_be_set = self._set.before(first, at) or frozenset()
        return any(
            self._setters.get(event) == {first.context}
            and not self.contexts.all[first.context].many
            and self.multiplicity.is_unique(event)
            for event in waited - may_be_set
        )
