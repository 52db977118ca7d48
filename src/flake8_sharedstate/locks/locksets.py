"""Must-locksets: which locks are surely held before each instruction of each run.

A forward must-analysis in and across functions: branches join by intersection, callees start with
what all their callers hold, and give back what they acquire or release themselves (Eraser's
lockset, Savage et al., TOCS 1997, computed statically as in RELAY, Voung et al., FSE 2007).
"""

from __future__ import annotations

from dataclasses import replace

from flake8_sharedstate.dataflow import Run, Solver, bindings
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.conditions import implied, set_true
from flake8_sharedstate.facts.model import Block, Instruction, Value
from flake8_sharedstate.facts.paths import Path
from flake8_sharedstate.libraries.vocabulary import (
    Defer,
    Effect,
    Exclusion,
    Hold,
    LockModel,
    Spawn,
    Transfer,
    Unwind,
)
from flake8_sharedstate.locks.attempts import is_certain, is_unasked
from flake8_sharedstate.locks.claims import Claims
from flake8_sharedstate.locks.held import (
    Conditional,
    Free,
    Held,
    Latched,
    Lockset,
    Refused,
    Released,
    Returned,
    When,
    add,
    defer,
    give_back,
    give_up,
    join,
    remove,
    still,
    transfer,
    unwind,
)
from flake8_sharedstate.locks.managers import Managers
from flake8_sharedstate.program.heap import Target
from flake8_sharedstate.program.objects import (
    Clone,
    LibraryMethodObject,
    ObjectId,
)
from flake8_sharedstate.threads.contexts import Context, Contexts, Kind

_NOTHING: Lockset = frozenset()
_LOCK = LockModel(Exclusion.THREADS)


