"""Which variable a name denotes: local, shared with inner functions, or global.

The rules are those of the language reference, section 4.2.2 *Resolution of names*. A comprehension
has a scope of its own but runs inside its function, so its targets get storage names that no
identifier can clash with.
"""

from __future__ import annotations

import ast
from collections import Counter

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_LEAVES = (ast.Constant, ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)


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
        for child in ast.iter_child_nodes(node):
            self._visit(child, scope)

    def _visit(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                scope.uses.add(node.id)
            else:
                scope.bindings[node.id] += 1
            return
        if isinstance(node, _LEAVES):
            return
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            self._function(node, scope)
        elif isinstance(node, ast.ClassDef):
            scope.bindings[node.name] += 1
            for outer in (*node.decorator_list, *node.bases, *node.keywords):
                self._visit(outer, scope)
            inner = self._open(node, "class", scope)
            for statement in node.body:
                self._visit(statement, inner)
        elif isinstance(node, _COMPREHENSIONS):
            self._visit_body(node, self._open(node, "comprehension", scope))
        elif isinstance(node, ast.NamedExpr):
            # Its target belongs to the function around the comprehensions (PEP 572).
            target = scope
            while target.kind == "comprehension" and target.parent is not None:
                target = target.parent
            target.bindings[node.target.id] += 1
            scope.uses.add(node.target.id)
            self._visit(node.value, scope)
        elif isinstance(node, ast.Global):
            scope.globals.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            scope.nonlocals.update(node.names)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                scope.bindings[(alias.asname or alias.name).partition(".")[0]] += 1
        else:
            # An augmented target is read too, but a Store node says so already for the binding.
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                scope.uses.add(node.target.id)
            name = getattr(node, "name", None) or getattr(node, "rest", None)
            if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping)) and name:
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


def all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    """Every parameter of a function, in the order of its signature."""
    result = [*arguments.posonlyargs, *arguments.args]
    if arguments.vararg is not None:
        result.append(arguments.vararg)
    result += arguments.kwonlyargs
    if arguments.kwarg is not None:
        result.append(arguments.kwarg)
    return result
