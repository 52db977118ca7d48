"""Whole programs, whose own threads are explored.

The explorer knows its threads beforehand. So that a program can start its own, `threading.Thread` and
`ThreadPoolExecutor` in its module are stand-ins: what is started is done by the next free one of the
explorer's threads, and whoever joins waits for its end, as with the real ones. `main()` runs in the first
of them.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

from explorer import Driver, drive


class Crew:
    """What the threads of one run of a program share: the threads it has started and what it has printed."""

    def __init__(self, module: Any) -> None:
        crew = self
        self.module = module
        self.printed: list[Any] = []
        self._started: queue.Queue[_Thread | None] = queue.Queue()

        class Thread(_Thread):
            _crew = crew

        class Pool(_Pool):
            _thread = Thread

        module.print = lambda *values: crew.printed.append(values)
        if hasattr(module, "threading"):
            module.threading = SimpleNamespace(**vars(threading) | {"Thread": Thread})
        if hasattr(module, "ThreadPoolExecutor"):
            module.ThreadPoolExecutor = Pool

    def begin(self, thread: _Thread) -> None:
        """Hand a thread to the next helper."""
        self._started.put(thread)

    def work(self, call: Callable[[Any], Any], helpers: int) -> Any:
        """Run the program, then dismiss the helpers that wait for nothing."""
        try:
            return call(self.module)
        finally:
            for _ in range(helpers):
                self._started.put(None)

    def help(self) -> None:
        """Do what one started thread would do."""
        thread = self._started.get()
        if thread is not None:
            thread.work()


class _Thread:
    _do: Callable[[], Any]
    _crew: Crew

    def __init__(
        self,
        group: None = None,
        target: Callable[..., Any] = lambda: None,
        name: str = "",
        args: Iterable[Any] = (),
        kwargs: dict[str, Any] | None = None,
        *,
        daemon: bool = False,
    ) -> None:
        self._do = lambda: target(*args, **kwargs or {})
        self._ended = threading.Event()

    def start(self) -> None:
        self._crew.begin(self)

    def work(self) -> None:
        try:
            self._do()
        finally:
            self._ended.set()

    def join(self, timeout: float | None = None) -> None:
        self._ended.wait(timeout)

    def is_alive(self) -> bool:
        return not self._ended.is_set()


class _Pool:
    _thread: type[_Thread]

    def __init__(self, max_workers: int = 4) -> None:
        self._lock = threading.Lock()
        self._left = max_workers
        self._jobs: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._workers: list[_Thread] = []

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        future: Future[Any] = Future()

        def job() -> None:
            try:
                future.set_result(function(*args))
            except BaseException as error:
                future.set_exception(error)

        with self._lock:
            self._jobs.put(job)
            if self._left:
                self._left -= 1
                self._workers.append(self._thread(target=self._work))
                self._workers[-1].start()
        return future

    def map(self, function: Callable[[Any], Any], values: Iterable[Any]) -> Iterator[Any]:
        futures = [self.submit(function, value) for value in values]
        return (future.result() for future in futures)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def shutdown(self, wait: bool = True) -> None:
        for _ in self._workers:
            self._jobs.put(None)
        for worker in self._workers if wait else ():
            worker.join()

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()


def whole(
    helpers: int,
    call: Callable[[Any], Any] = lambda module: module.main(),
    keeps: Callable[[Any], bool] = lambda crew: True,
    got: Callable[[Any], bool] = lambda value: True,
) -> Driver:
    """Make a driver that runs a whole program.

    helpers: how many threads it starts
    call: what of it is run
    keeps: what must hold of the module and what it has printed
    got: what must hold of what the call has returned
    """
    return drive(
        Crew,
        lambda crew: crew.work(call, helpers),
        *[lambda crew: crew.help()] * helpers,
        keeps=keeps,
        got=lambda value, *_: got(value),
        whole=True,
    )
