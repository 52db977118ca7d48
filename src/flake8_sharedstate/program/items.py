"""Access to items: those of containers, and what iterating over an object gives."""

from __future__ import annotations

from flake8_sharedstate.facts.model import Literal
from flake8_sharedstate.program.attributes import Attributes
from flake8_sharedstate.program.heap import ANY, KEYS, UNKNOWN, CallArguments, CallSite, item, unseen
from flake8_sharedstate.program.objects import (
    BoundObject,
    ClassObject,
    FunctionObject,
    InstanceObject,
    LibraryMethodObject,
    LibraryObject,
    ModuleObject,
    Node,
    NoneObject,
    ObjectId,
    QualifiedObject,
    SuperObject,
)

_WITHOUT_ITEMS = (BoundObject, FunctionObject, LibraryMethodObject, ModuleObject, NoneObject, SuperObject)


class Items(Attributes):
    """Items by key, by position or one after the other."""

    def read_item(self, owner: ObjectId, key: Literal, known: bool, dst: Node) -> None:
        """``dst`` gets the item under a literal key, or any item where the key is not known."""
        if isinstance(self.objects[owner], (ClassObject, QualifiedObject)):
            # ``Queue[int]`` is ``Queue``.
            self.add(dst, owner)
            return
        if not self._has_items(owner):
            return
        if known:
            self.edge(self.field(owner, item(key)), dst)
            self.edge(self.field(owner, UNKNOWN), dst)
        else:
            self.edge(self.field(owner, ANY), dst)
        if isinstance(self.objects[owner], LibraryObject):
            self._default(owner, dst)

    def _default(self, owner: ObjectId, dst: Node) -> None:
        """What a ``defaultdict`` makes for a missing key."""
        found = self.get(owner, LibraryObject)
        if found is None or found.site is None or found.site.instruction is None:
            return
        site = unseen(found.site.clone, found.site.instruction, ("default", owner))

        def make(factory: ObjectId) -> None:
            made = self.new_node()
            self.invoke(factory, CallArguments(), made, site)
            self.write_item(owner, None, False, made)
            self.edge(made, dst)

        self.when(self.field(owner, "default_factory"), make)

    def _has_items(self, owner: ObjectId) -> bool:
        """Whether an object can have items; what is given to all that have none would meet there."""
        return not isinstance(self.objects[owner], _WITHOUT_ITEMS)

    def write_item(self, owner: ObjectId, key: Literal, known: bool, src: Node) -> None:
        """An item can be what ``src`` is."""
        if not self._has_items(owner):
            return
        self.edge(src, self.field(owner, item(key) if known else UNKNOWN))
        self.edge(src, self.field(owner, ANY))

    def write_key(self, owner: ObjectId, key: Node) -> None:
        """What ``key`` is can be a key."""
        if self._has_items(owner):
            self.edge(key, self.field(owner, KEYS))

    def elements(self, owner: ObjectId, dst: Node, site: CallSite) -> None:
        """``dst`` gets what iterating an object gives."""
        if not self._has_items(owner):
            return
        if self.container(owner) == "dict":
            self.edge(self.field(owner, KEYS), dst)
            return
        self.edge(self.field(owner, ANY), dst)
        if isinstance(self.objects[owner], InstanceObject):
            iterator = self.new_node()
            self.call_method(owner, "__iter__", CallArguments(), iterator, site)
            self.call_method(owner, "__next__", CallArguments(), dst, site)

            def advance(number: ObjectId) -> None:
                if number != owner:
                    self.elements(number, dst, site)

            self.when(iterator, advance)
