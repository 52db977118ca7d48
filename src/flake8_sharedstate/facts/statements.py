"""Lowers the statements that run one after another, choose and repeat."""

from __future__ import annotations

import ast

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Value
from flake8_sharedstate.facts.suites import SuiteLowering


class StatementLowering(SuiteLowering):
    """Lowers the statements of one function."""

    # -- simple statements

    def stmt_Expr(self, node: ast.Expr) -> None:
        self.lower(node.value)

    def stmt_Assign(self, node: ast.Assign) -> None:
        self.assign_from(node.targets, node.value)

    def stmt_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign_from([node.target], node.value)
        if isinstance(node.target, ast.Attribute) or self.function.kind in ("module", "class"):
            classes = self.annotation(node.annotation)
            if classes:
                # Lowered as an expression, a target is read: the lowering does not look at its context.
                self.emit(model.Declare(self.at, self.lower(node.target), classes))

    def stmt_AugAssign(self, node: ast.AugAssign) -> None:
        op, target = type(node.op).__name__, node.target
        if isinstance(target, ast.Name):
            old = self.load_name(target.id)
            self.store_name(target.id, self.compute(op, old, self.lower(node.value), in_place=True))
            return
        named = self.attribute_of(target)
        if named is not None:
            base, name = self.lower(named[0]), named[1]
            old = self.load_attribute(base, name)
            new = self.compute(op, old, self.lower(node.value), in_place=True)
            self.emit(model.StoreAttr(self.at, base, name, new))
        elif isinstance(target, ast.Subscript):
            base, key = self.lower(target.value), self.lower(target.slice)
            old = self.value()
            self.emit(model.LoadItem(self.at, old, base, key))
            new = self.compute(op, old, self.lower(node.value), in_place=True)
            self.emit(model.StoreItem(self.at, base, key, new))

    def stmt_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.store_name(target.id, None)
            elif isinstance(target, ast.Attribute):
                base = self.lower(target.value)
                self.emit(model.StoreAttr(self.at, base, self.mangle(target.attr), None))
            elif isinstance(target, ast.Subscript):
                base, key = self.lower(target.value), self.lower(target.slice)
                self.emit(model.StoreItem(self.at, base, key, None))

    def stmt_Assert(self, node: ast.Assert) -> None:
        self.conditions = (*self.conditions, self.lower(node.test))
        self.start(self.new_block(self.block))

    def stmt_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            dst = self.value()
            module = alias.name if alias.asname else alias.name.partition(".")[0]
            self.emit(model.Import(self.at, dst, module, None, 0))
            self.store_name(alias.asname or module, dst)

    def stmt_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.emit(model.ImportStar(self.at, node.module or "", node.level))
                continue
            dst = self.value()
            self.emit(model.Import(self.at, dst, node.module or "", alias.name, node.level))
            self.store_name(alias.asname or alias.name, dst)

    # -- compound statements

    def stmt_If(self, node: ast.If) -> bool | None:
        # An elif chain nests as deep as it is long: walk it.
        outside = self.conditions
        ends: list[int] = []
        all_end = True
        decided: tuple[Value, ...] = ()
        link: ast.If = node
        while True:
            condition = self.lower(link.test)
            constant = link.test.value if isinstance(link.test, ast.Constant) else None
            self.conditions = (*self.conditions, condition)
            then, otherwise = self.new_block(), self.new_block()
            if constant is True:
                self.edge(self.block, then)
            else:
                self.branch(condition, then, otherwise)
            self.start(then)
            if self.body(link.body):
                ends.append(self.block)
                all_end = False
            else:
                decided = (*decided, condition)
            self.start(otherwise)
            if len(link.orelse) == 1 and isinstance(link.orelse[0], ast.If):
                link = link.orelse[0]
                self.at = self.module.place(link)
                continue
            break
        if self.body(link.orelse):
            ends.append(self.block)
            all_end = False
        elif link.orelse:
            decided = (*decided, condition)
        # Where one way out of the test leaves the suite, the test decided all that follows.
        self.conditions = (*outside, *decided)
        self.start(self.new_block(*ends))
        return False if all_end else None

    def stmt_While(self, node: ast.While) -> None:
        outside, conditions = self.loops, self.conditions
        after = self.new_block()
        self.loops = (*outside, self.new_loop())
        header = self.new_block(self.block)
        self.start(header, sealed=False)
        condition = self.lower(node.test)
        endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
        self.conditions = (*conditions, condition)
        inside = self.new_block()
        loops = self.loops
        self.loops = outside
        exhausted = self.new_block()
        self.loops = loops
        if endless:
            self.edge(self.block, inside)
        else:
            self.branch(condition, inside, exhausted)
        self.start(inside)
        self.loop_body(node.body, header, after)
        self.loops, self.conditions = outside, conditions
        self.start(exhausted)
        if self.body(node.orelse):
            self.edge(self.block, after)
        self.conditions = conditions if endless else (*conditions, condition)
        self.function.blocks[after].conditions = self.conditions
        self.start(after)

    def stmt_For(self, node: ast.For | ast.AsyncFor) -> None:
        source = self.lower(node.iter)
        conditions = self.conditions
        header, exhausted, outside = self.open_loop(source, isinstance(node, ast.AsyncFor))
        loops, self.loops = self.loops, outside
        after = self.new_block()
        self.loops = loops
        self.assign(node.target, self.iterate(source))
        self.loop_body(node.body, header, after)
        self.loops, self.conditions = outside, conditions
        self.start(exhausted)
        if self.body(node.orelse):
            self.edge(self.block, after)
        self.start(after)

    stmt_AsyncFor = stmt_For

    def stmt_Match(self, node: ast.Match) -> bool | None:
        subject = self.lower(node.subject)
        outside = self.conditions
        ends = []
        exhaustive = False
        for case in node.cases:
            parts = [subject]
            for pattern in ast.walk(case.pattern):
                if isinstance(pattern, ast.MatchValue):
                    parts.append(self.lower(pattern.value))
                elif isinstance(pattern, ast.MatchClass):
                    parts.append(self.lower(pattern.cls))
            condition = self.compute("Match", *parts)
            self._bind_pattern(case.pattern, subject)
            if case.guard is not None:
                condition = self.compute("And", condition, self.lower(case.guard))
            self.conditions = (*self.conditions, condition)
            then, otherwise = self.new_block(), self.new_block()
            if case.guard is None and _always_matches(case.pattern):
                exhaustive = True
                self.edge(self.block, then)
            else:
                self.branch(condition, then, otherwise)
            self.start(then)
            if self.body(case.body):
                ends.append(self.block)
            self.start(otherwise)
        if not exhaustive:
            ends.append(self.block)
        self.conditions = outside
        self.start(self.new_block(*ends))
        return None

    def _bind_pattern(self, pattern: ast.pattern, subject: Value) -> None:
        if isinstance(pattern, ast.MatchAs):
            if pattern.pattern is not None:
                self._bind_pattern(pattern.pattern, subject)
            if pattern.name is not None:
                self.store_name(pattern.name, subject)
        elif isinstance(pattern, ast.MatchSequence):
            for i, part in enumerate(pattern.patterns):
                dst = self.value()
                self.emit(model.Unpack(self.at, dst, subject, i, isinstance(part, ast.MatchStar)))
                self._bind_pattern(part, dst)
        elif isinstance(pattern, ast.MatchStar):
            if pattern.name is not None:
                self.store_name(pattern.name, subject)
        elif isinstance(pattern, ast.MatchMapping):
            for key, part in zip(pattern.keys, pattern.patterns, strict=True):
                dst = self.value()
                self.emit(model.LoadItem(self.at, dst, subject, self.lower(key)))
                self._bind_pattern(part, dst)
            if pattern.rest is not None:
                self.store_name(pattern.rest, subject)
        elif isinstance(pattern, ast.MatchClass):
            for name, part in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
                dst = self.value()
                self.emit(model.LoadAttr(self.at, dst, subject, name))
                self._bind_pattern(part, dst)
            for part in pattern.patterns:
                self._bind_pattern(part, self.compute("Match", subject))
        elif isinstance(pattern, ast.MatchOr):
            for part in pattern.patterns:
                self._bind_pattern(part, subject)


def _always_matches(pattern: ast.pattern) -> bool:
    """Whether a pattern is irrefutable: ``_`` or a bare name."""
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None
