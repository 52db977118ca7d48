"""Must-locksets: which locks are surely held before each instruction of each run.

A forward must-analysis in and across functions: branches join by intersection, callees start with
what all their callers hold, and give back what they acquire or release themselves (Eraser's
lockset, Savage et al., TOCS 1997, computed statically as in RELAY, Voung et al., FSE 2007).
"""

from __future__ import annotations

from dataclasses import replace

from flake8_sharedstate.dataflow import Run, Solver, bindings
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.conditions import implied
from flake8_sharedstate.facts.model import Block, Instruction, Value
from flake8_sharedstate.facts.paths import Path
from flake8_sharedstate.libraries.vocabulary import Exclusion, Hold, Spawn
from flake8_sharedstate.locks.held import Conditional, Held, Lockset, Released, join
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import Target
from flake8_sharedstate.program.objects import (
    Clone,
    FunctionObject,
    InstanceObject,
    LibraryMethodObject,
    LibraryObject,
    ObjectId,
    QualifiedObject,
)
from flake8_sharedstate.threads.contexts import Context, Contexts, Kind

_NOTHING: Lockset = frozenset()
_EXCLUDES = (Exclusion.THREADS, Exclusion.READERS)


class _Problem:
    def __init__(self, locksets: Locksets) -> None:
        self.owner = locksets
        self.program = locksets.program

    def join(self, first: Lockset, second: Lockset) -> Lockset:
        return join(first, second)

    def step(self, run: Run, instruction: Instruction, state: Lockset) -> Lockset:
        clone = run.clone
        for context in self.owner.contexts.starts.get((clone.number, id(instruction)), ()):
            if self.owner._is_awaited_on_the_spot(context):
                kept = frozenset(replace(h, path=None, tasks=False) for h in state if isinstance(h, Held))
                root = context.roots[0]
                self.owner.solver.feed(Run(root, context.number), kept | self.owner.on_entry(root))
        if isinstance(instruction, model.Enter):
            for held in self.owner.entered(run, instruction):
                state = _add(state, held)
        elif isinstance(instruction, model.Exit):
            for held in self.owner.entered(run, instruction):
                state = _remove(state, held)
            stacks = self.program.at(clone.node(instruction.manager))
            state = frozenset(
                h for h in state if not (isinstance(h, Held) and h.stack is not None and h.stack in stacks)
            )
        elif isinstance(instruction, model.Call):
            state = self._call(clone, instruction, state)
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
            if isinstance(event.effect, Hold):
                for value, _ in instruction.args[:1]:
                    for held in self.owner.locks_of(clone, value, frozenset({id(instruction)})):
                        state = _add(state, replace(held, stack=event.receiver))
        definition = self.program.definitions(clone.function)[instruction.function]
        path = self.owner.path(clone, definition.base) if isinstance(definition, model.LoadAttr) else None
        if tasks and not acquired:
            state = _add(
                state, Held(frozenset(tasks), path, acquired=frozenset({id(instruction)}), tasks=True)
            )
        if acquired:
            held = Held(frozenset(acquired), path, acquired=frozenset({id(instruction)}))
            if self._is_certain(clone, instruction):
                state = _add(state, held)
            else:
                state = state | {Conditional(instruction.dst, held)}
        if released:
            state = _give_back(state, Held(frozenset(released), path))
        return state

    def _is_certain(self, clone: Clone, instruction: model.Call) -> bool:
        """Whether an ``acquire`` waits until it succeeds."""
        definitions = self.program.definitions(clone.function)
        given: dict[str, Value] = {name: v for name, v in instruction.keywords if name}
        for name, (value, _) in zip(("blocking", "timeout"), instruction.args, strict=False):
            given[name] = value
        for name, value in given.items():
            literal = definitions[value]
            if name == "timeout" and isinstance(literal, model.Compute) and literal.op == "USub":
                # ``timeout=-1`` waits for ever.
                continue
            if not isinstance(literal, model.Const):
                return False
            if name == "timeout" and literal.value is not None:
                return False
            if name == "blocking" and not literal.value:
                return False
        return True

    def branch(self, run: Run, block: Block, taken: bool, state: Lockset) -> Lockset:
        assert block.branch is not None
        if not any(isinstance(h, Conditional) for h in state):
            return state
        true = self.owner.implied(run.clone, block.branch.condition, taken)
        tried = [h for h in state if isinstance(h, Conditional)]
        for entry in tried:
            same = frozenset(t.value for t in tried if t.held.objects == entry.held.objects)
            if entry.value in true or any(self._chooses(run.clone, v, same) for v in true):
                state = _add(state - {entry}, entry.held)
        return state

    def _chooses(self, clone: Clone, value: Value, among: frozenset[Value]) -> bool:
        """Whether a value is the one of some others that was computed."""
        definitions = self.program.definitions(clone.function)
        definition = definitions[value]
        if not isinstance(definition, model.Phi) or definition.op:
            return False
        # A constant that is false cannot be the one that is true.
        sources = {
            s
            for s in definition.sources
            if not (isinstance(c := definitions[s], model.Const) and c.known and not c.value)
        }
        return bool(sources) and sources <= among

    def enter(self, run: Run, instruction: Instruction, target: Target, state: Lockset) -> Lockset:
        renamed = self.owner.renaming(run.clone, instruction, target)
        return self.owner.on_entry(target.clone) | frozenset(
            replace(h, path=self.owner.into(h.path, run.clone, target.clone, renamed))
            for h in state
            if isinstance(h, Held)
        )

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
            state = _give_back(state, Held(given.objects, None))
        if entered == left:
            return state
        back = dict(bindings(self.program, run.clone, instruction, target))
        gained, lost = left - entered, entered - left
        for held in sorted(lost, key=repr):
            if isinstance(held, Held) and not _still(held, left):
                state = _remove(state, Held(held.objects, self._out(held.path, run.clone, back)))
        for held in sorted(gained, key=repr):
            if isinstance(held, Held) and not _still(held, entered):
                path = self._out(held.path, run.clone, back)
                if held.objects or path is not None:
                    state = _add(state, replace(held, path=path, level=0))
        return state

    def _out(self, path: Path | None, clone: Clone, back: dict[Value, Value]) -> Path | None:
        if path is None:
            return None
        kind, root = path[0]
        if kind != "value":
            return path
        return (*self.owner.path(clone, back[root]), *path[1:]) if root in back else None


