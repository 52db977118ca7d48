"""Files that are odd, huge, deep or circular: no traceback, no internal error, no hang."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from real_flake8 import flake8, python

# What every program here has with it, so that the whole engine has work to do: one SHS101.
COUNTER = """
from threading import Thread

class Counter:
    count = 0
    def step(self):
        self.count += 1

counter = Counter()
for _ in range(4):
    Thread(target=counter.step).start()
"""

LEAVES_IT_TO_FLAKE8 = {"E902", "E999"}


def codes_of(path: Path) -> list[str]:
    """Check a file with this plugin alone, within flake8."""
    run = python("tests/plugin_alone.py", path)
    assert (run.status, run.stderr) == (0, "")
    return [line.split()[1] for line in run.stdout.splitlines()]


ENCODED = {
    "latin-1 cookie": "# -*- coding: latin-1 -*-\nname = 'é'\n".encode("latin-1") + COUNTER.encode(),
    "latin-1 without a cookie": "name = 'é'\n".encode("latin-1") + COUNTER.encode(),
    "unknown cookie": b"# -*- coding: no-such-encoding -*-\n" + COUNTER.encode(),
    "cookie at odds with a byte order mark": b"\xef\xbb\xbf# coding: latin-1\n" + COUNTER.encode(),
    "byte order mark": b"\xef\xbb\xbf" + COUNTER.encode(),
    "Windows line ends": COUNTER.replace("\n", "\r\n").encode(),
    "form feeds": b"\x0c\n" + COUNTER.replace("\nclass", "\n\x0cclass").encode(),
    "no end of the last line": COUNTER.rstrip().encode(),
    "names beyond ASCII": COUNTER.replace("count", "zähler").encode(),
    "wide characters on the line": COUNTER.replace("self.count +=", "x = '🔒🔒'; self.count +=").encode(),
}


@pytest.mark.parametrize("name", ENCODED)
def test_encodings_are_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.py"
    path.write_bytes(ENCODED[name])
    assert flake8("--isolated", "--select=SHS,E9", path).codes == ["SHS101"]


SILENT = {
    "empty": b"",
    "byte order mark alone": b"\xef\xbb\xbf",
    "blank lines": b"\n\n\n",
    "comment alone": b"# threading.Lock",
    "docstring alone": b'"""Threads and locks."""',
    "flake8: noqa": b"# flake8: noqa\n" + COUNTER.encode(),
}


@pytest.mark.parametrize("name", SILENT)
def test_next_to_nothing_is_silent(name: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.py"
    path.write_bytes(SILENT[name])
    assert flake8("--isolated", "--select=SHS,E9", path).codes == []


def nested(head: str, levels: int = 90) -> str:
    """Give a function with this statement so many times in itself; the tokenizer allows some 100 levels."""
    inner = "".join(f"{' ' * level}{head}\n" for level in range(1, levels))
    return f"def deep(x):\n{inner}{' ' * levels}x.n += 1\n"


UNREADABLE = {
    "UTF-16": COUNTER.encode("utf-16"),
    "binary": bytes(range(256)) * 20,
    "Python 2": COUNTER.encode() + b"print counter.count\n",
    "cut off": COUNTER.encode()[:-10],
    "1,000 brackets": ("x = " + "[" * 1000 + "]" * 1000 + COUNTER).encode(),
    "too many levels of indentation": nested("if x:", 120).encode(),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_does_not_parse_is_left_to_flake8(name: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.py"
    path.write_bytes(UNREADABLE[name])
    codes = flake8("--isolated", "--select=SHS,E9", path).codes
    assert codes
    assert set(codes) <= LEAVES_IT_TO_FLAKE8


@pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="bare flake8 ends with the SystemError of CPython's own tokenizer"
)
def test_null_bytes_are_left_to_flake8(tmp_path: Path) -> None:
    path = tmp_path / "odd.py"
    path.write_bytes(COUNTER.encode() + b"x = '\0'\n")
    assert flake8("--isolated", "--select=SHS,E9", path).codes == ["E999"]


def chained(start: str, link: str, times: int = 1000) -> str:
    """Give an expression as deep as it has links, in a function that a thread runs."""
    return f"def deep(x, f, q):\n    return {start}{link * times}\n"


DEEP = {
    "sums": chained("1", " + x"),
    "attributes": chained("x", ".x"),
    "calls": chained("f", "()"),
    "subscripts": chained("x", "[0]"),
    "method chain": chained("q", ".set(1)"),
    "conditional expressions": chained("x if f else " * 500, "0", 1),
    "negations": chained("not " * 500, "x", 1),
    "elif chain": "def deep(x):\n    if x == 0:\n        x = 1\n"
    + "".join(f"    elif x == {n}:\n        x = {n} + 1\n" for n in range(1, 1000))
    + "    return x\n",
    "if in if": nested("if x:"),
    "for in for": nested("for x in x:"),
    "while in while": nested("while x:"),
    "with in with": nested("with x as x:"),
    "functions in functions": nested("def deep(x):"),
    "classes in classes": nested("class x:"),
    "try in try": nested("try:")
    + "".join(f"{' ' * n}finally:\n{' ' * (n + 1)}x.n += 1\n" for n in range(89, 0, -1)),
    "inheritance": "class C0: pass\n"
    + "".join(f"class C{n}(C{n - 1}):\n    def m{n}(self):\n        self.n += 1\n" for n in range(1, 1000))
    + "deep = C999().m1\n",
    "call chain": "def g0(x): x.n += 1\n"
    + "".join(f"def g{n}(x): g{n - 1}(x)\n" for n in range(1, 1000))
    + "deep = g999\n",
    "assignment chain": "def deep(x):\n    v0 = x\n"
    + "".join(f"    v{n} = v{n - 1}\n" for n in range(1, 1000))
    + "    v999.n += 1\n",
    "object chain": "class N: pass\nn0 = N()\n"
    + "".join(f"n{n} = N()\nn{n}.next = n{n - 1}\n" for n in range(1, 500))
    + "def deep():\n    n499"
    + ".next" * 499
    + ".x += 1\n",
    "decorators": "def d(f): return f\n" + "@d\n" * 1000 + "def deep(): pass\n",
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_nesting(name: str, tmp_path: Path) -> None:
    path = tmp_path / "deep.py"
    path.write_text(DEEP[name] + "from threading import Thread\nThread(target=deep).start()\n" + COUNTER)
    codes = codes_of(path)
    assert set(codes).isdisjoint({"SHS900", *LEAVES_IT_TO_FLAKE8})


LARGE = {
    "ring of 500 functions": "".join(
        f"def r{n}(x):\n    return r{(n + 1) % 500}(r{n})\n" for n in range(500)
    ),
    "20,000 lines": "".join(
        f"class Part{n}:\n"
        "    def __init__(self):\n"
        "        self.n = 0\n"
        "    def step(self, other):\n"
        "        if other:\n"
        "            self.n = other.n\n"
        "        return self.n\n"
        f"def use{n}():\n"
        f"    part = Part{n}()\n"
        "    return part.step(part)\n"
        for n in range(2000)
    ),
    "class of 2,000 methods": "from threading import Thread\nclass Large:\n    n = 0\n"
    + "".join(f"    def m{n}(self):\n        self.n += 1\n        self.m{n + 1}()\n" for n in range(2000))
    + "    def m2000(self): pass\n"
    + "large = Large()\nThread(target=large.m0).start()\nlarge.m1()\n",
    "1,000 threads": "from threading import Thread\nclass Large:\n    n = 0\n"
    + "".join(f"    def m{n}(self):\n        self.n += 1\n" for n in range(1000))
    + "large = Large()\n"
    + "".join(f"Thread(target=large.m{n}).start()\n" for n in range(1000)),
    "1,000 locks": "from threading import Lock\n"
    + "".join(f"lock{n} = Lock()\n" for n in range(1000))
    + "def f(x):\n"
    + "".join(f"    with lock{n}:\n        x.n += 1\n" for n in range(1000)),
    "function of 10,000 statements": "def f(x, y):\n    x = y\n"
    + "    if y:\n        x.n += 1\n" * 5000
    + "from threading import Thread\nThread(target=f).start()\n",
    "dictionary of 10,000 items": "table = {\n"
    + "".join(f"    {n}: [{n}, {n}],\n" for n in range(10000))
    + "}\n",
    "500 callables through one parameter": "def run(f): f()\n"
    + "".join(f"def f{n}(): run(f{n})\nrun(f{n})\n" for n in range(500)),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_files(name: str, tmp_path: Path) -> None:
    path = tmp_path / "large.py"
    path.write_text(LARGE[name] + COUNTER)
    codes = codes_of(path)
    assert set(codes).isdisjoint({"SHS900", *LEAVES_IT_TO_FLAKE8})


CIRCULAR = """
### function that calls itself
def f(x): return f(x)
f(f)

