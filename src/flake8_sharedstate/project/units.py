"""Which files are analysed together, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flake8_sharedstate.verdicts import Report, reports_as_json, reports_of_json


@dataclass(frozen=True)
class Unit:
    """What is solved as one program."""

    staked: frozenset[str]
    """The files in it whose text has a word of threads or locks."""
    concerned: dict[str, frozenset[str]]
    """All its files, with the definitions in each that have to do with threads."""

    def as_json(self) -> Any:
        """The unit in JSON, always the same."""
        return [sorted(self.staked), {f: sorted(names) for f, names in sorted(self.concerned.items())}]

    @staticmethod
    def of_json(kept: Any) -> Unit:
        """The unit that :meth:`as_json` gave."""
        staked, concerned = kept
        return Unit(frozenset(staked), {f: frozenset(names) for f, names in concerned.items()})

    def joined(self, other: Unit) -> Unit:
        """This and another as one."""
        files = dict.fromkeys((*self.concerned, *other.concerned), frozenset[str]())
        return Unit(
            self.staked | other.staked,
            {f: self.concerned.get(f, none) | other.concerned.get(f, none) for f, none in files.items()},
        )


@dataclass
class Result:
    """What the analysis of a unit gives."""

    unit: Unit
    reports: dict[str, set[Report]] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()
    """The globals that its threads write, or that hold what these write."""
    is_certain: bool = True
    """Whether it comes out so again: what went wrong may have been for want of memory."""

    def as_json(self) -> Any:
        """What is to be remembered of it, if anything."""
        if not self.is_certain:
            return None
        sets = sorted(self.reports.items())
        return [reports_as_json({p: sorted(r) for p, r in sets}), sorted(self.touched)]

    @staticmethod
    def of_json(unit: Unit, kept: Any) -> Result:
        """The result for a unit that :meth:`as_json` gave."""
        reports, touched = kept
        return Result(unit, {p: set(r) for p, r in reports_of_json(reports).items()}, frozenset(touched))


def units(found: list[Unit]) -> list[Unit]:
    """Puts units together that have a file in common."""
    return join(found, [frozenset(unit.concerned) for unit in found])


def join(found: list[Unit], features: list[frozenset[str]]) -> list[Unit]:
    """Joins units that have a feature in common, directly or through others."""
    leader: dict[str, int] = {}
    joined: dict[int, tuple[Unit, frozenset[str]]] = {}
    for number, (unit, own) in enumerate(zip(found, features, strict=True)):
        for other in sorted({leader[feature] for feature in own if feature in leader}):
            earlier, others = joined.pop(other)
            unit, own = earlier.joined(unit), own | others
        joined[number] = unit, own
        leader.update(dict.fromkeys(own, number))
    return [unit for unit, _ in joined.values()]
