"""Attribute access: fields, class attributes through the bases, descriptors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flake8_sharedstate.facts.constructors import always_given
from flake8_sharedstate.facts.model import (
    Import,
    Instruction,
    LoadAttr,
    LoadCell,
    LoadGlobal,
    StoreAttr,
    Value,
)
from flake8_sharedstate.program.classes import Classes
from flake8_sharedstate.program.heap import CallArguments, CallSite, unseen
from flake8_sharedstate.program.objects import (
    BoundObject,
    ClassObject,
    Clone,
    FunctionObject,
    InstanceObject,
    LibraryMethodObject,
    LibraryObject,
    Module,
    ModuleObject,
    NamespaceObject,
    Node,
    NoneObject,
    ObjectId,
    QualifiedObject,
    SuperObject,
)

_MAX_DOTS = 6
_PROPERTIES = ("builtins.property", "functools.cached_property")


class _Behind:
    """The classes of libraries behind a class, in the order in which they are found."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}
        self._told: list[Callable[[str], None]] = []

    def add(self, name: str) -> None:
        """Another one is found."""
        if name not in self._names:
            self._names[name] = None
            for listener in list(self._told):
                listener(name)

    def tell(self, listener: Callable[[str], None]) -> None:
        """Calls ``listener`` with each, now or later, at once: who is nearer counts first."""
        self._told.append(listener)
        for name in list(self._names):
            listener(name)


