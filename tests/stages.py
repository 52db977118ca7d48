"""Reads from a test program what the inner stages are to find at its statements, and what they find.

`# holds: self._lock, audit`  the locks surely held just before the statement, on every path and in
                              every run of it; nothing after the colon: none
`# threads: main, worker*`    who runs it: `main`, a word for each thread context (the qualified name of
                              its root, `*` where it is many), `users` of a class or module for threads
`# points-to: Account, None`  the classes, library types and functions that what it assigns or computes
                              can be
`# same-lock: mine`           the statements of a program with a label in common can hold one lock object,
                              and those with none in common no one lock

A mark stands at the end of a statement (of a compound one's header, of a lambda); several can share a
comment. Locks have the words of the code there: a parameter, variable or global and what follows.
A lock that the function there has no word for is `a Lock`. Locks that keep out only the tasks of an
event loop hold no thread off, and count as none.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flake8_sharedstate.dataflow import Run
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.lower import extract
from flake8_sharedstate.facts.model import Instruction, Span
from flake8_sharedstate.facts.paths import Path as AccessPath
from flake8_sharedstate.facts.slices import STORES
from flake8_sharedstate.locks.held import Held
from flake8_sharedstate.program import objects
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.objects import Clone, Module, ObjectId
from flake8_sharedstate.races.stages import Stages
from flake8_sharedstate.threads.contexts import Context, Kind

_MARK = re.compile(r"#\s*(?P<kind>holds|threads|points-to|same-lock):(?P<words>[^#]*)")
_MEANT = re.compile(r"#\s*(?:holds?|threads?|points?[- ]to|same[- ]locks?)\b")
_BODIES = (ast.stmt, ast.excepthandler, ast.match_case)


@dataclass(frozen=True)
class Mark:
    """What is expected of the statement that ends on a line."""

    line: int
    kind: str
    words: tuple[str, ...]


def read_stage_marks(text: str) -> list[Mark]:
    """Read the marks of a program; a comment that is nearly a mark is an error."""
    marks = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        read = list(_MARK.finditer(token.string))
        if len(read) != len(_MEANT.findall(token.string)):
            raise ValueError(f"line {token.start[0]}: cannot read the mark {token.string!r}")
        for mark in read:
            words = (word.strip() for word in mark["words"].split(","))
            marks.append(Mark(token.start[0], mark["kind"], tuple(sorted(filter(None, words)))))
    return marks


class Analysed:
    """The stages of one program, asked by line."""

    def __init__(self, text: str) -> None:
        tree = ast.parse(text)
        self.facts = extract(tree)
        self.stages = Stages(Program([Module("__main__", "program.py", self.facts, 0, "")]))
        self._nodes = {_span(node): node for node in _statements(tree)}

    def found(self, line: int, kind: str) -> tuple[str, ...]:
        """Give the words of a mark as the stages would write it."""
        match kind:
            case "holds":
                return self.holds(line)
            case "threads":
                return self.threads(line)
        return self.points_to(line)

    def holds(self, line: int) -> tuple[str, ...]:
        """Give the locks held before a statement in every run of it."""
        runs = [{self._lock_words(run.clone, h) for h in held} for run, held in self.held(line)]
        return tuple(sorted(set.intersection(*runs)))

    def held(self, line: int) -> list[tuple[Run, frozenset[Held]]]:
        """Give what keeps threads out before a statement, in each run and each copy of it."""
        found = []
        for context in self.stages.contexts.all:
            for clone in self._clones(context):
                run = Run(clone, context.number)
                first: dict[int, Instruction] = {}
                for instruction in self._instructions(clone, line):
                    if self.stages.locksets.solver.before(run, instruction) is not None:
                        first.setdefault(instruction.at, instruction)
                for instruction in first.values():
                    locks = self.stages.locksets.held(run, instruction)
                    found.append((run, frozenset(h for h in locks if not h.tasks)))
        assert found, f"nothing runs the statement at line {line}, or it has no step that a lock could guard"
        return found

    def lock_objects(self, line: int) -> frozenset[ObjectId]:
        """Give the lock objects that any run of a statement can hold."""
        return frozenset(n for _, held in self.held(line) for lock in held for n in lock.objects)

    def threads(self, line: int) -> tuple[str, ...]:
        """Give a word for each context that runs a statement."""
        return tuple(
            sorted(
                _context_word(context)
                for context in self.stages.contexts.all
                if any(
                    self.stages.order.is_reached(Run(clone, context.number), instruction)
                    for clone in self._clones(context)
                    for instruction in self._instructions(clone, line)
                )
            )
        )

    def points_to(self, line: int) -> tuple[str, ...]:
        """Give the kinds of object that a statement's stored, else last computed, value can be."""
        kinds = set()
        for clone in self.stages.program.clones:
            steps = list(self._instructions(clone, line))
            stores = [i.src for i in steps if isinstance(i, STORES) and i.src is not None]
            values = stores or [i.dst for i in steps if getattr(i, "dst", None) is not None][-1:]  # type: ignore[attr-defined]
            kinds.update(n for value in values for n in self.stages.program.at(clone.node(value)))
        return tuple(sorted({self._kind(number) for number in kinds}))

    # -- statements

    def _spans(self, line: int) -> frozenset[int]:
        """Give the numbers of the statement that ends on a line, and of its copies."""
        ending = [span for span, node in self._nodes.items() if _end(node) == line]
        assert ending, f"no statement ends on line {line}"
        # Of ``if x: y`` the widest: the header.
        span = min(ending, key=lambda span: (span[0], span[1], -span[2], -span[3]))
        return frozenset(number for number, known in enumerate(self.facts.spans) if known == span)

    def _instructions(self, clone: Clone, line: int) -> Iterator[Instruction]:
        numbers = self._spans(line)
        for block in clone.function.blocks:
            yield from (i for i in block.instructions if i.at in numbers)

    def _clones(self, context: Context) -> list[Clone]:
        return sorted(context.clones, key=lambda clone: clone.number)

    # -- words

    def _lock_words(self, clone: Clone, held: Held) -> str:
        if held.path is not None:
            return self._path_words(clone, held.path)
        return f"a {' or '.join(sorted({self._kind(number) for number in held.objects}))}"

    def _path_words(self, clone: Clone, path: AccessPath) -> str:
        (kind, root), *steps = path
        if kind == "value":
            assert isinstance(root, int)
            words = self._value_word(clone, root)
        elif kind == "literal":
            words = str(root)
        elif kind == "computed":
            words = " ".join(self._path_words(clone, part) for part in root[1:])
        else:
            assert isinstance(root, tuple)
            words = str(root[1]).partition("@")[0]
        for step, name in steps:
            words += f".{name}" if step == "attribute" else f"[{self._path_words(clone, name)}]"
        return words

    def _value_word(self, clone: Clone, value: int) -> str:
        """Give the parameter or variable that a value is, else the code that computes it."""
        for parameter in clone.function.parameters:
            if parameter.value == value:
                return parameter.name
        definition = self.stages.program.definitions(clone.function)[value]
        assert definition is not None
        match self._nodes.get(self.facts.spans[definition.at]):
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                return name
            case ast.For(target=ast.Name(id=name)) if isinstance(definition, model.Iterate):
                return name
            case ast.With(items=[ast.withitem(optional_vars=ast.Name(id=name))]) if isinstance(
                definition, model.Enter
            ):
                return name
            case ast.With(items=[ast.withitem(context_expr=code)]):
                return ast.unparse(code)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=code))):
                return ast.unparse(code)
        return "?"

    def _kind(self, number: ObjectId) -> str:
        found = self.stages.program.objects[number]
        match found:
            case objects.NoneObject():
                return "None"
            case objects.InstanceObject(cls=cls):
                instantiated = self.stages.program.objects[cls]
                assert isinstance(instantiated, objects.ClassObject)
                return instantiated.name
            case objects.ClassObject():
                return f"class {found.name}"
            case objects.LibraryObject(type=name) | objects.QualifiedObject(name=name):
                return name.rpartition(".")[2]
            case objects.FunctionObject(function=function):
                return function.qualname
            case objects.BoundObject(function=function):
                return self._kind(function)
            case objects.LibraryMethodObject(type=name, method=method):
                return f"{name.rpartition('.')[2]}.{method}"
        return type(found).__name__