### functions that call each other
def f(x): return g(x)
def g(x): return f(g)
f(1)

### function that starts itself
from threading import Thread
def f():
    Thread(target=f).start()

### class that is its own base
class A(A): pass
A().x

### classes that are each other's bases
class A(B): pass
class B(A): pass
A().run()
B().x += 1

### bases without an order
class A: pass
class B(A): pass
class C(A, B): pass
C().x

### base that is not a class
class A(1 + 1, *bases, **kw): pass
class B(len): pass
class C(lambda: 0): pass

### class made again from itself
class A: pass
for _ in x:
    class A(A):
        def m(self): super().m()
A().m()

### class within its own method
class A:
    def m(self):
        class A(type(self)): pass
        return A().m()
A().m()

### names that name each other
a = b
b = a
a.x = b
b.x.x = a
a.x.x.x += 1

### container of itself
a = []
a.append(a)
a[0][0][0] = a
for a[0] in a: a

### object that holds itself
class N: pass
n = N()
n.next = n
n.next.next.next.x += 1

### function of itself
def f(g): return g(g)
f(f)
f(lambda h: h(h))

### partial of partial
from functools import partial
p = partial(print)
for _ in x:
    p = partial(p, p)
p()

### property of itself
class A:
    @property
    def p(self): return self.p
    @p.setter
    def p(self, v): self.p = v
