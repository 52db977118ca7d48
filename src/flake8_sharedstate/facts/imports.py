"""What a file imports, told without lowering it: most files have nothing to do with threads."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

_SUITES = ("body", "orelse", "finalbody", "handlers", "cases")


def imported_names(tree: ast.Module, package: str = "") -> Iterator[tuple[str, str]]:
    """What is imported anywhere in a file: the name that it gets there and its qualified name.

    Args:
        tree: the file's syntax tree.
        package: the package that its relative imports start from.

    Yields:
        for ``from m import *`` the pair of ``*`` and the module.
    """
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = absolute_name(node.module or "", node.level, package)
            for alias in node.names:
                qualified = module if alias.name == "*" else f"{module}.{alias.name}"
                yield alias.asname or alias.name, qualified
        elif not isinstance(node, ast.expr):
            for suite in _SUITES:
                waiting.extend(getattr(node, suite, ()))


def built_upon(tree: ast.Module, package: str = "") -> Iterator[tuple[str, bool]]:
    """The qualified names, as far as imported, of base classes, decorators and what ``with`` enters.

    With each comes whether it is a base class.
    """
    imported = dict(imported_names(tree, package))
    for node in ast.walk(tree):
        used: list[ast.expr] = []
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            used += node.decorator_list
        elif isinstance(node, ast.With):
            used += [item.context_expr for item in node.items]
        bases = node.bases if isinstance(node, ast.ClassDef) else []
        for expression in (*used, *bases):
            name = dotted(expression.func if isinstance(expression, ast.Call) else expression)
            root, _, behind = (name or "").partition(".")
            if root in imported:
                yield f"{imported[root]}.{behind}" if behind else imported[root], expression in bases


def has_class_with(tree: ast.Module, methods: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a class of a module's body has methods with parameters of these names."""
    return any(
        isinstance(node, ast.ClassDef)
        and methods.items()
        <= {
            (part.name, tuple(a.arg for a in (*part.args.posonlyargs, *part.args.args)[1:]))
            for part in node.body
            if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef))
        }
        for node in tree.body
    )


def dotted(node: ast.AST) -> str | None:
    """``a.b.c`` as it is written, also of ``a.b.c[T]``."""
    if isinstance(node, ast.Subscript):
        node = node.value
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    return ".".join([node.id, *parts]) if isinstance(node, ast.Name) else None


def absolute_name(module: str, level: int, package: str) -> str:
    """The absolute name of a module that an import names, perhaps relatively.

    Beyond what is known of packages it is a name that nothing else has: one that begins with dots.
    """
    if level == 0:
        return module
    parts = package.split(".") if package else []
    if level > len(parts):
        return "." * level + module
    parts = parts[: len(parts) - (level - 1)]
    return ".".join([*parts, module] if module else parts)
