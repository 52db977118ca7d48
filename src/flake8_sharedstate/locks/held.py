"""What is held: a lock by the objects it can be and by how it is reached from here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from flake8_sharedstate.facts.model import Value
from flake8_sharedstate.facts.paths import Path
from flake8_sharedstate.program.objects import ObjectId


@dataclass(frozen=True, slots=True)
class Held:
    """A lock that is held.

    ``path`` is how this function reaches it, None where that is not known; ``level`` counts
    re-entries; ``stack`` is the object that releases it when it is left or closed (``ExitStack``),
    ``acquired`` the identities of the acquisitions it can stem from, to tell one critical section from
    the next.
    """

    objects: frozenset[ObjectId]
    path: Path | None
    level: int = 0
    stack: ObjectId | None = None
    acquired: frozenset[int] = frozenset()
    shared: bool = False
    """Whether it keeps out writers only (the read half of a read-write lock)."""
    tasks: bool = False
    """Whether it keeps out other tasks of an event loop only, and no thread."""
    claim: bool = False
    """Whether it is no lock but a flag that keeps others out (see :mod:`.claims`)."""


@dataclass(frozen=True, slots=True)
class Conditional:
    """A lock that is held if a value is true (``if lock.acquire(blocking=False)``)."""

    value: int
    held: Held


@dataclass(frozen=True, slots=True)
class Released:
    """A lock that the function gave back without having taken it: its caller's."""

    objects: frozenset[ObjectId]


@dataclass(frozen=True, slots=True)
class Free:
    """A flag that was found unset; ``acquired`` are the acquisitions of the locks held then."""

    path: Path
    acquired: frozenset[int]


@dataclass(frozen=True, slots=True)
class Latched:
    """A flag was set; ``under`` are the locks held then, and how each is reached from the flag's owner."""

    path: Path
    flags: frozenset[tuple[ObjectId, str]]
    under: frozenset[tuple[frozenset[ObjectId], Path]]


@dataclass(frozen=True, slots=True)
class Returned:
    """A lock that is held if what the function has returned is true (``return lock.acquire(False)``)."""

    held: Held


@dataclass(frozen=True, slots=True)
class Refused:
    """The function has returned what is false, whatever that leaves held."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a parameter is, true or false, wherever control comes with this state."""

    value: Value
    truth: bool


@dataclass(frozen=True, slots=True)
class When:
    """A lock that is held if a parameter is true (or false): on the other paths it is the opposite."""

    value: Value
    truth: bool
    held: Held


@dataclass(frozen=True, slots=True)
class Unmet:
    """No control comes with this state: a parameter would have to be both true and false."""


Lockset: TypeAlias = (
    "frozenset[Held | Conditional | Released | Free | Latched | Returned | Refused | Known | When | Unmet]"
)


def way(flag: Path, path: Path | None) -> Path | None:
    """How something is reached from the owner of a flag; None where that is not known."""
    owner = flag[:-1]
    if path is None or path[: len(owner)] != owner or (not owner and path[0][0] != "global"):
        return None
    return path[len(owner) :]


def under(flag: Path, locks: Iterable[Held]) -> frozenset[tuple[frozenset[ObjectId], Path]]:
    """The locks among those held that are known by their way from the owner of a flag."""
    ways = ((held.objects, way(flag, held.path)) for held in locks if not (held.claim or held.shared))
    return frozenset((objects, path) for objects, path in ways if objects and path is not None)


def join(first: Lockset, second: Lockset) -> Lockset:
    """What is held on both of two paths.

    The same lock reached in two ways stays held; only how it is reached is forgotten. Of one
    lock that each path acquired for itself, both acquisitions are kept.
    """
    if first == second:
        return first
    if (Unmet() in first) is not (Unmet() in second):
        met, unmet = (second, first) if Unmet() in first else (first, second)
        return met | {entry for entry in unmet if isinstance(entry, Conditional)}
    common = set(first & second)
    # A value that is true was computed: where paths meet, what each has tried stays true of it.
    # What one of them gave back may be given back.
    common |= {entry for entry in first ^ second if isinstance(entry, (Conditional, Released))}
    common |= _returned(first, second)
    for entry in first - second:
        if isinstance(entry, Free):
            others = [o for o in second if isinstance(o, Free) and o.path == entry.path]
            common |= {Free(entry.path, entry.acquired | other.acquired) for other in others}
        if not isinstance(entry, Held):
            continue
        for other in second - first:
            if isinstance(other, Held) and (merged := _merged(entry, other)) is not None:
                common.add(merged)
    return frozenset(common | _switched(first, second, frozenset(common)))