def _add(state: Lockset, held: Held) -> Lockset:
    level = max(
        (
            h.level + 1
            for h in state
            if isinstance(h, Held)
            and (h.path == held.path and h.path is not None)
            and h.objects == held.objects
        ),
        default=0,
    )
    return state | {replace(held, level=level)}


def _give_back(state: Lockset, held: Held) -> Lockset:
    """The state after a release: of what is held here, or of what a caller holds."""
    after = _remove(state, held)
    return after | {Released(held.objects)} if after == state else after


def _still(held: Held, state: Lockset) -> bool:
    """Whether the same lock at the same level is in another state, however acquired."""
    return any(
        isinstance(h, Held) and h.objects == held.objects and h.path == held.path and h.level == held.level
        for h in state
    )


def _remove(state: Lockset, held: Held) -> Lockset:
    state = frozenset(h for h in state if not (isinstance(h, Conditional) and h.held.objects & held.objects))
    entries = [h for h in state if isinstance(h, Held)]
    exact = [h for h in entries if h.path is not None and h.path == held.path]
    if not exact:
        exact = [h for h in entries if h.objects & held.objects]
        if len({h.path for h in exact}) > 1:
            # Which of them is not known: none is surely held any more.
            return state - frozenset(exact)
    if not exact:
        return state
    top = max(exact, key=lambda h: h.level)
    return state - {h for h in exact if h.level == top.level}


