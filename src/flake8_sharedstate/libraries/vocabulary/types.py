"""What is known of a library's class: how it locks, what its methods do, who runs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from flake8_sharedstate.libraries.vocabulary.effects import Effect
from flake8_sharedstate.libraries.vocabulary.sources import Arg


class Exclusion(Enum):
    """What holding an object keeps out (catalogue, section 2.1)."""

    THREADS = "every other thread"
    READERS = "writers only"
    TASKS = "other tasks of one event loop, not threads"
    NOTHING = "nobody: not a lock at all"
    WRAPPED = "whom what it wraps keeps out: no lock unless that is one"


@dataclass(frozen=True, slots=True)
class LockModel:
    """How a type locks."""

    exclusion: Exclusion
    acquire: tuple[str, ...] = ("acquire",)
    release: tuple[str, ...] = ("release",)
    wait: tuple[str, ...] = ()
    """Methods that give the lock up while they wait."""
    wraps: Arg | None = None
    """The argument that is the real lock, where one is given (``Condition(lock)``)."""
    part: str | None = None
    """The attribute that is the real lock (``logging.Handler.acquire``)."""
    permits: Arg | None = None
    """The argument that says how many may hold it; more than one excludes nobody."""
    reentrant: bool = False
    named: bool = False
    """Whether two objects can be one lock: known by a path, or by a name on a server."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Methods that the library calls with a lock held; nobody else is expected to call them."""

    lock: str
    """The attribute with the lock."""
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TypeModel:
    """What is known of a class.

    ``bases`` are qualified names. ``construct`` is what calling the class does besides making the
    object; None means what its bases do. ``methods`` maps a name to effects; a method that is not
    listed does nothing of interest.
    """

    bases: tuple[str, ...] = ()
    construct: tuple[Effect, ...] | None = None
    methods: Mapping[str, tuple[Effect, ...]] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Attributes that hold an object of a library type of its own (``Queue.mutex``)."""
    common: Mapping[str, str] = field(default_factory=dict)
    """Attributes that hold one object for all instances, by the object's qualified name."""
    lock: LockModel | None = None
    container: str | None = None
    """``list``, ``dict``, ``set``, ``deque``, ``tuple``, ``iterator``, ``queue``: what its items live in."""
    in_place: bool = False
    """Whether augmented assignment changes the object itself (``list``, ``set``, ``dict``)."""
    assigned: Mapping[str, tuple[Effect, ...]] = field(default_factory=dict)
    """What it does to assign something, the first argument, to an attribute."""
    binds: bool = False
    """Whether, held by a class, it is called with the instance first, as functions are."""
    thread_local: bool = False
    """Whether each thread sees attributes of its own."""
    atomic: bool = False
    """Whether augmented assignment is one step (an atomic integer)."""
    on_enter: tuple[Effect, ...] = ()
    """What entering a ``with`` over the object does."""
    on_exit: tuple[Effect, ...] = ()
    """What leaving a ``with`` over the object does."""
    workers: Arg | None = None
    """The argument that says how many threads a pool has; one makes it serial."""
    elsewhere: bool = False
    """Whether its workers are processes."""
    enters: str | None = None
    """What ``with`` binds, where it is not the object itself: a kept field's name."""
    hooks: Hooks | None = None
    served: tuple[str, ...] = ()
    """Methods that many threads run on one object of a class derived from this; a framework makes it."""
    served_each: tuple[str, ...] = ()
    """The same, each time on an object of its own: one that lives for a request."""
    reused: tuple[str, object] | None = None
    """The class attribute, and its value, by which a class says that its one object serves all requests."""
    in_loop: bool = False
    """Whether an event loop serves: it runs plain functions itself, too, one after the other."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Classes that a framework makes and runs without their having a base class of its own.

    It is those in modules that import the framework, with methods that have these parameters.
    """

    package: str
    """The framework, as it is imported."""
    methods: Mapping[str, tuple[str, ...]]
    """The names of the parameters, without ``self``, of each method that tells."""
    model: TypeModel
