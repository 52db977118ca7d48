"""Forward dataflow over the runs of a program: one solver for every question about control flow.

A *run* is a clone in a thread context. States flow through a function's blocks, into the functions
it calls and back; a problem says what a state is, how it joins and what an instruction does to it
(Kildall, POPL 1973; Sharir and Pnueli's functional approach with the contexts made beforehand).
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeGuard, TypeVar

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Block, Function, Instruction, Value
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import Target
from flake8_sharedstate.program.objects import Clone, QualifiedObject, SuperObject

S = TypeVar("S", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Run:
    """A clone in the context, by number, that runs it."""

    clone: Clone
    context: int

    def __lt__(self, other: Run) -> bool:
        return (self.context, self.clone.number) < (other.context, other.clone.number)


# Instructions that no problem looks at.
_SILENT = (model.Const, model.Phi, model.MakeFunction, model.Import, model.Declare)


class Problem(Protocol[S]):
    """What a dataflow problem defines."""

    def join(self, first: S, second: S) -> S:
        """The state where two paths meet."""

    def step(self, run: Run, instruction: Instruction, state: S) -> S | None:
        """The state after an instruction that calls nothing in sight; None where it does not end."""

    def branch(self, run: Run, block: Block, taken: bool, state: S) -> S | None:
        """The state on one side of a test; None where that side is never taken."""

    def enter(self, run: Run, instruction: Instruction, target: Target, state: S) -> S:
        """The state at the start of a callee."""

    def leave(self, run: Run, instruction: Instruction, target: Target, state: S, entered: S, left: S) -> S:
        """The state after a call: from the caller's before, the callee's entry and its exit."""


class Solver(Generic[S]):
    """Solves a problem over runs; then tells the state before any instruction."""

    def __init__(self, program: Program, problem: Problem[S]) -> None:
        self.program = program
        self.problem = problem
        self.entry: dict[Run, S] = {}
        self.exit: dict[Run, S] = {}
        self.at_yield: dict[Run, S] = {}
        self._before: dict[tuple[Run, int], S] = {}
        self._callers: dict[Run, dict[Run, None]] = {}
        self._queue: deque[Run] = deque()
        self._queued: set[Run] = set()
        self._orders: dict[Function, list[int]] = {}
        self.changed_exits: list[Run] = []

    def before(self, run: Run, instruction: Instruction) -> S | None:
        """The state before an instruction; None where no path leads to it."""
        return self._before.get((run, id(instruction)))

    def at_key(self, key: tuple[Run, int], default: S) -> S:
        """The same by run and identity of the instruction."""
        return self._before.get(key, default)

    def feed(self, run: Run, state: S) -> None:
        """Control can enter a run in this state."""
        known = self.entry.get(run)
        joined = state if known is None else self.problem.join(known, state)
        if known is None or joined != known:
            self.entry[run] = joined
            self._enqueue(run)

    def again(self, run: Run) -> None:
        """Something that a run's steps depend on has changed."""
        if run in self.entry:
            self._enqueue(run)

    def _enqueue(self, run: Run) -> None:
        if run not in self._queued:
            self._queued.add(run)
            self._queue.append(run)

    def solve(self) -> None:
        """Runs until nothing changes."""
        while self._queue:
            run = self._queue.popleft()
            self._queued.discard(run)
            self._walk(run)

    def _walk(self, run: Run) -> None:
        function = run.clone.function
        places = self._places(function)
        states: dict[int, S] = {0: self.entry[run]}
        waiting = [(0, 0)]
        ended: S | None = None
        yielded: S | None = None
        while waiting:
            _, number = heapq.heappop(waiting)
            block = function.blocks[number]
            state: S | None = states[number]
            for instruction in block.instructions:
                if isinstance(instruction, _SILENT):
                    continue
                assert state is not None
                self._before[(run, id(instruction))] = state
                if isinstance(instruction, model.Return):
                    last = self.problem.step(run, instruction, state)
                    if last is not None:
                        ended = last if ended is None else self.problem.join(ended, last)
                    break
                if isinstance(instruction, model.Yield):
                    yielded = state if yielded is None else self.problem.join(yielded, state)
                state = self._step(run, instruction, state)
                if state is None:
                    break
            if state is None:
                continue
            for index, successor in enumerate(block.successors):
                out: S | None = state
                if block.branch is not None and len(block.successors) == 2:
                    out = self.problem.branch(run, block, index == 0, state)
                if out is not None:
                    self._pass(states, waiting, places, successor, out)
            if block.raises_to is not None:
                self._pass(states, waiting, places, block.raises_to, state)
        if yielded is not None and self.at_yield.get(run) != yielded:
            self.at_yield[run] = yielded
            for caller in self._callers.get(run, ()):
                self._enqueue(caller)
        if ended is not None and self.exit.get(run) != ended:
            self.exit[run] = ended
            self.changed_exits.append(run)
            for caller in self._callers.get(run, ()):
                self._enqueue(caller)

    def _places(self, function: Function) -> list[int]:
        """Where each block comes in reverse postorder: before a block is walked, all that leads to it is."""
        known = self._orders.get(function)
        if known is None:
            known = self._orders[function] = reverse_postorder(function)
        return known

    def _pass(
        self, states: dict[int, S], waiting: list[tuple[int, int]], places: list[int], block: int, state: S
    ) -> None:
        known = states.get(block)
        joined = state if known is None else self.problem.join(known, state)
        if known is None or joined != known:
            states[block] = joined
            if (places[block], block) not in waiting:
                heapq.heappush(waiting, (places[block], block))

    def _step(self, run: Run, instruction: Instruction, state: S) -> S | None:
        after = self.problem.step(run, instruction, state)
        if after is None:
            return None
        targets = self.program.targets.get((run.clone.number, id(instruction)))
        if not targets:
            return after
        result: S | None = None
        for target in targets:
            callee = Run(target.clone, run.context)
            self._callers.setdefault(callee, {})[run] = None
            entered = self.problem.enter(run, instruction, target, after)
            self.feed(callee, entered)
            if target.clone.function.is_generator and isinstance(instruction, model.Call):
                # The call makes the generator; its body runs as far as somebody asks, if at all.
                result = after if result is None else self.problem.join(result, after)
            left = self.exit.get(callee)
            if left is None:
                continue
            out = self.problem.leave(run, instruction, target, after, self.entry[callee], left)
            result = out if result is None else self.problem.join(result, out)
        return result


