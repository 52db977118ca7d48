"""Lowers expressions to instructions; each ``lower`` gives the number of the expression's value."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Value
from flake8_sharedstate.facts.names import NameLowering


class ExpressionLowering(NameLowering):
    """Lowers the expressions of one function."""

    def lower(self, node: ast.expr) -> Value:
        """The value of an expression."""
        method: Callable[[ast.expr], Value] | None = getattr(self, "expr_" + type(node).__name__, None)
        if method is None:
            parts = [self.lower(c) for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr)]
            return self.compute(type(node).__name__, *parts)
        return method(node)

    def compute(self, op: str, *operands: Value, in_place: bool = False) -> Value:
        dst = self.value()
        self.emit(model.Compute(self.at, dst, op, operands, in_place))
        return dst

    def expr_Constant(self, node: ast.Constant) -> Value:
        return self.constant(node.value)

    def expr_Name(self, node: ast.Name) -> Value:
        return self.load_name(node.id)

    def expr_Attribute(self, node: ast.Attribute) -> Value:
        return self.load_attribute(self.lower(node.value), self.mangle(node.attr))

    def expr_Subscript(self, node: ast.Subscript) -> Value:
        named = self.attribute_of(node)
        if named is not None:
            return self.load_attribute(self.lower(named[0]), named[1])
        return self.load_item(self.lower(node.value), self.lower(node.slice))

    def expr_Slice(self, node: ast.Slice) -> Value:
        bounds = [self.lower(b) if b is not None else self.constant(None) for b in (node.lower, node.upper)]
        steps = [self.lower(node.step)] if node.step is not None else []
        return self.compute("Slice", *bounds, *steps)

    def expr_BinOp(self, node: ast.BinOp) -> Value:
        # A long sum is a left-leaning chain as deep as it is long: walk it instead of recursing.
        chain = [node]
        while isinstance(chain[-1].left, ast.BinOp):
            chain.append(chain[-1].left)
        value = self.lower(chain[-1].left)
        for link in reversed(chain):
            value = self.compute(type(link.op).__name__, value, self.lower(link.right))
        return value

    def expr_UnaryOp(self, node: ast.UnaryOp) -> Value:
        return self.compute(type(node.op).__name__, self.lower(node.operand))

    def expr_Compare(self, node: ast.Compare) -> Value:
        operands = [self.lower(node.left), *(self.lower(c) for c in node.comparators)]
        op = type(node.ops[0]).__name__ if len(node.ops) == 1 else "And"
        return self.compute(op, *operands)

    def expr_BoolOp(self, node: ast.BoolOp) -> Value:
        short_on = isinstance(node.op, ast.Or)
        outside = self.conditions
        sources, exits, deciders = [], [], []
        for i, operand in enumerate(node.values):
            value = self.lower(operand)
            sources.append(value)
            if i == len(node.values) - 1:
                exits.append(self.block)
                break
            deciders.append(value)
            self.conditions = (*self.conditions, value)
            following = self.new_block()
            self.function.blocks[self.block].branch = model.Branch(value, self.at)
            # The successor for "true" comes first; the other one is the end, linked below.
            self.function.blocks[self.block].successors.append(-1 if short_on else following)
            self.function.blocks[self.block].successors.append(following if short_on else -1)
            self._predecessors[following].append(self.block)
            exits.append(self.block)
            self.start(following)
        self.conditions = outside
        after = self.new_block()
        for source in exits:
            successors = self.function.blocks[source].successors
            if -1 in successors:
                successors[successors.index(-1)] = after
            else:
                successors.append(after)
            self._predecessors[after].append(source)
        self.start(after)
        decider = deciders[0] if len(deciders) == 1 else self.compute("BoolOp", *deciders)
        dst = self.value()
        self.emit(model.Phi(self.at, dst, sources, decider, type(node.op).__name__))
        return dst

    def expr_IfExp(self, node: ast.IfExp) -> Value:
        condition = self.lower(node.test)
        outside = self.conditions
        self.conditions = (*outside, condition)
        then, otherwise = self.new_block(), self.new_block()
        self.branch(condition, then, otherwise)
        self.start(then)
        first = self.lower(node.body)
        first_end = self.block
        self.start(otherwise)
        second = self.lower(node.orelse)
        self.conditions = outside
        after = self.new_block(first_end, self.block)
        self.start(after)
        dst = self.value()
        self.emit(model.Phi(self.at, dst, [first, second], condition))
        return dst

    def expr_NamedExpr(self, node: ast.NamedExpr) -> Value:
        value = self.lower(node.value)
        self.store_name(node.target.id, value)
        return value

    def expr_Call(self, node: ast.Call) -> Value:
        spelled = self._attribute_access(node)
        if spelled is not None:
            return spelled
        function = self.lower(node.func)
        args = tuple(
            (self.lower(a.value), True) if isinstance(a, ast.Starred) else (self.lower(a), False)
            for a in node.args
        )
        keywords = tuple((k.arg, self.lower(k.value)) for k in node.keywords)
        dst = self.value()
        self.emit(model.Call(self.at, dst, function, args, keywords))
        return dst

    def _attribute_access(self, node: ast.Call) -> Value | None:
        """``getattr(o, "n")`` and its kin are ``o.n``: the same access by another spelling."""
        if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            return None
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called == "cast" and len(node.args) == 2 and self.module.imports_cast:
            # For type checkers only: the value passes through as it is.
            return self.lower(node.args[1])
        if not isinstance(node.func, ast.Name) or not self.is_builtin(node.func.id):
            return None
        match node.func.id, node.args:
            case "vars", [base]:
                return self.load_attribute(self.lower(base), "__dict__")
            case "getattr", [base, name]:
                return self._load_named(base, name)
            case "getattr", [base, name, default]:
                sources = [self._load_named(base, name), self.lower(default)]
                dst = self.value()
                self.emit(model.Phi(self.at, dst, sources))
                return dst
            case "hasattr", [base, name]:
                return self.compute("HasAttr", self._load_named(base, name))
            case "setattr", [base, name, value]:
                return self._store_named(base, name, value)
            case "delattr", [base, name]:
                return self._store_named(base, name, None)
        return None

    def _load_named(self, base: ast.expr, name: ast.expr) -> Value:
        """The attribute of a name that is a literal, or an item of the namespace."""
        owner = self.lower(base)
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            return self.load_attribute(owner, name.value)
        return self.load_item(self.load_attribute(owner, "__dict__"), self.lower(name))

    def _store_named(self, base: ast.expr, name: ast.expr, node: ast.expr | None) -> Value:
        owner = self.lower(base)
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            value = self.lower(node) if node is not None else None
            self.emit(model.StoreAttr(self.at, owner, name.value, value))
        else:
            space, key = self.load_attribute(owner, "__dict__"), self.lower(name)
            value = self.lower(node) if node is not None else None
            self.emit(model.StoreItem(self.at, space, key, value))
        return self.constant(None)

    def load_item(self, base: Value, key: Value) -> Value:
        dst = self.value()
        self.emit(model.LoadItem(self.at, dst, base, key))
        return dst

    def attribute_of(self, node: ast.expr) -> tuple[ast.expr, str] | None:
        """The object and name where a node is ``o.n``, ``o.__dict__["n"]`` or ``vars(o)["n"]``."""
        match node:
            case ast.Attribute(value=base, attr=name):
                return base, self.mangle(name)
            case ast.Subscript(
                value=ast.Attribute(value=base, attr="__dict__"), slice=ast.Constant(value=str(name))
            ):
                return base, name
            case ast.Subscript(
                value=ast.Call(func=ast.Name(id="vars"), args=[base]), slice=ast.Constant(value=str(name))
            ) if self.is_builtin("vars"):
                return base, name
        return None

    def expr_Starred(self, node: ast.Starred) -> Value:
        return self.lower(node.value)

    def expr_Await(self, node: ast.Await) -> Value:
        src = self.lower(node.value)
        dst = self.value()
        self.emit(model.Await(self.at, dst, src))
        return dst

    def expr_Yield(self, node: ast.Yield) -> Value:
        src = self.lower(node.value) if node.value is not None else None
        return self._yield(src)

    def expr_YieldFrom(self, node: ast.YieldFrom) -> Value:
        return self._yield(self.lower(node.value))

    def _yield(self, src: Value | None) -> Value:
        self.function.is_generator = True
        dst = self.value()
        self.emit(model.Yield(self.at, dst, src))
        return dst

    def build(self, kind: str, items: Iterable[tuple[Value | None, Value, bool]]) -> Value:
        parts = tuple(items)
        dst = self.value()
        self.emit(model.Build(self.at, dst, kind, parts))
        return dst

    def _elements(self, nodes: list[ast.expr]) -> list[tuple[Value | None, Value, bool]]:
        return [(None, self.lower(n), isinstance(n, ast.Starred)) for n in nodes]

    def expr_List(self, node: ast.List) -> Value:
        return self.build("list", self._elements(node.elts))

    def expr_Tuple(self, node: ast.Tuple) -> Value:
        return self.build("tuple", self._elements(node.elts))

    def expr_Set(self, node: ast.Set) -> Value:
        return self.build("set", self._elements(node.elts))

    def expr_Dict(self, node: ast.Dict) -> Value:
        items = []
        for key, element in zip(node.keys, node.values, strict=True):
            key_value = self.lower(key) if key is not None else None
            items.append((key_value, self.lower(element), key is None))
        return self.build("dict", items)
