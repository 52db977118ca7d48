"""What expressions and names of modules outside the analysis denote, as far as the text alone tells.

One :class:`Reading` answers one question. It follows names through assignments, imports and
re-exports, stops at whatever ``libraries/`` knows, and gives up, not guesses: where two definitions
disagree, where a parameter decides, and past its budget.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from astroid import nodes
from astroid.exceptions import AstroidError

from flake8_sharedstate.libraries import Book
from flake8_sharedstate.libraries.vocabulary import Make
from flake8_sharedstate.program.external.outlines import Outlines
from flake8_sharedstate.program.external.syntax import assigned, inner_nodes, unsubscripted
from flake8_sharedstate.program.external.trees import tree_of
from flake8_sharedstate.project.installed import Installed

# For one question. Both are counted alike whatever was asked before: answers depend on no order.
_MAX_MODULES = 16
_MAX_STEPS = 2_000
_MAX_DEPTH = 40

_DISPLAYS = {
    nodes.List: "builtins.list",
    nodes.ListComp: "builtins.list",
    nodes.Dict: "builtins.dict",
    nodes.DictComp: "builtins.dict",
    nodes.Set: "builtins.set",
    nodes.SetComp: "builtins.set",
}


@dataclass(frozen=True, slots=True)
class Known:
    """Something that ``libraries/`` describes: a module, class or function."""

    name: str


@dataclass(frozen=True, slots=True)
class OfModule:
    """A module."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Defined:
    """A class or function by its definition."""

    node: nodes.ClassDef | nodes.FunctionDef

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Defined) and self.node is other.node

    def __hash__(self) -> int:
        return hash(self.node.name)

    @property
    def name(self) -> str:
        """Its qualified name."""
        return str(self.node.qname())


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class. What a module or class body binds there is one of; it has a name."""

    of: Known | Defined
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A parameter of a function: whatever the caller gives."""

    function: nodes.FunctionDef
    position: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """``None``."""


Meaning: TypeAlias = Known | OfModule | Defined | Instance | Given | Nothing


class OverBudgetError(Exception):
    """The question takes more than is worth while."""


