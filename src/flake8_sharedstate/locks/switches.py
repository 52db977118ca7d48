"""Switches: parameters by which a caller says whether a lock is to be taken (``put(self, x, lock=True)``).

Who passes the one value has the lock taken, who passes the other may hold it: a lockset that knows
which is which keeps both apart where paths and callers meet. Callers out of sight are taken to
leave a switch as it is by default: whoever changes it knows why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import replace

from flake8_sharedstate.dataflow import Run, bindings
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.conditions import outcomes
from flake8_sharedstate.facts.model import Block, Instruction, Value
from flake8_sharedstate.facts.paths import Path
from flake8_sharedstate.locks.held import Held, Known, Lockset, Unmet, When, give_up, is_same, still
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import Target
from flake8_sharedstate.program.objects import Clone, LibraryMethodObject
from flake8_sharedstate.threads.contexts import Context

_NONE: frozenset[Value] = frozenset()
Rename = Callable[["Path | None"], "Path | None"]


class Switches:
    """Follows the switches of a program through the lockset analysis, of which they are a part."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._known: dict[Clone, set[Value]] = {}
        self._find()

    def of(self, clone: Clone) -> Set[Value]:
        """The parameters that decide on a lock in a function, or in one that it passes them on to."""
        return self._known.get(clone, _NONE)

    def _find(self) -> None:
        passed: dict[Clone, list[tuple[Clone, Target]]] = {}
        for clone in self.program.clones:
            own = self._among_parameters(clone, self._deciding(clone))
            if own:
                self._known[clone] = own
            for block in clone.function.blocks:
                for instruction in block.instructions:
                    for target in self.program.targets.get((clone.number, id(instruction)), ()):
                        passed.setdefault(target.clone, []).append((clone, target))
        waiting = list(self._known)
        while waiting:
            callee = waiting.pop()
            for caller, target in passed.get(callee, ()):
                given = (value for parameter, value in target.bindings if parameter in self.of(callee))
                found = self._among_parameters(caller, given)
                if not found <= self.of(caller):
                    self._known.setdefault(caller, set()).update(found)
                    waiting.append(caller)

    def _among_parameters(self, clone: Clone, values: Iterable[Value]) -> set[Value]:
        return {p.value for p in clone.function.parameters}.intersection(values)

    def _deciding(self, clone: Clone) -> Iterator[Value]:
        """The values that decide on what takes a lock or gives one back."""
        definitions = self.program.definitions(clone.function)
        for block in clone.function.blocks:
            for instruction in block.instructions:
                if self._locks(clone, instruction):
                    for condition in (*block.conditions, *_deciders(definitions, instruction)):
                        for truth in (True, False):
                            yield from outcomes(definitions, condition, truth)

    def _locks(self, clone: Clone, instruction: Instruction) -> bool:
        """Whether an instruction may take a lock, or give one back."""
        if not isinstance(instruction, model.Call):
            return isinstance(instruction, model.Enter)
        found = (
            self.program.get(n, LibraryMethodObject)
            for n in self.program.at(clone.node(instruction.function))
        )
        return any(m is not None and (self.program.acquires(m) or self.program.releases(m)) for m in found)

    # -- where a function begins

    def at_root(self, context: Context, root: Clone) -> Lockset:
        """What the switches of a function are that a thread, or somebody out of sight, runs."""
        if not (switches := self.of(root)):
            return frozenset()
        given: dict[Value, bool | None] = {}
        for value, maker, node in context.spawned.payload if context.spawned is not None else ():
            if value is not None:
                literal = self.program.literal(maker, node)
                given[value] = bool(literal.value) if literal is not None else None
        told = {**self._defaults(root), **given}
        return frozenset(
            Known(value, truth) for value, truth in told.items() if truth is not None and value in switches
        )

    def given(
        self, run: Run, instruction: Instruction, target: Target, state: Lockset, into: Rename
    ) -> Lockset:
        """What a callee is told: its switches, and what is held under conditions that it knows, too."""
        bound = dict(bindings(self.program, run.clone, instruction, target))
        told: set[Known | When | Unmet] = {e for e in state if isinstance(e, Unmet)}
        switches = self.of(target.clone)
        defaults = {} if not switches or _unpacks(instruction) else self._defaults(target.clone)
        for parameter in switches:
            truth = (
                self._truth(run.clone, bound[parameter], state)
                if parameter in bound
                else defaults.get(parameter)
            )
            if truth is not None:
                told.add(Known(parameter, truth))
        for when in (e for e in state if isinstance(e, When)):
            held = replace(when.held, path=into(when.held.path))
            told |= {When(p, when.truth, held) for p, v in bound.items() if v == when.value}
        return frozenset(told)

    def _defaults(self, clone: Clone) -> dict[Value, bool]:
        """The parameters that are ``True``, or ``False``, unless given."""
        function, functions = clone.function, clone.module.facts.functions
        if function.parent is None:
            return {}
        parent = functions[function.parent]
        made = (i for block in parent.blocks for i in block.instructions)
        defaults = next(
            (i.defaults for i in made if isinstance(i, model.MakeFunction) and i.function == function.number),
            (),
        )
        values = {p.name: p.value for p in function.parameters}
        literals = ((name, self.program.definitions(parent)[v]) for name, v in defaults)
        return {
            values[n]: d.value
            for n, d in literals
            if isinstance(d, model.Const) and isinstance(d.value, bool)
        }

    def _truth(self, clone: Clone, value: Value, state: Lockset) -> bool | None:
        """Whether a value is true; None where that is not known."""
        definition = self.program.definitions(clone.function)[value]
        if isinstance(definition, model.Const) and definition.known:
            return bool(definition.value)
        if isinstance(definition, model.Compute) and definition.op == "Not":
            inner = self._truth(clone, definition.operands[0], state)
            return None if inner is None else not inner
        return next((k.truth for k in state if isinstance(k, Known) and k.value == value), None)

    # -- on the way

    def tested(self, run: Run, block: Block, taken: bool, state: Lockset) -> Lockset:
        """The state on one side of a test."""
        if not (switches := self.of(run.clone)):
            return state
        assert block.branch is not None
        told = outcomes(self.program.definitions(run.clone.function), block.branch.condition, taken)
        for value in sorted(switches & told.keys()):
            state = _decided(state, value, told[value])
        return state

    def chosen(self, clone: Clone, condition: Value, truth: bool) -> tuple[Value, bool] | None:
        """The switch, and its value, with which a condition comes out so; None where none says that."""
        told = outcomes(self.program.definitions(clone.function), condition, truth)
        return next(((value, told[value]) for value in sorted(self.of(clone) & told.keys())), None)

    def resolved(self, clone: Clone, when: Held | When, state: Lockset) -> Held | When | None:
        """What is held here of a lock that a condition may decide on; None if it is not."""
        if isinstance(when, Held):
            return when
        truth = self._truth(clone, when.value, state)
        if truth is None:
            return when
        return when.held if truth is when.truth else None

    def returned(
        self, run: Run, state: Lockset, entered: Lockset, left: Lockset, back: dict[Value, Value], out: Rename
    ) -> Lockset:
        """The state after a call: what the callee took or gave back under conditions."""

        def mine(when: When) -> When:
            return When(back[when.value], when.truth, replace(when.held, path=out(when.held.path)))

        whens = [e for e in left | entered if isinstance(e, When) and e.value in back]
        for when in whens:
            if when in entered and not is_same(when, left):
                state = give_up(state, self.resolved(run.clone, mine(when), state))
        for when in whens:
            if when in left and not is_same(when, entered):
                found = self.resolved(run.clone, mine(when), state)
                if found is not None and not (isinstance(found, Held) and still(found, state)):
                    state = state | {found}
        return state


def _decided(state: Lockset, value: Value, truth: bool) -> Lockset:
    """The state where a switch has turned out to be true, or false."""
    if Known(value, not truth) in state:
        return frozenset({*state, Unmet()})
    met = {e.held for e in state if isinstance(e, When) and (e.value, e.truth) == (value, truth)}
    rest = {e for e in state if not (isinstance(e, When) and e.value == value)}
    return frozenset({*rest, *(h for h in met if not still(h, frozenset(rest))), Known(value, truth)})


def _deciders(definitions: Sequence[Instruction | None], instruction: Instruction) -> list[Value]:
    """What decides which of two managers is entered (``with lock if wanted else nullcontext():``)."""
    manager = definitions[instruction.manager] if isinstance(instruction, model.Enter) else None
    return [manager.decider] if isinstance(manager, model.Phi) and manager.decider is not None else []


def _unpacks(instruction: Instruction) -> bool:
    """Whether a call gives more than its own arguments tell."""
    return isinstance(instruction, model.Call) and (
        any(starred for _, starred in instruction.args)
        or any(name is None for name, _ in instruction.keywords)
    )
