"""Finds the races: pairs of concurrent writes of one location, one of them an update, no common lock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
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
        self._signatures: dict[Access, Hashable] = {}
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
        partners: dict[Hashable, list[Access]] = {}
        for update in accesses:
            if update.shape is Shape.STORE or self.guards.only_per_call(update):
                continue
            unguarded = not self.guards.window(update)
            signature = self._signature(update)
            if signature not in partners:
                partners[signature] = self._partners(update, accesses)
            for other in (update, *partners[signature]):
                if id(update.reported) in blamed:
                    if unguarded:
                        break
                    if id(other.reported) in blamed:
                        continue
                if not self._race(update, other):
                    continue
                for access in self._to_blame(update, other, counts):
                    partner = other if access is update else update
                    if not self.guards.only_per_call(access):
                        blamed.setdefault(id(access.reported), (access, partner))
        found = [
            race for race in self._evidenced(accesses, blamed) if not self._is_conjecture(race, accesses)
        ]
        # A walk that can break off is the defect; that what it misses is then forgotten follows.
        walked = {r.access.run.clone.function for r in found if r.access.shape is Shape.WALK}
        return [
            r for r in found if r.access.shape is not Shape.DRAIN or r.access.run.clone.function not in walked
        ]

    def _partners(self, update: Access, accesses: list[Access]) -> list[Access]:
        """The accesses with which an update, and all that are like it, conflict."""
        groups: dict[Hashable, bool] = {}
        for other in accesses:
            signature = self._signature(other)
            if signature not in groups:
                groups[signature] = self._conflict(update, other)
        return [other for other in accesses if groups[self._signature(other)]]

    def _signature(self, access: Access) -> Hashable:
        """What :meth:`_conflict` goes by. Where thousands touch one location, most are alike."""
        known = self._signatures.get(access)
        if known is None:
            write = access.write
            known = self._signatures[access] = (
                (access.location, access.shape, access.context.number),
                (access.awaits, access.container),
                (write.change, write.tolerant, write.is_deletion, write.place.kind),
                self.guards.signature(access),
            )
        return known

    def _evidenced(self, accesses: list[Access], blamed: dict[int, tuple[Access, Access]]) -> list[Race]:
        guarded = [a for a in accesses if any(guard.held.objects for guard in self.guards.of(a))]
        return [
            Race(
                access,
                partner,
                tuple(self.guards.window(access)),
                next((other for other in guarded if other.at is not access.at), None)
                or next((other for other in guarded if other is not access), None),
            )
            for access, partner in blamed.values()
            # What is wrong by itself is not wrong once more for each that calls it.
            if access.reported is access.at or id(access.at) not in blamed
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
        if any(c.shared in self.stages.program.assumed for c in (access.context, other.context)):
            # The user, or a library, says so.
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

    def _race(self, update: Access, other: Access) -> bool:
        """Whether an update and one of its partners, or itself, touch one object at the same time."""
        if update is other and not self._conflict(update, other):
            return False
        if not self.stages.sharing.may_coincide(update, other) or self.latches.keep_apart(update, other):
            return False
        return self.stages.order.concurrent(update.run, update.at, other.run, other.at)

    def _conflict(self, update: Access, other: Access) -> bool:
        """Whether an update and another access race if they touch one object at the same time."""
        if update.shape is Shape.IN_PLACE and other.shape is Shape.IN_PLACE:
            return False
        if other.shape in (Shape.IN_PLACE, Shape.WALK, Shape.DRAIN) or not _disturbs(other, update):
            return False
        if not _may_be_same(update.location, other.location):
            return False
        own_keys = update.location.own_keys & other.location.own_keys
        if update.context is other.context and (own_keys or not update.context.many):
            return False
        if self._is_idle_user(update, other):
            return False
        cooperative = update.context.takes_turns(other.context)
        if cooperative and not update.awaits:
            return False
        return not self.guards.protect(update, other, tasks=cooperative)

    def _is_idle_user(self, update: Access, other: Access) -> bool:
        """Users of a shared object race among themselves and with its threads, not with ``main``.

        Nor do they with what a server out of sight has a loop run: that is ``main`` as far as is in sight.
        """
        contexts = (update.context, other.context)
        return any(c.kind is Kind.USERS for c in contexts) and any(
            c.kind is Kind.MAIN or (c.kind is Kind.TASK and c.is_outside) for c in contexts
        )


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
    if update.shape is Shape.ACT and _takes(update):
        if change is Change.APPEND:
            # What is added behind moves nothing.
            return False
        if _asks_content(update):
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
