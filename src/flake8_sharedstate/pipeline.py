"""The flow from text to reports, stage by stage."""

from __future__ import annotations

import ast
import contextlib
import gc
import logging
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flake8_sharedstate.facts.imports import built_upon, has_class_with, imported_names
from flake8_sharedstate.facts.lower import extract
from flake8_sharedstate.libraries import book
from flake8_sharedstate.program.callers import Unit, join, unit_of, units
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.external import external
from flake8_sharedstate.program.external.outlines import Use
from flake8_sharedstate.program.graph import BudgetError
from flake8_sharedstate.program.objects import Module
from flake8_sharedstate.program.workspace import ProjectWorkspace
from flake8_sharedstate.project.gate import has_stake
from flake8_sharedstate.project.memory import Memory
from flake8_sharedstate.project.witness import Witness
from flake8_sharedstate.races.evidence import find
from flake8_sharedstate.report import reports
from flake8_sharedstate.settings import Settings
from flake8_sharedstate.verdicts import Report, internal_error, reports_as_json, reports_of_json

LOG = logging.getLogger("flake8.sharedstate")

# Deep nesting is rare, generated code has it. Recursion through C takes the stack that an operating
# system gives, which is enough for this many frames; deeper programs are past the budget.
_RECURSION_LIMIT = 12_000

# The parts of the budget that a unit has, by the number of its files with a stake, and one of these
# that is tried again with what it imports: what fails costs little beside the files analysed alone.
_LEAST, _EACH = 0.12, 0.04
_AGAIN = 0.05
# How many of these may fail: together they cost what one whole program may.
_FAILURES = round(1 / _AGAIN)

_PAST_BUDGET = (BudgetError, RecursionError, MemoryError)


def analyse(tree: ast.Module, text: str, filename: str, settings: Settings) -> list[Report]:
    """Analyses one file by itself.

    Args:
        tree: its syntax tree.
        text: its source.
        filename: its path, for messages and for the name of its module.
        settings: the options.

    Returns:
        the reports, sorted; none where the file is past the analysis's budget.
    """
    assumed = settings.assume_threads
    place = _place(Path(filename))
    if not _imports_threads(tree, place) and not assumed:
        return []
    with _room_to_work():
        try:
            module = Module(place.name, filename, extract(tree), 0, place.package, place.root)
            program = Program([module], assumed)
            try:
                found = reports(find(program), lambda _: text, settings.builds) if program.has_stake() else {}
                return found.get(filename, [])
            finally:
                program.dissolve()
        except _PAST_BUDGET as error:
            LOG.info("%s is past the budget of the analysis (%s): no reports", filename, type(error).__name__)
            return []


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
    workspace = ProjectWorkspace(project)
    with _room_to_work():
        pieces = _Pieces(workspace, settings, memory)
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
        memory.save(reports_as_json(chosen), workspace.evidence())
    return chosen


class _Pieces:
    """The pieces of the work on a project, which are remembered each by itself."""

    def __init__(self, workspace: ProjectWorkspace, settings: Settings, memory: Memory) -> None:
        self._workspace = workspace
        self._settings = settings
        self._memory = memory
        self._scope = workspace.project.scope

    def staked(self) -> set[str]:
        """The files that have to do with threads by themselves."""
        known, scope = book(), self._scope
        staked = scope.having(known.leads_to_threads, known.makers)
        staked |= scope.taking(staked) | scope.assumed(self._settings.assume_threads)
        return staked | {path for path in scope.staked if path not in staked and self._bears_threads(path)}

    def _bears_threads(self, path: str) -> bool:
        def work() -> bool:
            return _bears_threads(self._workspace, path)

        return self._memory.piece(["bears", *self._texts([path])], work, bool, bool)

    def unit_of(self, path: str) -> Unit:
        """What is to be solved together for a file's sake."""

        def work() -> Unit:
            return unit_of(self._workspace, path)

        return self._memory.piece(["unit", *self._texts([path])], work, Unit.as_json, Unit.of_json)

    def result(self, unit: Unit) -> _Result:
        """What a unit's analysis gives."""

        def work() -> _Result:
            return _Analysis(self._workspace, unit, self._settings).result

        def of_json(kept: Any) -> _Result:
            return _Result(unit, {p: set(r) for p, r in reports_of_json(kept[0]).items()}, frozenset(kept[1]))

        about = ["result", unit.as_json(), *self._texts(unit.staked)]
        return self._memory.piece(about, work, _Result.as_json, of_json)

    def _texts(self, paths: Iterable[str]) -> list[list[str | None]]:
        return [[path, self._scope.sources.digest(path)] for path in sorted(paths)]


@dataclass
class _Result:
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