class _Problem:
    def __init__(self, locksets: Locksets) -> None:
        self.owner = locksets
        self.program = locksets.program

    def join(self, first: Lockset, second: Lockset) -> Lockset:
        return join(first, second)

    def step(self, run: Run, instruction: Instruction, state: Lockset) -> Lockset | None:
        clone = run.clone
        for context in self.owner.contexts.starts.get((clone.number, id(instruction)), ()):
            if self.owner._is_awaited_on_the_spot(context):
                kept = frozenset(replace(h, path=None, tasks=False) for h in state if isinstance(h, Held))
                root = context.roots[0]
                self.owner.solver.feed(Run(root, context.number), kept | self.owner.at_root(context, root))
        if isinstance(instruction, model.Enter):
            entered = self.owner.entered(run, instruction)
            if entered is None:
                return None
            for entry in entered:
                held = self.owner.switches.resolved(clone, entry, state)
                if held is not None:
                    state = add(state, held) if isinstance(held, Held) else state | {held}
        elif isinstance(instruction, model.Exit):
            for entry in self.owner.entered(run, instruction) or ():
                state = give_up(state, self.owner.switches.resolved(clone, entry, state))
            state = unwind(state, frozenset(self.program.at(clone.node(instruction.manager))))
        elif isinstance(instruction, model.Call):
            state = self._call(clone, instruction, state)
        elif isinstance(instruction, model.Return):
            state = state | self._returned(clone, instruction.src, state)
        else:
            state = self.owner.claims.stored(run, instruction, state)
        return state

    def _call(self, clone: Clone, instruction: model.Call, state: Lockset) -> Lockset:
        acquired: set[ObjectId] = set()
        tasks: set[ObjectId] = set()
        released: set[ObjectId] = set()
        for number in sorted(self.program.at(clone.node(instruction.function))):
            method = self.program.get(number, LibraryMethodObject)
            if method is None:
                continue
            if self.program.acquires(method):
                if self.program.exclusion(method.receiver) is Exclusion.TASKS:
                    tasks.add(method.receiver)
                acquired.update(self.owner.excluding(method.receiver))
            elif self.program.releases(method):
                released.update(self.program.real_locks(method.receiver))
            elif self.program.waits(method):
                # The lock is given up and taken again: what was known before is stale.
                locks = frozenset(self.program.real_locks(method.receiver))
                state = frozenset(
                    replace(h, acquired=frozenset({id(instruction)}))
                    if isinstance(h, Held) and h.objects & locks
                    else h
                    for h in state
                )
        for event in self.program.events.get((clone.number, id(instruction)), ()):
            if event.receiver is not None:
                state = self._stacked(clone, instruction, event.effect, event.receiver, state)
        definition = self.program.definitions(clone.function)[instruction.function]
        path = self.owner.path(clone, definition.base) if isinstance(definition, model.LoadAttr) else None
        if tasks and not acquired:
            state = add(
                state, Held(frozenset(tasks), path, acquired=frozenset({id(instruction)}), tasks=True)
            )
        if acquired:
            held = Held(frozenset(acquired), path, acquired=frozenset({id(instruction)}))
            certain = is_certain(self.program.definitions(clone.function), instruction)
            # To go on without asking is reported by itself, and not what it leaves unguarded.
            if certain or is_unasked(self.program, clone, instruction):
                state = add(state, held)
            # Where paths meet, the result, or a flag that is set now, may be all that tells of it.
            block = next(b for b in clone.function.blocks if instruction in b.instructions)
            flags = set_true(clone.function.blocks, block, block.instructions.index(instruction))
            state = state | {Conditional(value, held) for value in (instruction.dst, *flags)}
        if released:
            state = give_back(state, Held(frozenset(released), path))
        if isinstance(definition, model.LoadAttr) and not self.program.at(clone.node(instruction.function)):
            state = self._call_unknown(clone, instruction, definition, state)
        return state

    def _call_unknown(
        self, clone: Clone, call: model.Call, method: model.LoadAttr, state: Lockset
    ) -> Lockset:
        """What nothing is known of, but is acquired and released here, may well be a lock."""
        if method.name in _LOCK.release:
            return remove(state, Held(frozenset(), self.owner.path(clone, method.base)))
        definitions = self.program.definitions(clone.function)
        if method.name not in _LOCK.acquire or not is_certain(definitions, call):
            return state
        key = self.owner.contexts.paths(clone).key
        if not any(
            isinstance(d, model.LoadAttr) and d.name in _LOCK.release and key(d.base) == key(method.base)
            for d in definitions
        ):
            return state
        for held in self.owner.locks_of(clone, method.base, frozenset({id(call)})):
            state = add(state, held) if not held.objects else state
        return state

    def _stacked(
        self, clone: Clone, call: model.Call, effect: Effect, stack: ObjectId, state: Lockset
    ) -> Lockset:
        """The state after a call of a stack that holds what is entered into it (``ExitStack``)."""
        match effect:
            case Hold():
                for value, _ in call.args[:1]:
                    for held in self.owner.locks_of(clone, value, frozenset({id(call)})):
                        state = add(state, replace(held, stack=stack))
            case Defer():
                for value, _ in call.args[:1]:
                    state = defer(state, self.owner.released_by(clone, value), stack)
            case Unwind():
                state = unwind(state, frozenset({stack}))
            case Transfer():
                for to in self.program.at(clone.node(call.dst)):
                    state = transfer(state, stack, to)
        return state

    def _returned(self, clone: Clone, value: Value, state: Lockset) -> Lockset:
        """What a returned value tells the caller of what is held."""
        definition = self.program.definitions(clone.function)[value]
        if isinstance(definition, model.Const) and definition.known and not definition.value:
            return frozenset({Refused()})
        tried = [entry for entry in state if isinstance(entry, Conditional)]
        told = [h for h in state if isinstance(h, Held)]
        for entry in tried:
            same = frozenset(t.value for t in tried if t.held.objects == entry.held.objects)
            if entry.value == value or self._chooses(clone, value, same):
                told.append(entry.held)
        return frozenset(Returned(held) for held in told)

    def branch(self, run: Run, block: Block, taken: bool, state: Lockset) -> Lockset:
        assert block.branch is not None
        state = self.owner.claims.tested(run, block, taken, state)
        state = self.owner.switches.tested(run, block, taken, state)
        missing = self.owner.needless(run.clone, block, taken)
        state |= {held for held in missing if not still(held, state)}
        if not any(isinstance(h, Conditional) for h in state):
            return state
        true = self.owner.implied(run.clone, block.branch.condition, taken)
        tried = [h for h in state if isinstance(h, Conditional)]
        taken_in: dict[tuple[frozenset[ObjectId], Path | None], Held] = {}
        for entry in sorted(tried, key=lambda t: t.value):
            same = frozenset(t.value for t in tried if t.held.objects == entry.held.objects)
            if entry.value in true or any(self._chooses(run.clone, v, same) for v in true):
                # However many calls it can have been, the lock was acquired once.
                state = state - {entry}
                place = (entry.held.objects, entry.held.path)
                known = taken_in.setdefault(place, entry.held)
                taken_in[place] = replace(known, acquired=known.acquired | entry.held.acquired)
        for held in taken_in.values():
            state = add(state, held)
            blocks = run.clone.function.blocks
            chosen = blocks[block.successors[0 if taken else 1]]
            state = state | {Conditional(value, held) for value in set_true(blocks, chosen)}
        return state

    def _chooses(self, clone: Clone, value: Value, among: frozenset[Value]) -> bool:
        """Whether a value that is true is one of some others."""
        definitions = self.program.definitions(clone.function)
        seen: set[Value] = set()
        waiting = [value]
        while waiting:
            current = waiting.pop()
            definition = definitions[current]
            # A constant that is false cannot be the one that is true.
            false = isinstance(definition, model.Const) and definition.known and not definition.value
            if current in among or current in seen or false:
                continue
            if not isinstance(definition, model.Phi) or definition.op:
                return False
            seen.add(current)
            waiting.extend(definition.sources)
        return bool(seen)

    def enter(self, run: Run, instruction: Instruction, target: Target, state: Lockset) -> Lockset:
        into = self.owner.inward(run.clone, instruction, target).path
        told = self.owner.switches.given(run, instruction, target, state, into)
        passed = {replace(h, path=into(h.path)) for h in state if isinstance(h, Held)}
        flags = {
            replace(entry, path=path)
            for entry in state
            if isinstance(entry, (Free, Latched)) and (path := into(entry.path)) is not None
        }
        return self.owner.on_entry(target.clone) | told | passed | flags

    def leave(
        self,
        run: Run,
        instruction: Instruction,
        target: Target,
        state: Lockset,
        entered: Lockset,
        left: Lockset,
    ) -> Lockset:
        for given in sorted((g for g in left if isinstance(g, Released)), key=repr):
            state = give_back(state, Held(given.objects, None))
        if entered == left:
            return state
        back = dict(bindings(self.program, run.clone, instruction, target))
        gained, lost = left - entered, entered - left
        for held in sorted(lost, key=repr):
            if isinstance(held, Held) and not still(held, left):
                state = remove(state, Held(held.objects, self.owner.out(held.path, run.clone, back)))
        for held in sorted(gained, key=repr):
            if isinstance(held, Held) and not still(held, entered):
                path = self.owner.out(held.path, run.clone, back)
                if held.objects or path is not None:
                    state = add(state, replace(held, path=path, level=0))
            elif isinstance(held, Latched):
                path = self.owner.out(held.path, run.clone, back)
                state = state | {replace(held, path=path)} if path is not None else state
        state = self.owner.switches.returned(
            run, state, entered, left, back, lambda path: self.owner.out(path, run.clone, back)
        )
        result: Value | None = getattr(instruction, "dst", None)
        if result is not None:
            told = (r.held for r in left if isinstance(r, Returned))
            state = state | {
                Conditional(result, replace(h, path=self.owner.out(h.path, run.clone, back), level=0))
                for h in told
                if h.objects and not still(h, entered) and not still(h, left)
            }
        return state