def analysed(program: Path) -> Analysed:
    """Run the stages over a program."""
    return Analysed(program.read_text(encoding="utf-8"))


def _context_word(context: Context) -> str:
    if context.kind is Kind.MAIN:
        return "main"
    if context.kind is Kind.USERS:
        return "users" if context.many else "one user"
    return context.roots[0].function.qualname + "*" * context.many


def _statements(tree: ast.AST) -> Iterator[ast.stmt | ast.Lambda]:
    # A bare ``f(...)`` and a lambda that is the whole statement share a span: the statement wins.
    found = [node for node in ast.walk(tree) if isinstance(node, (ast.stmt, ast.Lambda))]
    return iter(sorted(found, key=lambda node: isinstance(node, ast.stmt)))


def _span(node: ast.stmt | ast.Lambda) -> Span:
    return (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)


def _end(node: ast.stmt | ast.Lambda) -> int:
    """Give the last line of a statement, or of a compound one's header."""
    if not hasattr(node, "body") or isinstance(node, ast.Lambda):
        return node.end_lineno or node.lineno
    header = (child for child in ast.walk(_header(node)) if hasattr(child, "end_lineno"))
    return max((child.end_lineno for child in header), default=node.lineno)


def _header(node: ast.stmt) -> ast.AST:
    parts = [child for child in ast.iter_child_nodes(node) if not isinstance(child, _BODIES)]
    return ast.Module(body=parts, type_ignores=[])  # type: ignore[arg-type]
