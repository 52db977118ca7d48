"""Which locks an object stands for, and which a function is called under."""

from __future__ import annotations

from flake8_sharedstate.facts.model import Value
from flake8_sharedstate.facts.paths import Path
from flake8_sharedstate.libraries.vocabulary import Exclusion
from flake8_sharedstate.locks.held import Held, Lockset
from flake8_sharedstate.locks.names import Names
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

_EXCLUDES = (Exclusion.THREADS, Exclusion.READERS)


class Managers(Names):
    """What is held by whoever holds an object, or runs a decorated function."""

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

    def on_entry(self, clone: Clone) -> Lockset:
        """What a function's decorator, or the library that calls it, holds while it runs."""
        found = self.program.synchronized.get(self.program.function_key(clone), ())
        held = {self._held_by_decorator(clone, under) for under in found}
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
