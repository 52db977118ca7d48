"""Abstract objects: what a value may denote.

An object stands for all the concrete objects that one *allocation site* makes in one *context*
(object sensitivity, Milanova et al., ISSTA 2002): the lock that ``Account.__init__`` makes for one
account is told from the lock it makes for another. Objects are numbered in the order in which they
are found, which depends on the program alone, so sets of them iterate the same in every run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from flake8_sharedstate.facts.model import Function, Instruction, ModuleFacts, Value
from flake8_sharedstate.program.mentions import Mentions

ObjectId: TypeAlias = int
Node: TypeAlias = int
"""A place in the points-to graph: a value of a clone, or a field of an object."""


class Workspace(Protocol):
    """Where the modules come from that are opened while the program is solved."""

    def find(self, importer: str, name: str, level: int) -> str | None:
        """The path of the module that an import in a file names; None where it is none of the project's."""

    def child(self, path: str, name: str) -> str | None:
        """The path of a submodule of a package; None where there is none."""

    def module(self, path: str, index: int) -> Module | None:
        """A module, read for the first time; None where it cannot be."""

    def users(self, path: str, names: frozenset[str]) -> dict[str, frozenset[str]]:
        """The files whose code uses some names of a module, and the definitions there that do."""


@dataclass(eq=False)
class Module:
    """One analysed file."""

    name: str
    path: str
    facts: ModuleFacts
    index: int
    package: str
    """The package that its relative imports start from; empty where it is in none."""
    root: str = ""
    """The folder that its outermost package, or itself, is in: where it finds what is not installed."""
    object: ObjectId = -1
    workspace: Workspace | None = None
    """What its imports are looked up in; None where it is analysed by itself."""
    public: frozenset[str] | None = None
    """The definitions of its body that code out of sight may use; None for all that are public."""
    concerned: frozenset[str] = frozenset()
    """The definitions of its body that have to do with threads: modules that they need are opened."""
    mentions: Mentions | None = None
    """What its text mentions, where that is known already."""


@dataclass(eq=False)
class Clone:
    """One function in one context: a frame of closure, a receiver, a call site."""

    number: int
    module: Module
    function: Function
    frame: ObjectId | None
    """The frame of the enclosing function's clone, which has the variables it shares."""
    receiver: ObjectId | None
    base: Node
    """The node of its value 0."""
    depth: int
    lineage: frozenset[tuple[int, int, int]]
    """The allocation sites of the receivers it is nested in."""
    own_frame: ObjectId | None = None
    result: Node = -1
    home: ObjectId | None = None
    """The class in whose body the function stands, for ``super()``."""
    annotations: dict[Value, tuple[Node, ...]] = field(default_factory=dict)
    opens: bool = True
    """Whether the modules that it needs are opened; not where it has nothing to do with threads."""
    is_merged: bool = False
    """Whether it stands for many contexts: too coarse to base a report on."""

    def node(self, value: Value) -> Node:
        """The node of one of its values."""
        return self.base + value


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """Where an object is made: a clone and the instruction; None for things there is one of."""

    clone: Clone
    instruction: Instruction | None


@dataclass(slots=True, eq=False)
class AbstractObject:
    """Base of all kinds of object."""

    number: ObjectId
    site: Site | None


@dataclass(slots=True, eq=False)
class NoneObject(AbstractObject):
    """``None``."""


@dataclass(slots=True, eq=False)
class ProcessObject(AbstractObject):
    """The number of the process that runs, or ran when it was kept."""


@dataclass(slots=True, eq=False)
class ModuleObject(AbstractObject):
    """A project module; its fields are its globals."""

    module: Module


@dataclass(slots=True, eq=False)
class QualifiedObject(AbstractObject):
    """Something of a library, known by its qualified name: a module, class or function."""

    name: str


@dataclass(slots=True, eq=False)
class FunctionObject(AbstractObject):
    """A function or lambda with the frame it closes over."""

    module: Module
    function: Function
    frame: ObjectId | None
    home: ObjectId | None
    defaults: dict[str, Node]
    annotations: dict[str, tuple[Node, ...]]


@dataclass(slots=True, eq=False)
class ClassObject(AbstractObject):
    """A class of the program; its fields are the class attributes."""

    module: Module
    function: Function
    bases: tuple[Node, ...]
    keywords: dict[str, Node]

    @property
    def name(self) -> str:
        """The class's name."""
        return self.function.name


@dataclass(slots=True, eq=False)
class InstanceObject(AbstractObject):
    """An instance of a class of the program."""

    cls: ObjectId
    synthetic: bool = False
    """Whether it stands for an instance that code out of sight makes."""


@dataclass(slots=True, eq=False)
class LibraryObject(AbstractObject):
    """An instance of a library's class: a lock, a thread, a list, a future."""

    type: str


@dataclass(slots=True, eq=False)
class NamespaceObject(LibraryObject):
    """The ``__dict__`` of an instance: its attributes, under names that are not literals."""

    owner: ObjectId


@dataclass(slots=True, eq=False)
class BoundObject(AbstractObject):
    """A callable with its first argument: a bound method."""

    function: ObjectId
    receiver: ObjectId


@dataclass(slots=True, eq=False)
class LibraryMethodObject(AbstractObject):
    """A method of a library's type, bound to its receiver."""

    receiver: ObjectId
    type: str
    method: str


@dataclass(slots=True, eq=False)
class SuperObject(AbstractObject):
    """``super()`` in a method of ``cls`` for ``receiver``."""

    cls: ObjectId
    receiver: ObjectId


@dataclass(slots=True, eq=False)
class FrameObject(AbstractObject):
    """The variables that one clone shares with its inner functions."""

    clone: Clone
