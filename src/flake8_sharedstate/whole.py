"""A whole project's reports, put together from pieces; those that earlier runs have worked out are taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from flake8_sharedstate.project.memory import Evidence, Memory
from flake8_sharedstate.project.units import Result, Unit, join, units
from flake8_sharedstate.project.witness import Witness
from flake8_sharedstate.room import room_to_work
from flake8_sharedstate.settings import Settings
from flake8_sharedstate.verdicts import Report, reports_as_json

if TYPE_CHECKING:
    from flake8_sharedstate.pipeline import Engine


def analyse_project(project: Witness, settings: Settings, memory: Memory) -> dict[str, list[Report]]:
    """Analyses a project.

    Args:
        project: its files.
        settings: the options.
        memory: what earlier runs have worked out.

    Returns:
        the reports by path, sorted. Files are analysed together with those that use what starts threads
        in them; and those whose threads write the same. Where that is past the analysis's budget, each
        file with what it imports; at last alone.
    """
    with room_to_work():
        pieces = _Pieces(project, settings, memory)
        beginnings = [pieces.unit_of(path) for path in sorted(pieces.staked())]
        results = [pieces.result(unit) for unit in units(beginnings)]
        merged = join([r.unit for r in results], [r.touched for r in results])
        of_unit = {result.unit.staked: result for result in results}
        found: dict[str, set[Report]] = {}
        for unit in merged:
            result = of_unit.get(unit.staked) or pieces.result(unit)
            for path, reports in result.reports.items():
                found.setdefault(path, set()).update(reports)
        chosen = {path: _one_each(reports) for path, reports in sorted(found.items())}
        memory.save(reports_as_json(chosen), pieces.evidence())
    return chosen


class _Pieces:
    """The pieces of the work on a project, which are remembered each by itself."""

    def __init__(self, project: Witness, settings: Settings, memory: Memory) -> None:
        self._project = project
        self._settings = settings
        self._memory = memory
        self._scope = project.scope
        self._used: Engine | None = None

    @property
    def _engine(self) -> Engine:
        """What does the work. It is loaded by the first piece that is not known."""
        if self._used is None:
            from flake8_sharedstate.pipeline import Engine

            self._used = Engine(self._project, self._settings)
        return self._used

    def evidence(self) -> Evidence | None:
        """What was looked up outside the project; None where some of it changed meanwhile."""
        return self._used.evidence() if self._used is not None else {}

    def staked(self) -> set[str]:
        """The files that have to do with threads by themselves."""
        scope = self._scope
        staked = scope.having(_library)
        staked |= scope.taking(staked) | scope.assumed(self._settings.assume_threads)
        return staked | {path for path in scope.staked if path not in staked and self._bears_threads(path)}

    def _bears_threads(self, path: str) -> bool:
        """Whether a file that speaks of threads or locks has them of somebody else's library."""
        about = ["bears", *self._texts([path])]
        return self._memory.piece(about, lambda: self._engine.bears_threads(path), bool, bool)

    def unit_of(self, path: str) -> Unit:
        """What is to be solved together for a file's sake."""
        about = ["unit", *self._texts([path])]
        return self._memory.piece(about, lambda: self._engine.unit_of(path), Unit.as_json, Unit.of_json)

    def result(self, unit: Unit) -> Result:
        """What a unit's analysis gives."""
        about = ["result", unit.as_json(), *self._texts(unit.staked)]
        of_json = partial(Result.of_json, unit)
        return self._memory.piece(about, lambda: self._engine.result(unit), Result.as_json, of_json)

    def _texts(self, paths: Iterable[str]) -> list[list[str | None]]:
        return [[path, self._scope.sources.digest(path)] for path in sorted(paths)]


def _library() -> tuple[Callable[[str], bool], frozenset[str]]:
    from flake8_sharedstate.libraries import book

    known = book()
    return known.leads_to_threads, known.makers


def _one_each(found: Iterable[Report]) -> list[Report]:
    """Of several reports with one code on one statement the first."""
    chosen: dict[tuple[int, int, str], Report] = {}
    for report in sorted(found):
        chosen.setdefault((report.line, report.column, report.code), report)
    return list(chosen.values())
