"""Finds the project around a file: its root, and the files that belong to it.

The scope of analysis is the project, whatever files flake8 is asked to report on. A folder below the
root that has a marker of its own is a project of its own.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum

MARKERS = frozenset(["pyproject.toml", "setup.cfg", "setup.py", "tox.ini", ".flake8", ".git"])

# Folders that builds and tools fill; as packages of the program they are taken like any other.
_BUILT = frozenset(
    ["build", "dist", "node_modules", "site-packages", "__pycache__", "__pypackages__", "_build"]
)
# Where Python keeps what is installed; the standard library is where its own modules are.
_INSTALLED = frozenset(["site-packages", "dist-packages"])
_STANDARD_LIBRARY = ("os.py", "site.py", "threading.py")
# Either makes a folder a virtual environment (PEP 405, conda).
_ENVIRONMENT = frozenset(["pyvenv.cfg", "conda-meta"])

# What holds more is no project but a disk: its files are analysed one by one.
MAX_FILES = 50_000


class Extent(Enum):
    """How far below its folder a project goes."""

    PACKAGES = "the files in it and its packages: what else lies there may be anything"
    PROJECT = "all but what is a project of its own"
    ALL = "all, as the user says"
    NOTHING = "installed code is no project: each file is analysed by itself"


@dataclass(frozen=True, slots=True)
class Root:
    """A project's folder, and what belongs to it."""

    folder: str
    extent: Extent


class Roots:
    """Finds roots; remembers what it has seen of the disk."""

    def __init__(self) -> None:
        self._marked: dict[str, str | None] = {}
        self._installed: dict[str, bool] = {}

    def of(self, path: str) -> Root:
        """The root of the project that a file belongs to.

        Args:
            path: its absolute path.

        Returns:
            the nearest folder above with a marker; where there is none, the folder of the file or of
            the outermost package around it. Nothing belongs to it where it is installed.
        """
        folder = os.path.dirname(path)
        if self._is_installed(folder):
            return Root(folder, Extent.NOTHING)
        marked = self._find(folder)
        if marked is None:
            return Root(outside_packages(folder), Extent.PACKAGES)
        return Root(marked, Extent.PROJECT)

    def _is_installed(self, folder: str) -> bool:
        """Whether a folder is in one of the places where Python installs things, or its standard library."""
        known = self._installed.get(folder)
        if known is None:
            above = os.path.dirname(folder)
            known = self._installed[folder] = (
                os.path.basename(folder) in _INSTALLED
                or all(os.path.isfile(os.path.join(folder, name)) for name in _STANDARD_LIBRARY)
                or (above != folder and self._is_installed(above))
            )
        return known

    def _find(self, folder: str) -> str | None:
        passed = []
        found: str | None = None
        while folder not in self._marked:
            passed.append(folder)
            if any(os.path.lexists(os.path.join(folder, marker)) for marker in MARKERS):
                found = folder
                break
            above = os.path.dirname(folder)
            if above == folder:
                break
            folder = above
        else:
            found = self._marked[folder]
        for folder in passed:
            self._marked[folder] = found
        return found


def outside_packages(folder: str) -> str:
    """The nearest folder, from here upwards, that is no regular package."""
    while os.path.isfile(os.path.join(folder, "__init__.py")) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return folder


def files(root: Root) -> list[str] | None:
    """The Python files of a project.

    Args:
        root: where it begins.

    Returns:
        their paths from the root, with ``/``, sorted; None where there are too many for a project, or
        it is none.
    """
    if root.extent is Extent.NOTHING:
        return None
    found: list[str] = []
    waiting = [(root.folder, "")]
    while waiting:
        folder, prefix = waiting.pop()
        try:
            with os.scandir(folder) as scanned:
                entries = list(scanned)
        except OSError:
            continue
        names = {entry.name for entry in entries}
        if prefix and not _belongs(prefix, names, root.extent):
            continue
        for entry in entries:
            if entry.name.endswith(".py"):
                if entry.is_file():
                    found.append(prefix + entry.name)
            elif not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                waiting.append((entry.path, f"{prefix}{entry.name}/"))
        if len(found) > MAX_FILES:
            return None
    return sorted(found)


def _belongs(prefix: str, names: set[str], extent: Extent) -> bool:
    """Whether a folder below the root, by the names in it, is part of the project."""
    if "__init__.py" in names:
        return True
    name = prefix[:-1].rpartition("/")[2]
    if name in _BUILT or name.endswith(".egg-info") or not _ENVIRONMENT.isdisjoint(names):
        return False
    return extent is Extent.ALL or (extent is Extent.PROJECT and MARKERS.isdisjoint(names))
