"""flake8's face: options in, reports out. No analysis happens here."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from flake8.style_guide import Decision, DecisionEngine

from flake8_sharedstate import __version__, settings
from flake8_sharedstate.project.gate import has_stake

if TYPE_CHECKING:
    import argparse
    import ast

    from flake8.options.manager import OptionManager

    from flake8_sharedstate.report import Report

PREFIX = "SHS"

# flake8 shows this logger's messages under -v, and nothing otherwise: editors take stderr for output.
LOG = logging.getLogger("flake8.sharedstate")

Violation = tuple[int, int, str, type]


class SharedState:
    """The plugin that flake8 makes anew for every file."""

    name = "flake8-sharedstate"
    version = __version__

    # Kept as flake8 gave it and read late: its legacy API changes it after parse_options.
    _options: ClassVar[argparse.Namespace]

    def __init__(self, tree: ast.Module, filename: str, lines: Sequence[str]) -> None:
        self._tree = tree
        self._filename = filename
        self._lines = lines

    @staticmethod
    def add_options(manager: OptionManager) -> None:
        """Declare the plugin's options to flake8."""
        settings.register(manager)

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Take flake8's options, and refuse wrong ones while flake8 can still say so in one line."""
        settings.Settings.of(options)
        cls._options = options

    def run(self) -> Iterator[Violation]:
        """Yield what is to be reported of this file."""
        try:
            reports = self._reports()
        except Exception as error:
            # Whatever left here would end flake8 and lose the results of every other plugin.
            LOG.exception("analysis of %s failed", self._filename)
            yield 1, 0, _internal_error(error), type(self)
        else:
            for report in reports:
                yield report.line, report.column, f"{report.code} {report.text}", type(self)

    def _reports(self) -> Sequence[Report]:
        if not _any_code_selected(self._options):
            return ()
        asked = settings.Settings.of(self._options)
        text = "".join(self._lines)
        if not asked.assume_threads and not has_stake(text):
            return ()
        # Most files end above, so the engine is loaded by the first that does not.
        from flake8_sharedstate.pipeline import analyse

        return analyse(self._tree, text, self._filename, asked)


def _any_code_selected(options: argparse.Namespace) -> bool:
    """Tell whether flake8 would show any of our codes.

    Its decision for a code depends on the prefixes that the user gave and that the code starts with, so
    the codes need not be known: one for each longer prefix, and one that has none, stand for them all.
    """
    engine = DecisionEngine(options)
    given: Iterable[str] = (*engine.selected, *engine.ignored)
    stand_ins = {PREFIX, *(prefix for prefix in given if prefix.startswith(PREFIX))}
    return any(engine.decision_for(code) is Decision.Selected for code in stand_ins)


def _internal_error(error: Exception) -> str:
    # The deepest frame of our own: what it called may lie in a library, or in the import system.
    package = Path(__file__).parent
    frames = traceback.extract_tb(error.__traceback__)
    frame = next(frame for frame in reversed(frames) if Path(frame.filename).is_relative_to(package))
    place = f"{Path(frame.filename).stem}.{frame.name}, line {frame.lineno}"
    return (
        f"{PREFIX}900 internal error: {type(error).__name__} in {place}; this file was not analysed, "
        "please report it with the traceback that `flake8 -v` shows"
    )
