"""Reads and writes of names: which storage a name has, and what the functions of a file have in common."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TypeAlias

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Function, Value
from flake8_sharedstate.facts.scopes import Scope, Scopes
from flake8_sharedstate.facts.ssa import GraphBuilder

FunctionNode: TypeAlias = "ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda"


class ModuleBuilder:
    """What the functions of one file have in common while they are built."""

    def __init__(self, scopes: Scopes) -> None:
        self.scopes = scopes
        self.functions: list[Function] = []
        self.spans: list[model.Span] = []
        self.numbers: dict[Scope, int] = {}
        self.globals: frozenset[str] = frozenset()
        self.imports_cast = False
        self.lower_function: Callable[[FunctionNode, Function, Scope], None]

    def function(self, node: FunctionNode, name: str, kind: str, parent: Function | None) -> Function:
        """Opens and lowers the function of ``node``."""
        inside = "" if parent is None or parent.kind == "module" else f"{parent.qualname}."
        span = (1, 0, 1, 0) if isinstance(node, ast.Module) else _span(node)
        number = len(self.functions)
        function = Function(number, name, inside + name, kind, parent.number if parent else None, span)
        self.functions.append(function)
        scope = self.scopes.of[node]
        self.numbers[scope] = number
        self.lower_function(node, function, scope)
        return function

    def place(self, node: ast.stmt | ast.expr) -> int:
        """The index of a new span: that of a statement, or of a lambda's expression."""
        self.spans.append(_span(node))
        return len(self.spans) - 1


def _span(node: ast.stmt | ast.expr) -> model.Span:
    return node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0


class NameLowering(GraphBuilder):
    """Lowers the names of one function."""

    def __init__(self, module: ModuleBuilder, function: Function, scope: Scope, class_name: str) -> None:
        super().__init__(function)
        self.module = module
        self.scope = scope
        self.class_name = class_name
        self.annotating = False
        self.rebound: frozenset[str] = frozenset()
        """Names that a class body binds several times: variables, whose last values are the class's."""
        self.single_assignment = frozenset(
            name for name, count in scope.bindings.items() if count == 1 and name not in scope.nonlocals
        )

    def mangle(self, name: str) -> str:
        """A private name as its class spells it (language reference, 6.2.1)."""
        if self.class_name and name.startswith("__") and not name.endswith("__"):
            return f"_{self.class_name.lstrip('_')}{name}"
        return name

    def load_name(self, name: str) -> Value:
        scope = self.scope.binder(name)
        if scope is None:
            dst = self.value()
            self.emit(model.LoadGlobal(self.at, dst, self.mangle(name), self.annotating))
            return dst
        storage = scope.storage(name)
        if self._is_class_attribute(scope, name):
            return self.load_attribute(0, self.mangle(name))
        if name in scope.captured:
            dst = self.value()
            self.emit(model.LoadCell(self.at, dst, self.module.numbers[scope.function], storage))
            return dst
        return self.read(storage)

    def store_name(self, name: str, value: Value | None) -> None:
        scope = self.scope.binder(name)
        if scope is None:
            self.emit(model.StoreGlobal(self.at, self.mangle(name), value))
            return
        storage = scope.storage(name)
        if self._is_class_attribute(scope, name):
            self.emit(model.StoreAttr(self.at, 0, self.mangle(name), value))
        elif name in scope.captured:
            self.emit(model.StoreCell(self.at, self.module.numbers[scope.function], storage, value))
        elif value is not None:
            self.write(storage, value)

    def load_attribute(self, base: Value, name: str) -> Value:
        dst = self.value()
        self.emit(model.LoadAttr(self.at, dst, base, name))
        return dst

    def _is_class_attribute(self, scope: Scope, name: str) -> bool:
        return scope.kind == "class" and scope is self.scope.function and name not in self.rebound

    def store_rebound(self) -> None:
        """Gives the class the last values of the names that its body binds several times."""
        for name in sorted(self.rebound):
            self.emit(model.StoreAttr(self.at, 0, self.mangle(name), self.read(name)))

    def is_builtin(self, name: str) -> bool:
        """Whether nothing in the file hides the built-in of this name."""
        return self.scope.binder(name) is None and name not in self.module.globals
