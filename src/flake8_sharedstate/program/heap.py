"""The heap of the program: objects, their fields, and the clones of its functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from flake8_sharedstate.facts.model import Const, Function, Instruction, Literal, Value
from flake8_sharedstate.facts.paths import definitions
from flake8_sharedstate.libraries import book
from flake8_sharedstate.libraries.vocabulary import Effect
from flake8_sharedstate.program.external import external
from flake8_sharedstate.program.graph import BudgetError, Graph
from flake8_sharedstate.program.knowledge import Knowledge
from flake8_sharedstate.program.objects import (
    AbstractObject,
    Clone,
    FrameObject,
    FunctionObject,
    LibraryObject,
    Module,
    Node,
    NoneObject,
    ObjectId,
    QualifiedObject,
    Site,
)

_O = TypeVar("_O", bound=AbstractObject)

# How deep receivers may nest in receivers before an allocation site is one object for all.
_MAX_DEPTH = 3
# In how many contexts a function is told apart before those that are left become one for each receiver, and
# then one at all: of these nothing is said.
_MAX_CONTEXTS = 24
_MAX_MERGED = 48
_MAX_CLONES = 5_000
_MAX_FACTS = 200_000

ANY = "[*]"
"""The field of a container that sees every item."""
UNKNOWN = "[]"
"""The field of the items stored under keys that are not known."""
KEYS = "<keys>"


def item(key: Literal) -> str:
    """The field of a container's item under a literal key."""
    return f"[{key!r}]"


@dataclass(frozen=True, slots=True)
class CallArguments:
    """The nodes of a call's arguments."""

    positional: tuple[tuple[Node, bool], ...] = ()
    """(node, starred)"""
    keywords: tuple[tuple[str | None, Node], ...] = ()

    def unstarred(self) -> list[Node]:
        """The positional arguments that are not unpacked on the spot."""
        return [node for node, starred in self.positional if not starred]


@dataclass(frozen=True, slots=True)
class Target:
    """A clone that an instruction can run, and which of its parameters come from which values."""

    clone: Clone
    bindings: tuple[tuple[Value, Value], ...]
    """(parameter of the callee, value of the caller)"""
    construct: bool
    """Whether the receiver is the object that the instruction makes."""


@dataclass(frozen=True, slots=True)
class Event:
    """An effect of a library that an instruction has."""

    effect: Effect
    receiver: ObjectId | None
    arguments: CallArguments


@dataclass(eq=False)
class Spawned:
    """A thread (or the runs of a pool) that begins at ``root``."""

    root: Clone
    handle: ObjectId | None
    """What one joins: the thread, the future."""
    pool: ObjectId | None
    effect: Effect
    made: tuple[Clone, Instruction]
    starts: list[tuple[Clone, Instruction]]
    callee: ObjectId
    workers: Node | None = None
    """The executor that was given to run it."""
    served: bool = False
    """Whether a server out of sight has it run, too."""
    payload: list[tuple[Value | None, Clone, Node]] = field(default_factory=list)
    """(parameter of the root, spawner, node): where what the thread is given comes from."""


Link: TypeAlias = Callable[[Clone, tuple[tuple[Value, Node], ...]], None]
"""Called with each clone that a call resolves to and the nodes its parameters are fed from."""


@dataclass(slots=True, eq=False)
class CallSite:
    """Where a call stands, for allocation, context and record."""

    clone: Clone
    instruction: Instruction
    link: Link
    key: object = None
    """Tells apart calls that share an instruction (each thread's start)."""
    opens: bool | None = None
    """Whether the modules that the callee needs are opened; None where that is as for the caller."""

    def may_open(self) -> bool:
        """Whether the modules that the callee needs are opened."""
        return self.clone.opens if self.opens is None else self.opens


def unseen(clone: Clone, instruction: Instruction, key: object) -> CallSite:
    """A call that is made out of sight, of which nothing is recorded."""
    return CallSite(clone, instruction, lambda called, bindings: None, key)


