"""What a rule is: a code, a page (its module's docstring) and a choice among the evidence."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from flake8_sharedstate.facts.model import Instruction
from flake8_sharedstate.program.objects import Clone
from flake8_sharedstate.races.accesses import Access, Place, Shape
from flake8_sharedstate.races.conflicts import Race
from flake8_sharedstate.races.evidence import Evidence
from flake8_sharedstate.rules import _words


@dataclass(frozen=True)
class Finding:
    """A place in a file and what is wrong there."""

    clone: Clone
    at: int
    """The index of the statement in its module's spans."""
    text: str


_HOLDERS = {"attribute": Place.INSTANCE, "global": Place.GLOBAL, "cell": Place.CLOSURE}

Check: TypeAlias = "Callable[[Evidence], Iterable[Finding]]"


@dataclass(frozen=True)
class Rule:
    """One code."""

    code: str
    name: str
    check: Check
    page: str
    """The rule's documentation."""

    @property
    def summary(self) -> str:
        """The first line of the page."""
        return self.page.strip().splitlines()[0]


def rule(code: str, name: str, check: Check) -> Rule:
    """Makes a rule whose page is the docstring of the module that calls this."""
    page = sys._getframe(1).f_globals["__doc__"]
    return Rule(code, name, check, page)


def updates_of(place: Place) -> Check:
    """Chooses the updates of one kind of state that hold no lock."""

    def check(evidence: Evidence) -> Iterator[Finding]:
        for race in evidence.races:
            access = race.access
            is_update = access.shape in (Shape.UPDATE, Shape.IN_PLACE, Shape.DRAIN) and not access.split
            if _changed(access) is place and is_update and not race.held and not race.wrong_kind:
                yield finding(evidence, race, _words.lost_update(evidence, race))

    return check


def _changed(access: Access) -> Place:
    """The kind of state that a write changes; where items are lost, what the container is held in."""
    if access.shape is not Shape.DRAIN:
        return access.place
    return _HOLDERS.get(access.write.place.kind, Place.ITEM)


def unguarded(shape: Shape, words: Callable[[Evidence, Race], str]) -> Check:
    """Chooses the writes of one shape that hold no lock, and words them."""

    def check(evidence: Evidence) -> Iterator[Finding]:
        for race in evidence.races:
            if race.access.shape is shape and not race.access.split and not race.held:
                yield finding(evidence, race, words(evidence, race))

    return check


def finding(evidence: Evidence, race: Race, text: str) -> Finding:
    """A finding at the write of a race, or at the statement that joins a getter and a setter."""
    access = race.access
    joins = access.reported is not access.at
    return Finding(access.reporter if joins else access.run.clone, access.reported.at, text)


def finding_at(clone: Clone, instruction: Instruction, text: str) -> Finding:
    """A finding at an instruction."""
    return Finding(clone, instruction.at, text)
