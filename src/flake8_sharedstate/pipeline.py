"""The flow from text to reports, stage by stage."""

from __future__ import annotations

import ast
import contextlib
import gc
from collections.abc import Iterator

from flake8_sharedstate.facts.lower import extract
from flake8_sharedstate.facts.model import Import, ImportStar, ModuleFacts
from flake8_sharedstate.libraries import book
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.graph import BudgetError
from flake8_sharedstate.program.objects import Module
from flake8_sharedstate.races.evidence import find
from flake8_sharedstate.report import Report, reports
from flake8_sharedstate.settings import Settings


def analyse(tree: ast.Module, text: str, filename: str, settings: Settings) -> list[Report]:
    """Analyses one file by itself.

    Args:
        tree: its syntax tree.
        text: its source.
        filename: its path, for messages.
        settings: the options.

    Returns:
        the reports, sorted; none where the file is past the analysis's budget.
    """
    facts = extract(tree)
    if not _names_threads(facts):
        return []
    module = Module("__main__", filename, facts, 0, "")
    try:
        with _no_collection():
            evidence = find(Program([module]))
            return reports(evidence, module, text, settings.builds)
    except BudgetError:
        return []


def _names_threads(facts: ModuleFacts) -> bool:
    """Whether a file imports anything that makes threads or locks; without, nothing in it is shared."""
    threaded = book().threaded
    for function in facts.functions:
        for block in function.blocks:
            for i in block.instructions:
                if isinstance(i, Import):
                    name = i.module if i.name is None else f"{i.module}.{i.name}"
                    if any(_touches(name, known) for known in threaded):
                        return True
                elif isinstance(i, ImportStar) and any(_touches(i.module, known) for known in threaded):
                    return True
    return False


def _touches(name: str, known: str) -> bool:
    """Whether two qualified names lie on one path: ``multiprocessing`` and ``multiprocessing.pool``."""
    return name == known or name.startswith(f"{known}.") or known.startswith(f"{name}.")


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """The graph grows and goes as a whole: looking for garbage in it meanwhile only costs time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
