"""What a program imports is found out from source on the disk, and neither imported nor run.

Each test writes packages as if installed, and a program that uses them, which says on its own lines
what is to be reported.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from textwrap import dedent

import pytest

from flake8_sharedstate.pipeline import analyse
from flake8_sharedstate.program.external import External, external
from flake8_sharedstate.program.external.answer import UNKNOWN
from flake8_sharedstate.settings import Settings
from marks import read_marks
from real_flake8 import ROOT, flake8

Install = Callable[..., Path]
Check = Callable[[str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Give a function that writes modules where imports find them: path and text of each."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)

    def write(**modules: str) -> Path:
        for name, text in modules.items():
            path = site / (name.replace("__in__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))
        return site

    return write


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Give a function that compares what is reported of a program with what its marks expect."""

    def compare(text: str) -> None:
        path = tmp_path / "app" / "program.py"
        path.parent.mkdir(exist_ok=True)
        check_file(path, dedent(text))

    return compare


def check_file(path: Path, text: str) -> None:
    path.write_text(text)
    reports = analyse(ast.parse(text), text, str(path), Settings())
    said = [f"{r.line}: {r.code} {r.text}" for r in reports]
    assert read_marks(text).disagreements({(r.line, r.code) for r in reports}) == [], said


# Base classes

OWNER = """
    import threading

    class Store:
        def __init__(self, lock=None):
            self._lock = lock or threading.RLock()
            self.rows = []

        def add(self, row):
            with self._lock:
                self.rows.append(row)
    """


def test_a_base_class_owns_the_lock(install: Install, check: Check) -> None:
    install(storage=OWNER)
    check("""
        import threading
        from storage import Store

        class Counted(Store):
            def __init__(self):
                super().__init__()
                self.hits = 0

            def hit(self):
                with self._lock:
                    self.hits += 1

            def miss(self):
                self.hits -= 1  # expect: SHS101|SHS202
        """)


def test_a_base_class_owns_the_lock_and_it_is_always_held(install: Install, check: Check) -> None:
    install(storage=OWNER)
    check("""
        import threading
        from storage import Store

        class Counted(Store):
            def __init__(self):
                super().__init__()
                self.hits = 0

            def hit(self):
                with self._lock:
                    self.hits += 1

            def reset(self):
                self._lock.acquire()
                try:
                    self.hits -= self.hits
                finally:
                    self._lock.release()

        counted = Counted()
        threads = [threading.Thread(target=counted.hit) for _ in range(4)]
        for thread in threads:
            thread.start()
        counted.reset()
        """)


def test_each_instance_has_a_lock_of_its_own(install: Install, check: Check) -> None:
    install(storage=OWNER)
    check("""
        import threading
        from storage import Store

        total = 0

        class Summed(Store):
            def put(self):
                global total
                with self._lock:
                    total += 1  # expect: SHS103|SHS202

        first, second = Summed(), Summed()
        threading.Thread(target=first.put).start()
        threading.Thread(target=second.put).start()
        """)


def test_a_lock_in_a_base_class_s_body_is_one_for_all(install: Install, check: Check) -> None:
    install(
        registry="""
        from threading import Lock

        class Registered:
            _guard = Lock()
        """
    )
    check("""
        import threading
        from registry import Registered

        class Plugin(Registered):
            count = 0

            def enlist(self):
                with self._guard:
                    Plugin.count += 1

            def drop(self):
                Plugin.count -= 1  # expect: SHS102|SHS202

        class Safe(Registered):
            count = 0

            def enlist(self):
                with self._guard:
                    Safe.count += 1

        for plugin in (Plugin(), Plugin()):
            threading.Thread(target=plugin.enlist).start()
            threading.Thread(target=plugin.drop).start()
        for safe in (Safe(), Safe()):
            threading.Thread(target=safe.enlist).start()
        """)


def test_what_a_base_class_calls_under_its_lock_is_no_entry_for_others(
    install: Install, check: Check
) -> None:
    install(
        sinks="""
        import threading

        class Sink:
            def __init__(self):
                self.lock = threading.RLock()

            def emit(self, record):
                with self.lock:
                    self.write(record)
        """
    )
    check("""
        from sinks import Sink
        import threading

        class Counting(Sink):
            written = 0

            def write(self, record):
                self.written += 1

            def reopen(self):
                with self.lock:
                    self.written = 0
        """)