class Reading:
    """Follows names, within the budget of one question."""

    def __init__(self, installed: Installed, outlines: Outlines, book: Book) -> None:
        self.installed = installed
        self.book = book
        self._outlines = outlines
        self._modules: set[str] = set()
        self._steps = 0
        self._open: set[object] = set()

    # -- names

    def named(self, name: str) -> Meaning | None:
        """What a qualified name denotes."""
        name = self.book.canonical(name)
        if name in self.book.types or name in self.book.functions:
            return Known(name)
        package, _, last = name.rpartition(".")
        if self.book.is_module(name) or not package:
            return OfModule(name)
        holder, rest = package, [last]
        while holder and not self.installed.is_module(holder):
            holder, _, attribute = holder.rpartition(".")
            rest.insert(0, attribute)
        if not holder or not self._outlines.bears_threads(name):
            return None
        meaning: Meaning | None = OfModule(holder)
        for attribute in rest:
            meaning = self._member(meaning, attribute)
        return meaning

    def _in_module(self, module: str, name: str) -> Meaning | None:
        tree = self._tree(module)
        if tree is None:
            return None
        place = (module, name)
        if place in self._open:
            # Modules that import each other: what one of them defines is found on another way.
            return None
        self._open.add(place)
        try:
            if name in tree.locals:
                return self._bound(tree, name, f"{module}.{name}")
            if self.installed.is_module(f"{module}.{name}"):
                return OfModule(f"{module}.{name}")
            if not name.startswith("_"):
                return self._from_stars(tree, name)
            return None
        finally:
            self._open.discard(place)

    def _from_stars(self, tree: nodes.Module, name: str) -> Meaning | None:
        for statement in tree.body:
            if isinstance(statement, nodes.ImportFrom) and statement.names[0][0] == "*":
                found = self.named(f"{self._imported_from(statement)}.{name}")
                if found is not None and not isinstance(found, OfModule):
                    return found
        return None

    def _tree(self, module: str) -> nodes.Module | None:
        self._step()
        if module not in self._modules:
            if len(self._modules) >= _MAX_MODULES:
                raise OverBudgetError
            self._modules.add(module)
        source = self.installed.source(module)
        return tree_of(source) if source is not None else None

    def _imported_from(self, statement: nodes.ImportFrom) -> str:
        try:
            return str(statement.root().relative_to_absolute_name(statement.modname, statement.level))
        except AstroidError:
            return ""

    def _step(self) -> None:
        self._steps += 1
        if self._steps > _MAX_STEPS or len(self._open) > _MAX_DEPTH:
            raise OverBudgetError

    # -- bindings

    def _bound(self, scope: nodes.LocalsDictNodeNG, name: str, at: str | None) -> Meaning | None:
        """What a scope binds a name to; ``at`` is its qualified name, where there is one of it."""
        found = scope.locals[name]
        # An import that fails was a try, and another binding is the one that counts.
        bindings = [n for n in found if not self._is_missing(n)]
        # Of definitions in one block the last one stays (``typing.overload``).
        defined = {n.parent: n for n in bindings if isinstance(n, (nodes.ClassDef, nodes.FunctionDef))}
        return one_of(
            self._binding(n, name, at) for n in bindings if n.parent not in defined or n is defined[n.parent]
        )

    def _is_missing(self, node: nodes.NodeNG) -> bool:
        if not isinstance(node, nodes.ImportFrom):
            return False
        module = self._imported_from(node)
        is_standard = module.partition(".")[0] in sys.stdlib_module_names
        return not is_standard and not self.installed.is_module(module)

    def _binding(self, node: nodes.NodeNG, name: str, at: str | None) -> Meaning | None:
        if isinstance(node, nodes.ImportFrom):
            return self.named(f"{self._imported_from(node)}.{node.real_name(name)}")
        if isinstance(node, nodes.Import):
            whole = {alias: module for module, alias in node.names if alias}
            return self.named(whole.get(name, name))
        if isinstance(node, nodes.ClassDef | nodes.FunctionDef):
            return Defined(node)
        if isinstance(node.parent, nodes.Arguments):
            return _parameter(node.parent, name)
        value = assigned(node)
        found = self.expression(value) if value is not None else None
        if isinstance(found, Instance) and found.at is None:
            return replace(found, at=at)
        return found

    # -- expressions

    def expression(self, node: nodes.NodeNG) -> Meaning | None:
        """What an expression denotes."""
        self._step()
        if type(node) in _DISPLAYS:
            return Instance(Known(_DISPLAYS[type(node)]))
        if isinstance(node, nodes.Const):
            return Nothing() if node.value is None else None
        if isinstance(node, nodes.Name):
            return self._looked_up(node)
        if isinstance(node, nodes.Attribute):
            return self._member(self.expression(node.expr), node.attrname)
        if isinstance(node, nodes.Call):
            return self._called(self.expression(node.func))
        if isinstance(node, nodes.IfExp):
            return one_of(self.expression(n) for n in (node.body, node.orelse))
        if isinstance(node, nodes.BoolOp):
            return one_of(self.expression(n) for n in node.values)
        return None

    def _looked_up(self, node: nodes.Name) -> Meaning | None:
        place = (id(node.scope()), node.name)
        if place in self._open:
            return None
        self._open.add(place)
        try:
            scope = node.scope()
            while scope is not None:
                if node.name in scope.locals and (
                    scope is node.scope() or not isinstance(scope, nodes.ClassDef)
                ):
                    return self._bound_around(scope, node.name)
                scope = scope.parent.scope() if scope.parent is not None else None
            return self.named(f"builtins.{node.name}")
        finally:
            self._open.discard(place)

    def _bound_around(self, scope: nodes.LocalsDictNodeNG, name: str) -> Meaning | None:
        if isinstance(scope, nodes.Module):
            return self._in_module(scope.name, name)
        return self._bound(scope, name, f"{scope.qname()}.{name}" if _is_once(scope) else None)

    def _member(self, of: Meaning | None, name: str) -> Meaning | None:
        if isinstance(of, OfModule):
            if self.book.is_module(of.name) or self._is_known(f"{of.name}.{name}"):
                found = self.book.canonical(f"{of.name}.{name}")
                if self._is_known(found):
                    return Known(found)
                return OfModule(found) if self.book.is_module(found) else None
            return self._in_module(of.name, name)
        if isinstance(of, Known) and self._is_known(f"{of.name}.{name}"):
            return Known(f"{of.name}.{name}")
        if isinstance(of, Defined) and isinstance(of.node, nodes.ClassDef):
            return self.class_attribute(of, name)
        return None

    def _is_known(self, name: str) -> bool:
        name = self.book.canonical(name)
        return name in self.book.types or name in self.book.functions

    def _called(self, callee: Meaning | None) -> Meaning | None:
        if isinstance(callee, Known):
            if callee.name in self.book.types:
                return Instance(callee)
            effects = self.book.functions.get(callee.name, ())
            made = [effect.type for effect in effects if isinstance(effect, Make)]
            return Instance(Known(self.book.canonical(made[0]))) if len(made) == len(effects) == 1 else None
        if isinstance(callee, Defined):
            if isinstance(callee.node, nodes.ClassDef):
                return Instance(callee)
            found = self.returned(callee.node)
            return found if isinstance(found, Instance) else None
        return None

    def returned(self, function: nodes.FunctionDef) -> Meaning | None:
        """What a plain function returns, whatever it is given."""
        if function.decorators is not None or isinstance(function, nodes.AsyncFunctionDef):
            return None
        if function in self._open or any(inner_nodes(function, (nodes.Yield, nodes.YieldFrom))):
            return None
        self._open.add(function)
        try:
            returns = inner_nodes(function, (nodes.Return,))
            return one_of(self.expression(r.value) if r.value is not None else Nothing() for r in returns)
        finally:
            self._open.discard(function)

    # -- classes

    def ancestors(self, cls: Defined) -> list[Defined | Known]:
        """A class and its bases, nearest first, as far as they are found."""
        result: list[Defined | Known] = []
        waiting: list[Defined | Known] = [cls]
        while waiting:
            current = waiting.pop(0)
            if current in result:
                continue
            result.append(current)
            if isinstance(current, Defined) and isinstance(current.node, nodes.ClassDef):
                bases = [self.expression(unsubscripted(base)) for base in current.node.bases]
                found = [b for b in bases if isinstance(b, (Defined, Known))]
                # The bases of the first come before the second, as in nearly every order of resolution.
                waiting = [*found, *waiting]
        return result

    def class_attribute(self, cls: Defined, name: str) -> Meaning | None:
        """What the body of a class, or of the nearest base that does, binds a name to."""
        for ancestor in self.ancestors(cls):
            if isinstance(ancestor, Defined) and name in ancestor.node.locals:
                return self._bound(ancestor.node, name, f"{ancestor.name}.{name}")
        return None


def one_of(found: Iterable[Meaning | None]) -> Meaning | None:
    """What several definitions of one thing agree on; ``None`` among them is a value not made yet."""
    distinct = dict.fromkeys(found)
    if len(distinct) > 1:
        distinct.pop(Nothing(), None)
    return next(iter(distinct)) if len(distinct) == 1 else None


def _parameter(arguments: nodes.Arguments, name: str) -> Given | None:
    function = arguments.parent
    if not isinstance(function, nodes.FunctionDef):
        return None
    positional = [a.name for a in (*arguments.posonlyargs, *(arguments.args or ()))]
    if name in positional:
        return Given(function, positional.index(name), name)
    if name in [a.name for a in arguments.kwonlyargs]:
        return Given(function, None, name)
    return None


def _is_once(scope: nodes.NodeNG) -> bool:
    """Whether a body runs once: a class body that stands in no function."""
    while isinstance(scope, nodes.ClassDef):
        scope = scope.parent.scope()
    return isinstance(scope, nodes.Module)
