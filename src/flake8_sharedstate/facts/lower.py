"""From a file's ``ast`` to its facts: lowers statements, functions and the module.

Exceptional control flow is kept: every block in a ``try`` (or ``with`` inside one) knows the block
that an exception raised in it reaches, and each statement there has a block of its own, so what
holds *before* it is known too. ``finally`` bodies and the exits of ``with`` are copied onto the
paths that leave through them, as CPython's own compiler does.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.expressions import ExpressionLowering, ModuleBuilder
from flake8_sharedstate.facts.model import Function, ModuleFacts, Value
from flake8_sharedstate.facts.scopes import Scope, Scopes, all_arguments

# Deep nesting is rare, generated code has it; pure-Python recursion costs heap only.
_RECURSION_LIMIT = 60_000
# Past this number of copied finally bodies a function's abrupt exits are lowered without them.
_MAX_COPIES = 200
_TYPING = ("typing", "typing_extensions")


@dataclass(frozen=True, slots=True)
class _Leave:
    """What must run when control leaves: the exit of a ``with``, or a ``finally`` body."""

    manager: Value | None
    is_async: bool
    body: tuple[ast.stmt, ...]
    handler: int | None


@dataclass(frozen=True, slots=True)
class _Loop:
    """An enclosing loop's targets of ``break`` and ``continue``."""

    after: int
    header: int