class Attributes(Classes):
    """Reads and writes of attributes and items."""

    def __init__(self, modules: list[Module]) -> None:
        super().__init__(modules)
        self._attributes: dict[tuple[ObjectId, str], tuple[Node, _Behind]] = {}
        self._constructed: dict[ObjectId, frozenset[str]] = {}

    def invoke(self, callee: ObjectId, arguments: CallArguments, result: Node, site: CallSite) -> None:
        """Calls an object; see :mod:`flake8_sharedstate.program.calls`."""
        raise NotImplementedError

    def assign_library(self, owner: ObjectId, name: str, src: Node, site: CallSite) -> None:
        """Does what a library does when an attribute of its object is assigned."""
        raise NotImplementedError

    def holder(self, number: ObjectId) -> Node:
        """A fresh node with an object."""
        node = self.new_node()
        self.add(node, number)
        return node

    # -- attributes

    def read_attribute(self, owner: ObjectId, name: str, dst: Node, site: CallSite) -> None:
        """``dst`` gets what ``owner.name`` can be."""
        found = self.objects[owner]
        if isinstance(found, NoneObject):
            return
        if name == "__dict__":
            self._read_namespace(owner, dst)
            return
        if isinstance(found, QualifiedObject):
            kind = self.denotes(owner) if name in self.book.telling else None
            if kind is not None:
                self._read_library(owner, kind, name, dst)
                return
            constructs = name == "__init__" and self.book.is_written(found.name)
            if constructs or self.book.is_module(found.name) or self._is_followed(found.name, site):
                self.add(dst, self.qualified(f"{found.name}.{name}"))
            return
        if isinstance(found, SuperObject):
            self._read_super(found, name, dst, site)
            return
        self.edge(self.field(owner, name), dst)
        if isinstance(found, InstanceObject):
            if name == "__class__":
                self.add(dst, found.cls)
                return
            self.lookup(
                found.cls,
                name,
                lambda value: self._read_default(value, owner, found.cls, name, dst, site),
                lambda base: self._read_inherited(owner, found.cls, base, name, dst),
            )
        elif isinstance(found, ClassObject):
            self.lookup(
                owner,
                name,
                lambda value: self._bind_to_class(value, owner, dst, site),
                lambda base: self.add(dst, self.qualified(f"{base}.{name}")),
            )
            metaclass = self.metaclass(owner)
            if metaclass is not None:
                # A class is an instance of its metaclass.
                self.lookup(
                    metaclass, name, lambda value: self._bind(value, owner, dst, site), lambda base: None
                )
        elif isinstance(found, LibraryObject):
            self._read_library(owner, found.type, name, dst)
        elif isinstance(found, ModuleObject):
            self.read_module(found.module, name, dst, site.clone)

    def _read_namespace(self, owner: ObjectId, dst: Node) -> None:
        """The attributes of an instance as a mapping; of other things they are not followed."""
        found = self.get(owner, InstanceObject)
        if found is None or any(known.thread_local for _, known in self.models(owner)):
            return
        space = self.intern(
            ("namespace", owner), lambda n: NamespaceObject(n, found.site, "builtins.<namespace>", owner)
        )
        self.add(self.field(owner, "__dict__"), space)
        self.edge(self.field(owner, "__dict__"), dst)

    def _read_default(
        self, value: ObjectId, owner: ObjectId, cls: ObjectId, name: str, dst: Node, site: CallSite
    ) -> None:
        """A class attribute, unless each instance has one of its own instead."""
        if self.container(value) is None or name not in self._given_by_constructor(cls):
            self._bind(value, owner, dst, site, name)

    def _given_by_constructor(self, cls: ObjectId) -> frozenset[str]:
        """The attributes that an instance surely has, whatever way its constructor takes."""
        home = self.defining_class(cls, "__init__")
        if home is None:
            return frozenset()
        known = self._constructed.get(home)
        if known is None:
            body = self.class_object(home)
            number, functions = body.function.number, body.module.facts.functions
            made = [f for f in functions if f.owner_class == number and f.name == "__init__"]
            known = self._constructed[home] = frozenset[str]().union(*map(always_given, made))
        return known

    def _is_followed(self, name: str, site: CallSite) -> bool:
        """Whether a load of an attribute of what is not described leads to a name below it.

        Where the text spells the name out, it does so a little way: a chain of loads may never end. What
        comes out of objects may come to any load, and each name with the names of all would be a new one.
        """
        dots = name.count(".")
        if dots == 0 or dots >= _MAX_DOTS:
            return dots == 0
        spelled = self.definitions(site.clone.function)
        current: Instruction | None = site.instruction
        while isinstance(current, LoadAttr):
            current = spelled[current.base]
        return isinstance(current, (LoadGlobal, LoadCell, Import))

    def metaclass(self, cls: ObjectId) -> ObjectId | None:
        """The class, of the program, that a class is an instance of."""
        for ancestor in self.linearized(cls):
            found = self.get(ancestor, ClassObject)
            node = found.keywords.get("metaclass") if found is not None else None
            for number in sorted(self.at(node)) if node is not None else ():
                if isinstance(self.objects[number], ClassObject):
                    return number
        return None

    def _read_inherited(self, owner: ObjectId, cls: ObjectId, base: str, name: str, dst: Node) -> None:
        """What the first of a class's library bases that knows a name has under it."""
        for earlier in self.library_bases(cls):
            if earlier == base:
                break
            if self.book.method(earlier, name) is not None:
                return
        self._read_library(owner, base, name, dst)

    def _read_library(self, owner: ObjectId, type_name: str, name: str, dst: Node) -> None:
        for ancestor, model in self.book.described(type_name):
            if name in model.common:
                self.add(dst, self.qualified(model.common[name]))
                return
            if name in model.attributes:
                self.add(self.field(owner, name), self.part(owner, name, model))
                self.edge(self.field(owner, name), dst)
                return
            methods = model.lock.acquire + model.lock.release + model.lock.wait if model.lock else ()
            constructs = name == "__init__" and (model.construct or model.lock)
            if name in model.methods or name in methods or constructs:
                self.add(dst, self._method(owner, ancestor, name))
                return

    def _method(self, owner: ObjectId, type_name: str, name: str) -> ObjectId:
        key = ("method", owner, type_name, name)
        return self.intern(key, lambda n: LibraryMethodObject(n, None, owner, type_name, name))

    def _read_super(self, found: SuperObject, name: str, dst: Node, site: CallSite) -> None:
        receiver = found.receiver
        cls = self.objects[found.cls]
        if not isinstance(cls, ClassObject):
            return
        is_class = isinstance(self.objects[receiver], ClassObject)

        def bind(value: ObjectId) -> None:
            if is_class:
                self._bind_to_class(value, receiver, dst, site)
            else:
                self._bind(value, receiver, dst, site)

        def library(base: str) -> None:
            if name == "__new__":
                self.add(dst, self.qualified("builtins.object.__new__"))
            elif name == "__call__" and is_class:
                self.add(dst, self.bound(self.qualified("builtins.type.__call__"), receiver))
            else:
                self._read_library(receiver, base, name, dst)

        for base in cls.bases:
            self.when(base, lambda b: self.lookup(b, name, bind, library))
        # A mixin's super() goes on to the classes behind it in the receiver's own order.
        instance = self.get(receiver, InstanceObject)
        if instance is not None and instance.cls != found.cls:
            order = self.linearized(instance.cls)
            if found.cls in order:
                for later in order[order.index(found.cls) + 1 :]:
                    behind = self.objects[later]
                    if isinstance(behind, ClassObject) and name in behind.function.names:
                        self.when(self.field(later, name), bind)
                        break
                    if isinstance(behind, QualifiedObject):
                        library(behind.name)
        if name == "__new__" and not cls.bases:
            library("builtins.object")

    def lookup(
        self,
        cls: ObjectId,
        name: str,
        found: Callable[[ObjectId], None],
        library: Callable[[str], None] | None = None,
    ) -> None:
        """Finds a class attribute through the bases.

        Args:
            cls: the class to begin at.
            name: the attribute.
            found: called with each thing that the program binds it to.
            library: called with the names of the libraries' classes that it may come from instead.
        """
        values, behind = self._inherited(cls, name)
        self.when(values, found)
        if library is not None:
            behind.tell(library)

    def _inherited(self, cls: ObjectId, name: str) -> tuple[Node, _Behind]:
        """The node of what a class attribute can be, and the libraries' classes that it may come from."""
        known = self._attributes.get((cls, name))
        if known is not None:
            return known
        current = self.objects[cls]
        behind = _Behind()
        if not isinstance(current, ClassObject):
            values = self.new_node()
            if isinstance(current, QualifiedObject):
                behind.add(current.name)
        elif name in current.function.names or not current.bases:
            values = self.field(cls, name)
        else:
            values = self.new_node()
            self.edge(self.field(cls, name), values)
        self._attributes[cls, name] = values, behind
        if isinstance(current, ClassObject) and name not in current.function.names:

            def inherit(base: ObjectId) -> None:
                inherited, beyond = self._inherited(base, name)
                self.edge(inherited, values)
                beyond.tell(behind.add)

            for base in current.bases:
                self.when(base, inherit)
        return values, behind

    def _bind(self, value: ObjectId, owner: ObjectId, dst: Node, site: CallSite, name: str = "") -> None:
        """A class attribute as seen through an instance (the descriptor protocol)."""
        found = self.objects[value]
        if isinstance(found, FunctionObject):
            self.add(dst, self.bound(value, owner))
        elif isinstance(found, LibraryObject) and found.type in _PROPERTIES:
            arguments = CallArguments(((self.holder(owner), False),))
            self.when(self.field(value, "fget"), lambda f: self.invoke(f, arguments, dst, site))
        elif isinstance(found, LibraryObject) and found.type == "builtins.classmethod":
            cls = self._class_of(owner)
            if cls is not None:
                self.when(self.field(value, "function"), lambda f: self.add(dst, self.bound(f, cls)))
        elif isinstance(found, LibraryObject) and found.type == "builtins.staticmethod":
            self.when(self.field(value, "function"), lambda f: self._add_static(f, dst))
        elif isinstance(found, LibraryObject) and found.type == "dataclasses.Field":
            self._fill_default(value, found, owner, name)
        elif isinstance(found, LibraryObject) and any(known.binds for _, known in self.models(value)):
            self.add(dst, self.bound(value, owner))
        elif isinstance(found, InstanceObject):
            getter = self.new_node()
            self.lookup(
                found.cls,
                "__get__",
                lambda v: self._bind(v, value, getter, site),
            )
            arguments, described = self._described(owner, site)
            self.when(getter, lambda f: self.invoke(f, arguments, dst, described))
            self.add(dst, value)
        else:
            self.add(dst, value)

    def _fill_default(self, value: ObjectId, found: LibraryObject, owner: ObjectId, name: str) -> None:
        """Each instance gets a default of its own (``field(default_factory=Lock)``)."""
        target = self.field(owner, name)
        self.edge(self.field(value, "default"), target)
        if found.site is None or found.site.instruction is None:
            return
        made = self.objects[owner].site
        where = made if made is not None and made.instruction is not None else found.site
        assert where.instruction is not None
        own = unseen(where.clone, where.instruction, ("default", owner, name))
        self.when(
            self.field(value, "default_factory"),
            lambda f: self.invoke(f, CallArguments(), target, own),
        )

    def _bind_to_class(self, value: ObjectId, cls: ObjectId, dst: Node, site: CallSite) -> None:
        found = self.objects[value]
        if isinstance(found, LibraryObject) and found.type == "builtins.classmethod":
            self.when(self.field(value, "function"), lambda f: self.add(dst, self.bound(f, cls)))
        elif isinstance(found, LibraryObject) and found.type == "builtins.staticmethod":
            self.when(self.field(value, "function"), lambda f: self._add_static(f, dst))
        else:
            self.add(dst, value)

    def _add_static(self, function: ObjectId, dst: Node) -> None:
        self.static.add(function)
        self.add(dst, function)

    def _class_of(self, owner: ObjectId) -> ObjectId | None:
        found = self.objects[owner]
        if isinstance(found, InstanceObject):
            return found.cls
        return owner if isinstance(found, ClassObject) else None

    def bound(self, function: ObjectId, receiver: ObjectId) -> ObjectId:
        """The bound method of a function and its first argument."""
        return self.intern(("bound", function, receiver), lambda n: BoundObject(n, None, function, receiver))

    def write_attribute(self, owner: ObjectId, name: str, src: Node, site: CallSite) -> None:
        """``owner.name`` can be what ``src`` is."""
        found = self.objects[owner]
        if isinstance(found, (NoneObject, QualifiedObject)):
            return
        self.edge(src, self.field(owner, name))
        if isinstance(found, LibraryObject):
            self.assign_library(owner, name, src, site)
        if isinstance(found, InstanceObject):
            self.lookup(
                found.cls,
                name,
                lambda value: self._set(value, owner, src, site),
            )

    def _set(self, value: ObjectId, owner: ObjectId, src: Node, site: CallSite) -> None:
        found = self.objects[value]
        if isinstance(found, LibraryObject) and found.type == "builtins.property":
            arguments = CallArguments(((self.holder(owner), False), (src, False)))
            ignored = self.new_node()
            self.when(self.field(value, "fset"), lambda f: self.invoke(f, arguments, ignored, site))
        elif isinstance(found, InstanceObject):
            arguments, described = self._described(owner, site)
            arguments = CallArguments((*arguments.positional, (src, False)))
            self.call_method(value, "__set__", arguments, self.new_node(), described)

    def _described(self, owner: ObjectId, site: CallSite) -> tuple[CallArguments, CallSite]:
        """The object that a descriptor is asked about; the caller knows it by a value of its own."""
        node = self.holder(owner)
        if not isinstance(site.instruction, (LoadAttr, StoreAttr)):
            return CallArguments(((node, False),)), site
        base = site.clone.node(site.instruction.base)

        def link(clone: Clone, bindings: tuple[tuple[Value, Node], ...]) -> None:
            site.link(clone, tuple((p, base if given == node else given) for p, given in bindings))

        return CallArguments(((node, False),)), replace(site, link=link)

    def call_method(
        self, owner: ObjectId, name: str, arguments: CallArguments, result: Node, site: CallSite
    ) -> None:
        """Calls a method that the program (not a library) defines, as the interpreter does for operators."""
        found = self.objects[owner]
        if not isinstance(found, InstanceObject):
            return

        def call(value: ObjectId) -> None:
            is_function = isinstance(self.objects[value], FunctionObject)
            self.invoke(self.bound(value, owner) if is_function else value, arguments, result, site)

        self.lookup(found.cls, name, call)
