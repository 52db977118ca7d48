"""Runs the proof in a pytest process of its own, with the explorer's locks, and tells how much was tried."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest


@dataclass
class Tried:
    """How many fixtures of each kind were proved, and with how many schedules."""

    fixtures: dict[str, int] = field(default_factory=lambda: {"racy": 0, "safe": 0})
    schedules: dict[str, int] = field(default_factory=lambda: {"racy": 0, "safe": 0})

    def add(self, kind: str, schedules: int) -> None:
        self.fixtures[kind] += 1
        self.schedules[kind] += schedules


TRIED = pytest.StashKey[Tried]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Have frontrun replace the locks, which it looks at next: without them it would skip every test."""
    config.option.frontrun_patch_locks = True
    config.stash[TRIED] = Tried()


@pytest.fixture(scope="session")
def tried(pytestconfig: pytest.Config) -> Tried:
    assert threading.Lock.__module__.startswith("frontrun"), "the proof needs a pytest process of its own"
    return pytestconfig.stash[TRIED]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    tried = config.stash[TRIED]
    terminalreporter.write_line(
        f"Proved: {tried.fixtures['racy']} racy programs, broken within {tried.schedules['racy']} schedules; "
        f"{tried.fixtures['safe']} safe ones, which held in all of {tried.schedules['safe']} schedules"
    )
