"""Runs a fixture's own code under many schedules that switch threads between bytecode instructions.

A fixture is loaded anew for every schedule, from its own file: its definitions and assignments are
executed, under a name that is not `__main__`, and the statements of its module level that only call
something (`main()`, `thread.start()`) are left out. So loading starts nothing, the locks it makes are the
explorer's, and what runs in the threads is the fixture's code unchanged. A driver says what its threads
share, what each of them calls, and what must hold when all have ended.

Two explorers of frontrun are used, and a safe program has to stand both. DPOR enumerates the schedules that
differ in the order of conflicting accesses, with at most two switches at points where no thread has to
wait. It does not see every access (not the `in` of a dict, for one), so its end is no proof by itself; the
random explorer draws further schedules, from a fixed seed. Time is virtual: nobody sleeps, and a timeout
comes only when nothing else can go on.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import permutations
from pathlib import Path
from threading import Thread
from types import CodeType, ModuleType
from typing import Any

import frontrun

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"

SEED = 3
# How many schedules are tried at most: by DPOR, and by the random explorer.
OF_RACY = 20, 2000
OF_SAFE = 20, 100
OF_SAFE_WHOLE = 10, 10


@dataclass(frozen=True)
class Driver:
    """What is explored of one program.

    setup: from the loaded module to the object that the threads share
    threads: what each of the two or more threads does with it
    keeps: what must hold of the shared object in the end
    got: what must hold of the values that the threads have returned, in their order
    whole: the first thread runs a whole program, which the others work for; its schedules are long and few
    inside: modules of the standard library whose Python code threads are switched in too

    That no thread raises is part of every invariant.
    """

    setup: Callable[[Any], Any]
    threads: tuple[Callable[[Any], Any], ...]
    keeps: Callable[[Any], bool]
    got: Callable[..., bool]
    whole: bool
    inside: tuple[str, ...]


def drive(
    setup: Callable[[Any], Any],
    *threads: Callable[[Any], Any],
    keeps: Callable[[Any], bool] = lambda shared: True,
    got: Callable[..., bool] = lambda *values: True,
    whole: bool = False,
    inside: tuple[str, ...] = (),
) -> Driver:
    """Make a driver; the only thread that is given is run twice."""
    return Driver(setup, threads if len(threads) > 1 else threads * 2, keeps, got, whole, inside)


@dataclass(frozen=True)
class Proof:
    """What the schedules have shown: how many were tried, and how the invariant broke, if it did."""

    schedules: int
    broken: str | None


@dataclass
class _Run:
    """The state of one schedule."""

    shared: Any
    values: dict[int, Any] = field(default_factory=dict)
    errors: list[Exception] = field(default_factory=list)

    def note(self, error: Exception) -> None:
        """Keep an error of a thread, unless it is one by which the explorer ends its schedule."""
        if type(error).__module__.partition(".")[0] == frontrun.__name__:
            raise error
        self.errors.append(error)


@cache
def _code(program: str) -> CodeType:
    path = FIXTURES / f"{program}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [statement for statement in tree.body if not isinstance(statement, ast.Expr)]
    return compile(tree, str(path), "exec")


def load(program: str) -> ModuleType:
    """Execute a fixture without what it starts; each call gives a module of its own."""
    module = ModuleType(program.replace("/", "."))
    sys.modules[module.__name__] = module  # where dataclasses look up the classes' module
    exec(_code(program), module.__dict__)
    return module


def _worker(index: int, thread: Callable[[Any], Any]) -> Callable[[_Run], Any]:
    def work(run: _Run) -> None:
        try:
            run.values[index] = thread(run.shared)
        except Exception as error:
            run.note(error)

    async def task(run: _Run) -> None:
        try:
            run.values[index] = await thread(run.shared)
        except Exception as error:
            run.note(error)

    return task if inspect.iscoroutinefunction(thread) else work


def _holds(driver: Driver, run: _Run) -> bool:
    if run.errors:
        return False
    return driver.keeps(run.shared) and driver.got(
        *(run.values[index] for index in range(len(driver.threads)))
    )


def undisturbed(program: str, driver: Driver) -> Iterator[tuple[tuple[int, ...], bool, bool]]:
    """Run the threads one after the other, in every order, with no explorer.

    Where none is interrupted nothing may break, or the driver asks too much. A thread that waits for a later
    one is left waiting, and the next one started. Gives for each order whether the invariant held, and
    whether some thread was left waiting.
    """
    indexes = range(len(driver.threads))
    interval = sys.getswitchinterval()
    sys.setswitchinterval(60)
    try:
        for order in [tuple(indexes)] if driver.whole else permutations(indexes):
            run = _Run(driver.setup(load(program)))
            threads = [Thread(target=_alone, args=(driver, index, run), daemon=True) for index in order]
            waited = [_left_waiting(thread) for thread in threads]
            for thread in threads:
                thread.join(timeout=10)
                assert not thread.is_alive(), "waits for what never comes"
            yield order, _holds(driver, run), any(waited)
    finally:
        sys.setswitchinterval(interval)


def _alone(driver: Driver, index: int, run: _Run) -> None:
    outcome = _worker(index, driver.threads[index])(run)
    if inspect.iscoroutine(outcome):
        asyncio.run(outcome)


def _left_waiting(thread: Thread) -> bool:
    thread.start()
    thread.join(timeout=0.2)  # more than any of them works
    return thread.is_alive()


def _explore(program: str, driver: Driver, **options: Any) -> Proof:
    result = frontrun.explore(
        setup=lambda: _Run(driver.setup(load(program))),
        workers=[_worker(index, thread) for index, thread in enumerate(driver.threads)],
        invariant=lambda run: _holds(driver, run),
        detect_io=False,
        clock="virtual",
        timeout_per_run=60,
        deadlock_timeout=30,
        trace_packages=list(driver.inside),
        **options,
    )
    if inspect.iscoroutine(result):
        result = asyncio.run(result)
    assert result.property_holds is not None, result.inconclusive_reason
    return Proof(result.num_explored, None if result.property_holds else result.explanation or "broken")


def prove(program: str, driver: Driver, racy: bool) -> Proof:
    """Explore a program until its invariant breaks or the schedules meant for its kind are used up."""
    ordered, drawn = OF_RACY if racy else OF_SAFE_WHOLE if driver.whole else OF_SAFE
    first = _explore(program, driver, strategy="dpor", max_executions=ordered, reproduce_on_failure=0)
    if first.broken:
        return first
    second = _explore(program, driver, strategy="random", seed=SEED, max_attempts=drawn)
    return Proof(first.schedules + second.schedules, second.broken)
