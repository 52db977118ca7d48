"""The flow from text to reports, stage by stage."""

from __future__ import annotations

import ast
import contextlib
import gc
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flake8_sharedstate.facts.imports import built_upon, imported_names
from flake8_sharedstate.facts.lower import extract
from flake8_sharedstate.gate import has_stake
from flake8_sharedstate.libraries import book
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.external import external
from flake8_sharedstate.program.external.outlines import Use
from flake8_sharedstate.program.graph import BudgetError
from flake8_sharedstate.program.objects import Module
from flake8_sharedstate.races.evidence import find
from flake8_sharedstate.report import Report, reports
from flake8_sharedstate.settings import Settings

LOG = logging.getLogger("flake8.sharedstate")

# Deep nesting is rare, generated code has it. Recursion through C takes the stack that an operating
# system gives, which is enough for this many frames; deeper programs are past the budget.
_RECURSION_LIMIT = 12_000


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
                return reports(find(program), module, text, settings.builds) if program.has_stake() else []
            finally:
                program.dissolve()
        except (BudgetError, RecursionError, MemoryError) as error:
            LOG.info("%s is past the budget of the analysis (%s): no reports", filename, type(error).__name__)
            return []


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
