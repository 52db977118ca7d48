"""Finds the races: pairs of concurrent writes of one location, one of them an update, no common lock."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from flake8_sharedstate.facts.model import StoreItem
from flake8_sharedstate.libraries.vocabulary import Change
from flake8_sharedstate.locks.held import Held
from flake8_sharedstate.program.objects import ObjectId
from flake8_sharedstate.races.accesses import Access, Location, Place, Shape
from flake8_sharedstate.races.drains import drains
from flake8_sharedstate.races.guards import Guard, Guards
from flake8_sharedstate.races.latches import Latches
from flake8_sharedstate.races.stages import Stages
from flake8_sharedstate.races.visits import visits
from flake8_sharedstate.races.writes import Writes
from flake8_sharedstate.threads.contexts import Kind

_ADDS = (Change.APPEND, Change.INSERT, Change.STORE)
# Contexts that share one thread: tasks give way to each other, and to main, only where they await.
_LOOP = (Kind.MAIN, Kind.TASK)


@dataclass(frozen=True)
class Race:
    """A write that must change, and the evidence."""

    access: Access
    other: Access
    """Another write that can happen at the same time (the same one, by another thread)."""
    held: tuple[Guard, ...]
    """What is held at the access: nothing, or not the lock that guards."""
    guarded: Access | None
    """A write of the location that holds a lock, to name what would guard."""

    @property
    def wrong_kind(self) -> list[Held]:
        """The locks held that keep out tasks, where threads race."""
        if self.held or self.access.context.kind in _LOOP:
            return []
        return sorted((h for h in self.access.held if h.tasks), key=repr)


class Conflicts:
    """All races of a program."""

    def __init__(self, stages: Stages, per_call: frozenset[ObjectId]) -> None:
        self.stages = stages
        self.guards = Guards(stages, per_call)
        self.latches = Latches(stages)
        self._locations: dict[tuple[ObjectId, str], list[Access]] = {}
        writes = Writes(stages)
        for access in (*writes.all(), *visits(stages), *drains(stages, writes)):
            location = access.location
            self._locations.setdefault((location.owner, location.field), []).append(access)

    def races(self) -> list[Race]:
        """The races found, in the order of the text: one for each statement and location."""
        found: list[Race] = []
        for accesses in self._locations.values():
            if any(a.shape is not Shape.STORE for a in accesses):
                found.extend(self._at_location(sorted(accesses, key=_by_evidence)))
        found.sort(key=lambda r: (r.access.order, r.other.order))
        # What is wrong with a reset by itself says it all.
        wrong = {id(r.access.at) for r in found if r.access.shape is not Shape.DRAIN}
        return [r for r in found if r.access.shape is not Shape.DRAIN or id(r.access.at) not in wrong]

    def _at_location(self, accesses: list[Access]) -> list[Race]:
        counts: Counter[frozenset[ObjectId]] = Counter()
        for access in accesses:
            for guard in self.guards.of(access):
                counts[guard.held.objects] += 1
        blamed: dict[int, tuple[Access, Access]] = {}
        for update in accesses:
            if update.shape is Shape.STORE or self.guards.only_per_call(update):
                continue
            unguarded = not self.guards.window(update)
            for other in (update, *accesses):
                if id(update.at) in blamed and (unguarded or id(other.at) in blamed):
                    continue
                if not self._race(update, other):
                    continue
                for access in self._to_blame(update, other, counts):
                    partner = other if access is update else update
                    if not self.guards.only_per_call(access):
                        blamed.setdefault(id(access.at), (access, partner))
        return [race for race in self._evidenced(accesses, blamed) if not self._is_conjecture(race, accesses)]

    def _evidenced(self, accesses: list[Access], blamed: dict[int, tuple[Access, Access]]) -> list[Race]:
        return [
            Race(access, partner, tuple(self.guards.window(access)), self._guarded(access, accesses))
            for access, partner in blamed.values()
        ]

    def _is_conjecture(self, race: Race, accesses: list[Access]) -> bool:
        """Whether nothing but the class's having a lock speaks for threads, and nothing for this state.

        A class may own a lock for one purpose and leave the rest of its state, its being open or
        closed first of all, to whoever uses it. An assignment that updates is lost all the same, and
        what was there when it was asked for cannot be taken out twice.
        """
        access, other = race.access, race.other
        kinds = {access.context.kind, other.context.kind}
        if Kind.USERS not in kinds or Kind.THREAD in kinds:
            return False
        if any(a is not access and self._is_locked(self.guards.of(a)) for a in accesses):
            return False
        if access.shape in (Shape.WALK, Shape.DRAIN) or (
            access.shape is Shape.UPDATE and access.write.change is not None
        ):
            # Or a library's function that changes a container in several steps, but in C.
            return True
        if access.shape is not Shape.ACT or self._starts_threads(access):
            return False
        # A set takes a second ``add`` as it took the first.
        stays = access.write.change is Change.INSERT or access.place is not Place.ITEM
        return stays and not _takes(access)

    def _starts_threads(self, access: Access) -> bool:
        """Whether the function that decides starts a thread: then doing it twice starts two."""
        clone = access.reporter
        return any(
            (clone.number, id(i)) in self.stages.contexts.starts
            for block in clone.function.blocks
            for i in block.instructions
        )

    def _to_blame(self, update: Access, other: Access, counts: Counter[frozenset[ObjectId]]) -> list[Access]:
        """Of a guarded and an unguarded access the unguarded one; of two guards the rarer."""
        mine, theirs = self.guards.window(update), self.guards.of(other)
        if update.shape is Shape.DRAIN:
            # Whoever does it under a lock does it right; to add is one step.
            return [] if update.window else [update]
        if not mine:
            return [update]
        if not theirs:
            return [other] if self._is_locked(mine) and other.shape is Shape.STORE else []
        if update is other or update.at is other.at:
            return [update]
        if not all(g.held.objects for g in (*mine, *theirs)):
            return []
        if self._is_locked(mine) is not self._is_locked(theirs):
            # A lock here and a claim there: which of them keeps whom out is not known.
            return []
        mine_count = max(counts[g.held.objects] for g in mine)
        their_count = max(counts[g.held.objects] for g in theirs)
        if mine_count != their_count:
            return [update if mine_count < their_count else other]
        return [max(update, other, key=lambda a: a.order)]

    def _is_locked(self, guards: list[Guard]) -> bool:
        """Whether a lock that is known is among some guards, and not only a flag that was claimed."""
        return any(g.held.objects and not g.held.claim for g in guards)

    def _guarded(self, access: Access, accesses: list[Access]) -> Access | None:
        for other in accesses:
            if other.at is not access.at and any(g.held.objects for g in self.guards.of(other)):
                return other
        return None

    def _race(self, update: Access, other: Access) -> bool:
        stages = self.stages
        if update.shape is Shape.IN_PLACE and other.shape is Shape.IN_PLACE:
            return False
        if other.shape in (Shape.IN_PLACE, Shape.WALK, Shape.DRAIN) or not _disturbs(other, update):
            return False
        if not _may_be_same(update.location, other.location):
            return False
        if update.context is other.context and update.location.own_key and other.location.own_key:
            return False
        if update.context is other.context and not update.context.many:
            return False
        if self._is_idle_user(update, other):
            return False
        if not stages.sharing.may_coincide(update, other):
            return False
        if not stages.order.concurrent(update.run, update.at, other.run, other.at):
            return False
        cooperative = update.context.kind in _LOOP and other.context.kind in _LOOP
        if cooperative and not update.awaits:
            return False
        if self.latches.keep_apart(update, other):
            return False
        return not self.guards.protect(update, other, tasks=cooperative)

    def _is_idle_user(self, update: Access, other: Access) -> bool:
        """Users of a shared object race among themselves and with its threads, not with ``main``."""
        kinds = (update.context.kind, other.context.kind)
        return Kind.USERS in kinds and Kind.MAIN in kinds


def _by_evidence(access: Access) -> tuple[bool, tuple[str, int, int, int]]:
    """Accesses of threads in sight first: they convince most."""
    return (access.context.kind is not Kind.THREAD, access.order)


def _disturbs(other: Access, update: Access) -> bool:
    """Whether another write can make wrong what an access has read."""
    change = other.write.change
    if update.shape is Shape.WALK:
        return _resizes(other, update)
    if update.shape is Shape.DRAIN:
        return change in _ADDS or (isinstance(other.at, StoreItem) and not other.write.is_deletion)
    if change is Change.REORDER or (other.write.tolerant and change is Change.INSERT):
        return False
    if update.shape is Shape.UPDATE and change is Change.APPEND and update.write.change is None:
        return False
    if update.shape is Shape.ACT and _takes(update) and _asks_content(update):
        # What is added does not disturb a test for there being anything.
        return other.write.is_deletion or other.location.field != "[]"
    return True


def _asks_content(access: Access) -> bool:
    """Whether nothing was asked for but what is in a container."""
    write = access.write
    return write.place.kind == "content" or all(read.place.kind == "content" for read in write.checks)


def _takes(access: Access) -> bool:
    return access.write.change is Change.REMOVE or access.write.is_deletion


def _resizes(other: Access, walk: Access) -> bool:
    """Whether a write changes a container under a walk over it so that the walk breaks."""
    if other.shape is Shape.UPDATE or other.location.field != "[]":
        return False
    # A list that grows is walked to its new end; a dict, set or deque refuses to go on.
    return other.write.is_deletion or walk.container != "list"


def _may_be_same(first: Location, second: Location) -> bool:
    return first.key is None or second.key is None or first.key == second.key
