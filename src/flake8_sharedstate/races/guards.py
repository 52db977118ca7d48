"""Whether two accesses hold a common lock: identity of locks, by object and relative to the state.

A lock that exists once guards by itself. Another guards a location only if it belongs to it: the
way from the object to its lock must be the same at both accesses (``x.count`` under ``x._lock``,
``d[k]`` under ``locks[k]``). Where the way is not known the lock is believed, not doubted.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Value
from flake8_sharedstate.facts.paths import Path, values_of
from flake8_sharedstate.locks.held import Held
from flake8_sharedstate.program.objects import Clone, FrameObject, ModuleObject, ObjectId
from flake8_sharedstate.races.accesses import Access, Place
from flake8_sharedstate.races.origins import Origin
from flake8_sharedstate.races.stages import Stages


class Strength(Enum):
    """What a held lock says about a location."""

    ONE = "there is one such lock"
    OWN = "the location's own lock, by a way that is known"
    BELIEVED = "possibly its own lock"
    OTHER = "not surely the same lock each time: another object's, one of many"


@dataclass(frozen=True, slots=True)
class Guard:
    """A held lock, as seen from an accessed location."""

    held: Held
    strength: Strength
    relation: object


class Guards:
    """Relates locks to locations."""

    def __init__(self, stages: Stages, per_call: frozenset[ObjectId]) -> None:
        self.stages = stages
        self.per_call = per_call
        self._known: dict[tuple[Access, bool, bool, bool], list[Guard]] = {}
        self._counterparts: dict[ObjectId, set[ObjectId]] | None = None

    def of(self, access: Access) -> list[Guard]:
        """The guards at a write: every lock held that is worth the name."""
        return self._among(access, False)

    def window(self, access: Access) -> list[Guard]:
        """The guards from what a write rests on to the write."""
        return self._among(access, True)

    def signature(self, access: Access) -> Hashable:
        """What :meth:`protect` goes by: it says the same of accesses with the same signature."""
        return tuple(
            frozenset(
                (guard.strength, guard.held.objects, guard.relation, guard.held.shared)
                for guard in self._among(access, window, tasks, True)
            )
            for window in (True, False)
            for tasks in (True, False)
        )

    def _among(self, access: Access, window: bool, tasks: bool = False, shared: bool = False) -> list[Guard]:
        known = self._known.get((access, window, tasks, shared))
        if known is None:
            known = self._known[access, window, tasks, shared] = [
                self._guard(held, access)
                for held in sorted(access.window if window else access.held, key=repr)
                if not self._is_per_call(held) and (shared or not held.shared) and (tasks or not held.tasks)
            ]
        return known

    def _is_per_call(self, held: Held) -> bool:
        return bool(held.objects) and held.objects <= self.per_call

    def only_per_call(self, access: Access) -> bool:
        """Whether nothing but locks made in the same call is held."""
        threads = [held for held in access.held if not held.tasks]
        return bool(threads) and all(self._is_per_call(held) for held in threads)

    def _guard(self, held: Held, access: Access) -> Guard:
        if len(held.objects) == 1 and self.stages.sharing.is_unique(next(iter(held.objects))):
            return Guard(held, Strength.ONE, None)
        if held.path is None:
            return Guard(held, Strength.BELIEVED, None)
        if self._is_own_to_each(held, access) or self._is_of_many_holders(held, access):
            return Guard(held, Strength.OTHER, None)
        base = self._base(access)
        lock = held.path
        if lock in (base, (*base, ("attribute", access.location.field))):
            # A lock does not guard the place that it is itself in.
            return Guard(held, Strength.OTHER, None)
        if base[0] == lock[0] or self._same_frame(base, lock):
            common = 0
            if base[0] == lock[0]:
                while common < min(len(base), len(lock)) and base[common] == lock[common]:
                    common += 1
            rest, way = base[common:], lock[common:]
            names = _Names()
            relation = (names.rename(rest), names.rename(way))
            if any(not self._follows(access, key, rest) for key in names.unbound(rest, way)):
                return Guard(held, Strength.OTHER, None)
            return Guard(held, Strength.OWN, relation)
        return Guard(held, self._foreign(held, access, base, lock), None)

    def _is_of_many_holders(self, held: Held, access: Access) -> bool:
        """Whether a lock is found in one of many objects, while the state is in the one and only."""
        assert held.path is not None
        if access.place is Place.ITEM or len(held.path) != 2 or held.path[0][0] != "value":
            return False
        sharing = self.stages.sharing
        owner = access.location.owner
        if not sharing.is_unique(owner):
            return False
        program = self.stages.program
        holders = program.at(access.run.clone.node(held.path[0][1])) - {program.none}
        return bool(holders) and all(o != owner and not sharing.is_unique(o) for o in holders)

    def _is_own_to_each(self, held: Held, access: Access) -> bool:
        """Whether each thread was given a lock of its own for what they share."""
        assert held.path is not None
        kind, root = held.path[0]
        if kind != "value" or len(held.path) > 1 or Origin.SHARED not in access.origin:
            return False
        value: int = root
        origin = self.stages.sharing.origin(access.run.clone, value, access.context)
        return origin == Origin.GIVEN

    def _base(self, access: Access) -> Path:
        """The path of the location, its key included."""
        clone = access.run.clone
        store = access.at
        if isinstance(store, model.StoreGlobal):
            return (("global", (clone.module.index, store.name)),)
        if isinstance(store, model.StoreCell):
            frame = self.stages.program.frame_of(clone, store.owner)
            return (("cell", (frame, store.name)),)
        assert access.base is not None
        base = self.stages.locksets.path(clone, access.base)
        key = self._key(access)
        return base if key is None else (*base, ("item", self.stages.contexts.paths(clone).key(key)))

    def _key(self, access: Access) -> Value | None:
        """The key of the item that is written, if it is one."""
        store = access.at
        if isinstance(store, model.StoreItem):
            return store.key
        return access.write.key

    def _follows(self, access: Access, key: Path, base: Path) -> bool:
        """Whether a lock's key is computed from the location's (``locks[hash(k) % n]`` for ``d[k]``)."""
        given = {value for kind, k in base if kind == "item" for value in values_of(k)}
        if not given or key[0][0] not in ("value", "computed"):
            return False
        parameters = access.run.clone.function.parameters
        own = {parameters[0].value} if access.run.clone.receiver is not None and parameters else set()
        slices = self.stages.flows.slices(access.run.clone)
        return all(value in given or slices.roots(value) - own <= given for value in values_of(key))

    def _same_frame(self, base: Path, lock: Path) -> bool:
        """Whether state and lock are variables of one frame."""
        return base[0][0] == lock[0][0] == "cell" and base[0][1][0] == lock[0][1][0]

    def _is_got_out_of_sight(self, clone: Clone, lock: Path) -> bool:
        """Whether a lock is what a call of something unknown, or an unknown name, gives: perhaps the same."""
        kind, value = lock[0]
        return kind == "value" and isinstance(
            self.stages.program.definitions(clone.function)[value], (model.Call, model.LoadItem)
        )

    def _foreign(self, held: Held, access: Access, base: Path, lock: Path) -> Strength:
        program = self.stages.program
        clone = access.run.clone
        if not held.objects and len(lock) == 1 and self._is_got_out_of_sight(clone, lock):
            return Strength.BELIEVED
        if access.place is not Place.INSTANCE and access.place is not Place.ITEM:
            # State of a class, module or frame, under a lock that there may be many of.
            owner = program.objects[access.location.owner]
            kinds = (ModuleObject, FrameObject)
            if not isinstance(owner, kinds) or lock[0][0] == "value":
                return Strength.OTHER
        keys = [key for kind, key in lock if kind == "item" and not _is_literal(key)]
        if keys:
            present = [key for kind, key in base if kind == "item"]
            return Strength.BELIEVED if all(k in present for k in keys) else Strength.OTHER
        if lock[0][0] == base[0][0] == "value" and len(lock) == 2:
            # The own lock of another object of the same kind.
            definitions = program.definitions(clone.function)
            roots = (lock[0][1], base[0][1])
            if all(definitions[root] is None for root in roots):
                owners = program.at(clone.node(lock[0][1]))
                if access.base is not None and owners & program.at(clone.node(access.base)):
                    return Strength.OTHER
        return Strength.BELIEVED

    def protect(self, first: Access, second: Access, *, tasks: bool) -> bool:
        """Whether one lock is held all through the first access and at the second write.

        Between two tasks of one loop a lock for tasks counts too; readers keep out writers, not each other.
        """
        return any(
            self._same(a, b) and not (a.held.shared and b.held.shared)
            for a in self._among(first, True, tasks, True)
            for b in self._among(second, False, tasks, True)
        )

    def _same(self, first: Guard, second: Guard) -> bool:
        if Strength.OTHER in (first.strength, second.strength):
            return False
        mine, theirs = self._stood_for(first.held.objects), self._stood_for(second.held.objects)
        if mine and theirs and not mine & theirs:
            return False
        return not (not mine and not theirs and first.relation != second.relation)

    def _stood_for(self, locks: frozenset[ObjectId]) -> frozenset[ObjectId]:
        """Some locks, with those of the objects in sight that an object of code out of sight may be."""
        if self._counterparts is None:
            self._counterparts = self._find_counterparts()
        return locks.union(*(self._counterparts.get(lock, ()) for lock in locks))

    def _find_counterparts(self) -> dict[ObjectId, set[ObjectId]]:
        program = self.stages.program
        found: dict[ObjectId, set[ObjectId]] = {}
        for stand_in, reals in program.stand_ins.items():
            for name in program.fields_of(stand_in):
                for lock in self._locks_at(stand_in, name):
                    found.setdefault(lock, set()).update(*(self._locks_at(real, name) for real in reals))
        return found

    def _locks_at(self, owner: ObjectId, name: str) -> set[ObjectId]:
        """The locks that an object has under a name and has made itself."""
        program = self.stages.program
        sites = {o: program.objects[o].site for o in program.at(program.field(owner, name))}
        own = [o for o, site in sites.items() if site is not None and site.clone.receiver == owner]
        return {lock for o in own if program.exclusion(o) for lock in program.real_locks(o)}


class _Names:
    """Gives the keys of two paths common numbers, so that relations compare across functions."""

    def __init__(self) -> None:
        self._numbers: dict[Path, int] = {}

    def rename(self, path: Path) -> tuple[object, ...]:
        result: list[object] = []
        for kind, key in path:
            if kind == "item" and not _is_literal(key):
                result.append((kind, self._numbers.setdefault(key, len(self._numbers))))
            else:
                result.append((kind, key))
        return tuple(result)

    def unbound(self, base: Path, lock: Path) -> list[Path]:
        """The keys that the lock depends on and the location does not."""
        present = {key for kind, key in base if kind == "item"}
        return [key for kind, key in lock if kind == "item" and not _is_literal(key) and key not in present]


def _is_literal(key: Path) -> bool:
    return key[0][0] == "literal"
