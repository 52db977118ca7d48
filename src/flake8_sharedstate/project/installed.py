"""Finds the source of modules outside the analysis, as an import would find it, and imports nothing."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader

from flake8_sharedstate.project.store import digest

# A larger module is none that anyone wrote by hand: tables, generated clients.
_MAX_BYTES = 400_000


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a module."""

    name: str
    path: str
    text: str

    @property
    def is_package(self) -> bool:
        """Whether relative imports start from the module itself."""
        return os.path.basename(self.path) == "__init__.py"


class Installed:
    """The modules that a file can import: those beside its outermost package, then those installed.

    Installed means for the Python that flake8 runs in. Names of the standard library are never
    looked for: what is to be known of it is in ``libraries/``.
    """

    def __init__(self, root: str) -> None:
        """Looks for modules.

        Args:
            root: the folder that the outermost package of the file under analysis is in.
        """
        self._root = root
        self._read: dict[str, tuple[int, int]] = {}
        self._found: dict[str, ModuleSpec | None] = {}
        self._digests: dict[str, str | None] = {}

    def source(self, name: str) -> Source | None:
        """The text of a module by its qualified name; None where there is none to be read."""
        spec = self._find(name)
        if spec is None or not isinstance(spec.loader, SourceFileLoader) or spec.origin is None:
            return None
        try:
            status = os.stat(spec.origin)
            self._read[spec.origin] = (status.st_mtime_ns, status.st_size)
            if status.st_size > _MAX_BYTES:
                return None
            with open(spec.origin, "rb") as file:
                data = file.read()
            self._digests[name] = digest(data)
            return Source(name, spec.origin, importlib.util.decode_source(data))
        except (OSError, SyntaxError, UnicodeDecodeError):
            return None

    def is_module(self, name: str) -> bool:
        """Whether there is a module or package of this name."""
        return self._find(name) is not None

    def evidence(self) -> dict[str, str | None]:
        """What the answers so far rest on, for any machine: by module None for none, or what is in it."""
        return {name: self._state(name) for name in sorted(self._found)}

    def confirms(self, evidence: dict[str, str | None]) -> bool:
        """Whether what answers rested on is so here and now."""
        return all(self._state(name) == state for name, state in evidence.items())

    def _state(self, name: str) -> str | None:
        if name not in self._digests:
            self.source(name)
        if name not in self._digests:
            spec = self._find(name)
            kind = spec is not None and f"package {spec.submodule_search_locations is not None}"
            self._digests[name] = kind or None
        return self._digests[name]

    def is_stale(self) -> bool:
        """Whether a file was changed since it was read."""
        return any(_version(path) != version for path, version in self._read.items())

    def _find(self, name: str) -> ModuleSpec | None:
        if name not in self._found:
            self._found[name] = self._look_for(name)
        return self._found[name]

    def _look_for(self, name: str) -> ModuleSpec | None:
        if name.startswith("."):
            # A relative import where there is no package: Python could not carry it out either.
            return None
        package, _, last = name.rpartition(".")
        if not package:
            return _find_top(name, self._root)
        found = self._find(package)
        if found is None or found.submodule_search_locations is None:
            return None
        return _find_in(last, list(found.submodule_search_locations))


def _version(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _find_top(name: str, root: str) -> ModuleSpec | None:
    if not name or name in sys.stdlib_module_names:
        return None
    found = _find_in(name, [root])
    if found is not None:
        return found
    try:
        # Of a name without dots this imports nothing, and asks those that serve editable installs, too.
        return importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None


def _find_in(last: str, folders: Sequence[str]) -> ModuleSpec | None:
    try:
        return PathFinder.find_spec(last, folders)
    except (ImportError, ValueError, OSError):
        return None
