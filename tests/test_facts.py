"""A file becomes the facts that its text says: values, control flow, names, and what writes rest on."""

from __future__ import annotations

import ast
import textwrap

import pytest

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.lower import extract
from flake8_sharedstate.facts.model import Function, Instruction, ModuleFacts, Value
from flake8_sharedstate.facts.paths import Paths
from flake8_sharedstate.facts.slices import STORES, Slices

QUIET = (model.Const, model.Phi, model.Return, model.MakeFunction)


def facts(text: str) -> ModuleFacts:
    return extract(ast.parse(textwrap.dedent(text)))


def function(text: str, name: str = "f") -> Function:
    return next(f for f in facts(text).functions if f.qualname == name)


def body(statements: str, parameters: str = "a, b, c") -> Function:
    """Give the function of these parameters with this body."""
    return function(f"def f({parameters}):\n" + textwrap.indent(textwrap.dedent(statements), "    "))


def all_of(function: Function, kind: type[Instruction] = Instruction) -> list[Instruction]:
    return [i for block in function.blocks for i in block.instructions if isinstance(i, kind)]


def steps(function: Function) -> list[str]:
    """Give a word or two for each instruction, without constants and choices."""
    return [
        " ".join([type(i).__name__, *(str(getattr(i, part)) for part in ("op", "name") if hasattr(i, part))])
        for i in all_of(function)
        if not isinstance(i, QUIET)
    ]


def returned(function: Function) -> set[object]:
    """Give the parameters and constants that a function can return, by way of any choices."""
    definitions = Paths(function).definitions
    names = {p.value: p.name for p in function.parameters}
    found: set[object] = set()
    seen: set[Value] = set()
    waiting = [i.src for i in all_of(function, model.Return)]
    while waiting:
        value = waiting.pop()
        definition = definitions[value]
        if value in seen:
            continue
        seen.add(value)
        if isinstance(definition, model.Phi):
            waiting.extend(definition.sources)
        elif isinstance(definition, model.Const):
            found.add(definition.value if definition.known else ...)
        else:
            found.add(names.get(value, type(definition).__name__))
    return found


# -- values


@pytest.mark.parametrize(
    ("statements", "values"),
    [
        ("x = a\nx = b\nreturn x", {"b"}),
        ("x = 1\nif c:\n    x = 2\nreturn x", {1, 2}),
        ("if c:\n    x = 1\nelse:\n    x = 2\nreturn x", {1, 2}),
        ("x = 1\nif c:\n    x = 2\n    raise x\nreturn x", {1}),
        ("x = 1\nif a:\n    x = 2\nelif b:\n    x = 3\nreturn x", {1, 2, 3}),
        ("x = 1\nfor i in c:\n    x = 2\nreturn x", {1, 2}),
        ("x = 1\nfor i in c:\n    x = 2\n    break\nelse:\n    x = 3\nreturn x", {2, 3}),
        ("x = 1\nwhile c:\n    x = 2\n    if a:\n        continue\n    x = 3\nreturn x", {1, 2, 3}),
        ("while True:\n    x = 1\n    break\nreturn x", {1}),
        ("x, y = a, b\nfor i in c:\n    x, y = y, x\nreturn x", {"a", "b"}),
        ("x = 1\ntry:\n    a()\n    x = 2\nexcept E:\n    pass\nreturn x", {1, 2}),
        ("x = 1\ntry:\n    a()\n    x = 2\nexcept E:\n    raise\nreturn x", {2}),
        ("x = 1\ntry:\n    a()\nexcept E:\n    x = 2\nelse:\n    x = 3\nreturn x", {2, 3}),
        ("x = 1\ntry:\n    a()\n    x = 2\nfinally:\n    b()\nreturn x", {2}),
        ("with a as x:\n    pass\nreturn x", {"Enter"}),
        ("return 1 if c else a", {1, "a"}),
        ("return a or b", {"a", "b"}),
        ("if (x := c):\n    pass\nreturn x", {"c"}),
        ("a, b = b, a\nreturn a", {"b"}),
        ("a = b = c\nreturn a", {"c"}),
        ("[a for a in c]\nreturn a", {"a"}),
        ("x = 1\nmatch c:\n    case 1:\n        x = 2\nreturn x", {1, 2}),
        ("match c:\n    case 1:\n        x = 1\n    case _:\n        x = 2\nreturn x", {1, 2}),
        ("match c:\n    case x:\n        return x", {"c", None}),
        ("if c:\n    return a", {"a", None}),
        ("return 1j", {...}),
    ],
)
def test_the_value_that_reaches_a_use(statements: str, values: set[object]) -> None:
    assert returned(body(statements)) == values