def test_a_base_class_is_a_thread(install: Install, check: Check) -> None:
    install(
        workers="""
        import threading

        class Worker(threading.Thread):
            def __init__(self, label, target=None):
                super().__init__(target=target, name=label)
        """
    )
    check("""
        import threading
        from workers import Worker

        class Alone(Worker):
            def __init__(self):
                super().__init__("alone")
                self.seen = 0

            def run(self):
                self.seen += 1

        class Watched(Worker):
            def __init__(self):
                super().__init__("watched")
                self.seen = 0

            def run(self):
                self.seen += 1  # expect: SHS101

            def forget(self):
                self.seen -= 1  # expect: SHS101

        Alone().start()
        watched = Watched()
        watched.start()
        watched.forget()

        total = 0

        def tally():
            global total
            total += 1  # expect: SHS103

        for label in "ab":
            Worker(label, tally).start()
        """)


def test_a_base_class_s_run_calls_what_a_subclass_defines(install: Install, check: Check) -> None:
    install(
        loops="""
        from threading import Event, Thread

        class Looping(Thread):
            def __init__(self):
                super().__init__()
                self._ended = Event()

            def run(self):
                while not self._ended.is_set():
                    self._once()

            def _once(self):
                step = self.step
                step()
        """
    )
    check("""
        import threading
        from loops import Looping

        class Poller(Looping):
            def __init__(self):
                super().__init__()
                self.polls = 0

            def step(self):
                self.polls += 1  # expect: SHS101

        poller = Poller()
        poller.start()
        poller.polls += 1  # expect: SHS101
        """)


def test_a_base_class_that_is_served_by_threads(install: Install, check: Check) -> None:
    install(
        wire="""
        import socketserver

        class LineHandler(socketserver.StreamRequestHandler):
            timeout = 5
        """
    )
    check("""
        import socketserver
        from wire import LineHandler

        served = 0

        class Echo(LineHandler):
            lines = 0

            def handle(self):
                global served
                self.lines += 1
                served += 1  # expect: SHS103

        with socketserver.ThreadingTCPServer(("", 0), Echo) as server:
            server.serve_forever()
        """)


# Locks by another name

GUARD = """
    from threading import Lock as _Lock

    class Guard:
        def __init__(self):
            self._inner = _Lock()

        def __enter__(self):
            self._inner.acquire()
            return self

        def __exit__(self, *exception):
            self._inner.release()

    class Timer:
        def __enter__(self):
            return self

        def __exit__(self, *exception):
            pass

    SHARED = Guard()
    PLAIN = _Lock()
    """


def test_a_class_that_takes_a_lock_of_its_own_is_a_lock(install: Install, check: Check) -> None:
    install(guards=GUARD)
    check("""
        import threading
        from guards import Guard

        class Account:
            def __init__(self):
                self.guard = Guard()
                self.other = Guard()
                self.balance = 0
                self.fees = 0

            def deposit(self, amount):
                with self.guard:
                    self.balance += amount

            def withdraw(self, amount):
                with self.guard:
                    self.balance -= amount
                    self.fees += 1  # expect?: SHS101|SHS202

            def charge(self):
                with self.other:
                    self.fees += 1  # expect?: SHS101|SHS202
        """)


@pytest.mark.parametrize("lock", ["SHARED", "PLAIN"])
def test_a_lock_is_imported(install: Install, check: Check, lock: str) -> None:
    install(guards=GUARD)
    check(f"""
        import threading
        import guards
        from guards import {lock} as lock

        total = found = 0

        def work():
            global total, found
            with lock:
                total += 1
            with guards.{lock}:
                total += 1
            found += 1  # expect: SHS103

        for _ in range(3):
            threading.Thread(target=work).start()
        """)


def test_what_is_not_understood_may_be_a_lock(install: Install, check: Check) -> None:
    install(guards=GUARD)
    check("""
        import threading
        from guards import Timer, missing
        from nowhere import LOCK, lock_for

        total = found = timed = missed = 0

        def work():
            global total, found, timed, missed
            with LOCK:
                total += 1
            with lock_for("found"):
                found += 1
            with Timer():
                timed += 1
            with missing():
                missed += 1

        for target in (work, work):
            threading.Thread(target=target).start()
        """)


def test_a_base_class_that_cannot_be_found_changes_nothing(check: Check) -> None:
    check("""
        import threading
        from nowhere import Base

        class Tally(Base):
            def __init__(self):
                self.lock = threading.Lock()
                self.n = 0

            def add(self):
                with self.lock:
                    self.n += 1

            def take(self):
                self.n -= 1  # expect: SHS101|SHS202
        """)


