"""What scans of files have told, kept from one run to the next with what the disk says of the files.

A file that looks as it did is not read to learn what it says. Its looks are believed only if it had
rested for a while when it was read: what is written within one tick of a file system's clock looks the
same (git's index has this trouble too, and this way out).
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Any

from flake8_sharedstate.project.imports import ImportLine

# Longer than the tick of any file system, and than the clock of its server is wrong.
_REST = 10 * 10**9


@dataclass(slots=True)
class Scan:
    """What is known of a file's text."""

    looks: list[int] | None
    """Those of the file when it was read; None where they are not to be believed."""
    digest: str
    has_stake: bool | None = None
    """Whether it has a word of threads or locks; None where nobody has asked, as below."""
    has_threads: bool | None = None
    """Whether it has them of a library."""
    imports: Any = None
    """The fields of its import lines, as JSON has them: most runs need none."""

    def as_json(self) -> Any:
        """The scan in JSON."""
        return [self.looks, self.digest, self.has_stake, self.has_threads, self.imports]

    def lines(self) -> list[ImportLine] | None:
        """What the text imports; None where that is not known."""
        try:
            return [
                ImportLine(str(module), int(level), name and str(name), str(alias))
                for module, level, name, alias in self.imports
            ]
        except (TypeError, ValueError):
            return None

    def keep(self, lines: list[ImportLine]) -> None:
        """Keeps what the text imports."""
        self.imports = lines


def scans_of_json(kept: Any) -> dict[str, Scan]:
    """Scans by path, from JSON; none of what is foreign."""
    try:
        return {str(path): Scan(looks, str(digest), *more) for path, (looks, digest, *more) in kept.items()}
    except (AttributeError, TypeError, ValueError):
        return {}


def looks_of(path: str) -> tuple[list[int], bool]:
    """What the disk says of a file, and whether it has rested; raises OSError where there is none."""
    now = time.time_ns()
    status = os.stat(path)
    looks = [status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev]
    return looks, max(looks[:2]) < now - _REST