class StatementLowering(ExpressionLowering):
    """Lowers the statements of one function."""

    def __init__(self, module: ModuleBuilder, function: Function, scope: Scope, class_name: str) -> None:
        super().__init__(module, function, scope, class_name)
        self._enclosing: list[_Leave | _Loop] = []
        self._copies = 0

    def body(self, statements: list[ast.stmt] | tuple[ast.stmt, ...]) -> bool:
        """Lowers a suite; whether its end can be reached."""
        outside = self.conditions
        for statement in statements:
            if self.handler is not None and self.function.blocks[self.block].instructions:
                # What holds before a statement that raises is what the handlers may rely on.
                self.start(self.new_block(self.block))
            self.at = len(self.module.spans)
            self.module.spans.append(
                (
                    statement.lineno,
                    statement.col_offset,
                    statement.end_lineno or statement.lineno,
                    statement.end_col_offset or 0,
                )
            )
            method: Callable[[ast.stmt], bool | None] | None = getattr(
                self, "stmt_" + type(statement).__name__, None
            )
            if method is not None and method(statement) is False:
                self.conditions = outside
                return False
        self.conditions = outside
        return True

    def _dead(self) -> bool:
        self.start(self.new_block())
        return False

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
                self.emit(model.Declare(self.at, self.lower(_loaded(node.target)), classes))

    def stmt_AugAssign(self, node: ast.AugAssign) -> None:
        op, target = type(node.op).__name__, node.target
        if isinstance(target, ast.Name):
            old = self.load_name(target.id)
            self.store_name(target.id, self.compute(op, old, self.lower(node.value), in_place=True))
        elif isinstance(target, ast.Attribute) or self._namespace(target) is not None:
            if isinstance(target, ast.Attribute):
                base, name = self.lower(target.value), self.mangle(target.attr)
            else:
                named = self._namespace(target)
                assert named is not None
                base, name = self.lower(named[0]), named[1]
            old = self._load_attribute(base, name)
            new = self.compute(op, old, self.lower(node.value), in_place=True)
            self.emit(model.StoreAttr(self.at, base, name, new))
        else:
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
        self.conditions = (*self.conditions, self.test(node.test))
        self.start(self.new_block(self.block))

    def stmt_Return(self, node: ast.Return) -> bool:
        value = self.lower(node.value) if node.value is not None else self.constant(None)
        self._leave(0)
        self.emit(model.Return(self.at, value))
        return self._dead()

    def stmt_Raise(self, node: ast.Raise) -> bool:
        for part in (node.exc, node.cause):
            if part is not None:
                self.lower(part)
        return self._dead()

    def stmt_Break(self, node: ast.Break) -> bool:
        return self._jump("after")

    def stmt_Continue(self, node: ast.Continue) -> bool:
        return self._jump("header")

    def _jump(self, where: str) -> bool:
        for depth in range(len(self._enclosing) - 1, -1, -1):
            entry = self._enclosing[depth]
            if isinstance(entry, _Loop):
                self._leave(depth + 1)
                self.edge(self.block, getattr(entry, where))
                break
        return self._dead()

    def _leave(self, depth: int) -> None:
        """Runs what must run when control leaves everything entered since ``depth``."""
        saved, handler = self._enclosing, self.handler
        for position in range(len(saved) - 1, depth - 1, -1):
            entry = saved[position]
            if isinstance(entry, _Loop):
                continue
            self._enclosing, self.handler = saved[:position], entry.handler
            if entry.manager is not None:
                self.emit(model.Exit(self.at, entry.manager, entry.is_async))
            elif self._copies < _MAX_COPIES:
                self._copies += 1
                at = self.at
                self.start(self.new_block(self.block))
                self.body(entry.body)
                self.at = at
        self._enclosing, self.handler = saved, handler

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
            condition = self.test(link.test)
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
                self.at = len(self.module.spans)
                self.module.spans.append(
                    (link.lineno, link.col_offset, link.end_lineno or link.lineno, link.end_col_offset or 0)
                )
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
        condition = self.test(node.test)
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
        self._loop_body(node.body, header, after)
        self.loops, self.conditions = outside, conditions
        self.start(exhausted)
        if self.body(node.orelse):
            self.edge(self.block, after)
        self.conditions = conditions if endless else (*conditions, condition)
        self.function.blocks[after].conditions = self.conditions
        self.start(after)

    def _loop_body(self, body: list[ast.stmt], header: int, after: int) -> None:
        self._enclosing.append(_Loop(after, header))
        if self.body(body):
            self.edge(self.block, header)
        self._enclosing.pop()
        self.seal(header)

    def stmt_For(self, node: ast.For | ast.AsyncFor) -> None:
        source = self.lower(node.iter)
        conditions = self.conditions
        header, exhausted, outside = self.open_loop(source, isinstance(node, ast.AsyncFor))
        loops, self.loops = self.loops, outside
        after = self.new_block()
        self.loops = loops
        self.assign(node.target, self.iterate(source))
        self._loop_body(node.body, header, after)
        self.loops, self.conditions = outside, conditions
        self.start(exhausted)
        if self.body(node.orelse):
            self.edge(self.block, after)
        self.start(after)

    stmt_AsyncFor = stmt_For

    def stmt_With(self, node: ast.With | ast.AsyncWith) -> bool | None:
        is_async = isinstance(node, ast.AsyncWith)
        outer, conditions, at = self.handler, self.conditions, self.at
        managers: list[tuple[Value, int | None]] = []
        for item in node.items:
            manager = self.lower(item.context_expr)
            dst = self.value()
            self.emit(model.Enter(self.at, dst, manager, is_async))
            if is_async:
                self.emit(model.Await(self.at, self.value(), None))
            self._enclosing.append(_Leave(manager, is_async, (), self.handler))
            cleanup = self.new_block() if self.handler is not None else None
            managers.append((manager, cleanup))
            if cleanup is not None:
                self.handler = cleanup
                self.start(self.new_block(self.block))
            if item.optional_vars is not None:
                self.assign(item.optional_vars, dst)
        completed = self.body(node.body)
        self.at = at
        for manager, cleanup in reversed(managers):
            leave = self._enclosing.pop()
            assert isinstance(leave, _Leave)
            self.handler = leave.handler
            if completed:
                if self.handler is not None:
                    self.start(self.new_block(self.block))
                self.emit(model.Exit(self.at, manager, is_async))
            if cleanup is not None:
                resume = self.block
                self.start(cleanup)
                self.emit(model.Exit(self.at, manager, is_async))
                self.block = resume
        self.handler, self.conditions = outer, conditions
        if not completed:
            return False
        self.start(self.new_block(self.block))
        return None

    stmt_AsyncWith = stmt_With

    def stmt_Try(self, node: ast.Try) -> bool | None:
        outer = self.handler
        on_error: int | None = None
        if node.finalbody:
            on_error = self.new_block()
            self._enclosing.append(_Leave(None, False, tuple(node.finalbody), outer))
            self.handler = on_error
        completed = self._try_except(node) if node.handlers else self._protected(node)
        if on_error is not None:
            self._enclosing.pop()
            self.handler = outer
            normal = self.block
            self.start(on_error)
            self.body(node.finalbody)
            self.block = normal
            if completed:
                self.start(self.new_block(self.block))
                completed = self.body(node.finalbody)
        return None if completed else False

    stmt_TryStar = stmt_Try

    def _protected(self, node: ast.Try) -> bool:
        """The body of a ``try``, from an empty block: what holds there is what held before it."""
        self.start(self.new_block(self.block))
        self.start(self.new_block(self.block))
        completed = self.body(node.body)
        return completed and self.body(node.orelse)

    def _try_except(self, node: ast.Try) -> bool:
        outer, conditions = self.handler, self.conditions
        dispatch = self.new_block()
        self.handler = dispatch
        self.start(self.new_block(self.block))
        first = len(self.function.blocks)
        self.start(self.new_block(self.block))
        completed = self.body(node.body)
        last = len(self.function.blocks)
        self.handler = outer
        ends: list[int] = []
        if completed:
            # The else suite is outside the protection of the handlers.
            self.start(self.new_block(self.block))
            if self.body(node.orelse):
                ends.append(self.block)
        self.start(dispatch)
        # What was read in the body decided, by failing, that a handler runs.
        raised = self.compute("Raised", *self._results(first, last))
        decided = not completed
        for handler in node.handlers:
            self.conditions = (*conditions, raised)
            clause = self.new_block(dispatch)
            self.start(clause)
            if handler.type is not None:
                self.lower(handler.type)
            if handler.name is not None:
                self.store_name(handler.name, self.constant(...))
            if self.body(handler.body):
                ends.append(self.block)
            else:
                decided = True
        self.conditions = (*conditions, raised) if decided else conditions
        self.start(self.new_block(*ends))
        return bool(ends)

    def _results(self, first: int, last: int) -> list[Value]:
        return [
            instruction.dst
            for block in self.function.blocks[first:last]
            for instruction in block.instructions
            if isinstance(instruction, (model.LoadItem, model.LoadAttr, model.Call))
        ]

    def stmt_Match(self, node: ast.Match) -> bool | None:
        subject = self.lower(node.subject)
        outside = self.conditions
        ends = []
        for case in node.cases:
            parts = [subject]
            for pattern in ast.walk(case.pattern):
                if isinstance(pattern, (ast.MatchValue, ast.MatchClass)):
                    parts.append(self.lower(pattern.value if isinstance(pattern, ast.MatchValue) else pattern.cls))
            condition = self.compute("Match", *parts)
            self._bind_pattern(case.pattern, subject)
            if case.guard is not None:
                condition = self.compute("And", condition, self.test(case.guard))
            self.conditions = (*self.conditions, condition)
            then, otherwise = self.new_block(), self.new_block()
            self.branch(condition, then, otherwise)
            self.start(then)
            if self.body(case.body):
                ends.append(self.block)
            self.start(otherwise)
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

    # -- definitions

    def stmt_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        decorators = [self.lower(d) for d in node.decorator_list]
        value = self.make_function(node, node.name, "function")
        self._decorate(node.name, value, decorators)

    stmt_AsyncFunctionDef = stmt_FunctionDef

    def stmt_ClassDef(self, node: ast.ClassDef) -> None:
        decorators = [self.lower(d) for d in node.decorator_list]
        bases = tuple(self.lower(b) for b in node.bases if not isinstance(b, ast.Starred))
        keywords = tuple((k.arg, self.lower(k.value)) for k in node.keywords)
        span = (node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0)
        body = self.module.function(node, node.name, "class", self.function, span)
        dst = self.value()
        self.emit(model.MakeClass(self.at, dst, body.number, bases, keywords))
        self._decorate(node.name, dst, decorators)

    def _decorate(self, name: str, value: Value, decorators: list[Value]) -> None:
        for decorator in reversed(decorators):
            dst = self.value()
            self.emit(model.Call(self.at, dst, decorator, ((value, False),), (), decorates=True))
            value = dst
        self.store_name(name, value)


