"""What runs before this one have worked out about a project, as far as it is still true.

The reports of a project are kept under the digests of all its files: where none has changed, nothing is
worked out. Below that, each piece of work is kept with the questions that it asked (:class:`Witness`),
so that a change costs the pieces that it matters to. What was looked up outside the project is kept by
the modules' contents. No result names a folder: another machine's is as good.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from flake8_sharedstate import __version__
from flake8_sharedstate.project.installed import Installed
from flake8_sharedstate.project.last_good import LastGood
from flake8_sharedstate.project.store import Store, digest
from flake8_sharedstate.project.witness import Witness

_T = TypeVar("_T")

Evidence = dict[str, dict[str, str | None]]
"""By the folder of a project that imports are looked up from: modules, and what was found of each."""

# What reading an entry can come upon that another program, or a later version, has written.
_FOREIGN = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)


class Memory:
    """What is known of one project, under one choice of settings."""

    def __init__(self, store: Store | None, settings: tuple[object, ...], witness: Witness) -> None:
        """Remembers.

        Args:
            store: what outlasts the run; None for nothing.
            settings: those that results depend on.
            witness: the project.
        """
        self._store = store
        self._salt = [_own_state() if store is not None else "", sys.version_info[:3], settings]
        self._witness = witness
        self._scans = self._key("scans", os.path.realpath(witness.scope.folder))
        self._told = store.get(self._scans) if store is not None else None
        """What an earlier run has kept of the files."""
        witness.scope.sources.remember(self._told)
        self._last_good = LastGood(store, witness.scope)
        self._last_good.stand_in()
        self._files = {p: witness.scope.sources.digest(p) for p in witness.scope.files}
        self._installed: dict[str, Installed] = {}
        self._confirmed: dict[str, bool] = {}
        self._relied: Evidence = {}
        self._new: list[tuple[str, dict[str, Any]]] = []
        self._is_sure = True

    # -- the whole

    def reports(self, of_json: Callable[[Any], _T]) -> _T | None:
        """What was kept of the project as it is now; None for nothing."""
        if self._store is None:
            return None
        kept = self._store.get(self._key("project", self._files))
        try:
            found = of_json(kept["value"]) if self._is_confirmed(kept["outside"]) else None
        except _FOREIGN:
            return None
        if found is not None:
            self._keep_files()
        return found

    def save(self, reports: Any, evidence: Evidence | None) -> None:
        """Keeps what was worked out.

        Args:
            reports: those of the project, as JSON.
            evidence: what was looked up outside the project; None where that is not certain.
        """
        sources = self._witness.scope.sources
        if self._store is None or evidence is None or sources.is_stale:
            return
        self._keep_files()
        for key, entry in self._new:
            self._store.put(key, {**entry, "outside": self._keep_evidence(evidence)})
        if self._is_sure:
            outside = self._keep_evidence(_joined(self._relied, evidence))
            self._store.put(self._key("project", self._files), {"value": reports, "outside": outside})
        self._store.trim()

    def _keep_files(self) -> None:
        """Keeps what its files say, for who finds them as they are, or half-written."""
        self._last_good.keep()
        sources = self._witness.scope.sources
        if self._store is not None and sources.has_grown and not sources.is_stale:
            scans = sources.kept()
            if scans != self._told:
                self._store.put(self._scans, scans)

    # -- its pieces

    def piece(
        self,
        about: list[Any],
        work: Callable[[], _T],
        as_json: Callable[[_T], Any],
        of_json: Callable[[Any], _T],
    ) -> _T:
        """What a piece of work gives: from an earlier run, if its questions have the same answers.

        Args:
            about: what is worked out, of what, as JSON; with files' texts that it surely needs.
            work: does it.
            as_json: gives the result as JSON; None where it is not certain to come out so again.
            of_json: reads that.
        """
        if self._store is None:
            return work()
        key = self._key(*about)
        kept = self._store.get(key)
        try:
            if kept is not None and self._still_holds(kept):
                return of_json(kept["value"])
        except _FOREIGN:
            pass
        with self._witness.noting() as noted:
            result = work()
        value = as_json(result)
        if value is None:
            self._is_sure = False
        else:
            self._new.append((key, {"value": value, "noted": list(noted.items())}))
        return result

    def _still_holds(self, kept: dict[str, Any]) -> bool:
        holds = self._witness.holds
        return all(holds(question, answer) for question, answer in kept["noted"]) and self._is_confirmed(
            kept["outside"]
        )

    # -- what lies outside

    def _keep_evidence(self, evidence: Evidence) -> str:
        assert self._store is not None
        name = digest(json.dumps(evidence, sort_keys=True).encode())
        if not self._confirmed.get(name):
            self._confirmed[name] = True
            self._store.put(self._key("outside", name), evidence)
        return name

    def _is_confirmed(self, name: str) -> bool:
        """Whether what was found outside the project is still what is there."""
        known = self._confirmed.get(name)
        if known is None:
            assert self._store is not None
            evidence: Evidence = self._store.get(self._key("outside", name)) or {}
            known = digest(json.dumps(evidence, sort_keys=True).encode()) == name and all(
                self._looked_up(folder).confirms(states) for folder, states in evidence.items()
            )
            self._confirmed[name] = known
            if known:
                self._relied = _joined(self._relied, evidence)
        return known

    def _looked_up(self, outside: str) -> Installed:
        if outside not in self._installed:
            root = os.path.join(self._witness.scope.folder, outside).rstrip(os.sep) or os.sep
            self._installed[outside] = Installed(root)
        return self._installed[outside]

    def _key(self, *about: Any) -> str:
        return json.dumps([self._salt, about])


def _joined(one: Evidence, other: Evidence) -> Evidence:
    return {f: {**one.get(f, {}), **other.get(f, {})} for f in sorted({*one, *other})}


def _own_state() -> str:
    """The version of the plugin; of one that is worked on, what its modules say."""
    package = Path(__file__).parent.parent
    if (package.parent / f"flake8_sharedstate-{__version__}.dist-info").is_dir():
        return __version__
    modules = sorted(package.rglob("*.py"))
    return __version__ + " " + digest(b"\0".join(digest(m.read_bytes()).encode() for m in modules))
