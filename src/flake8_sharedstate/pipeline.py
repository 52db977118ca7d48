"""The flow from text to reports, stage by stage."""

from __future__ import annotations

import ast
import contextlib
import gc
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

from flake8_sharedstate.facts.imports import imported_names
from flake8_sharedstate.facts.lower import extract
from flake8_sharedstate.libraries import book
from flake8_sharedstate.program.entries import Program
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
    name = _dotted_name(Path(filename)) if assumed else "__main__"
    if not _imports_threads(tree) and not assumed:
        return []
    with _room_to_work():
        try:
            module = Module(name, filename, extract(tree), 0, "")
            program = Program([module], assumed)
            try:
                return reports(find(program), module, text, settings.builds) if program.has_stake() else []
            finally:
                program.dissolve()
        except (BudgetError, RecursionError, MemoryError) as error:
            LOG.info("%s is past the budget of the analysis (%s): no reports", filename, type(error).__name__)
            return []


def _imports_threads(tree: ast.Module) -> bool:
    """Whether a file imports anything that makes threads or locks; without, nothing in it is shared."""
    return any(map(book().leads_to_threads, imported_names(tree)))


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
