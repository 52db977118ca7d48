"""What a text imports, told from its lines: nothing is parsed to learn who needs whom."""

from __future__ import annotations

import re
from typing import NamedTuple

_STATEMENT = re.compile(
    r"(?:^|[;:])[ \t]*(?:"
    r"from[ \t]+(?P<origin>\.[. \t]*(?:\w[\w.]*)?|\w[\w.]*)[ \t]*\bimport\b[ \t]*"
    r"(?P<names>\([^)]*\)?|(?:[^\n;#\\]|\\\r?\n)*)"
    r"|import[ \t]+(?P<modules>(?:[^\n;#\\]|\\\r?\n)+))",
    re.MULTILINE,
)
_COMMENT = re.compile(r"#[^\n]*")
_ALIAS = re.compile(r"([\w.]+|\*)(?:\s+as\s+(\w+))?")


class ImportLine(NamedTuple):
    """``import module as alias``, or ``from module import name as alias`` with as many dots as ``level``."""

    module: str
    level: int
    name: str | None
    alias: str
    """The name that it binds; a dotted import binds the first part. Empty for ``*``."""


def import_lines(text: str) -> list[ImportLine]:
    """Every import of a text, wherever it stands.

    What looks like one in a docstring counts too: to know too many modules costs little.
    """
    found = []
    for match in _STATEMENT.finditer(text):
        origin = match["origin"]
        if origin is None:
            for module, alias in _aliases(match["modules"]):
                found.append(ImportLine(module, 0, None, alias or module.partition(".")[0]))
            continue
        module = origin.replace(" ", "").replace("\t", "")
        level = len(module) - len(module.lstrip("."))
        for name, alias in _aliases(match["names"]):
            bound = "" if name == "*" else alias or name
            found.append(ImportLine(module[level:], level, name, bound))
    return found


def _aliases(text: str) -> list[tuple[str, str]]:
    return [(name, alias) for name, alias in _ALIAS.findall(_COMMENT.sub("", text).replace("\\\n", " "))]