def _loaded(target: ast.expr) -> ast.expr:
    """A target as an expression that reads it (the lowering does not look at the context)."""
    return target


def _used_as_object(function: Function) -> bool:
    """Whether a parameter (besides ``self``) can matter to the objects that the function touches."""
    first = 1 if function.owner_class is not None else 0
    parameters = {p.value for p in function.parameters[first:]}
    if not parameters:
        return False
    for block in function.blocks:
        for i in block.instructions:
            if isinstance(i, (model.Compute, model.Const)):
                continue
            for name in ("base", "src", "function", "manager", "source", "key"):
                if getattr(i, name, None) in parameters and not isinstance(i, model.MakeFunction):
                    return True
            if isinstance(i, model.Call) and (
                any(a in parameters for a, _ in i.args) or any(k in parameters for _, k in i.keywords)
            ):
                return True
            if isinstance(i, (model.Phi,)) and parameters.intersection(i.sources):
                return True
            if isinstance(i, model.Build) and any(item[1] in parameters for item in i.items):
                return True
    return False


def _lower_function(module: ModuleBuilder, node: ast.AST, function: Function, scope: Scope) -> None:
    class_name = ""
    enclosing: Scope | None = scope
    while enclosing is not None:
        if enclosing.kind == "class":
            class_name = module.functions[module.numbers[enclosing]].name
            break
        enclosing = enclosing.parent
    lowering = StatementLowering(module, function, scope, class_name)
    function.cells = tuple(sorted(scope.captured))
    if isinstance(node, ast.ClassDef):
        lowering.value()  # value 0 is the class itself
        function.names = frozenset(lowering.mangle(name) for name in scope.bindings)
        _whole_body(lowering, node.body)
    elif isinstance(node, ast.Module):
        _whole_body(lowering, node.body)
    else:
        assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        function.is_async = isinstance(node, ast.AsyncFunctionDef)
        _parameters(lowering, node.args)
        if isinstance(node, ast.Lambda):
            lowering.at = len(module.spans)
            module.spans.append(function.span)
            lowering.emit(model.Return(lowering.at, lowering.lower(node.body)))
        else:
            function.decorated = bool(node.decorator_list)
            _whole_body(lowering, node.body)
    lowering.finish()


