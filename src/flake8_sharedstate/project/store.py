"""Keeps JSON in a folder from one run to the next: for any number of runs at once, and never to be trusted.

An entry is one file: a digest, then the text that it is of. What is damaged or foreign is as good as
absent, and so is the whole folder where it cannot be read or written.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from typing import Any

_SUFFIX = ".json"

# Past the one, the entries that were not used for the longest time go until there is no more than the other.
_MOST_BYTES = 64_000_000
_LEFT_BYTES = 48_000_000


class Store:
    """Entries by their keys, in one folder."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._has_grown = False

    def get(self, key: str) -> Any:
        """What was put under a key; None for nothing, or nothing that can be relied on."""
        path = self._path(key)
        try:
            with open(path, "rb") as stream:
                seal, _, data = stream.read(_MOST_BYTES).partition(b"\n")
            if seal.decode("ascii") != digest(data):
                return None
            found = json.loads(data)
        except (OSError, ValueError, RecursionError):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return found

    def put(self, key: str, value: Any) -> None:
        """Keeps a value: others see it whole, or not at all."""
        data = json.dumps(value, separators=(",", ":")).encode("ascii")
        temporary = None
        try:
            os.makedirs(self._folder, exist_ok=True)
            number, temporary = tempfile.mkstemp(dir=self._folder)
            with open(number, "wb") as stream:
                stream.write(digest(data).encode("ascii") + b"\n" + data)
            os.replace(temporary, self._path(key))
            self._has_grown = True
        except OSError:
            if temporary is not None:
                with contextlib.suppress(OSError):
                    os.remove(temporary)

    def trim(self) -> None:
        """Bounds the folder, if anything was put there."""
        if not self._has_grown:
            return
        entries = []
        with contextlib.suppress(OSError), os.scandir(self._folder) as scanned:
            for entry in scanned:
                with contextlib.suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    if entry.is_file(follow_symlinks=False):
                        entries.append((status.st_mtime_ns, entry.path, status.st_size))
        total = sum(size for *_, size in entries)
        if total <= _MOST_BYTES:
            return
        for _, path, size in sorted(entries):
            if total <= _LEFT_BYTES:
                break
            with contextlib.suppress(OSError):
                os.remove(path)
                total -= size

    def _path(self, key: str) -> str:
        return os.path.join(self._folder, digest(key.encode("utf-8", "surrogatepass")) + _SUFFIX)


def digest(data: bytes) -> str:
    """Stands for data: what has the same digest is the same."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()
