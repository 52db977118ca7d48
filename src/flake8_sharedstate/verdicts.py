"""What is said of a file in the end. Light: most runs need no more of the engine than this."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Report:
    """One line of flake8's output, without the path."""

    line: int
    column: int
    code: str
    text: str


def reports_as_json(found: dict[str, list[Report]]) -> Any:
    """Reports by path, in JSON."""
    return {p: [[r.line, r.column, r.code, r.text] for r in reports] for p, reports in found.items()}


def reports_of_json(kept: Any) -> dict[str, list[Report]]:
    """Reports by path, from what :func:`reports_as_json` gave."""
    return {p: [Report(*fields) for fields in reports] for p, reports in kept.items()}


def internal_error(error: Exception) -> Report:
    """What is reported of a file that the plugin itself failed on."""
    # The deepest frame of our own: what it called may lie in a library, or in the import system.
    package = Path(__file__).parent
    frames = traceback.extract_tb(error.__traceback__)
    frame = next(frame for frame in reversed(frames) if Path(frame.filename).is_relative_to(package))
    place = f"{Path(frame.filename).stem}.{frame.name}, line {frame.lineno}"
    text = (
        f"internal error: {type(error).__name__} in {place}; this file was not analysed, "
        "please report it with the traceback that `flake8 -v` shows"
    )
    return Report(1, 0, "SHS900", text)