# Factories, context managers, decorators

MAKERS = """
    import contextlib
    import functools
    import threading
    import typing

    _LOCK = threading.Lock()
    _BY_NAME = {}

    def new_lock():
        return threading.RLock()

    def the_lock():
        return _LOCK

    def lock_for(name):
        if name in _BY_NAME:
            return _BY_NAME[name]
        lock = _BY_NAME[name] = threading.Lock()
        return lock

    @functools.cache
    def cached_lock():
        return threading.Lock()

    @contextlib.contextmanager
    def exclusive():
        with _LOCK:
            yield

    @contextlib.contextmanager
    def holding(lock):
        lock.acquire()
        try:
            yield
        finally:
            lock.release()

    @contextlib.contextmanager
    def timed(label):
        yield label

    def locked(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            with _LOCK:
                return function(*args, **kwargs)
        return wrapper

    def locked_apart(function):
        lock = threading.Lock()
        def wrapper(*args, **kwargs):
            with lock:
                return function(*args, **kwargs)
        return wrapper

    def locked_by(lock):
        def decorate(function):
            def wrapper(*args, **kwargs):
                with lock:
                    return function(*args, **kwargs)
            return wrapper
        return decorate

    def synchronized(method):
        def wrapper(self, *args, **kwargs):
            with self._mutex:
                return method(self, *args, **kwargs)
        return wrapper

    def synchronized_too(method):
        @functools.wraps(method)
        def wrapper(*args, **kwargs):
            receiver = typing.cast("Tank", args[0])
            receiver._mutex.acquire()
            try:
                return method(*args, **kwargs)
            finally:
                receiver._mutex.release()
        return wrapper

    def guarded_somehow(method):
        def wrapper(self, *args):
            with self.guard_for(method):
                return method(self, *args)
        return wrapper

    def logged(function):
        def wrapper(*args, **kwargs):
            with timed("call"):
                return function(*args, **kwargs)
        return wrapper
    """


def test_a_factory_gives_a_lock(install: Install, check: Check) -> None:
    install(makers=MAKERS)
    check("""
        import threading
        import makers
        from makers import new_lock

        class Gauge:
            def __init__(self):
                self._lock = new_lock()
                self.value = 0

            def rise(self):
                with self._lock:
                    self.value += 1

            def fall(self):
                self.value -= 1  # expect: SHS101|SHS202

        total = apart = 0

        def count():
            global total, apart
            with makers.the_lock():
                total += 1
            with new_lock():  # expect: SHS201
                apart += 1  # allow: SHS103
            with makers.lock_for("count"):
                total += 1

        for _ in range(3):
            threading.Thread(target=count).start()
        """)


@pytest.mark.parametrize("maker", ["lock_for('a')", "cached_lock()"])
def test_a_factory_that_may_give_one_lock_twice_is_not_guessed_at(
    install: Install, check: Check, maker: str
) -> None:
    install(makers=MAKERS)
    check(f"""
        import threading
        import makers

        total = 0

        def count():
            global total
            with makers.{maker}:
                total += 1

        for _ in range(3):
            threading.Thread(target=count).start()
        """)


def test_a_context_manager_holds_a_lock(install: Install, check: Check) -> None:
    install(makers=MAKERS)
    check("""
        import threading
        from makers import exclusive, holding

        total = 0
        own, other = threading.Lock(), threading.Lock()
        kept = mixed = 0

        def add():
            global total, kept, mixed
            with exclusive():
                total += 1
            with holding(own):
                kept += 1
                mixed += 1  # expect?: SHS103|SHS202

        def take():
            global total, kept, mixed
            with exclusive():
                total -= 1
            with own:
                kept -= 1
            with holding(other):
                mixed -= 1  # expect?: SHS103|SHS202

        for target in (add, take):
            threading.Thread(target=target).start()
        """)


def test_a_decorator_holds_a_lock(install: Install, check: Check) -> None:
    install(makers=MAKERS)
    check("""
        import threading
        from makers import locked, locked_apart, locked_by, logged

        own = threading.Lock()
        total = apart = given = bare = 0

        @locked
        def add():
            global total
            total += 1

        @locked
        def take():
            global total
            total -= 1

        @locked_apart
        def rise():
            global apart
            apart += 1  # expect?: SHS103|SHS202

        @locked_apart
        def fall():
            global apart
            apart -= 1  # expect?: SHS103|SHS202

        @locked_by(own)
        def put():
            global given
            given += 1

        def pull():
            global given
            with own:
                given -= 1

        @logged
        def log():
            global bare
            bare += 1  # expect: SHS103

        for target in (add, take, rise, fall, put, pull, log, log):
            threading.Thread(target=target).start()
        """)


