"""Which locks an object stands for, and which a function is called under."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.conditions import outcomes, presence
from flake8_sharedstate.facts.model import Block, Value
from flake8_sharedstate.facts.paths import Path
from flake8_sharedstate.libraries.vocabulary import Exclusion
from flake8_sharedstate.locks.held import Held, Lockset, When
from flake8_sharedstate.locks.names import Names
from flake8_sharedstate.locks.switches import Switches
from flake8_sharedstate.program.locking import OWN_LOCK, Synchronized
from flake8_sharedstate.program.objects import (
    Clone,
    FunctionObject,
    InstanceObject,
    LibraryMethodObject,
    LibraryObject,
    ObjectId,
    QualifiedObject,
)
from flake8_sharedstate.threads.contexts import Context, Contexts

_STORES = (model.StoreAttr, model.StoreGlobal, model.StoreCell)
_EXCLUDES = (Exclusion.THREADS, Exclusion.READERS)


class Managers(Names):
    """What is held by whoever holds an object, or runs a decorated function."""

    def __init__(self, contexts: Contexts) -> None:
        super().__init__(contexts)
        self.switches = Switches(self.program)
        self._needless: dict[tuple[int, int, bool], list[Held]] = {}

    def excluding(self, number: ObjectId) -> list[ObjectId]:
        """The real locks behind a lock object, if it keeps threads out."""
        if self.program.exclusion(number) in _EXCLUDES:
            return self.program.real_locks(number)
        return []

    def released_by(self, clone: Clone, value: Value) -> frozenset[ObjectId]:
        """The locks that calling a value gives back, if it is a library's method that does so."""
        methods = (self.program.get(n, LibraryMethodObject) for n in self.program.at(clone.node(value)))
        released = [m.receiver for m in methods if m is not None and self.program.releases(m)]
        return frozenset(lock for number in released for lock in self.program.real_locks(number))

    def locks_of(self, clone: Clone, value: Value, acquired: frozenset[int]) -> list[Held]:
        """The lock that a value is, to be held; none where it is known to be no lock."""
        objects = sorted(self.program.at(clone.node(value)) - {self.program.none})
        path = self.path(clone, self.contexts.held_through(clone, value))
        if all(self._is_unknown(o) for o in objects):
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

    def needless(self, clone: Clone, block: Block, taken: bool) -> list[Held]:
        """The locks that are missing on one side of a test: whoever was given none has no need of one."""
        assert block.branch is not None
        key = (clone.number, id(block), taken)
        known = self._needless.get(key)
        if known is None:
            definitions = self.program.definitions(clone.function)
            told = outcomes(definitions, block.branch.condition, taken)
            found = (self._missing(clone, value, truth) for value, truth in told.items())
            acquired = frozenset({id(block.branch)})
            known = self._needless[key] = [
                Held(locks, path, acquired=acquired)
                for objects, path in filter(None, found)
                if (locks := frozenset(lock for o in objects for lock in self.excluding(o)))
                or (not objects and self._is_entered(clone, path))
            ]
        return known

    def _missing(self, clone: Clone, value: Value, truth: bool) -> tuple[AbstractSet[ObjectId], Path] | None:
        """What is found to be missing where a value is true (or false), and how it would be reached."""
        found = presence(self.program.definitions(clone.function), value)
        if found is not None:
            value, truth = found[0], truth is found[1]
        objects, path = self.program.at(clone.node(value)), self.path(clone, value)
        if truth or (found is None and objects and self.program.none not in objects):
            return None
        stored = {i.name for b in clone.function.blocks for i in b.instructions if isinstance(i, _STORES)}
        is_made_here = any(name in stored for _, name in path)
        return None if is_made_here else (objects - {self.program.none}, path)

    def _is_entered(self, clone: Clone, path: Path) -> bool:
        """Whether a function enters what it reaches so, which then may be a lock."""
        return any(
            isinstance(i, model.Enter) and self.path(clone, i.manager) == path
            for block in clone.function.blocks
            for i in block.instructions
        )

    def managed(self, clone: Clone, value: Value, acquired: frozenset[int]) -> list[Held | When]:
        """What a ``with`` over a value holds; where a caller has the choice, under which condition."""
        objects = self.program.at(clone.node(value)) - {self.program.none}
        tasks = any(self.program.exclusion(o) is Exclusion.TASKS for o in objects)
        if self._is_surely_none(clone, value) and not tasks:
            return []
        choice = self.program.definitions(clone.function)[value]
        if isinstance(choice, model.Phi) and choice.decider is not None and not choice.op:
            first, second = choice.sources
            for truth, taken, other in ((True, first, second), (False, second, first)):
                if self._is_surely_none(clone, other) and self._is_free(clone, choice.decider, taken):
                    switch = self.switches.chosen(clone, choice.decider, truth)
                    locks = self.locks_of(clone, taken, acquired)
                    return [When(*switch, held) for held in locks] if switch is not None else []
        return list(self.locks_of(clone, value, acquired))

    def _is_surely_none(self, clone: Clone, value: Value) -> bool:
        """Whether a value is known, and known to be no lock."""
        objects = self.program.at(clone.node(value)) - {self.program.none}
        return bool(objects) and all(self.is_no_lock(o) for o in objects)

    def _is_free(self, clone: Clone, condition: Value, lock: Value) -> bool:
        """Whether each call is free to decide, whatever the object is made for and the lock is.

        ``lock if lock is not None else nullcontext()`` leaves nothing to decide: a lock is taken.
        """
        definition = self.program.definitions(clone.function)[condition]
        if isinstance(definition, model.Compute):
            return all(self._is_free(clone, operand, lock) for operand in definition.operands)
        if definition is not None:
            return isinstance(definition, model.Const)
        first = clone.function.parameters[0].value if clone.receiver is not None else None
        return condition != first and self.path(clone, lock)[0] != ("value", condition)

    def _is_unknown(self, number: ObjectId) -> bool:
        """Whether an object is something imported of which nothing is known."""
        found = self.program.get(number, QualifiedObject)
        return (
            found is not None
            and self.program.exclusion(number) is None
            and not self.program.book.is_described(found.name)
        )

    def is_no_lock(self, number: ObjectId) -> bool:
        """Whether an object is known to be no lock."""
        found = self.program.objects[number]
        if isinstance(found, (LibraryObject, InstanceObject)):
            if self.program.exclusion(number) in _EXCLUDES:
                return False
            return not isinstance(found, InstanceObject) or not any(
                not self.program.book.is_written(name) and not name.startswith("builtins.")
                for name in self.program.library_bases(found.cls)
            )
        return not isinstance(found, (QualifiedObject, FunctionObject))

    def at_root(self, context: Context, root: Clone) -> Lockset:
        """What is held, and what is known of switches, where a context begins."""
        return self.on_entry(root) | self.switches.at_root(context, root)

    def on_entry(self, clone: Clone) -> Lockset:
        """What a function's decorator, or the library that calls it, holds while it runs."""
        key = self.program.function_key(clone)
        held = {self._held_by_decorator(clone, under) for under in self.program.synchronized.get(key, ())}
        if key in self.program.obscured:
            # The decorator may take a lock: nothing is said against what that may guard. Of two such
            # locks either may be the other.
            held.add(Held(frozenset(), None))
        if clone.receiver is not None and clone.function.parameters:
            held.add(self._held_by_library(clone, clone.receiver))
        return frozenset(h for h in held if h is not None)

    def _held_by_library(self, clone: Clone, receiver: ObjectId) -> Held | None:
        hook = self.program.hook_lock(receiver, clone.function.name)
        if hook is None:
            return None
        attribute, lock = hook
        path = (("value", clone.function.parameters[0].value), ("attribute", attribute))
        return Held(frozenset({lock}), path, acquired=frozenset({id(clone)}))

    def _held_by_decorator(self, clone: Clone, under: Synchronized) -> Held | None:
        acquired = frozenset({id(clone)})
        path: Path | None = None
        if under.lock is not None:
            objects = self.program.at(under.lock)
        elif under.is_named or (under.attribute is None and clone.receiver is None):
            return Held(frozenset(), None, acquired=acquired, shared=under.shared)
        elif clone.receiver is None or not clone.function.parameters:
            return None
        else:
            name = under.attribute or OWN_LOCK
            path = (("value", clone.function.parameters[0].value), ("attribute", name))
            if under.attribute is not None:
                objects = self.program.at(self.program.field(clone.receiver, name))
            else:
                objects = {self.program.own_lock(clone.receiver)}
        locks = frozenset(lock for number in objects for lock in self.excluding(number))
        if not locks and path is None:
            return None
        return Held(locks, path, acquired=acquired, shared=under.shared)
