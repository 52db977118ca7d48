"""Claims: a flag that is tested and set under a lock keeps others out until it is reset.

Whoever finds the flag unset, sets it before the lock is given up, and turns away those who find it
set, is alone from there to the reset, lock or no lock: a mutex made of a flag. It is one only if
nobody sets the flag without having claimed it, or resets another's claim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flake8_sharedstate.dataflow import Run, Solver
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.conditions import outcomes, set_true
from flake8_sharedstate.facts.model import Block, Instruction, Value
from flake8_sharedstate.facts.paths import Path
from flake8_sharedstate.locks.held import Conditional, Free, Held, Latched, Lockset, under
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.objects import (
    Clone,
    InstanceObject,
    LibraryMethodObject,
    LibraryObject,
    ObjectId,
)

_STORES = (model.StoreAttr, model.StoreGlobal)
_LOADS = (model.LoadAttr, model.LoadGlobal)
Flag = tuple[ObjectId, str]


class Claims:
    """Follows the flags of a program through the lockset analysis, of which they are a part."""

    def __init__(self, program: Program, locate: Callable[[Clone, Value], Path]) -> None:
        self.program = program
        self.locate = locate
        self._names = {
            store.name
            for clone in program.clones
            for store in _stores(clone)
            if self._constant(clone, store) is True
        }
        self._made: dict[tuple[Run, int], Held] = {}
        self._void: set[ObjectId] = set()
        self._reset: set[Flag] = set()

    def tested(self, run: Run, block: Block, taken: bool, state: Lockset) -> Lockset:
        """The state on one side of a test: a flag that is false there is free while the locks are held."""
        if not self._names:
            return state
        acquired = frozenset().union(*(h.acquired for h in state if isinstance(h, Held)))
        if not acquired:
            return state
        assert block.branch is not None
        definitions = self.program.definitions(run.clone.function)
        told = outcomes(definitions, block.branch.condition, taken)
        free = set()
        for value, truth in told.items():
            load = definitions[value]
            if truth or not isinstance(load, _LOADS) or load.name not in self._names:
                continue
            if self._is_under_locks(run.clone, block, load):
                free.add(Free(self.locate(run.clone, value), acquired))
        return state | free

    def _is_under_locks(self, clone: Clone, block: Block, load: Instruction) -> bool:
        """Whether the flag was loaded where it is tested, and not before a lock was taken or waited for."""
        if load not in block.instructions:
            return False
        after = block.instructions[block.instructions.index(load) :]
        return not any(isinstance(i, model.Enter) or self._takes(clone, i) for i in after)

    def _takes(self, clone: Clone, instruction: Instruction) -> bool:
        """Whether an instruction is a call by which a lock is taken, or given up and taken again."""
        if not isinstance(instruction, model.Call):
            return False
        found = (
            self.program.get(n, LibraryMethodObject)
            for n in self.program.at(clone.node(instruction.function))
        )
        return any(m is not None and (self.program.acquires(m) or self.program.waits(m)) for m in found)

    def stored(self, run: Run, store: Instruction, state: Lockset) -> Lockset:
        """The state after a store: of ``True`` into a free flag a claim is held, of anything else none."""
        if not isinstance(store, _STORES) or store.name not in self._names:
            return state
        claim = self._claim(run.clone, store, state)
        flags = frozenset(self._object(flag) for flag in self._flags(run.clone, store))
        path = self._path(run.clone, store)
        kept = frozenset(
            entry
            for entry in state
            if not (isinstance(entry, Free) and entry.path == path)
            and not (isinstance(entry, Held) and entry.objects & flags)
            and not (isinstance(entry, Conditional) and entry.held.objects & flags)
        )
        if self._constant(run.clone, store) is True:
            locks = under(path, (h for h in state if isinstance(h, Held)))
            kinds = self._kinds(run.clone, store)
            kept |= {Latched(path, kinds, locks)} if locks else set()
        if claim is None:
            return kept
        blocks = run.clone.function.blocks
        block = next(b for b in blocks if store in b.instructions)
        told = set_true(blocks, block, block.instructions.index(store))
        return kept | {claim} | {Conditional(value, claim) for value in told}

    def _claim(self, clone: Clone, store: model.StoreAttr | model.StoreGlobal, state: Lockset) -> Held | None:
        if self._constant(clone, store) is not True:
            return None
        path = self._path(clone, store)
        free = [f for f in state if isinstance(f, Free) and f.path == path]
        if not any(
            h.acquired and h.acquired <= f.acquired for f in free for h in state if isinstance(h, Held)
        ):
            return None
        flags = frozenset(self._object(flag) for flag in self._flags(clone, store))
        return Held(flags, path, acquired=frozenset({id(store)}), claim=True) if flags else None

    def settle(self, solver: Solver[Lockset]) -> None:
        """Once all is solved: which stores claim, and which flags claim nothing after all."""
        for run in sorted(solver.entry):
            for store in _stores(run.clone):
                state = solver.before(run, store)
                if store.name not in self._names or state is None or _constructs(run.clone, store):
                    continue
                flags = {self._object(flag) for flag in self._flags(run.clone, store)}
                if self._constant(run.clone, store) is not True:
                    self._reset |= self._kinds(run.clone, store)
                claim = self._claim(run.clone, store, state)
                if claim is not None:
                    self._made[run, id(store)] = claim
                elif self._constant(run.clone, store) or not any(
                    isinstance(h, Held) and h.objects and h.objects <= flags for h in state
                ):
                    self._void |= flags

    def made(self, run: Run, instruction: Instruction) -> frozenset[Held]:
        """The claim that a store makes."""
        made = self._made.get((run, id(instruction)))
        return frozenset() if made is None or self.is_void(made) else frozenset({made})

    def is_void(self, held: Held) -> bool:
        """Whether a claim keeps nobody out."""
        return bool(held.objects & self._void)

    def is_for_good(self, latched: Latched) -> bool:
        """Whether nobody resets a flag that was set."""
        return bool(latched.flags) and latched.flags.isdisjoint(self._reset)

    # -- flags

    def _constant(self, clone: Clone, store: model.StoreAttr | model.StoreGlobal) -> object:
        """Whether a constant that is stored is true; ``...`` for what is no constant."""
        source = self.program.definitions(clone.function)[store.src] if store.src is not None else None
        if isinstance(source, model.Const) and source.known:
            return bool(source.value)
        return ...

    def _flags(self, clone: Clone, store: model.StoreAttr | model.StoreGlobal) -> list[Flag]:
        if isinstance(store, model.StoreGlobal):
            return [(clone.module.object, store.name)]
        return [(owner, store.name) for owner in sorted(self.program.at(clone.node(store.base)))]

    def _kinds(self, clone: Clone, store: model.StoreAttr | model.StoreGlobal) -> frozenset[Flag]:
        """The flags that a store sets in all instances of a class: code out of sight has others."""
        found = ((self.program.get(o, InstanceObject), o, name) for o, name in self._flags(clone, store))
        return frozenset((owner if one is None else one.cls, name) for one, owner, name in found)

    def _object(self, flag: Flag) -> ObjectId:
        site = self.program.objects[flag[0]].site
        return self.program.intern(("claim", flag), lambda n: LibraryObject(n, site, "threading.Lock"))

    def _path(self, clone: Clone, store: model.StoreAttr | model.StoreGlobal) -> Path:
        if isinstance(store, model.StoreGlobal):
            return (("global", (clone.module.index, store.name)),)
        return (*self.locate(clone, store.base), ("attribute", store.name))


def _stores(clone: Clone) -> Iterator[model.StoreAttr | model.StoreGlobal]:
    for block in clone.function.blocks:
        for instruction in block.instructions:
            if isinstance(instruction, _STORES):
                yield instruction


def _constructs(clone: Clone, store: model.StoreAttr | model.StoreGlobal) -> bool:
    """Whether an object, or a module, sets its own flag where it is made."""
    if isinstance(store, model.StoreGlobal):
        return clone.function.kind == "module"
    parameters = clone.function.parameters
    return clone.function.name == "__init__" and bool(parameters) and store.base == parameters[0].value
