"""What is known of locks: which objects are locks, whom they keep out, and which lock is the real one."""

from __future__ import annotations

from dataclasses import dataclass

from flake8_sharedstate.libraries.vocabulary import Exclusion, LockModel, Side, Synchronize
from flake8_sharedstate.program.heap import CallArguments, CallSite
from flake8_sharedstate.program.objects import (
    FunctionObject,
    LibraryMethodObject,
    LibraryObject,
    Module,
    Node,
    ObjectId,
)
from flake8_sharedstate.program.sources import LibraryCall, Sources

OWN_LOCK = "<synchronized>"
"""The attribute in which an object has the lock that a decorator made for it."""


@dataclass(frozen=True, slots=True)
class Synchronized:
    """The lock under which a decorated function runs; its receiver's own where neither is given."""

    lock: Node | None
    attribute: str | None
    is_named: bool
    shared: bool


class Locking(Sources):
    """Locks and the functions that hold one."""

    def __init__(self, modules: list[Module]) -> None:
        super().__init__(modules)
        self.synchronized: dict[tuple[int, int], list[Synchronized]] = {}
        """The functions that run under a lock of their decorator's."""
        self.wrapped: dict[ObjectId, Node] = {}
        self._permits_one: dict[ObjectId, bool] = {}
        self.named_locks: set[ObjectId] = set()
        """What stands for all locks of a type that are known by a name: nobody can tell two of them apart."""

    def construct_lock(
        self, made: ObjectId, lock: LockModel, arguments: CallArguments, site: CallSite
    ) -> None:
        """Notes what a lock is made with: how many it lets in, what it wraps."""
        if lock.permits is not None:
            count = self.argument(lock.permits, arguments)
            one = count is None or self.literal_argument(lock.permits, arguments, site) == 1
            self._permits_one[made] = self._permits_one.get(made, True) and one
        if lock.wraps is not None:
            inner = self.argument(lock.wraps, arguments)
            if inner is not None:
                self.edge(inner, self.wrapped.setdefault(made, self.new_node()))

    def synchronize(self, effect: Synchronize, call: LibraryCall) -> None:
        lock = self.named(effect.lock, call) if effect.lock is not None else None
        under = Synchronized(lock, effect.attribute, effect.is_named, effect.shared)

        def mark(number: ObjectId) -> None:
            found = self.get(number, FunctionObject)
            if found is not None:
                known = self.synchronized.setdefault(self.function_key(found), [])
                if under not in known:
                    known.append(under)
                self.add(call.result, number)

        self.each(effect.function, call, mark)

    def side(self, effect: Side, call: LibraryCall) -> None:
        """One side of a lock: to hold it is to hold the lock itself, in that way."""
        if call.receiver is not None:
            site, key = self.objects[call.receiver].site, ("part", call.receiver, effect.type)
            part = self.intern(key, lambda n: LibraryObject(n, site, effect.type))
            self.add(self.wrapped.setdefault(part, self.new_node()), call.receiver)
            self.add(self.field(call.receiver, effect.type), part)
            self.add(call.result, part)

    def own_lock(self, owner: ObjectId) -> ObjectId:
        """The lock that a synchronizing decorator keeps on an object."""
        site = self.objects[owner].site
        lock = self.intern(("own lock", owner), lambda n: LibraryObject(n, site, "threading.RLock"))
        self.add(self.field(owner, OWN_LOCK), lock)
        return lock

    def hook_lock(self, receiver: ObjectId, method: str) -> tuple[str, ObjectId] | None:
        """The lock, by attribute and object, under which the library calls a method."""
        models = [known for _, known in self.models(receiver)]
        for hooks in (known.hooks for known in models if known.hooks is not None):
            if method in hooks.methods:
                owner = next(known for known in models if hooks.lock in known.attributes)
                return hooks.lock, self.part(receiver, hooks.lock, owner)
        return None

    def exclusion(self, number: ObjectId) -> Exclusion | None:
        """Whom holding an object keeps out; None for what is no lock."""
        locks = self._locks(number)
        if not locks:
            return None
        if locks[0].exclusion is Exclusion.WRAPPED:
            inner = self.at(self.wrapped[number]) if number in self.wrapped else frozenset()
            return next((kind for o in sorted(inner - {number}) if (kind := self.exclusion(o))), None)
        return locks[0].exclusion if self._permits_one.get(number, True) else Exclusion.NOTHING

    def _locks(self, number: ObjectId) -> list[LockModel]:
        """How an object locks, nearest first; nothing for what is no lock."""
        return [known.lock for _, known in self.models(number) if known.lock is not None]

    def is_named(self, number: ObjectId) -> bool:
        """Whether a lock is known by a name, so that another object can be the same lock."""
        return any(lock.named for lock in self._locks(number))

    def acquires(self, method: LibraryMethodObject) -> bool:
        """Whether a library's method takes the lock that it is called on."""
        return any(method.method in lock.acquire for lock in self._locks(method.receiver))

    def releases(self, method: LibraryMethodObject) -> bool:
        """Whether a library's method gives the lock back that it is called on."""
        return any(method.method in lock.release for lock in self._locks(method.receiver))

    def waits(self, method: LibraryMethodObject) -> bool:
        """Whether a library's method gives its lock up while it waits."""
        return any(method.method in lock.wait for lock in self._locks(method.receiver))

    def real_locks(self, number: ObjectId) -> list[ObjectId]:
        """The lock itself: what a condition wraps, a part of the object; for a name, any lock of its type."""
        if self.is_named(number):
            kind = self.models(number)[0][0]
            named = self.intern(("named lock", kind), lambda n: LibraryObject(n, None, kind))
            self.named_locks.add(named)
            return [named]
        for _, known in self.models(number):
            if known.lock is not None and known.lock.part is not None:
                return [self.part(number, known.lock.part, known)]
        wrapped = self.wrapped.get(number)
        inner = sorted(self.at(wrapped) - {self.none}) if wrapped is not None else []
        return inner or [number]