@pytest.mark.parametrize(
    ("statements", "choices"),
    [
        ("x = a\nwhile c:\n    c()\nreturn x", 0),
        ("x = a\nwhile c:\n    for i in b:\n        x()\nreturn x", 0),
        ("x = a\nif c:\n    b()\nreturn x", 0),
        ("x = a\nwhile c:\n    x = x\nreturn x", 0),
        ("x = a\nwhile c:\n    x = b\nreturn x", 1),
    ],
)
def test_a_choice_stands_only_where_two_values_meet(statements: str, choices: int) -> None:
    assert len(all_of(body(statements), model.Phi)) == choices


# -- control flow


@pytest.mark.parametrize(
    ("statements", "depth"),
    [
        ("a()", 0),
        ("for i in b:\n    a()", 1),
        ("while b:\n    for i in c:\n        a()", 2),
        ("for i in b:\n    pass\nelse:\n    a()", 0),
        ("for i in b:\n    pass\na()", 0),
        ("while a():\n    pass", 1),
        ("[a() for i in b for j in c]", 2),
        ("while True:\n    if b:\n        break\na()", 0),
    ],
)
def test_loops_around_a_call(statements: str, depth: int) -> None:
    function = body(statements)
    (block,) = [b for b in function.blocks if any(isinstance(i, model.Call) for i in b.instructions)]
    assert len(block.loops) == depth


@pytest.mark.parametrize(
    ("statements", "copies"),
    [
        ("try:\n    a\nfinally:\n    b()", 2),  # the end, an exception
        ("try:\n    return a\nfinally:\n    b()", 2),  # the return, an exception
        ("try:\n    if c:\n        return a\nfinally:\n    b()", 3),
        ("for i in c:\n    try:\n        if i:\n            break\n    finally:\n        b()", 3),
        ("for i in c:\n    try:\n        continue\n    finally:\n        b()", 2),
        ("try:\n    a\nexcept E:\n    return c\nfinally:\n    b()", 3),
        ("try:\n    try:\n        return a\n    finally:\n        b()\nfinally:\n    c", 2),
    ],
)
def test_a_finally_is_copied_onto_each_way_out(statements: str, copies: int) -> None:
    module = facts("def f(a, b, c):\n" + textwrap.indent(statements, "    "))
    calls = all_of(module.functions[1], model.Call)
    assert len(calls) == copies
    assert len({call.at for call in calls}) == copies
    assert len({module.spans[call.at] for call in calls}) == 1


@pytest.mark.parametrize(
    ("statements", "exits"),
    [
        ("with a:\n    pass", 1),
        ("with a:\n    return b", 1),
        ("with a, b:\n    if c:\n        return c", 4),
        ("for i in c:\n    with a:\n        if i:\n            break", 2),
        ("with a:\n    raise b", 0),
        ("try:\n    with a:\n        b()\nexcept E:\n    pass", 2),
    ],
)
def test_a_with_is_left_on_each_way_out(statements: str, exits: int) -> None:
    assert len(all_of(body(statements), model.Exit)) == exits


@pytest.mark.parametrize(
    ("statements", "handled"),
    [
        ("a()", False),
        ("try:\n    a()\nexcept E:\n    pass", True),
        ("try:\n    a()\nfinally:\n    pass", True),
        ("try:\n    pass\nexcept E:\n    a()", False),
        ("try:\n    pass\nexcept E:\n    a()\nfinally:\n    pass", True),
        ("try:\n    pass\nexcept E:\n    pass\nelse:\n    a()", False),
        ("try:\n    pass\nfinally:\n    pass\na()", False),
    ],
)
def test_who_handles_what_a_call_raises(statements: str, handled: bool) -> None:
    function = body(statements)
    blocks = [b for b in function.blocks if any(isinstance(i, model.Call) for i in b.instructions)]
    assert [block.raises_to is not None for block in blocks] == [handled]


