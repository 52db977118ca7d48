"""Which variable a name denotes: local, shared with inner functions, or global.

The rules are those of the language reference, section 4.2.2 *Resolution of names*. A comprehension
has a scope of its own but runs inside its function, so its targets get storage names that no
identifier can clash with.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable

_LEAVES = frozenset(
    [ast.Constant]
    + [
        kind
        for family in (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)
        for kind in family.__subclasses__()
    ]
)


class Scope:
    """The names of one module, class, function, lambda or comprehension."""

    __slots__ = (
        "bindings",
        "captured",
        "function",
        "globals",
        "kind",
        "nonlocals",
        "parent",
        "serial",
        "uses",
    )

    def __init__(self, kind: str, parent: Scope | None, serial: int) -> None:
        self.kind = kind
        self.parent = parent
        self.serial = serial
        self.bindings: Counter[str] = Counter()
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self.uses: set[str] = set()
        self.captured: set[str] = set()
        # The scope whose code runs this one: a comprehension's is that of the function around it.
        self.function: Scope = parent.function if kind == "comprehension" and parent is not None else self

    def storage(self, name: str) -> str:
        """The name under which this scope keeps ``name``."""
        return f"{name}@{self.serial}" if self.kind == "comprehension" else name

    def binder(self, name: str) -> Scope | None:
        """The scope whose variable ``name`` is, seen from here; None for a global or built-in name."""
        scope: Scope | None = self
        first = True
        while scope is not None:
            if name in scope.globals:
                return None
            visible = scope.kind != "class" or first
            if visible and name in scope.bindings and name not in scope.nonlocals:
                return None if scope.kind == "module" else scope
            # A comprehension in a class body does see nothing of the class but its first iterable;
            # treating it as code of the class body errs on the side of finding the name.
            first = first and scope.kind == "comprehension"
            scope = scope.parent
        return None


class Scopes:
    """The scope of every scope-making node of a tree."""

    def __init__(self, tree: ast.Module) -> None:
        self.of: dict[ast.AST, Scope] = {}
        self._visit_body(tree, self._open(tree, "module", None))
        for scope in self.of.values():
            for name in scope.uses | scope.nonlocals:
                binder = scope.binder(name)
                if binder is not None and binder.function is not scope.function and binder.kind != "class":
                    binder.captured.add(name)

    def _open(self, node: ast.AST, kind: str, parent: Scope | None) -> Scope:
        scope = self.of[node] = Scope(kind, parent, len(self.of))
        return scope

    def _visit_body(self, node: ast.AST, scope: Scope) -> None:
        for name in node._fields:
            child = getattr(node, name, None)
            if isinstance(child, ast.AST):
                self._visit(child, scope)
            elif isinstance(child, list):
                for each in child:
                    if isinstance(each, ast.AST):
                        self._visit(each, scope)

    def _visit(self, node: ast.AST, scope: Scope) -> None:
        # Every node of every file comes by here, so its exact type is looked up.
        kind = type(node)
        if kind is ast.Name:
            self._name(node, scope)  # type: ignore[arg-type]
        elif kind in _VISITS:
            _VISITS[kind](self, node, scope)
        elif kind not in _LEAVES:
            self._visit_body(node, scope)

    def _name(self, node: ast.Name, scope: Scope) -> None:
        if type(node.ctx) is ast.Load:
            scope.uses.add(node.id)
        else:
            scope.bindings[node.id] += 1

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        scope.bindings[node.name] += 1
        for outer in (*node.decorator_list, *node.bases, *node.keywords):
            self._visit(outer, scope)
        inner = self._open(node, "class", scope)
        for statement in node.body:
            self._visit(statement, inner)

    def _comprehension(self, node: ast.expr, scope: Scope) -> None:
        self._visit_body(node, self._open(node, "comprehension", scope))

    def _walrus(self, node: ast.NamedExpr, scope: Scope) -> None:
        # Its target belongs to the function around the comprehensions (PEP 572).
        target = scope
        while target.kind == "comprehension" and target.parent is not None:
            target = target.parent
        target.bindings[node.target.id] += 1
        scope.uses.add(node.target.id)
        self._visit(node.value, scope)

    def _global(self, node: ast.Global, scope: Scope) -> None:
        scope.globals.update(node.names)

    def _nonlocal(self, node: ast.Nonlocal, scope: Scope) -> None:
        scope.nonlocals.update(node.names)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            scope.bindings[(alias.asname or alias.name).partition(".")[0]] += 1

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        # Its target is read too, but a Store node says so already for the binding.
        if isinstance(node.target, ast.Name):
            scope.uses.add(node.target.id)
        self._visit_body(node, scope)

    def _binding(
        self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar | ast.MatchMapping, scope: Scope
    ) -> None:
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name:
            scope.bindings[name] += 1
        self._visit_body(node, scope)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope) -> None:
        arguments = node.args
        if not isinstance(node, ast.Lambda):
            scope.bindings[node.name] += 1
            for outer in node.decorator_list:
                self._visit(outer, scope)
            if node.returns is not None:
                self._visit(node.returns, scope)
        inner = self._open(node, "function", scope)
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self._visit(default, scope)
        for argument in all_arguments(arguments):
            inner.bindings[argument.arg] += 1
            if argument.annotation is not None:
                self._visit(argument.annotation, scope)
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        for part in body:
            self._visit(part, inner)


_VISITS: dict[type[ast.AST], Callable[..., None]] = {
    ast.FunctionDef: Scopes._function,
    ast.AsyncFunctionDef: Scopes._function,
    ast.Lambda: Scopes._function,
    ast.ClassDef: Scopes._class,
    ast.ListComp: Scopes._comprehension,
    ast.SetComp: Scopes._comprehension,
    ast.DictComp: Scopes._comprehension,
    ast.GeneratorExp: Scopes._comprehension,
    ast.NamedExpr: Scopes._walrus,
    ast.Global: Scopes._global,
    ast.Nonlocal: Scopes._nonlocal,
    ast.Import: Scopes._import,
    ast.ImportFrom: Scopes._import,
    ast.AugAssign: Scopes._augmented,
    ast.ExceptHandler: Scopes._binding,
    ast.MatchAs: Scopes._binding,
    ast.MatchStar: Scopes._binding,
    ast.MatchMapping: Scopes._binding,
}


def all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    """Every parameter of a function, in the order of its signature."""
    result = [*arguments.posonlyargs, *arguments.args]
    if arguments.vararg is not None:
        result.append(arguments.vararg)
    result += arguments.kwonlyargs
    if arguments.kwarg is not None:
        result.append(arguments.kwarg)
    return result
