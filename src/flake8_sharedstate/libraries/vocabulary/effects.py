"""What a library call does."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from flake8_sharedstate.libraries.vocabulary.sources import Arg, Arguments, Receiver, Source


class Threads(Enum):
    """How many threads run a callable that was handed over (catalogue, section 0)."""

    ONE = "a new thread for each call"
    POOL = "the workers of a pool or server, several at once"
    SERIAL = "one other thread, one call after the other"
    ANY = "whichever thread comes by, if the program has any: hooks, filters, listeners"
    HOLDER = "whichever of the threads that hand it over drops an object last: its finalizers"
    CALLER = "the thread that owns the event loop: marshalled, not concurrent"
    ELSEWHERE = "another process, which shares no memory with this one"


@dataclass(frozen=True, slots=True)
class Keep:
    """The receiver keeps a value under a name."""

    field: str
    source: Source


class Change(Enum):
    """What a method does to its container."""

    STORE = "replaces or inserts one item by key"
    APPEND = "adds at the end"
    INSERT = "adds elsewhere, or adds to a set"
    REMOVE = "takes away"
    CLEAR = "empties"
    REORDER = "sorts or reverses"


@dataclass(frozen=True, slots=True)
class Put:
    """A value becomes an item of the receiver (or of ``into``)."""

    source: Source
    key: Source | None = None
    change: Change = Change.APPEND
    into: Source = field(default_factory=Receiver)


@dataclass(frozen=True, slots=True)
class PutAll:
    """The items of an iterable become items of the receiver (or of ``into``)."""

    source: Source
    change: Change = Change.APPEND
    into: Source = field(default_factory=Receiver)


@dataclass(frozen=True, slots=True)
class Mutate:
    """The container changes in one step without taking a value in (``pop``, ``clear``, ``sort``)."""

    change: Change
    of: Source = field(default_factory=Receiver)
    key: Source | None = None
    tolerant: bool = False
    """Whether it is right whether or not the item is there (``discard``)."""


@dataclass(frozen=True, slots=True)
class Test:
    """The call's result tells something of a container's state (``empty``, ``qsize``, ``get``, ``len``)."""

    of: Source = field(default_factory=Receiver)
    key: Source | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """The result is an item of the container."""

    of: Source = field(default_factory=Receiver)
    key: Source | None = None


@dataclass(frozen=True, slots=True)
class TakePairs:
    """The result is a new iterable of (key, item) pairs of the container (``items``, ``enumerate``)."""

    of: Source = field(default_factory=Receiver)


@dataclass(frozen=True, slots=True)
class TakeTuples:
    """The result is a new iterable of tuples: one item of each positional argument (``zip``)."""


@dataclass(frozen=True, slots=True)
class Give:
    """The result is this value itself."""

    source: Source


class Identity(Enum):
    """Who is meant by what identifies a thread or process."""

    RUNNING = "the running thread"
    MAIN = "the main thread, whoever runs"
    PROCESS = "the running process"
    LOOP = "the event loop that the running thread runs"


@dataclass(frozen=True, slots=True)
class Identify:
    """The result is a thread or process, or a number of its own (``current_thread``, ``getpid``)."""

    who: Identity = Identity.RUNNING


@dataclass(frozen=True, slots=True)
class Make:
    """The result is a new object of a library type, with the items of ``items`` and ``kept`` fields."""

    type: str
    items: Source | None = None
    keep: tuple[Keep, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """The result is a live view of the container or an iterator over it, in the same state."""

    of: Source = field(default_factory=Receiver)


@dataclass(frozen=True, slots=True)
class Synchronize:
    """A function is given back that holds a lock while it runs (``wrapt.synchronized``)."""

    function: Source
    lock: Source | None = None
    """The lock; without, one that the decorator keeps on each receiver."""
    attribute: str | None = None
    """Under this name the receiver itself has the lock."""
    is_named: bool = False
    """Whether it is a lock out of sight, known by a name or a path."""
    shared: bool = False
    """Whether readers hold it together."""


@dataclass(frozen=True, slots=True)
class Invoke:
    """A callable is called, in the calling thread, before the call returns."""

    callable: Source
    arguments: Arguments = field(default_factory=Arguments)
    give: bool = False
    """Whether its result is the call's result."""


@dataclass(frozen=True, slots=True)
class Spawn:
    """A callable is handed to other threads."""

    callable: Source
    arguments: Arguments = field(default_factory=Arguments)
    threads: Threads = Threads.POOL
    handle: str | None = None
    """The type of the result, on which one can wait (``concurrent.futures.Future``)."""
    waited: bool = False
    """Whether the call itself waits until all is done (``Pool.map``, ``await to_thread`` on the spot)."""
    awaited: bool = False
    """Whether awaiting the result waits for it."""
    instantiate: bool = False
    """Whether the callable is a class of which each call makes an instance and runs ``runs`` on it."""
    runs: tuple[str, ...] = ()
    """Methods that the threads run; ``do_*`` stands for all public ones that begin so."""
    marked: str | None = None
    """The sign of those of them that are marked to be run; None for all."""
    repeated: bool = False
    """Whether one call has the callable run again and again (each request, the start of each worker)."""
    thread: str | None = None
    """For ``SERIAL``: the one of the receiver's threads that it is; what one thread runs, it runs in turn."""
    common: bool = False
    """Whether that thread is the library's one, whoever the receiver is."""
    workers: Source | None = None
    """The executor whose workers run it, if one is given."""
    tasks: bool = False
    """Whether a coroutine function is no mistake: the event loop runs it, as a task of its own."""
    injects: bool = False
    """Whether the call stands, in other runs, for what a run of the callable before them gave, or yielded."""