class Heap(Graph):
    """Objects by identity, fields by object, clones by context."""

    def __init__(self, modules: list[Module]) -> None:
        super().__init__(_MAX_FACTS)
        self._most_clones = _MAX_CLONES
        root = modules[0].root if modules else ""
        self.book = Knowledge(book(), external(root))
        self.modules = modules
        self.objects: list[AbstractObject] = []
        self.clones: list[Clone] = []
        self.targets: dict[tuple[int, int], list[Target]] = {}
        self.called: set[tuple[int, int]] = set()
        self._kinds: dict[type, list[AbstractObject]] = {}
        self.static: set[ObjectId] = set()
        """The functions that a class holds as static methods: their first argument is no receiver."""
        self._fields: dict[tuple[ObjectId, str], Node] = {}
        self._field_names: dict[ObjectId, list[str]] = {}
        self._interned: dict[object, ObjectId] = {}
        self._clones: dict[object, Clone] = {}
        self._contexts: Counter[tuple[int, int]] = Counter()
        self._definitions: dict[Function, list[Instruction | None]] = {}
        self.none = self.intern("none", lambda n: NoneObject(n, None))

    def limit(self, part: float) -> None:
        """Takes no more than a part of the budget of one program."""
        self._most_clones = int(_MAX_CLONES * part)
        self.allow(int(_MAX_FACTS * part))

    # -- objects

    def intern(self, key: object, make: Callable[[int], AbstractObject]) -> ObjectId:
        """The object for ``key``, made on first use."""
        known = self._interned.get(key)
        if known is None:
            known = self._interned[key] = len(self.objects)
            made = make(known)
            self.objects.append(made)
            self._kinds.setdefault(type(made), []).append(made)
        return known

    def get(self, number: ObjectId, kind: type[_O]) -> _O | None:
        """The object, if it is of this kind."""
        found = self.objects[number]
        return found if isinstance(found, kind) else None

    def all_of(self, kind: type[_O]) -> list[_O]:
        """All objects of a kind so far, in the order in which they were found."""
        return [found for found in self._kinds.get(kind, ()) if isinstance(found, kind)]

    def qualified(self, name: str) -> ObjectId:
        """The library's thing of this name."""
        name = self.book.canonical(name)
        return self.intern(("name", name), lambda n: QualifiedObject(n, None, name))

    def allocate(self, site: CallSite, kind: object, make: Callable[[int, Site], AbstractObject]) -> ObjectId:
        """The object that the site makes: one for each context of its function."""
        clone = site.clone
        place = (clone.module.index, clone.function.number, id(site.instruction))
        key: tuple[object, ...] = (place, kind, site.key)
        where = Site(clone, site.instruction)
        if clone.depth < _MAX_DEPTH and place not in clone.lineage:
            key = (*key, clone.number)
        return self.intern(key, lambda n: make(n, where))

    def library_object(self, site: CallSite, type_name: str, role: str = "") -> ObjectId:
        """An instance of a library's type made at this site."""
        name = self.book.canonical(type_name)
        return self.allocate(site, (name, role), lambda n, s: LibraryObject(n, s, name))

    # -- fields

    def field(self, owner: ObjectId, name: str) -> Node:
        """The node of an object's field."""
        node = self._fields.get((owner, name))
        if node is None:
            node = self._fields[(owner, name)] = self.new_node()
            self._field_names.setdefault(owner, []).append(name)
        return node

    def fields_of(self, owner: ObjectId) -> list[str]:
        """The names of the fields that anything has touched, in that order."""
        return self._field_names.get(owner, [])

    # -- clones

    def clone_of(
        self,
        module: Module,
        function: Function,
        frame: ObjectId | None,
        receiver: ObjectId | None,
        site: object,
    ) -> tuple[Clone, bool]:
        """The clone for a context, and whether it is new."""
        key: tuple[object, ...] = (module.index, function.number, frame, receiver, site)
        known = self._clones.get(key)
        if known is not None:
            return known, False
        contexts = self._contexts[module.index, function.number]
        merged = contexts >= _MAX_CONTEXTS
        if merged:
            # Who is called tells more than who calls: whose locks these are.
            key = (module.index, function.number, receiver, "merged")
            if key not in self._clones and contexts >= _MAX_MERGED:
                key = (module.index, function.number, "merged")
            known = self._clones.get(key)
            if known is not None:
                return known, False
        self._contexts[module.index, function.number] += 1
        if len(self.clones) >= self._most_clones:
            raise BudgetError
        depth = 0
        lineage: frozenset[tuple[int, int, int]] = frozenset()
        for outer in (frame, receiver):
            found = self.objects[outer] if outer is not None else None
            if found is None:
                continue
            made_in = found.clone if isinstance(found, FrameObject) else (found.site and found.site.clone)
            if made_in:
                depth = max(depth, made_in.depth + (0 if isinstance(found, FrameObject) else 1))
                lineage |= made_in.lineage
                if not isinstance(found, FrameObject) and found.site and found.site.instruction:
                    lineage |= {(made_in.module.index, made_in.function.number, id(found.site.instruction))}
        clone = Clone(
            len(self.clones),
            module,
            function,
            frame,
            receiver,
            self.new_nodes(function.values),
            depth,
            lineage,
        )
        clone.result = self.new_node()
        clone.is_merged = merged
        self._clones[key] = clone
        self.clones.append(clone)
        if function.cells:
            clone.own_frame = self.intern(
                ("frame", clone.number), lambda n: FrameObject(n, Site(clone, None), clone)
            )
        return clone, True

    def frame_of(self, clone: Clone, owner: int) -> ObjectId | None:
        """The frame, seen from a clone, of the function ``owner`` around it (or itself)."""
        current: Clone | None = clone
        while current is not None:
            if current.function.number == owner:
                return current.own_frame
            outer = self.objects[current.frame] if current.frame is not None else None
            current = outer.clone if isinstance(outer, FrameObject) else None
        return None

    # -- facts about values

    def definitions(self, function: Function) -> list[Instruction | None]:
        """The defining instruction of each value; None for parameters."""
        known = self._definitions.get(function)
        if known is None:
            known = self._definitions[function] = definitions(function)
        return known

    def value_of(self, clone: Clone, node: Node) -> Value | None:
        """The value of a clone that a node is; None for other nodes."""
        value = node - clone.base
        return value if 0 <= value < clone.function.values else None

    def literal(self, clone: Clone, node: Node) -> Const | None:
        """The literal at a node of a clone, if it is one."""
        value = self.value_of(clone, node)
        if value is None:
            return None
        definition = self.definitions(clone.function)[value]
        return definition if isinstance(definition, Const) and definition.known else None

    def function_key(self, found: FunctionObject | Clone) -> tuple[int, int]:
        """A function of the project, whatever its context."""
        return found.module.index, found.function.number
