"""The flow from text to reports, stage by stage."""

from __future__ import annotations

import ast
import contextlib
import gc
import logging
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flake8_sharedstate.facts.imports import built_upon, imported_names
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
from flake8_sharedstate.project.scope import Scope
from flake8_sharedstate.races.evidence import find
from flake8_sharedstate.report import reports
from flake8_sharedstate.settings import Settings
from flake8_sharedstate.verdicts import Report, internal_error

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


def analyse_project(scope: Scope, settings: Settings) -> dict[str, list[Report]]:
    """Analyses a project.

    Args:
        scope: its files.
        settings: the options.

    Returns:
        the reports by path, sorted. Files are analysed together with those that use what starts threads
        in them; and those whose threads write the same. Where that is past the analysis's budget, each
        file with what it imports; at last alone.
    """
    known = book()
    workspace = ProjectWorkspace(scope)
    with _room_to_work():
        staked = scope.having(known.leads_to_threads, known.makers)
        staked |= scope.taking(staked) | scope.assumed(settings.assume_threads)
        staked |= {path for path in scope.staked if path not in staked and _bears_threads(workspace, path)}
        results = [_Result(workspace, unit, settings) for unit in units(workspace, staked)]
        merged = join([r.unit for r in results], [r.touched for r in results])
        of_unit = {result.unit.staked: result for result in results}
        found: dict[str, set[Report]] = {}
        for unit in merged:
            result = of_unit.get(unit.staked)
            for path, reports in (result or _Result(workspace, unit, settings)).reports.items():
                found.setdefault(path, set()).update(reports)
    return {path: _one_each(reports) for path, reports in found.items()}


class _Result:
    """What the analysis of a unit gives."""

    def __init__(self, workspace: ProjectWorkspace, unit: Unit, settings: Settings) -> None:
        self.unit = unit
        self.reports: dict[str, set[Report]] = {}
        self.touched: frozenset[str] = frozenset()
        """The globals that its threads write, or that hold what these write."""
        self._workspace = workspace
        self._settings = settings
        if not self._try(unit, min(1, _LEAST + _EACH * len(unit.staked))):
            self._try_each(unit)

    def _try_each(self, unit: Unit) -> None:
        """Tries each file with what it imports, those first that import least; else alone."""
        left = _FAILURES if len(unit.concerned) > 1 else 0
        for path in sorted(unit.staked, key=lambda path: (self._workspace.scope.needed(path), path)):
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
            return False
        except Exception as error:
            LOG.exception("analysis of %s failed", names)
            if not alone:
                # One of them is to blame: the others are to be judged all the same.
                return False
            for path in unit.staked:
                self.reports[path] = {internal_error(error)}
        return True

    def _analyse(self, unit: Unit, part: float, alone: bool) -> None:
        modules: list[Module] = []
        for path, definitions in sorted(unit.concerned.items()):
            public = None if path in unit.staked else definitions
            module = self._workspace.module(path, len(modules), public, definitions)
            if module is not None:
                module.workspace = None if alone else self._workspace
                modules.append(module)
        texts = self._workspace.scope.sources
        program = Program(modules, self._settings.assume_threads, part)
        try:
            self.touched |= program.touched
            if program.has_stake():
                found = reports(find(program), lambda m: texts.text(m.path) or "", self._settings.builds)
                for path, known in found.items():
                    self.reports.setdefault(path, set()).update(known)
        finally:
            program.dissolve()


def _one_each(found: Iterable[Report]) -> list[Report]:
    """Of several reports with one code on one statement the first."""
    chosen: dict[tuple[int, int, str], Report] = {}
    for report in sorted(found):
        chosen.setdefault((report.line, report.column, report.code), report)
    return list(chosen.values())


def _bears_threads(workspace: ProjectWorkspace, path: str) -> bool:
    """Whether a file that speaks of threads or locks has them of somebody else's library."""
    tree = workspace.tree(path)
    name = workspace.scope.layout.name(path)
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
    sys.setrecursionlimit(max(limit, _RECURSION_LIMIT))
    gc.disable()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        if collects:
            gc.enable()