@dataclass(frozen=True, slots=True)
class Register:
    """A callable is handed over, and runs once a second statement has it run (:class:`Begin`)."""

    spawn: Spawn
    under: str
    """What tells it from other things that are registered with the same object, or by other libraries."""
    on: Source | None = field(default_factory=Receiver)
    """With which object; None for the library as a whole."""
    served: bool = False
    """Whether a server out of sight, which imports the program, may be what has it run."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A function is marked for those who look for it (``@cherrypy.expose``)."""

    function: Source
    sign: str


@dataclass(frozen=True, slots=True)
class Begin:
    """What is registered under a name begins to run."""

    under: str
    on: Source | None = field(default_factory=Receiver)
    here: bool = False
    """Whether it runs in the calling thread, before the call returns."""


@dataclass(frozen=True, slots=True)
class Start:
    """Starts the thread that the receiver is: its ``run``, or what it keeps as ``target``."""

    target: str = "target"
    args: str = "args"
    kwargs: str = "kwargs"
    runs: tuple[str, ...] = ()
    """Methods that the library's own ``run`` calls, for subclasses to define."""


@dataclass(frozen=True, slots=True)
class Join:
    """Waits until the receiver (or ``of``) is done: a thread, a future, all that was handed to a pool."""

    of: Source = field(default_factory=Receiver)
    each: bool = False
    """Waits for every element of ``of``."""
    unless: Arg | None = None
    """An argument with which it may return before all is done (``return_when=``)."""


@dataclass(frozen=True, slots=True)
class Side:
    """The result is a lock of this type through which the receiver is held (``rw.read_lock()``)."""

    type: str


@dataclass(frozen=True, slots=True)
class Hold:
    """What the manager locks stays locked until the receiver is left or closed (``enter_context``)."""

    manager: Source


@dataclass(frozen=True, slots=True)
class Defer:
    """What the callable gives back (``lock.release``) is given back when the receiver is left or closed."""

    callable: Source


@dataclass(frozen=True, slots=True)
class Unwind:
    """What the receiver holds is given back (``ExitStack.close``)."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """What the receiver holds, the result holds from here on (``ExitStack.pop_all``)."""


@dataclass(frozen=True, slots=True)
class Tell:
    """Something is said to somebody (``print``, a log record): to say it twice breaks nothing."""


@dataclass(frozen=True, slots=True)
class Specialized:
    """CPython carries the call out without looking whether another thread should run (catalogue 3.1)."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """The result is another value each time, such as an id: two callers do not get the same."""


@dataclass(frozen=True, slots=True)
class Unfailing:
    """In sound code nothing is raised: to call it between ``acquire`` and ``try`` leaks no lock."""


@dataclass(frozen=True, slots=True)
class Signal:
    """Lets go those who wait for the receiver (``Event.set``)."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Returns once somebody has given the signal (``Event.wait``)."""


@dataclass(frozen=True, slots=True)
class Parties:
    """As many threads as the argument says wait for the receiver together (``Barrier(2)``)."""

    count: Arg


@dataclass(frozen=True, slots=True)
class Meet:
    """Returns once all parties of the receiver wait for it (``Barrier.wait``)."""


@dataclass(frozen=True, slots=True)
class Finish:
    """What was taken out of the receiver is done with; whoever joins it waits for that (``task_done``)."""


@dataclass(frozen=True, slots=True)
class RunLoop:
    """The calling thread runs an event loop, the receiver or one that the call makes, until it returns."""


@dataclass(frozen=True, slots=True)
class Cooperate:
    """The threads of the program are greenlets from here on: they switch only where they block."""


@dataclass(frozen=True, slots=True)
class If:
    """What the call does depends on a literal argument."""

    argument: Arg
    value: object
    then: tuple[Effect, ...] = ()
    otherwise: tuple[Effect, ...] = ()


Effect: TypeAlias = (
    "Keep | Put | PutAll | Mutate | Test | Take | TakePairs | TakeTuples | Give | Identify | Make | View"
    " | Synchronize | Invoke | Spawn | Register | Begin | Mark | Start | Join | Side | Hold | Defer"
    " | Unwind | Transfer | Tell | Specialized | Fresh | Unfailing | Signal | Wait | Parties | Meet"
    " | Finish | RunLoop | Cooperate | If"
)
