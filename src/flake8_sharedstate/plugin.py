"""flake8's face: options in, reports out. No analysis happens here."""

from __future__ import annotations

import logging
import multiprocessing
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from flake8.discover_files import expand_paths
from flake8.style_guide import Decision, DecisionEngine

from flake8_sharedstate import __version__, settings
from flake8_sharedstate.answers import Answers
from flake8_sharedstate.verdicts import internal_error

if TYPE_CHECKING:
    import argparse
    import ast

    from flake8.options.manager import OptionManager

    from flake8_sharedstate.verdicts import Report

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
    _answers: ClassVar[Answers]

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
        cls._options = options
        cls._answers = Answers(settings.Settings.of(options))
        if not _any_code_selected(options):
            return
        try:
            if multiprocessing.parent_process() is not None:
                cls._answers.take_over()
            else:
                _prepare(cls._answers, options)
        except Exception:
            # What fails here fails again with the first file, which then says so.
            LOG.exception("analysis of the project failed")

    def run(self) -> Iterator[Violation]:
        """Yield what is to be reported of this file."""
        try:
            reports = self._reports()
        except Exception as error:
            # Whatever left here would end flake8 and lose the results of every other plugin.
            LOG.exception("analysis of %s failed", self._filename)
            reports = [internal_error(error)]
        for report in reports:
            yield report.line, report.column, f"{report.code} {report.text}", type(self)

    def _reports(self) -> Sequence[Report]:
        if not _any_code_selected(self._options):
            return ()
        asked = settings.Settings.of(self._options)
        if asked != self._answers.settings:
            type(self)._answers = Answers(asked)
        return self._answers.of(self._tree, self._filename, "".join(self._lines))


def _prepare(answers: Answers, options: argparse.Namespace) -> None:
    """Analyse the projects of the files that flake8 is going to ask for, before it has workers."""
    if "-" in options.filenames:
        # The text comes with the file, to this very process.
        return
    if not options.filenames and Path(sys.argv[0]).stem not in ("flake8", "__main__"):
        # The legacy API names its files later; on the command line no file means all of them.
        return
    paths = expand_paths(
        paths=options.filenames,
        stdin_display_name=options.stdin_display_name,
        filename_patterns=options.filename,
        exclude=(*options.exclude, *options.extend_exclude),
    )
    answers.prepare(paths)
    answers.hand_over()


def _any_code_selected(options: argparse.Namespace) -> bool:
    """Tell whether flake8 would show any of our codes.

    Its decision for a code depends on the prefixes that the user gave and that the code starts with, so
    the codes need not be known: one for each longer prefix, and one that has none, stand for them all.
    """
    engine = DecisionEngine(options)
    given: Iterable[str] = (*engine.selected, *engine.ignored)
    stand_ins = {PREFIX, *(prefix for prefix in given if prefix.startswith(PREFIX))}
    return any(engine.decision_for(code) is Decision.Selected for code in stand_ins)
