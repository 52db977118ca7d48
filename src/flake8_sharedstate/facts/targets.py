"""Lowers what is assigned to, and the loops of comprehensions, which assign in each round."""

from __future__ import annotations

import ast

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.expressions import ExpressionLowering
from flake8_sharedstate.facts.model import Value


class TargetLowering(ExpressionLowering):
    """Lowers assignments to targets, and comprehensions."""

    def assign(self, target: ast.expr, value: Value) -> None:
        """Binds a target to a value."""
        named = self.attribute_of(target)
        if named is not None:
            self.emit(model.StoreAttr(self.at, self.lower(named[0]), named[1], value))
        elif isinstance(target, ast.Name):
            self.store_name(target.id, value)
        elif isinstance(target, ast.Subscript):
            base, key = self.lower(target.value), self.lower(target.slice)
            self.emit(model.StoreItem(self.at, base, key, value))
        elif isinstance(target, (ast.Tuple, ast.List)):
            for i, element in enumerate(target.elts):
                starred = isinstance(element, ast.Starred)
                inner = element.value if isinstance(element, ast.Starred) else element
                dst = self.value()
                self.emit(model.Unpack(self.at, dst, value, i, starred))
                self.assign(inner, dst)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value)

    def assign_from(self, targets: list[ast.expr], node: ast.expr) -> None:
        """``targets = node``; a display on both sides is matched element by element, unmade."""
        if (
            len(targets) == 1
            and isinstance(targets[0], (ast.Tuple, ast.List))
            and isinstance(node, (ast.Tuple, ast.List))
            and len(targets[0].elts) == len(node.elts)
            and not any(isinstance(e, ast.Starred) for e in (*targets[0].elts, *node.elts))
        ):
            values = [self.lower(element) for element in node.elts]
            for target, value in zip(targets[0].elts, values, strict=True):
                self.assign(target, value)
            return
        value = self.lower(node)
        for target in targets:
            self.assign(target, value)

    # -- comprehensions

    def expr_ListComp(self, node: ast.ListComp) -> Value:
        return self._comprehension("list", node, None, node.elt)

    def expr_SetComp(self, node: ast.SetComp) -> Value:
        return self._comprehension("set", node, None, node.elt)

    def expr_GeneratorExp(self, node: ast.GeneratorExp) -> Value:
        return self._comprehension("generator", node, None, node.elt)

    def expr_DictComp(self, node: ast.DictComp) -> Value:
        return self._comprehension("dict", node, node.key, node.value)

    def _comprehension(
        self,
        kind: str,
        node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
        key: ast.expr | None,
        element: ast.expr,
    ) -> Value:
        container = self.build(kind, ())
        outer_scope, outside = self.scope, self.conditions
        # The first iterable is evaluated outside the comprehension's own scope.
        first = self.lower(node.generators[0].iter)
        self.scope = self.module.scopes.of[node]
        ends = []
        for i, generator in enumerate(node.generators):
            source = first if i == 0 else self.lower(generator.iter)
            ends.append(self.open_loop(source, bool(generator.is_async)))
            self.assign(generator.target, self.iterate(source))
            for condition in generator.ifs:
                value = self.lower(condition)
                self.conditions = (*self.conditions, value)
                following = self.new_block()
                self.branch(value, following, ends[-1][0])
                self.start(following)
        key_value = self.lower(key) if key is not None else None
        self.emit(model.Add(self.at, container, key_value, self.lower(element)))
        for header, after, loops in reversed(ends):
            self.edge(self.block, header)
            self.seal(header)
            self.loops, self.conditions = loops, outside
            self.function.blocks[after].conditions = outside
            self.start(after)
        self.scope = outer_scope
        return container

    def open_loop(self, source: Value, is_async: bool) -> tuple[int, int, tuple[int, ...]]:
        """Enters a ``for`` loop over ``source``; gives its header, its end, and the loops outside."""
        outside = self.loops
        after = self.new_block()
        self.loops = (*outside, self.new_loop())
        header = self.new_block(self.block)
        self.start(header, sealed=False)
        if is_async:
            self.emit(model.Await(self.at, self.value(), None))
        body = self.new_block()
        self.branch(self.compute("HasNext", source), body, after)
        self.start(body)
        return header, after, outside

    def iterate(self, source: Value) -> Value:
        """The element of this round."""
        dst = self.value()
        self.emit(model.Iterate(self.at, dst, source, self.loops[-1]))
        return dst