# -- names


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("def f(n):\n    n += 1", "f", ["Compute Add"]),
        ("def f():\n    global n\n    n += 1", "f", ["LoadGlobal n", "Compute Add", "StoreGlobal n"]),
        ("def f():\n    return n", "f", ["LoadGlobal n"]),
        ("n = 0", "<module>", ["StoreGlobal n"]),
        (
            "def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1",
            "f.g",
            ["LoadCell n", "Compute Add", "StoreCell n"],
        ),
        ("def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1", "f", ["StoreCell n"]),
        ("def f():\n    n = 0\n    def g():\n        n = 1\n        return n", "f", []),
        ("def f(n):\n    return lambda: n", "f.<lambda>", ["LoadCell n"]),
        ("class C:\n    n = 0\n    m = n", "C", ["StoreAttr n", "LoadAttr n", "StoreAttr m"]),
        ("class C:\n    n = 0\n    def f(self):\n        return n", "C.f", ["LoadGlobal n"]),
        ("class C:\n    global n\n    n = 0", "C", ["StoreGlobal n"]),
        # A comprehension runs in its function, but its targets are its own.
        ("def f(n):\n    [n for n in n]", "f", ["Build", "Compute HasNext", "Iterate", "Add"]),
        ("def f(c):\n    n = 0\n    [n for i in c]", "f", ["Build", "Compute HasNext", "Iterate", "Add"]),
        # Private names are mangled, wherever in the class they stand.
        ("class _C:\n    def f(self):\n        self.__n = 1", "_C.f", ["StoreAttr _C__n"]),
        ("class C:\n    def f(self):\n        return __n", "C.f", ["LoadGlobal _C__n"]),
        (
            "class C:\n    def f(self):\n        return lambda: self.__n",
            "C.f.<lambda>",
            ["LoadCell self", "LoadAttr _C__n"],
        ),
        ("class C:\n    def f(self):\n        self.__n__ = 1", "C.f", ["StoreAttr __n__"]),
        ("def f(self):\n    self.__n = 1", "f", ["StoreAttr __n"]),
    ],
)
def test_what_a_name_denotes(text: str, name: str, expected: list[str]) -> None:
    assert steps(function(text, name)) == expected


def test_the_target_of_a_comprehension_is_a_cell_of_its_own() -> None:
    module = facts("def f(i, c):\n    lambda: i\n    [lambda: i for i in c]")
    outer, inner = (all_of(f, model.LoadCell)[0] for f in module.functions if f.kind == "lambda")
    assert isinstance(outer, model.LoadCell)
    assert isinstance(inner, model.LoadCell)
    assert (outer.owner, outer.name) == (1, "i")
    assert inner.owner == 1
    assert inner.name not in ("i", "c")


def test_a_walrus_in_a_comprehension_binds_outside_it() -> None:
    assert returned(body("x = 1\n[x := 2 for i in c]\nreturn x")) == {1, 2}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ('getattr(a, "n")', ["LoadAttr n"]),
        ('getattr(a, "n", 0)', ["LoadAttr n"]),
        ('setattr(a, "n", 1)', ["StoreAttr n"]),
        ('hasattr(a, "n")', ["LoadAttr n", "Compute HasAttr"]),
        ('delattr(a, "n")', ["StoreAttr n"]),
        ("del a.n", ["StoreAttr n"]),
        ('a.__dict__["n"]', ["LoadAttr n"]),
        ('vars(a)["n"] = 1', ["StoreAttr n"]),
        ('a.__dict__["n"] += 1', ["LoadAttr n", "Compute Add", "StoreAttr n"]),
        # By a name that is not in the text: an item of what has the attributes.
        ("getattr(a, b)", ["LoadAttr __dict__", "LoadItem"]),
        ('vars(a)[b] = "n"', ["LoadAttr __dict__", "StoreItem"]),
        ("a[b] += 1", ["LoadItem", "Compute Add", "StoreItem"]),
        ("del a[b]", ["StoreItem"]),
    ],
)
def test_one_access_in_several_spellings(statement: str, expected: list[str]) -> None:
    assert steps(body(statement)) == expected