def test_a_method_decorator_holds_its_receiver_s_lock(install: Install, check: Check) -> None:
    install(makers=MAKERS)
    check("""
        import threading
        from makers import guarded_somehow, synchronized, synchronized_too

        class Tank:
            def __init__(self):
                self._mutex = threading.Lock()
                self.level = 0
                self.spilled = 0
                self.leaked = 0

            def guard_for(self, method):
                return self._mutex

            @synchronized
            def fill(self):
                self.level += 1

            @synchronized_too
            def drain(self):
                self.level -= 1

            @guarded_somehow
            def leak(self):
                self.leaked += 1

            def spill(self):
                self.spilled += 1  # expect: SHS101

        tank = Tank()
        for target in (tank.fill, tank.drain, tank.spill, tank.spill, tank.leak, tank.leak):
            threading.Thread(target=target).start()
        """)


# Re-exports and relative imports


def test_names_are_followed_to_what_they_stand_for(install: Install, check: Check) -> None:
    install(
        compat__in____init__="""
            from .parts import *
            try:
                from fastlocks import RLock
            except ImportError:
                from threading import RLock
            import concurrent.futures as futures
            Pool = futures.ThreadPoolExecutor
            """,
        compat__in__parts="""
            from threading import Thread
            """,
    )
    check("""
        import compat
        from compat import RLock, Thread

        class Meter:
            def __init__(self):
                self.lock = RLock()
                self.on = self.off = 0

            def work(self):
                self.on += 1  # expect: SHS101
                with self.lock:
                    self.off += 1

        meter = Meter()
        for _ in range(2):
            Thread(target=meter.work).start()
        with compat.Pool(4) as pool:
            pool.submit(meter.work)
        """)


def package(folder: Path, name: str) -> Path:
    inner = folder / "app" / name
    inner.mkdir(parents=True)
    (inner / "__init__.py").write_text("")
    return inner


def test_a_relative_import_is_of_the_file_s_own_package(tmp_path: Path) -> None:
    app = package(tmp_path, "mill")
    (app / "threading.py").write_text("class Thread:\n    def __init__(self, target): ...\n")
    program = """\
from .threading import Thread
import threading

total = 0

def work():
    global total
    total += 1

Thread(target=work)
Thread(target=work).start()
"""
    check_file(app / "program.py", program)


def test_a_sibling_on_the_disk_is_read(tmp_path: Path) -> None:
    app = package(tmp_path, "mint")
    (app / "bases.py").write_text(dedent(OWNER))
    program = """\
import threading
from .bases import Store

class Counted(Store):
    hits = 0

    def hit(self):
        with self._lock:
            self.hits += 1

    def miss(self):
        self.hits -= 1  # expect: SHS101|SHS202
"""
    check_file(app / "program.py", program)


def test_an_import_from_beyond_the_package_is_unknown(tmp_path: Path) -> None:
    program = """\
from ....threading import Thread
import threading

total = 0

def work():
    global total
    total += 1

Thread(target=work).start()
Thread(target=work).start()
"""
    check_file(tmp_path / "alone.py", program)


