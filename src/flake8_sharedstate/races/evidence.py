"""All that the analysis found, for the rules to put into words."""

from __future__ import annotations

from dataclasses import dataclass

from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.races.conflicts import Conflicts, Race
from flake8_sharedstate.races.leaks import Leak, Leaks
from flake8_sharedstate.races.stages import Stages
from flake8_sharedstate.races.useless_locks import UselessLock, UselessLocks


@dataclass(frozen=True)
class Evidence:
    """What the rules choose from."""

    stages: Stages
    races: list[Race]
    useless_locks: list[UselessLock]
    leaks: list[Leak]


def find(program: Program) -> Evidence:
    """Runs the stages after points-to on a solved program."""
    stages = Stages(program)
    useless = UselessLocks(stages)
    return Evidence(stages, Conflicts(stages, useless.per_call).races(), useless.found, Leaks(stages).found)
