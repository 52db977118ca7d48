"""The reports of a run: a project is analysed once, whichever of its files flake8 asks for.

The process that flake8 begins with analyses the projects of the files that it was given, before there
are workers. These have the result by ``fork``, or read it from a file (``handover``).
"""

from __future__ import annotations

import ast
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from platformdirs import user_cache_dir

from flake8_sharedstate import handover
from flake8_sharedstate.project import discovery
from flake8_sharedstate.project.discovery import Extent, Root, Roots
from flake8_sharedstate.project.gate import has_stake
from flake8_sharedstate.project.memory import Memory
from flake8_sharedstate.project.scope import Scope
from flake8_sharedstate.project.sources import digest_of, read
from flake8_sharedstate.project.store import Store
from flake8_sharedstate.project.witness import Witness
from flake8_sharedstate.settings import OFF, Settings
from flake8_sharedstate.verdicts import Report, internal_error, reports_as_json, reports_of_json

LOG = logging.getLogger("flake8.sharedstate")


@dataclass
class _Project:
    """What is known of one project: the texts it was analysed with, by their digests, and the reports."""

    digests: dict[str, str]
    reports: dict[str, list[Report]]
    unsaved: dict[str, str] = field(default_factory=dict)


class Answers:
    """Answers for each file; analyses a project with the first question, if it was not prepared."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._roots = Roots()
        self._projects: dict[str, _Project | None] = {}

    def prepare(self, paths: Iterable[str]) -> None:
        """Analyses the projects of these files."""
        if self.settings.project_root != OFF:
            for path in paths:
                self._project(self._root(os.path.abspath(path)))

    def hand_over(self) -> None:
        """Lets other processes :meth:`take_over` what is known."""
        handover.give(
            {
                "settings": repr(self.settings),
                "projects": {
                    folder: known
                    and {
                        "digests": known.digests,
                        "reports": reports_as_json(known.reports),
                    }
                    for folder, known in self._projects.items()
                },
            }
        )

    def take_over(self) -> None:
        """Learns what another process has worked out under the same settings, if one has."""
        given = handover.take()
        if given is not None and given["settings"] == repr(self.settings):
            for folder, known in given["projects"].items():
                self._projects[folder] = known and _Project(
                    known["digests"], reports_of_json(known["reports"])
                )

    def of(self, tree: ast.Module, filename: str, text: str) -> list[Report]:
        """The reports for a file.

        Args:
            tree: its syntax tree.
            filename: its path.
            text: its source, which may be what an editor has not saved yet.

        Returns:
            the reports, sorted.
        """
        if self.settings.project_root != OFF:
            root = self._root(os.path.abspath(filename))
            path = Path(os.path.relpath(os.path.abspath(filename), root.folder)).as_posix()
            project = self._project(root, {path: text})
            if project is not None and (path in project.digests or _is_new(root, path)):
                if project.digests.get(path) != digest_of(text):
                    project = self._analyse(root, {**project.unsaved, path: text})
                return project.reports.get(path, []) if project is not None else []
        return self._alone(tree, filename, text)

    def _root(self, path: str) -> Root:
        asked = self.settings.project_root
        return Root(asked, Extent.ALL) if asked else self._roots.of(path)

    def _project(self, root: Root, asked: Mapping[str, str] = MappingProxyType({})) -> _Project | None:
        """What is known of a project; the first question may be about a text that is not on the disk."""
        if root.folder not in self._projects:
            self._analyse(root, asked)
        return self._projects[root.folder]

    def _analyse(self, root: Root, unsaved: Mapping[str, str]) -> _Project | None:
        LOG.info("analysing the project in %s", root.folder)
        files = discovery.files(root)
        project = None
        if files is not None:
            unsaved = {
                path: text
                for path, text in unsaved.items()
                if (path in files or _is_new(root, path)) and text != read(os.path.join(root.folder, path))
            }
            scope = Scope(root.folder, sorted({*files, *unsaved}), unsaved)
            project = self._answered(scope, unsaved)
        self._projects[root.folder] = project
        return project

    def _answered(self, scope: Scope, unsaved: dict[str, str]) -> _Project:
        try:
            reports = self._reports(scope)
        except Exception as error:
            # It would fail again with each file: all say so, and none tries.
            LOG.exception("analysis of the project in %s failed", scope.folder)
            reports = {path: [internal_error(error)] for path in scope.files}
        return _Project({p: scope.sources.digest(p) or "" for p in scope.files}, reports, unsaved)

    def _reports(self, scope: Scope) -> dict[str, list[Report]]:
        matter = (self.settings.assume_threads, self.settings.builds)
        witness = Witness(scope)
        memory = Memory(self._store(), matter, witness)
        known = memory.reports(reports_of_json)
        if known is not None:
            return known
        if not scope.staked and not self.settings.assume_threads:
            memory.save({}, {})
            return {}
        # Most projects end above, so the rest is loaded by the first that does not.
        from flake8_sharedstate.whole import analyse_project

        return analyse_project(witness, self.settings, memory)

    def _store(self) -> Store | None:
        if self.settings.no_cache:
            return None
        return Store(self.settings.cache_dir or user_cache_dir("flake8-sharedstate", appauthor=False))

    def _alone(self, tree: ast.Module, filename: str, text: str) -> list[Report]:
        if not self.settings.assume_threads and not has_stake(text):
            return []
        from flake8_sharedstate.pipeline import analyse

        return analyse(tree, text, filename, self.settings)


def _is_new(root: Root, path: str) -> bool:
    """Whether a file is of the project and only not saved for the first time yet."""
    return not path.startswith("../") and not os.path.exists(os.path.join(root.folder, path))
