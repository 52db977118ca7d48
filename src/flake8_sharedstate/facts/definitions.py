"""Lowers the definitions of functions, lambdas and classes, with their annotations and decorators."""

from __future__ import annotations

import ast

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Value
from flake8_sharedstate.facts.scopes import all_arguments
from flake8_sharedstate.facts.targets import TargetLowering


class DefinitionLowering(TargetLowering):
    """Lowers what makes functions and classes."""

    def expr_Lambda(self, node: ast.Lambda) -> Value:
        return self.make_function(node, "<lambda>", "lambda")

    def make_function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str, kind: str
    ) -> Value:
        """Builds an inner function and the instruction that makes it."""
        arguments = node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        defaults = []
        if arguments.defaults:
            for parameter, default in zip(
                positional[-len(arguments.defaults) :], arguments.defaults, strict=True
            ):
                defaults.append((parameter.arg, self.lower(default)))
        for parameter, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if keyword_default is not None:
                defaults.append((parameter.arg, self.lower(keyword_default)))
        annotations = []
        for parameter in all_arguments(arguments):
            classes = self.annotation(parameter.annotation)
            if classes:
                annotations.append((parameter.arg, classes))
        if not isinstance(node, ast.Lambda):
            classes = self.annotation(node.returns)
            if classes:
                annotations.append(("return", classes))
        inner = self.module.function(node, name, kind, self.function)
        if self.function.kind == "class":
            inner.owner_class = self.function.number
        dst = self.value()
        self.emit(model.MakeFunction(self.at, dst, inner.number, tuple(defaults), tuple(annotations)))
        return dst

    def annotation(self, node: ast.expr | None) -> tuple[Value, ...]:
        """The classes that an annotation allows: those of a union, without ``Optional`` and quotes.

        What ``Annotated`` is told with calls comes after them: ``Depends(get_session)`` tells more.
        """
        if node is None:
            return ()
        if isinstance(node, ast.Constant):
            if not isinstance(node.value, str):
                return ()
            try:
                return self.annotation(ast.parse(node.value, mode="eval").body)
            except (SyntaxError, ValueError):
                return ()
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self.annotation(node.left) + self.annotation(node.right)
        if isinstance(node, ast.Subscript):
            head = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if head == "Annotated":
                told = tuple(self.lower(part) for part in parts[1:] if isinstance(part, ast.Call))
                return self.annotation(parts[0]) + told
            if head in ("Optional", "Final", "ClassVar", "Required", "NotRequired"):
                return self.annotation(parts[0])
            if head == "Union":
                return tuple(value for part in parts for value in self.annotation(part))
            return self.annotation(node.value)
        if isinstance(node, (ast.Name, ast.Attribute)):
            self.annotating = True
            value = self.lower(node)
            self.annotating = False
            return (value,)
        return ()

    def stmt_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        decorators = [self.lower(d) for d in node.decorator_list]
        value = self.make_function(node, node.name, "function")
        self._decorate(node.name, value, decorators)

    stmt_AsyncFunctionDef = stmt_FunctionDef

    def stmt_ClassDef(self, node: ast.ClassDef) -> None:
        decorators = [self.lower(d) for d in node.decorator_list]
        bases = tuple(self.lower(b) for b in node.bases if not isinstance(b, ast.Starred))
        keywords = tuple((k.arg, self.lower(k.value)) for k in node.keywords)
        body = self.module.function(node, node.name, "class", self.function)
        dst = self.value()
        self.emit(model.MakeClass(self.at, dst, body.number, bases, keywords))
        self._decorate(node.name, dst, decorators)

    def _decorate(self, name: str, value: Value, decorators: list[Value]) -> None:
        for decorator in reversed(decorators):
            dst = self.value()
            self.emit(model.Call(self.at, dst, decorator, ((value, False),), (), decorates=True))
            value = dst
        self.store_name(name, value)