def _switched(first: Lockset, second: Lockset, common: Lockset) -> set[When]:
    """What only one of two paths holds, where they tell what each parameter is on them."""
    found: set[When] = set()
    for mine, theirs in ((first, second), (second, first)):
        opposed = [k for k in mine if isinstance(k, Known) and Known(k.value, not k.truth) in theirs]
        gone = [h for h in mine if isinstance(h, Held) and not still(h, common)]
        found |= {When(known.value, known.truth, held) for known in opposed for held in gone}
        found |= {
            when
            for when in mine - common
            if isinstance(when, When)
            and (
                Known(when.value, not when.truth) in theirs
                or still(when.held, theirs)
                or is_same(when, theirs)
            )
        }
    return found


def is_same(when: When, state: Lockset) -> bool:
    """Whether a lock is held under the same condition in another state, however acquired."""
    return any(
        isinstance(w, When)
        and (w.value, w.truth) == (when.value, when.truth)
        and still(when.held, frozenset({w.held}))
        for w in state
    )


def _merged(first: Held, second: Held) -> Held | None:
    """One lock as two paths have it; None where it is not the same."""
    same_path = first.path is not None and first.path == second.path
    if first.level != second.level or not (same_path or (first.objects and first.objects == second.objects)):
        return None
    return Held(
        first.objects | second.objects,
        first.path if same_path else None,
        first.level,
        first.stack if first.stack == second.stack else None,
        first.acquired | second.acquired,
        first.shared or second.shared,
        first.tasks or second.tasks,
        first.claim,
    )


def _returned(first: Lockset, second: Lockset) -> set[Returned]:
    """What is held if either of two returned values is true: one that is false has no say."""
    mine, theirs = ({r for r in state if isinstance(r, Returned)} for state in (first, second))
    if Refused() in first or Refused() in second:
        return (theirs if Refused() in first else set()) | (mine if Refused() in second else set())
    both = (_merged(a.held, b.held) for a in mine for b in theirs)
    return {Returned(merged) for merged in both if merged is not None}


def add(state: Lockset, held: Held) -> Lockset:
    """The state after a lock is taken, once more where it is held already."""
    level = max(
        (
            h.level + 1
            for h in state
            if isinstance(h, Held)
            and (h.path == held.path and h.path is not None)
            # A method that many call takes the lock of any of its receivers.
            and (h.objects == held.objects or h.objects & held.objects)
        ),
        default=0,
    )
    return state | {replace(held, level=level)}


def give_back(state: Lockset, held: Held) -> Lockset:
    """The state after a release: of what is held here, or of what a caller holds."""
    after = remove(state, held)
    return after | {Released(held.objects)} if after == state else after


def still(held: Held, state: Lockset) -> bool:
    """Whether the same lock at the same level is in another state, however acquired."""
    return any(
        isinstance(h, Held) and h.objects == held.objects and h.path == held.path and h.level == held.level
        for h in state
    )


def remove(state: Lockset, held: Held) -> Lockset:
    """The state after a lock is given back: the last of its acquisitions ends."""
    state = frozenset(h for h in state if not (isinstance(h, Conditional) and h.held.objects & held.objects))
    entries = [h for h in state if isinstance(h, Held)]
    exact = [h for h in entries if h.path is not None and h.path == held.path]
    if not exact:
        exact = [h for h in entries if h.objects & held.objects]
        if len({h.path for h in exact}) > 1:
            # Which of them is not known: none is surely held any more.
            return state - frozenset(exact)
    if not exact:
        return frozenset(h for h in state if not (isinstance(h, When) and h.held.objects & held.objects))
    top = max(exact, key=lambda h: h.level)
    return state - {h for h in exact if h.level == top.level}


def unwind(state: Lockset, stacks: frozenset[ObjectId]) -> Lockset:
    """The state after stacks are left or closed: what they held is given back."""
    return frozenset(h for h in state if not (isinstance(h, Held) and h.stack in stacks))


def transfer(state: Lockset, stack: ObjectId, to: ObjectId) -> Lockset:
    """The state after another stack has taken over what one holds."""
    return frozenset(replace(h, stack=to) if isinstance(h, Held) and h.stack == stack else h for h in state)


def defer(state: Lockset, locks: frozenset[ObjectId], stack: ObjectId) -> Lockset:
    """The state after the release of locks is left to a stack."""
    return frozenset(
        replace(h, stack=stack) if isinstance(h, Held) and h.objects and h.objects <= locks else h
        for h in state
    )


def give_up(state: Lockset, held: Held | When | None) -> Lockset:
    """The state after the end of a ``with`` over what is held, or held under a condition."""
    if isinstance(held, When):
        return frozenset(e for e in state if not is_same(held, frozenset({e})))
    return state if held is None else remove(state, held)
