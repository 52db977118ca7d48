"""What a file imports, told without lowering it: most files have nothing to do with threads."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_SUITES = ("body", "orelse", "finalbody", "handlers", "cases")


def imported_names(tree: ast.Module) -> Iterator[str]:
    """The qualified name of everything that is imported anywhere in a file; a module for ``*``."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield from (module if alias.name == "*" else f"{module}.{alias.name}" for alias in node.names)
        elif not isinstance(node, ast.expr):
            for suite in _SUITES:
                waiting.extend(getattr(node, suite, ()))