A().p += 1

### lambda that returns itself
f = lambda: f
f()()()()

### generator of itself
def g():
    yield from g()
for x in g(): x.n += 1

### metaclass of itself
class M(type, metaclass=M): pass
class A(metaclass=A): pass

### decorator of itself
@f
def f(g): return f(g)
@f
class A: pass

### star import
from threading import *
from os.path import *
Lock()

### star import of nothing known
from nowhere import *
Thread(target=run).start()
lock.acquire()

### missing imports
import no_such_package.sub as s
from no_such import Thread as T
class A(s.Thread, T):
    def run(self): self.n += 1
A().start()
T(target=A().run).start()

### relative imports
from . import x
from .... import y
from ..z import *
class A(x.B, y): pass

### import of itself
import odd
from odd import Counter as C
C().step()
odd.Counter().step()

### deleted names
from threading import Thread, Lock
del Lock
lock = Lock()
del lock
with lock: pass

### rebound library
import threading
threading = None
threading.Thread(target=1)
threading.Lock = int

### odd thread targets
from threading import Thread
Thread(target=1)
Thread(None)
Thread(*a, **k)
Thread(target=Thread)
Thread(target=Thread.run)
Thread(target=None).start()
Thread(1, 2, 3, 4, 5, 6, 7, 8)
Thread(target=[f][0], args=None)

### odd locks
from threading import Lock
Lock().acquire().release()
with Lock() as (a, b), Lock() as a.b[c]: pass
Lock.acquire(Lock())
def f(l):
    while l.acquire(): l = l
    else: l.release()
    return f(l.release)

### global at module level
global g
g = 0
def f():
    global g, h
    del g
    h += 1
f()

### assignments of every kind
(a, [b, *c]), d.e, f[0] = x
for g.h in y: pass
with z as (i, j.k): pass
l: int
m.n: int = 0
[o := p for p in q if (r := p)]
import s.t
except_ = [u for u.v in w]

### match
def f(x):
    match x:
        case {'a': [y, *z], **rest} | A(y=z, rest=B() as y): y.n += 1
        case _: pass

### async of every kind
async def f(x):
    async with x as y, y: y.n += await x
    async for y.z in x: yield y
    return_ = [await i async for i in x]
"""
PROGRAMS = dict(block.split("\n", maxsplit=1) for block in CIRCULAR.split("\n### ")[1:])


@pytest.mark.parametrize("name", PROGRAMS)
def test_circular_and_unknown(name: str, tmp_path: Path) -> None:
    """What cannot be understood takes nothing from the counter above it.

    Below it the counter might never be reached: some of these programs would recurse for ever.
    """
    path = tmp_path / "odd.py"
    path.write_text(COUNTER + PROGRAMS[name])
    codes = codes_of(path)
    assert "SHS101" in codes
    assert set(codes).isdisjoint({"SHS900", *LEAVES_IT_TO_FLAKE8})