def reverse_postorder(function: Function) -> list[int]:
    """The place of each block in a reverse postorder from the entry; loops come back to a lower place."""
    blocks = function.blocks
    places = [len(blocks)] * len(blocks)
    left = len(blocks)
    met = {0}
    path = [(0, _leaving(blocks[0]))]
    while path:
        number, leaving = path[-1]
        following = next((b for b in leaving if b not in met), None)
        if following is None:
            path.pop()
            left -= 1
            places[number] = left
        else:
            met.add(following)
            path.append((following, _leaving(blocks[following])))
    return places


def _leaving(block: Block) -> Iterator[int]:
    yield from reversed(block.successors)
    if block.raises_to is not None:
        yield block.raises_to


def called_by(program: Program, clone: Clone) -> Iterator[Clone]:
    """The clones that a clone calls."""
    for block in clone.function.blocks:
        for instruction in block.instructions:
            for target in program.targets.get((clone.number, id(instruction)), ()):
                yield target.clone


def runs_of(program: Program, roots: list[Clone]) -> frozenset[Clone]:
    """The clones that run when ``roots`` run."""
    reached: dict[Clone, None] = dict.fromkeys(roots)
    waiting = list(roots)
    while waiting:
        for callee in called_by(program, waiting.pop()):
            if callee not in reached:
                reached[callee] = None
                waiting.append(callee)
    return frozenset(reached)


def receiver_value(program: Program, clone: Clone, instruction: Instruction) -> Value | None:
    """The value on which an instruction calls a method, if it does."""
    if isinstance(instruction, model.Call):
        if is_unbound(program, clone, instruction):
            return instruction.args[0][0]
        definition = program.definitions(clone.function)[instruction.function]
        if not isinstance(definition, model.LoadAttr):
            return None
        if any(isinstance(program.objects[o], SuperObject) for o in program.at(clone.node(definition.base))):
            return clone.function.parameters[0].value if clone.function.parameters else None
        return definition.base
    if isinstance(instruction, (model.LoadAttr, model.StoreAttr, model.LoadItem, model.StoreItem)):
        return instruction.base
    if isinstance(instruction, (model.Enter, model.Exit)):
        return instruction.manager
    if isinstance(instruction, model.Compute) and instruction.operands:
        return instruction.operands[-1 if instruction.op in ("In", "NotIn") else 0]
    if isinstance(instruction, model.Iterate):
        return instruction.source
    return None


def is_unbound(program: Program, clone: Clone, call: model.Call) -> bool:
    """Whether a library's method is called through its class, the receiver first: ``dict.get(self, key)``."""
    called = (program.get(o, QualifiedObject) for o in program.at(clone.node(call.function)))
    return bool(call.args) and any(
        found is not None and program.unbound_method(found.name) is not None for found in called
    )


def bindings(
    program: Program, clone: Clone, instruction: Instruction, target: Target
) -> Iterator[tuple[Value, Value]]:
    """Which parameters of a callee are which values of its caller, the receiver included."""
    bound = dict(target.bindings)
    yield from target.bindings
    parameters = target.clone.function.parameters
    if target.clone.receiver is not None and parameters and not target.construct:
        if asks_descriptor(instruction, target):
            # Its own object has no name in the caller; it is given the one whose attribute is asked for.
            parameters = parameters[1:]
        receiver = receiver_value(program, clone, instruction)
        if parameters and parameters[0].value not in bound and receiver is not None:
            yield parameters[0].value, receiver


def asks_descriptor(instruction: Instruction, target: Target) -> TypeGuard[model.LoadAttr | model.StoreAttr]:
    """Whether an attribute's load or store runs a method of a descriptor."""
    methods = ("__get__", "__set__", "__delete__")
    return isinstance(instruction, (model.LoadAttr, model.StoreAttr)) and (
        target.clone.function.name in methods
    )