def test_a_shadowed_builtin_is_a_call() -> None:
    assert steps(body('getattr(a, "n")', "a, getattr")) == ["Call"]


# -- what a write rests on


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        # An update: the value is derived from a read of the same place.
        ("self.n += 1", "update"),
        ("self.n = self.n + 1", "update"),
        ("self.n = not self.n", "update"),
        ("self.n = max(self.n, k)", "update"),
        ("self.n = self.n or k", "update"),
        ("self.d = {**self.d, k: 1}", "update"),
        ("v = self.n\nw = v * 2\nself.n = w + k", "update"),
        ("v = 0\nif k:\n    v = self.n\nself.n = v + 1", "update"),
        ("total = self.n\nfor x in k:\n    total += x\nself.n = total", "update"),
        ("s = self.stats\ns.n += 1", "update"),
        ('setattr(self, "n", getattr(self, "n") + 1)', "update"),
        ("self.d[k] += 1", "update"),
        ("self.d[0] = self.d[0] + 1", "update"),
        ("self.d[k] = self.d.get(k, 0) + 1", "update"),
        ("self.d[k, 0] = self.d[k, 0] + 1", "update"),
        ("global n\nn = n + 1", "update"),
        ("self.a, self.b = self.b, self.a", "exchange"),
        # A check: a read of the place decided that the write runs.
        ("if self.n > 0:\n    self.n = 0", "check"),
        ("if not self.n:\n    return\nself.n = k", "check"),
        ("assert self.n\nself.n = k", "check"),
        ("while self.n:\n    self.n = k", "check"),
        ("if k and self.n:\n    self.n = 0", "check"),
        ("v = self.n\nif v is None:\n    self.n = k", "check"),
        ("if self.n:\n    pass\nelif k:\n    self.n = k", "check"),
        ("try:\n    self.d[k]\nexcept KeyError:\n    self.d[k] = 1", "check"),
        ("if self.d.get(k):\n    self.d[k] = 1", "check"),
        # Neither.
        ("self.n = 1", "store"),
        ("self.n = other.n + 1", "store"),
        ("other.n = self.n + 1", "store"),
        ("self.n = self.n", "store"),
        ("v = self.n\nself.n = v if k else v", "store"),
        ("if other.n:\n    self.n = 1", "store"),
        ("if self.n:\n    print(k)\nself.n = 1", "store"),
        ("if self.n:\n    self.m = 1", "store"),
        ("self.d[k] = self.d[other] + 1", "store"),
        ("self.d[0] = self.d[1] + 1", "store"),
        ("v = self.n\nv = 0\nself.n = v + 1", "store"),
        ("self.make().n = self.make().n + 1", "store"),
        ("del self.n", "store"),
    ],
)
def test_what_a_write_rests_on(statements: str, verdict: str) -> None:
    lowered = body(statements, "self, other, k")
    write = Slices(lowered, Paths(lowered)).writes[-1]
    assert isinstance(write.store, STORES)
    found = {"update": write.reads, "exchange": write.exchanged, "check": write.checks}
    assert [word for word, reads in found.items() if reads] == [verdict] * (verdict != "store")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("self.n += 1", []),
        ("v = self.n\nk()\nself.n = v + 1", ["Call"]),
        ("self.n = self.n + k()", ["Call"]),
        ("k()\nself.n += 1", []),
        ("v = self.n\nwith other:\n    self.n = v + 1", ["Enter"]),
    ],
)
def test_what_lies_between_read_and_write(statements: str, expected: list[str]) -> None:
    lowered = body(statements, "self, other, k")
    (write,) = Slices(lowered, Paths(lowered)).writes
    between = [type(i).__name__ for i in write.between if isinstance(i, (model.Call, model.Enter))]
    assert between == expected
