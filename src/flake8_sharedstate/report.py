"""Findings become reports: worded with the code's own text, sorted, one for each defect and line."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable

from flake8_sharedstate.program.objects import Module
from flake8_sharedstate.races.evidence import Evidence
from flake8_sharedstate.rules import RULES
from flake8_sharedstate.rules._words import SOURCE
from flake8_sharedstate.verdicts import Report

_LONGEST = 60


def reports(evidence: Evidence, text: Callable[[Module], str], builds: str) -> dict[str, list[Report]]:
    """The reports for the modules of a program.

    Args:
        evidence: what the analysis found.
        text: gives a module's source.
        builds: ``all``, or ``gil`` to leave out what only free-threaded builds lose.

    Returns:
        for each path sorted reports; of several findings with one code on one statement the first.
    """
    lines: dict[Module, list[str]] = {}
    found: defaultdict[str, dict[tuple[int, int, str], Report]] = defaultdict(dict)
    for code, rule in RULES.items():
        for finding in rule.check(evidence):
            if builds == "gil" and finding.text.endswith("[free-threaded]"):
                continue
            module = finding.clone.module
            if module not in lines:
                lines[module] = text(module).splitlines()
            line, column, *_ = span = module.facts.spans[finding.at]
            worded = finding.text.replace(SOURCE, source(lines[module], span))
            found[module.path].setdefault((line, column, code), Report(line, column, code, worded))
    return {path: sorted(_one_each(known.values())) for path, known in found.items()}


def _one_each(found: Iterable[Report]) -> list[Report]:
    """One defect is one report: a statement that holds no lock is not said to hold the wrong one, too."""
    kept = list(found)
    bare = {(r.line, r.column) for r in kept if r.code.startswith("SHS1")}
    return [r for r in kept if r.code != "SHS202" or (r.line, r.column) not in bare]


def source(lines: list[str], span: tuple[int, int, int, int]) -> str:
    """The text of a statement's first line, cut where it is long."""
    first, start, last, end = span
    if first > len(lines):
        return "…"
    encoded = lines[first - 1].encode()
    piece = encoded[start : end if last == first else None].decode(errors="replace").strip()
    if last != first:
        # A header ends with a colon; what follows it on the line is a comment.
        piece = re.sub(r"\s+#[^'\"]*$", "", piece)
    return piece if len(piece) <= _LONGEST else f"{piece[: _LONGEST - 1]}…"
