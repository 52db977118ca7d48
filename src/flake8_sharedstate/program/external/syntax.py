"""Questions about the syntax of modules outside the analysis, which need no meaning of a name."""

from __future__ import annotations

from collections.abc import Iterator

from astroid import nodes


def assigned(node: nodes.NodeNG) -> nodes.NodeNG | None:
    """The expression that a plain assignment binds this very target to."""
    statement = node.parent
    if isinstance(statement, nodes.Assign) and node in statement.targets:
        return statement.value
    return statement.value if isinstance(statement, nodes.AnnAssign) else None


def unsubscripted(node: nodes.NodeNG) -> nodes.NodeNG:
    """``Base`` of ``Base[T]``."""
    return node.value if isinstance(node, nodes.Subscript) else node


def inner_nodes(function: nodes.FunctionDef, kinds: tuple[type[nodes.NodeNG], ...]) -> Iterator[nodes.NodeNG]:
    """The nodes of some kinds in a function, without those of functions inside it."""
    apart = (nodes.FunctionDef, nodes.ClassDef, nodes.Lambda)
    for statement in function.body:
        if not isinstance(statement, apart):
            yield from statement.nodes_of_class(kinds, skip_klass=apart)


def methods(cls: nodes.ClassDef) -> Iterator[nodes.FunctionDef]:
    """The functions in the body of a class that have a ``self``."""
    for found in cls.body:
        if isinstance(found, nodes.FunctionDef) and found.args.args:
            yield found


def is_self(node: nodes.NodeNG, method: nodes.FunctionDef) -> bool:
    """Whether an expression is the first parameter of a method."""
    first = (*method.args.posonlyargs, *(method.args.args or ()))
    return isinstance(node, nodes.Name) and bool(first) and node.name == first[0].name


def entered_around(node: nodes.NodeNG, function: nodes.FunctionDef) -> Iterator[nodes.NodeNG]:
    """What ``with`` statements of a function have entered where an expression stands."""
    inner, outer = node, node.parent
    while outer is not None and inner is not function:
        if isinstance(outer, nodes.With) and inner in outer.body:
            yield from (manager for manager, _ in outer.items)
        inner, outer = outer, outer.parent


def released_after(node: nodes.NodeNG, function: nodes.FunctionDef) -> list[nodes.NodeNG]:
    """What is released in any case after an expression: ``try: ... finally: lock.release()``."""
    result: list[nodes.NodeNG] = []
    inner, outer = node, node.parent
    while outer is not None and inner is not function:
        if isinstance(outer, nodes.Try) and inner in outer.body:
            calls = (s.value for s in outer.finalbody if isinstance(s, nodes.Expr))
            methods = (c.func for c in calls if isinstance(c, nodes.Call))
            result += [m.expr for m in methods if isinstance(m, nodes.Attribute) and m.attrname == "release"]
        inner, outer = outer, outer.parent
    return result