def _whole_body(lowering: StatementLowering, body: list[ast.stmt]) -> None:
    if lowering.body(body):
        lowering.emit(model.Return(lowering.at, lowering.constant(None)))


def _parameters(lowering: StatementLowering, arguments: ast.arguments) -> None:
    kinds = ["positional"] * len(arguments.posonlyargs) + ["either"] * len(arguments.args)
    if arguments.vararg is not None:
        kinds.append("args")
    kinds += ["keyword"] * len(arguments.kwonlyargs)
    if arguments.kwarg is not None:
        kinds.append("kwargs")
    for argument, kind in zip(all_arguments(arguments), kinds, strict=True):
        value = lowering.value()
        lowering.function.parameters.append(model.Parameter(argument.arg, value, kind))
        lowering.store_name(argument.arg, value)


def extract(tree: ast.Module) -> ModuleFacts:
    """The facts of one parsed file.

    Args:
        tree: the module as ``ast.parse`` gives it; it is not changed.

    Returns:
        the module's functions, the module body first.

    Raises:
        RecursionError: where the text is nested deeper than any program a person writes.
    """
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _RECURSION_LIMIT))
    try:
        module = ModuleBuilder(Scopes(tree))
        module.globals = frozenset(module.scopes.of[tree].bindings)
        module.imports_cast = any(
            isinstance(i, ast.ImportFrom) and i.module in _TYPING and any(a.name == "cast" for a in i.names)
            or (isinstance(i, ast.Import) and any(a.name in _TYPING for a in i.names))
            for i in tree.body
        )
        module.lower_function = lambda node, function, scope: _lower_function(
            module, node, function, scope
        )
        module.function(tree, "<module>", "module", None, (1, 0, 1, 0))
        for function in module.functions:
            function.uses_parameters = _used_as_object(function)
        return ModuleFacts(module.functions, module.spans, _exports(tree))
    finally:
        sys.setrecursionlimit(limit)


def _exports(tree: ast.Module) -> tuple[str, ...] | None:
    for statement in tree.body:
        if (
            isinstance(statement, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == "__all__" for t in statement.targets)
            and isinstance(statement.value, (ast.List, ast.Tuple))
        ):
            return tuple(
                e.value
                for e in statement.value.elts
                if isinstance(e, ast.Constant) and isinstance(e.value, str)
            )
    return None
