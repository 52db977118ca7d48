"""The flow from text to reports, stage by stage."""

from __future__ import annotations

import ast
import gc
import logging
from dataclasses import dataclass
from pathlib import Path

from flake8_sharedstate.facts.imports import built_upon, has_class_with, imported_names
from flake8_sharedstate.facts.lower import extract
from flake8_sharedstate.libraries import book
from flake8_sharedstate.program.callers import unit_of
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.external import external
from flake8_sharedstate.program.external.outlines import Use
from flake8_sharedstate.program.graph import BudgetError
from flake8_sharedstate.program.objects import Module
from flake8_sharedstate.program.workspace import ProjectWorkspace
from flake8_sharedstate.project.gate import has_stake
from flake8_sharedstate.project.memory import Evidence
from flake8_sharedstate.project.units import Result, Unit
from flake8_sharedstate.project.witness import Witness
from flake8_sharedstate.races.evidence import find
from flake8_sharedstate.report import reports
from flake8_sharedstate.room import room_to_work
from flake8_sharedstate.settings import Settings
from flake8_sharedstate.verdicts import Report, internal_error

LOG = logging.getLogger("flake8.sharedstate")

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
    with room_to_work():
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


class Engine:
    """Works on a project, piece by piece."""

    def __init__(self, project: Witness, settings: Settings) -> None:
        self._workspace = ProjectWorkspace(project)
        self._settings = settings

    def bears_threads(self, path: str) -> bool:
        """Whether a file that speaks of threads or locks has them of somebody else's library."""
        workspace = self._workspace
        tree = workspace.tree(path)
        name = workspace.project.name(path)
        package = name if path.endswith("__init__.py") else name.rpartition(".")[0]
        return tree is not None and _imports_threads(tree, Place(name, package, workspace.root(path)))

    def unit_of(self, path: str) -> Unit:
        """What is to be solved together for a file's sake."""
        return unit_of(self._workspace, path)

    def result(self, unit: Unit) -> Result:
        """What a unit's analysis gives.

        Where it is past the analysis's budget, each file with what it imports; at last alone.
        """
        return _Analysis(self._workspace, unit, self._settings).result

    def evidence(self) -> Evidence | None:
        """What the results rest on outside the project; None where some of it changed meanwhile."""
        return self._workspace.evidence()


class _Analysis:
    """The analysis of a unit: together if it can be, else file by file."""

    def __init__(self, workspace: ProjectWorkspace, unit: Unit, settings: Settings) -> None:
        self.result = Result(unit)
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
            self.result.is_certain &= not isinstance(error, MemoryError)
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
