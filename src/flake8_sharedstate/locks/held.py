"""What is held: a lock by the objects it can be and by how it is reached from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from flake8_sharedstate.facts.paths import Path
from flake8_sharedstate.program.objects import ObjectId


@dataclass(frozen=True, slots=True)
class Held:
    """A lock that is held.

    ``path`` is how this function reaches it, None where that is not known; ``level`` counts
    re-entries; ``stack`` is the object whose ``with`` will release it (``ExitStack``), ``acquired``
    the identities of the acquisitions it can stem from, to tell one critical section from the next.
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


Lockset: TypeAlias = "frozenset[Held | Conditional | Released | Free]"


def join(first: Lockset, second: Lockset) -> Lockset:
    """What is held on both of two paths.

    The same lock reached in two ways stays held; only how it is reached is forgotten. Of one
    lock that each path acquired for itself, both acquisitions are kept.
    """
    if first == second:
        return first
    common = set(first & second)
    # A value that is true was computed: where paths meet, what each has tried stays true of it.
    # What one of them gave back may be given back.
    common |= {entry for entry in first ^ second if isinstance(entry, (Conditional, Released))}
    for entry in first - second:
        if isinstance(entry, Free):
            others = [o for o in second if isinstance(o, Free) and o.path == entry.path]
            common |= {Free(entry.path, entry.acquired | other.acquired) for other in others}
        if not isinstance(entry, Held):
            continue
        for other in second - first:
            if not isinstance(other, Held) or other.level != entry.level:
                continue
            same_path = entry.path is not None and entry.path == other.path
            if same_path or (entry.objects and entry.objects == other.objects):
                common.add(
                    Held(
                        entry.objects | other.objects,
                        entry.path if same_path else None,
                        entry.level,
                        entry.stack if entry.stack == other.stack else None,
                        entry.acquired | other.acquired,
                        entry.shared or other.shared,
                        entry.tasks or other.tasks,
                        entry.claim,
                    )
                )
    return frozenset(common)