class _Analysis:
    """The analysis of a unit: together if it can be, else file by file."""

    def __init__(self, workspace: ProjectWorkspace, unit: Unit, settings: Settings) -> None:
        self.result = _Result(unit)
        self._workspace = workspace
        self._settings = settings
        if not self._try(unit, min(1, _LEAST + _EACH * len(unit.staked))):
            self._try_each(unit)

    def _try_each(self, unit: Unit) -> None:
        """Tries each file with what it imports, those first that import least; else alone."""
        left = _FAILURES if len(unit.concerned) > 1 else 0
        for path in sorted(unit.staked, key=lambda path: (self._workspace.project.needed(path), path)):
            alone = unit_of(self._workspace, path, callers=False)
            if left and self._try(alone, _AGAIN):
                continue
            left -= left > 0
            self._try(alone, alone=True)

    def _try(self, unit: Unit, part: float = 1, alone: bool = False) -> bool:
        names = ", ".join(sorted(unit.staked))
        try:
            self._analyse(unit, part, alone)
        except _PAST_BUDGET as error:
            LOG.info("past the budget of the analysis (%s): %s", type(error).__name__, names)
            self.result.is_certain &= isinstance(error, BudgetError)
            return False
        except Exception as error:
            self.result.is_certain = False
            LOG.exception("analysis of %s failed", names)
            if not alone:
                # One of them is to blame: the others are to be judged all the same.
                return False
            for path in unit.staked:
                self.result.reports[path] = {internal_error(error)}
        return True

    def _analyse(self, unit: Unit, part: float, alone: bool) -> None:
        modules: list[Module] = []
        for path, definitions in sorted(unit.concerned.items()):
            public = None if path in unit.staked else definitions
            module = self._workspace.module(path, len(modules), public, definitions)
            if module is not None:
                module.workspace = None if alone else self._workspace
                modules.append(module)
        texts = self._workspace.project
        program = Program(modules, self._settings.assume_threads, part)
        try:
            self.result.touched |= program.touched
            if program.has_stake():
                found = reports(find(program), lambda m: texts.text(m.path) or "", self._settings.builds)
                for path, known in found.items():
                    self.result.reports.setdefault(path, set()).update(known)
        finally:
            program.dissolve()
            # No garbage is looked for meanwhile: what one unit has left is not to add up with the next's.
            gc.collect()
            gc.freeze()


def _one_each(found: Iterable[Report]) -> list[Report]:
    """Of several reports with one code on one statement the first."""
    chosen: dict[tuple[int, int, str], Report] = {}
    for report in sorted(found):
        chosen.setdefault((report.line, report.column, report.code), report)
    return list(chosen.values())


def _bears_threads(workspace: ProjectWorkspace, path: str) -> bool:
    """Whether a file that speaks of threads or locks has them of somebody else's library."""
    tree = workspace.tree(path)
    name = workspace.project.name(path)
    package = name if path.endswith("__init__.py") else name.rpartition(".")[0]
    return tree is not None and _imports_threads(tree, Place(name, package, workspace.root(path)))


def _imports_threads(tree: ast.Module, place: Place) -> bool:
    """Whether a file imports anything that makes threads or locks; without, nothing in it is shared.

    That may be a base class or a lock of somebody else's. To look for those at every name would cost
    more than it is worth: a function that gives a lock, say, is looked for only if its name says so.
    """
    names = {name for _, name in imported_names(tree, place.package)}
    if any(map(book().leads_to_threads, names)):
        return True
    packages = {name.partition(".")[0] for name in names}
    if any(shape.package in packages and has_class_with(tree, shape.methods) for shape in book().shapes):
        return True
    outside = external(place.root)
    uses = [(name, Use.BASE if is_base else Use.CALL) for name, is_base in built_upon(tree, place.package)]
    uses += [(name, Use.CALL) for name in sorted(names) if has_stake(name)]
    return any(outside.bears_threads(name, use) for name, use in uses)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file is among the packages: what it is imported as, and what it can import."""

    name: str
    package: str
    root: str


def _place(path: Path) -> Place:
    """The place of a file, from the outermost package around it."""
    packages: list[str] = []
    folder = path.absolute().parent
    while (folder / "__init__.py").is_file():
        packages.insert(0, folder.name)
        folder = folder.parent
    names = packages if path.stem == "__init__" else [*packages, path.stem]
    return Place(".".join(names), ".".join(packages), str(folder))


@contextlib.contextmanager
def _room_to_work() -> Iterator[None]:
    """Lets the analysis recurse deeper, and has no garbage looked for meanwhile.

    What the analysis builds grows and goes as a whole: looking for garbage in it only costs time.
    """
    limit, collects = sys.getrecursionlimit(), gc.isenabled()
    gc.freeze()
    sys.setrecursionlimit(max(limit, _RECURSION_LIMIT))
    gc.disable()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        gc.unfreeze()
        if collects:
            gc.enable()