class Locksets:
    """Answers which locks are held where."""

    def __init__(self, contexts: Contexts) -> None:
        self.contexts = contexts
        self.program: Program = contexts.program
        self._on_the_spot: dict[int, bool] = {}
        self._renamings: dict[tuple[int, int, int], list[tuple[Path, Value]]] = {}
        self.solver: Solver[Lockset] = Solver(self.program, _Problem(self))
        for context in contexts.all:
            if context.spawned is not None and self._is_awaited_on_the_spot(context):
                # Whoever starts it waits with what he holds: it begins under those locks.
                continue
            for root in context.roots:
                self.solver.feed(Run(root, context.number), self.on_entry(root))
        self.solver.solve()

    def held(self, run: Run, instruction: Instruction) -> frozenset[Held]:
        """The locks surely held just before an instruction."""
        state = self.solver.before(run, instruction) or _NOTHING
        return frozenset(h for h in state if isinstance(h, Held))

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

    def on_entry(self, clone: Clone) -> Lockset:
        """What a function's decorator holds while it runs."""
        effect = self.program.synchronized.get(self.program.function_key(clone))
        if effect is None:
            return _NOTHING
        acquired = frozenset({id(clone)})
        parameters = clone.function.parameters
        if effect.is_named or clone.receiver is None or not parameters:
            return frozenset({Held(frozenset(), None, acquired=acquired, shared=effect.shared)})
        locks = {self.program.own_lock(clone.receiver)}
        if effect.attribute is not None:
            found = self.program.at(self.program.field(clone.receiver, effect.attribute))
            locks = {real for lock in found for real in self.program.real_locks(lock)}
        name = effect.attribute or "<synchronized>"
        path: Path = (("value", parameters[0].value), ("attribute", name))
        return frozenset({Held(frozenset(locks), path, acquired=acquired, shared=effect.shared)})

    def acquisition(self, held: Held) -> tuple[Clone, Instruction] | None:
        """Where a held lock was acquired, if that is one place."""
        for clone in self.program.clones:
            for block in clone.function.blocks:
                for instruction in block.instructions:
                    if id(instruction) in held.acquired:
                        return clone, instruction
        return None

    # -- what a manager locks

    def excluding(self, number: ObjectId) -> list[ObjectId]:
        """The real locks behind a lock object, if it keeps threads out."""
        if self.program.exclusion(number) in _EXCLUDES:
            return self.program.real_locks(number)
        return []

    def path(self, clone: Clone, value: Value) -> Path:
        """The path of a value of a clone, with cells and globals made absolute."""
        path = self.contexts.paths(clone).of(value)
        kind, root = path[0]
        if kind == "cell":
            owner, name = root
            return (("cell", (self.program.frame_of(clone, owner), name)), *path[1:])
        if kind == "global":
            return (("global", (clone.module.index, root)), *path[1:])
        return path

    def locks_of(self, clone: Clone, value: Value, acquired: frozenset[int]) -> list[Held]:
        """The lock that a value is, to be held; none where it is known to be no lock."""
        objects = sorted(self.program.at(clone.node(value)) - {self.program.none})
        path = self.path(clone, self.contexts.held_through(clone, value))
        if not objects:
            # Out of sight: it may well be a lock, so nothing is said against what it may guard.
            return [Held(frozenset(), path, acquired=acquired)]
        locks: set[ObjectId] = set()
        kinds = {self.program.exclusion(number) for number in objects}
        for number in objects:
            locks.update(self.excluding(number))
        if not locks:
            tasks = frozenset(o for o in objects if self.program.exclusion(o) is Exclusion.TASKS)
            return [Held(tasks, path, acquired=acquired, tasks=True)] if tasks else []
        return [Held(frozenset(locks), path, acquired=acquired, shared=Exclusion.READERS in kinds)]

    def entered(self, run: Run, instruction: model.Enter | model.Exit) -> list[Held]:
        """What entering a context manager acquires."""
        clone, value = run.clone, instruction.manager
        generator = self._manager_function(run, value, instruction)
        if generator is not None:
            return generator
        objects = self.program.at(clone.node(value)) - {self.program.none}
        tasks = any(self.program.exclusion(o) is Exclusion.TASKS for o in objects)
        if objects and not tasks and all(self._is_no_lock(o) for o in objects):
            return []
        return self.locks_of(clone, value, _acquisition(instruction))

    def _is_no_lock(self, number: ObjectId) -> bool:
        found = self.program.objects[number]
        if isinstance(found, (LibraryObject, InstanceObject)):
            if self.program.exclusion(number) in _EXCLUDES:
                return False
            return not isinstance(found, InstanceObject) or not any(
                name not in self.program.book.types and not name.startswith("builtins.")
                for name in self.program.library_bases(found.cls)
            )
        return not isinstance(found, (QualifiedObject, FunctionObject))

    def _manager_function(self, run: Run, value: Value, instruction: Instruction) -> list[Held] | None:
        """What a generator that serves as a context manager holds while it yields."""
        clone = run.clone
        definition = self.program.definitions(clone.function)[value]
        if not isinstance(definition, model.Call):
            return None
        result: list[Held] | None = None
        for target in self.program.targets.get((clone.number, id(definition)), ()):
            if not target.clone.function.is_generator:
                continue
            callee = Run(target.clone, run.context)
            at_yield = self.solver.at_yield.get(callee)
            if at_yield is None:
                continue
            back = dict(bindings(self.program, clone, definition, target))
            problem = self.solver.problem
            assert isinstance(problem, _Problem)
            result = result or []
            for held in sorted(at_yield - self.solver.entry[callee], key=repr):
                if isinstance(held, Held):
                    path = problem._out(held.path, clone, back)
                    result.append(
                        Held(held.objects, path, acquired=_acquisition(instruction), shared=held.shared)
                    )
        return result

    # -- conditions

    def implied(self, clone: Clone, value: Value, truth: bool) -> set[Value]:
        """The values that are surely true on one side of a test."""
        return implied(self.program.definitions(clone.function), value, truth)

    # -- names across calls

    def renaming(self, clone: Clone, instruction: Instruction, target: Target) -> list[tuple[Path, Value]]:
        """Which paths of the caller are which parameters of the callee, the longest first."""
        key = (clone.number, id(instruction), target.clone.number)
        known = self._renamings.get(key)
        if known is None:
            known = [
                (self.path(clone, value), parameter)
                for parameter, value in bindings(self.program, clone, instruction, target)
            ]
            known.sort(key=lambda pair: -len(pair[0]))
            self._renamings[key] = known
        return known

    def into(
        self, path: Path | None, clone: Clone, callee: Clone, renamed: list[tuple[Path, Value]]
    ) -> Path | None:
        """A path in the terms of a callee."""
        if path is None:
            return None
        if path[0][0] != "value":
            return path
        for prefix, parameter in renamed:
            if path[: len(prefix)] == prefix:
                return (("value", parameter), *path[len(prefix) :])
        return None


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