def test_a_relative_import_where_there_is_no_package_is_unknown(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    (folder / "__init__.py").write_text("from threading import Lock\nLOCK = Lock()\n")
    program = """\
from .inner import LOCK
from . import inner
import threading

total = 0

def work():
    global total
    with LOCK:
        total += 1
    with inner.LOCK:
        total += 1

Thread = threading.Thread
Thread(target=work).start()
Thread(target=work).start()
"""
    check_file(tmp_path / "alone.py", program)


# Whatever is on the disk

DANGEROUS = """
    import pathlib
    import threading

    pathlib.Path(__file__).with_suffix(".ran").write_text("imported")

    class Store:
        def __init__(self):
            self._lock = threading.Lock()
    """
USER = """
    import threading
    from suspect import Store

    class Counted(Store):
        hits = 0

        def hit(self):
            with self._lock:
                self.hits += 1

        def miss(self):
            self.hits -= 1{mark}
    """


def test_nothing_is_imported_or_run(install: Install, check: Check, tmp_path: Path) -> None:
    site = install(suspect=DANGEROUS)
    check(USER.format(mark="  # expect: SHS101|SHS202"))
    assert not (site / "suspect.ran").exists()
    assert "suspect" not in sys.modules
    program = tmp_path / "app" / "program.py"
    (program.parent / "suspect.py").write_text(dedent(DANGEROUS))
    assert len(flake8("--isolated", "--select=SHS", program).reports) == 1
    assert not (program.parent / "suspect.ran").exists()


def test_an_extension_module_is_not_loaded(install: Install, check: Check) -> None:
    # Whoever loads this as the machine's code fails, which says so.
    (install() / f"suspect{EXTENSION_SUFFIXES[0]}").write_bytes(b"no machine code")
    check(USER.format(mark=""))
    assert "suspect" not in sys.modules


@pytest.mark.parametrize(
    "text",
    [
        "class Store(:\n",
        "# coding: nonsense\nclass Store: pass\n",
        "from suspect import Store\n",
        "from suspect import *\n",
        "Store = Store\n",
        "class Store(Store): pass\n",
        "def Store(): return Store()\n",
        "Store = " + "(" * 5_000 + ")" * 5_000,
        "import threading\n" + "x = 1\n" * 100_000 + "class Store:\n    _lock = threading.Lock()\n",
        "from ..... import Store\n",
        "",
    ],
    ids=lambda text: repr(text[:24]),
)
def test_what_cannot_be_read_is_unknown(install: Install, check: Check, text: str) -> None:
    (install() / "suspect.py").write_text(text)
    check(USER.format(mark=""))


def test_bytes_that_are_no_text_are_unknown(install: Install, check: Check) -> None:
    (install() / "suspect.py").write_bytes(b"\xff\xfe\x00class")
    check(USER.format(mark=""))


def test_modules_may_import_each_other(install: Install, check: Check) -> None:
    install(
        suspect="""
            from other import Base
            import threading
            LOCK = threading.Lock()
            class Store(Base):
                pass
            """,
        other="""
            import suspect
            from suspect import Store
            class Base:
                def __init__(self):
                    self._lock = suspect.LOCK
            """,
    )
    check(USER.format(mark="  # expect: SHS101|SHS202"))


def test_a_chain_of_modules_is_followed_to_its_end_or_not_at_all(install: Install) -> None:
    site = install(**{f"link{n}": f"from link{n + 1} import Lock\n" for n in range(40)})
    (site / "link40.py").write_text("from threading import Lock\n")
    assert External("").answer("link35.Lock").alias == "threading.Lock"
    assert External("").answer("link0.Lock") == UNKNOWN


def test_answers_depend_on_no_order(install: Install) -> None:
    links = {f"link{n}": f"from link{n + 1} import Lock\n" for n in range(40)}
    site = install(makers=MAKERS, storage=OWNER, guards=GUARD, **links)
    (site / "link40.py").write_text("from threading import Lock\n")
    names = [
        *(f"link{n}.Lock" for n in range(41)),
        *(f"makers.{name}" for name in ("new_lock", "the_lock", "lock_for", "exclusive", "locked")),
        *("storage.Store", "guards.Guard", "guards.SHARED", "guards.Timer"),
    ]
    one, other = External(""), External("")
    forwards = {name: one.answer(name) for name in names}
    backwards = {name: other.answer(name) for name in reversed(names)}
    assert forwards == backwards


def test_a_changed_file_is_read_again(install: Install) -> None:
    site = install(storage="class Store: pass\n")
    assert external("").answer("storage.Store") == UNKNOWN
    (site / "storage.py").write_text(dedent(OWNER))
    found = external("").answer("storage.Store").type
    assert found is not None
    assert found.attributes["_lock"] == "threading.RLock"


def test_astroid_is_imported_by_the_first_question(tmp_path: Path, install: Install) -> None:
    site = install(storage=OWNER)
    script = """\
import ast, sys
from flake8_sharedstate.pipeline import analyse
from flake8_sharedstate.settings import Settings

def analysed(text):
    analyse(ast.parse(text), text, "program.py", Settings())
    return "astroid" in sys.modules

print(analysed("import threading, storage\\nprint(storage.Store)\\nthreading.Lock()\\n"))
print(analysed("import threading, storage\\nclass A(storage.Store): pass\\nA()\\n"))
from astroid.manager import AstroidManager
manager = AstroidManager()
print(manager.always_load_extensions, len(manager.astroid_cache))
"""
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=site, capture_output=True, text=True, check=True, timeout=120
    )
    assert run.stdout.split() == ["False", "True", "False", "0"]
    assert ROOT.is_dir()
