"""The flow from text to reports, stage by stage."""

from __future__ import annotations

import ast
import contextlib
import gc
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from flake8_sharedstate.facts.imports import imported_names
from flake8_sharedstate.facts.lower import extract
from flake8_sharedstate.libraries import book
from flake8_sharedstate.program.callers import concerned
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.graph import BudgetError
from flake8_sharedstate.program.objects import Module
from flake8_sharedstate.program.workspace import ProjectWorkspace
from flake8_sharedstate.project.scope import Scope
from flake8_sharedstate.races.evidence import find
from flake8_sharedstate.report import reports
from flake8_sharedstate.settings import Settings
from flake8_sharedstate.verdicts import Report, internal_error

LOG = logging.getLogger("flake8.sharedstate")

# Deep nesting is rare, generated code has it. Recursion through C takes the stack that an operating
# system gives, which is enough for this many frames; deeper programs are past the budget.
_RECURSION_LIMIT = 12_000

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
    name = _dotted_name(Path(filename)) if assumed else "__main__"
    if not _imports_threads(tree) and not assumed:
        return []
    with _room_to_work():
        try:
            module = Module(name, filename, extract(tree), 0, "")
            return _solved([module], lambda _: text, settings).get(filename, [])
        except _PAST_BUDGET as error:
            LOG.info("%s is past the budget of the analysis (%s): no reports", filename, type(error).__name__)
            return []


def analyse_project(scope: Scope, settings: Settings) -> dict[str, list[Report]]:
    """Analyses a project.

    Args:
        scope: its files.
        settings: the options.

    Returns:
        the reports by path, sorted. The files that imports connect are analysed together; where that is
        past the analysis's budget, each file that has a stake by itself, with what it imports; at last alone.
    """
    found: dict[str, list[Report]] = {}
    with _room_to_work():
        for group in scope.groups(book().threaded, settings.assume_threads):
            workspace = ProjectWorkspace(scope)
            found.update(_analyse_group(workspace, group, settings))
    return found


def _analyse_group(
    workspace: ProjectWorkspace, staked: list[str], settings: Settings
) -> dict[str, list[Report]]:
    try:
        return _analyse_together(workspace, concerned(workspace, staked), settings)
    except _PAST_BUDGET as error:
        LOG.info("%d files are past the budget (%s): each by itself", len(staked), type(error).__name__)
    except Exception:
        # One of them is to blame: the others are to be judged all the same.
        LOG.exception("analysis of %d files together failed: each by itself", len(staked))
    found: dict[str, set[Report]] = {}
    for path in staked:
        for each, known in _analyse_by_itself(workspace, path, settings).items():
            found.setdefault(each, set()).update(known)
    return {path: _one_each(known) for path, known in found.items()}


def _analyse_by_itself(workspace: ProjectWorkspace, path: str, settings: Settings) -> dict[str, list[Report]]:
    """Analyses a file with what it imports or, where that is too much, without."""
    for imports in (True, False):
        try:
            return _analyse_together(workspace, {path: None}, settings, imports)
        except _PAST_BUDGET as error:
            LOG.info("%s is past the budget of the analysis (%s)", path, type(error).__name__)
        except Exception as error:
            LOG.exception("analysis of %s failed", path)
            return {path: [internal_error(error)]}
    return {}


def _analyse_together(
    workspace: ProjectWorkspace,
    files: dict[str, frozenset[str] | None],
    settings: Settings,
    imports: bool = True,
) -> dict[str, list[Report]]:
    modules: list[Module] = []
    for path, public in sorted(files.items()):
        module = workspace.module(path, len(modules), public)
        if module is not None:
            module.workspace = workspace if imports else None
            modules.append(module)
    return _solved(modules, lambda m: workspace.scope.sources.text(m.path) or "", settings)


def _one_each(found: Iterable[Report]) -> list[Report]:
    """Of several reports with one code on one statement the first."""
    chosen: dict[tuple[int, int, str], Report] = {}
    for report in sorted(found):
        chosen.setdefault((report.line, report.column, report.code), report)
    return list(chosen.values())


def _solved(
    modules: list[Module], text: Callable[[Module], str], settings: Settings
) -> dict[str, list[Report]]:
    """The reports of a program."""
    program = Program(modules, settings.assume_threads)
    try:
        return reports(find(program), text, settings.builds) if program.has_stake() else {}
    finally:
        program.dissolve()


def _imports_threads(tree: ast.Module) -> bool:
    """Whether a file imports anything that makes threads or locks; without, nothing in it is shared."""
    threaded = book().threaded
    return any(_touches(name, known) for name in set(imported_names(tree)) for known in threaded)


def _touches(name: str, known: str) -> bool:
    """Whether two qualified names lie on one path: ``multiprocessing`` and ``multiprocessing.pool``."""
    return name == known or name.startswith(f"{known}.") or known.startswith(f"{name}.")


def _dotted_name(path: Path) -> str:
    """The name under which a file is imported: from the outermost package around it."""
    parts = [] if path.stem == "__init__" else [path.stem]
    folder = path.absolute().parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts)


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
