"""The flow from text to reports, stage by stage."""

from __future__ import annotations

import ast

from flake8_sharedstate.facts.lower import extract
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
    module = Module("__main__", filename, extract(tree), 0, "")
    try:
        evidence = find(Program([module]))
    except BudgetError:
        return []
    return reports(evidence, module, text, settings.builds)