class Locksets(Managers):
    """Answers which locks are held where."""

    def __init__(self, contexts: Contexts) -> None:
        super().__init__(contexts)
        self._on_the_spot: dict[int, bool] = {}
        self._waiting: set[Run] | None = set()
        """The runs that wait for a generator to yield; None once nobody is waited for."""
        self.claims = Claims(self.program, self.path)
        self.solver: Solver[Lockset] = Solver(self.program, _Problem(self))
        for context in contexts.all:
            if context.spawned is not None and self._is_awaited_on_the_spot(context):
                # Whoever starts it waits with what he holds: it begins under those locks.
                continue
            for root in context.roots:
                self.solver.feed(Run(root, context.number), self.at_root(context, root))
        self.solver.solve()
        # A generator that needs itself to come as far as its ``yield`` holds nothing that is known.
        waiting, self._waiting = self._waiting, None
        for run in sorted(waiting):
            self.solver.again(run)
        self.solver.solve()
        self.claims.settle(self.solver)

    def held(self, run: Run, instruction: Instruction) -> frozenset[Held]:
        """The locks surely held just before an instruction."""
        state = self.solver.before(run, instruction) or _NOTHING
        return frozenset(h for h in state if isinstance(h, Held) and not self.claims.is_void(h))

    def facts(self, run: Run, instruction: Instruction) -> Lockset:
        """All that is known just before an instruction, of flags as well."""
        return self.solver.before(run, instruction) or _NOTHING

    def _is_awaited_on_the_spot(self, context: Context) -> bool:
        """Whether whoever starts a thread does nothing until it is done (``await to_thread(f)``)."""
        known = self._on_the_spot.get(context.number)
        if known is None:
            spawned = context.spawned
            effect = spawned.effect if spawned is not None else None
            known = (
                spawned is not None
                and isinstance(effect, Spawn)
                and context.kind is Kind.THREAD
                and (effect.awaited or effect.waited)
                and not spawned.served
                and all(effect.waited or _awaits(clone, i) for clone, i in spawned.starts)
            )
            self._on_the_spot[context.number] = known
        return known

    def acquisition(self, held: Held) -> tuple[Clone, Instruction] | None:
        """Where a held lock was acquired, if that is one place."""
        for clone in self.program.clones:
            for block in clone.function.blocks:
                for instruction in block.instructions:
                    if id(instruction) in held.acquired:
                        return clone, instruction
        return None

    # -- what a manager locks

    def entered(self, run: Run, instruction: model.Enter | model.Exit) -> list[Held | When] | None:
        """What entering a context manager acquires; None where that is still being found out."""
        clone, value = run.clone, instruction.manager
        generators = self._generators(run, value)
        if generators:
            known = [
                target for target in generators if Run(target.clone, run.context) in self.solver.at_yield
            ]
            if known:
                # Whichever of them it is, what all of them hold is held.
                gained = self._yielded(run, instruction, known[0])
                for other in known[1:]:
                    gained = join(gained, self._yielded(run, instruction, other))
                return [h for h in sorted(gained, key=repr) if isinstance(h, (Held, When))]
            if self._waiting is not None:
                self._waiting.add(run)
                return None
        return self.managed(clone, value, _acquisition(instruction))

    def _generators(self, run: Run, value: Value) -> list[Target]:
        """The generator functions that a context manager was made by."""
        definition = self.program.definitions(run.clone.function)[value]
        if not isinstance(definition, model.Call):
            return []
        targets = self.program.targets.get((run.clone.number, id(definition)), ())
        return [target for target in targets if target.clone.function.is_generator]

    def _yielded(self, run: Run, instruction: model.Enter | model.Exit, target: Target) -> Lockset:
        """What a generator that serves as a context manager holds while it yields."""
        callee = Run(target.clone, run.context)
        made = self.program.definitions(run.clone.function)[instruction.manager]
        assert made is not None
        back = dict(bindings(self.program, run.clone, made, target))
        gained = self.solver.at_yield[callee] - self.solver.entry[callee]
        acquired = _acquisition(instruction)

        def mine(held: Held) -> Held:
            path = self.out(held.path, run.clone, back)
            return Held(held.objects, path, acquired=acquired, shared=held.shared)

        return frozenset(mine(held) for held in gained if isinstance(held, Held)) | frozenset(
            When(back[when.value], when.truth, mine(when.held))
            for when in gained
            if isinstance(when, When) and when.value in back
        )

    # -- conditions

    def implied(self, clone: Clone, value: Value, truth: bool) -> set[Value]:
        """The values that are surely true on one side of a test."""
        return implied(self.program.definitions(clone.function), value, truth)


def _awaits(clone: Clone, start: Instruction) -> bool:
    dst = getattr(start, "dst", None)
    return any(
        isinstance(i, model.Await) and i.src == dst
        for block in clone.function.blocks
        for i in block.instructions
    )


def _acquisition(instruction: Instruction) -> frozenset[int]:
    """The identity of the critical section that a ``with`` statement is."""
    return frozenset({id(instruction)}) if isinstance(instruction, model.Enter) else frozenset()
