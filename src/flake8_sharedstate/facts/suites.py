"""Lowers suites, and all that leaves them early.

Exceptional control flow is kept: every block in a ``try`` (or ``with`` inside one) knows the block
that an exception raised in it reaches, and each statement there has a block of its own, so what
holds *before* it is known too. ``finally`` bodies and the exits of ``with`` are copied onto the
paths that leave through them, as CPython's own compiler does.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.definitions import DefinitionLowering
from flake8_sharedstate.facts.model import Function, Value
from flake8_sharedstate.facts.names import ModuleBuilder
from flake8_sharedstate.facts.scopes import Scope

# Past this number of copied finally bodies a function's abrupt exits are lowered without them.
_MAX_COPIES = 200


@dataclass(frozen=True, slots=True)
class _Leave:
    """What must run when control leaves: the exit of a ``with``, or a ``finally`` body."""

    manager: Value | None
    is_async: bool
    body: tuple[ast.stmt, ...]
    handler: int | None
    conditions: tuple[Value, ...]
    """What decided that it was entered: what decides to leave does not decide what runs then."""


@dataclass(frozen=True, slots=True)
class _Loop:
    """An enclosing loop's targets of ``break`` and ``continue``."""

    after: int
    header: int


class SuiteLowering(DefinitionLowering):
    """Lowers suites, their exits, ``with`` and ``try``."""

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
            self.at = self.module.place(statement)
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

    # -- ways out

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
        saved, handler, conditions = self._enclosing, self.handler, self.conditions
        for position in range(len(saved) - 1, depth - 1, -1):
            entry = saved[position]
            if isinstance(entry, _Loop):
                continue
            self._enclosing, self.handler = saved[:position], entry.handler
            if self.function.blocks[self.block].raises_to != self.handler:
                # What runs now is no longer under the handlers that are being left.
                self.start(self.new_block(self.block))
            if entry.manager is not None:
                self.emit(model.Exit(self.at, entry.manager, entry.is_async))
            elif self._copies < _MAX_COPIES:
                self._copies += 1
                at = self.at
                self.conditions = entry.conditions
                self.start(self.new_block(self.block))
                self.body(entry.body)
                self.at = at
        self._enclosing, self.handler, self.conditions = saved, handler, conditions

    # -- what is left in order

    def loop_body(self, body: list[ast.stmt], header: int, after: int) -> None:
        """Lowers a loop's suite, from which ``break`` and ``continue`` lead away."""
        self._enclosing.append(_Loop(after, header))
        if self.body(body):
            self.edge(self.block, header)
        self._enclosing.pop()
        self.seal(header)

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
            self._enclosing.append(_Leave(manager, is_async, (), self.handler, conditions))
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
            self._enclosing.append(_Leave(None, False, tuple(node.finalbody), outer, self.conditions))
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
        named: list[Value] = []
        for handler in node.handlers:
            self.conditions = (*conditions, raised)
            clause = self.new_block(dispatch)
            self.start(clause)
            if handler.type is not None:
                named.append(self.lower(handler.type))
            if handler.name is not None:
                self.store_name(handler.name, self.constant(...))
            if self.body(handler.body):
                ends.append(self.block)
            else:
                decided = True
        if len(named) == len(node.handlers):
            self.function.blocks[dispatch].catches = tuple(named)
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
