"""Latches: flags that are set once and for all under a lock, and tested under it.

What is done under the lock where the flag was found unset is over before the flag is set; what is done
after it was set comes later, with or without the lock.
"""

from __future__ import annotations

from typing import TypeAlias

from flake8_sharedstate.dataflow import Run
from flake8_sharedstate.facts.model import Instruction
from flake8_sharedstate.facts.paths import Path
from flake8_sharedstate.locks.held import Free, Held, Latched, under, way
from flake8_sharedstate.program.objects import ObjectId
from flake8_sharedstate.races.accesses import Access
from flake8_sharedstate.races.stages import Stages

Side: TypeAlias = "frozenset[tuple[object, Path, frozenset[ObjectId], Path]]"
"""By flag, way from its owner to the state, lock, and way to the lock."""


class Latches:
    """Answers whether a flag puts one access before another."""

    def __init__(self, stages: Stages) -> None:
        self.stages = stages
        self._known: dict[Access, tuple[Side, Side]] = {}

    def keep_apart(self, first: Access, second: Access) -> bool:
        """Whether one of two accesses finds a flag unset that the other comes after."""
        (unset, is_set), (other_unset, other_set) = self._sides(first), self._sides(second)
        return bool(unset & other_set or other_unset & is_set)

    def _sides(self, access: Access) -> tuple[Side, Side]:
        known = self._known.get(access)
        if known is None:
            unset, is_set = self._at(access, access.run, access.at)
            for read in (*access.write.reads, *access.write.checks):
                # What was read earlier may be stale.
                is_set &= self._at(access, Run(read.clone, access.context.number), read.instruction)[1]
            known = self._known[access] = unset, is_set
        return known

    def _at(self, access: Access, run: Run, instruction: Instruction) -> tuple[Side, Side]:
        if access.base is None or run != access.run:
            return frozenset(), frozenset()
        locksets = self.stages.locksets
        base = locksets.path(run.clone, access.base)
        unset: set[tuple[object, Path, frozenset[ObjectId], Path]] = set()
        is_set: set[tuple[object, Path, frozenset[ObjectId], Path]] = set()
        facts = locksets.facts(run, instruction)
        for fact in facts:
            if isinstance(fact, Free):
                since = (
                    h for h in facts if isinstance(h, Held) and h.acquired and h.acquired <= fact.acquired
                )
                side, locks = unset, under(fact.path, since)
            elif isinstance(fact, Latched) and locksets.claims.is_for_good(fact):
                side, locks = is_set, fact.under
            else:
                continue
            state = way(fact.path, base)
            if state is not None:
                side.update((fact.path[-1], state, *lock) for lock in locks)
        return frozenset(unset), frozenset(is_set)
