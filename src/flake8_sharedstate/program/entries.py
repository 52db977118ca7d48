"""The whole program: module bodies, then what code out of sight may call.

Public functions and methods that nothing in sight calls are taken to be called from ``main``
(specification, section 4), on the instances in sight or, where there is none, on a synthetic one.
Classes that use locks get a synthetic instance whose public methods all run: whether that means
threads is decided later.
"""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from enum import Enum

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Function, Instruction, ModuleFacts, Value
from flake8_sharedstate.libraries.vocabulary import Exclusion, Start
from flake8_sharedstate.program.heap import ANY, CallArguments, CallSite, Link
from flake8_sharedstate.program.instructions import Instructions
from flake8_sharedstate.program.objects import (
    BoundObject,
    ClassObject,
    Clone,
    FrameObject,
    FunctionObject,
    InstanceObject,
    LibraryMethodObject,
    LibraryObject,
    Module,
    ModuleObject,
    Node,
    ObjectId,
    QualifiedObject,
    Site,
)

# Special methods that are no sign of sharing (specification, section 3).
_UNSHARED = frozenset(
    ["__init__", "__new__", "__del__", "__getstate__", "__setstate__", "__reduce__", "__reduce_ex__", "__getnewargs__", "__getnewargs_ex__", "__copy__", "__deepcopy__", "__init_subclass__", "__set_name__", "__class_getitem__", "__post_init__", "__subclasshook__"]
)
_MAX_ROUNDS = 8


class Caller(Enum):
    """Who is taken to run an entry point."""

    MODULE = "the module body, at import"
    MAIN = "code out of sight, in the main thread"
    CONSTRUCTOR = "code out of sight that makes an instance"
    ANYONE = "any thread, if the class turns out to be meant for threads"


@dataclass(frozen=True, slots=True)
class Entry:
    """A clone that code out of sight runs."""

    clone: Clone
    caller: Caller
    shared: ObjectId | None = None
    """What may be meant for threads: a synthetic instance, a module, the frame of closures."""


class Program(Instructions):
    """The solved program: points-to sets, calls, spawns and entry points."""

    def __init__(self, modules: list[Module]) -> None:
        super().__init__(modules)
        self.builtin_names = frozenset(dir(builtins))
        self.classes = []
        self.decorations = []
        self.entries: list[Entry] = []
        self.shared: list[ObjectId] = []
        """What uses locks: a synthetic instance of each such class, modules, frames of closures."""
        self._globals: dict[Module, frozenset[str]] = {}
        self._synthetic: dict[ObjectId, ObjectId] = {}
        self._driven: set[object] = set()
        self._names: dict[Function, frozenset[str]] = {}
        self._bodies: dict[Module, Clone] = {}
        for module in modules:
            module.object = self.intern(
                ("module", module.index), lambda n, m=module: ModuleObject(n, None, m)
            )
        for module in modules:
            clone, _ = self.clone_of(module, module.facts.functions[0], None, None, None)
            self._bodies[module] = clone
            self.entries.append(Entry(clone, Caller.MODULE))
            self.instantiate(clone)
        self.settle()
        self._make_instances()
        self.settle()
        self._share_instances()
        self._share_modules()
        self._share_closures()
        self.settle()
        self._call_public()

    # -- solving

    def settle(self) -> None:
        """Solves, then fills in what only absence tells: unknown decorators, annotated parameters."""
        done = -1
        while done != len(self._driven):
            done = len(self._driven)
            self.solve()
            self._pass_through_decorators()
            self._believe_annotations()

    def _once(self, key: object) -> bool:
        if key in self._driven:
            return False
        self._driven.add(key)
        return True

    def _pass_through_decorators(self) -> None:
        """A decorator out of sight is taken to give back what it decorates."""
        for clone, i in self.decorations:
            if not self.at(clone.node(i.dst)) and self._once(("decorator", clone.number, id(i))):
                for argument, _ in i.args:
                    self.edge(clone.node(argument), clone.node(i.dst))

    def _believe_annotations(self) -> None:
        """Where no caller tells what a parameter is, its annotation does."""
        for clone in list(self.clones):
            for value, classes in clone.annotations.items():
                self._believe(clone, clone.node(value), classes, ("parameter", clone.number, value))
            for block in clone.function.blocks if clone.function.kind != "lambda" else ():
                for i in block.instructions:
                    if isinstance(i, model.Declare):
                        self._believe_declared(clone, i)

    def _believe_declared(self, clone: Clone, i: model.Declare) -> None:
        place = self.definitions(clone.function)[i.dst]
        classes = tuple(clone.node(c) for c in i.classes)
        key = ("declared", clone.number, id(i))
        if isinstance(place, model.LoadAttr) and clone.function.kind != "class":
            for owner in sorted(self.at(clone.node(place.base))):
                self._believe(clone, self.field(owner, place.name), classes, (key, owner))
        elif isinstance(place, model.LoadGlobal):
            self._believe(clone, self.field(clone.module.object, place.name), classes, key)

    def _believe(self, clone: Clone, node: Node, classes: tuple[Node, ...], key: object) -> None:
        if not classes or self.at(node) - {self.none} or not self._once(key):
            return
        for annotated in classes:
            for number in sorted(self.at(annotated)):
                found = self.objects[number]
                if isinstance(found, ClassObject):
                    self.add(node, self._instance(number))
                elif isinstance(found, QualifiedObject) and found.name in self.book.types:
                    name = found.name
                    made = self.intern(("given", key), lambda n: LibraryObject(n, None, name))
                    self.add(node, made)

    # -- entry points

    def _link(self, caller: Caller, shared: ObjectId | None = None) -> Link:
        def link(clone: Clone, bindings: tuple[tuple[Value, Node], ...]) -> None:
            entry = Entry(clone, caller, shared)
            if entry not in self.entries:
                self.entries.append(entry)

        return link

    def _site(self, module: Module, link: Link, key: object) -> CallSite:
        """A call that stands nowhere in the text."""
        return CallSite(self._bodies[module], _ELSEWHERE, link, key)

    def _instance(self, cls: ObjectId) -> ObjectId:
        """The synthetic instance of a class; its constructor has run."""
        known = self._synthetic.get(cls)
        if known is None:
            found = self.get(cls, ClassObject)
            assert found is not None
            where = Site(self._bodies[found.module], None)
            known = self._synthetic[cls] = self.intern(
                ("synthetic", cls), lambda n: InstanceObject(n, where, cls, synthetic=True)
            )
            site = self._site(found.module, self._link(Caller.CONSTRUCTOR, known), ("make", cls))
            self.initialize(known, CallArguments(), site)
        return known

    def instances(self, cls: ObjectId) -> list[ObjectId]:
        """The instances of a class itself, in sight or synthetic."""
        return [
            o.number for o in self.objects if isinstance(o, InstanceObject) and o.cls == cls
        ]

    def _make_instances(self) -> None:
        for cls in list(self.classes):
            if self._has_instances(cls):
                continue
            found = self.get(cls, ClassObject)
            assert found is not None
            instance = self._instance(cls)
            self.solve()
            # A thread class that nothing in sight starts is started by its user.
            for _, known in self.models(instance):
                for effect in known.methods.get("start", ()):
                    if isinstance(effect, Start):
                        site = self._site(
                            found.module, self._link(Caller.CONSTRUCTOR), ("start", cls)
                        )
                        self.apply((effect,), instance, CallArguments(), self.new_node(), site)

    def _has_instances(self, cls: ObjectId) -> bool:
        return any(
            isinstance(o, InstanceObject) and (o.cls == cls or cls in self.linearized(o.cls))
            for o in self.objects
        )

    def _share_instances(self) -> None:
        """Runs every public method of each class that uses a lock on one synthetic instance."""
        for cls in list(self.classes):
            found = self.get(cls, ClassObject)
            assert found is not None
            if not any(self._uses_locks(c) for c in self.linearized(cls)):
                continue
            instance = self._instance(cls)
            self.shared.append(instance)
            self._inject(cls, instance)
            for name in self._public_names(cls):
                self._drive_method(found.module, instance, name, Caller.ANYONE, instance)

    def _share_modules(self) -> None:
        """Runs every public function of each module that takes a lock of its own."""
        for module in self.modules:
            facts = module.facts
            if not any(_takes_global(function) for function in facts.functions[1:]):
                continue
            self.shared.append(module.object)
            in_body = self._called_in_body(module)
            link = self._link(Caller.ANYONE, module.object)
            for found in self._functions():
                function = found.function
                if found.module is not module or not is_public(function.name) or function.owner_class:
                    continue
                if self.function_key(found) not in in_body:
                    site = self._site(module, link, ("drive", found.number))
                    self.invoke(found.number, CallArguments(), self.new_node(), site)
            for cls in list(self.classes):
                body = self.get(cls, ClassObject)
                if body is not None and body.module is module:
                    for name in self._public_names(cls):
                        self._drive_method(module, self._instance(cls), name, Caller.ANYONE, module.object)

    def _called_in_body(self, module: Module) -> set[tuple[int, int]]:
        """What the module body calls itself runs as a script's main does."""
        body = self._bodies[module]
        return {
            self.function_key(target.clone)
            for block in body.function.blocks
            for i in block.instructions
            for target in self.targets.get((body.number, id(i)), ())
        }

    def _share_closures(self) -> None:
        """Runs the inner functions that a function gives back together with a lock they share."""
        for found in list(self.objects):
            if not isinstance(found, FrameObject):
                continue
            locks = [n for f in self.fields_of(found.number) for n in self.at(self.field(found.number, f))]
            if not any(self.exclusion(n) for n in locks):
                continue
            self.shared.append(found.number)
            link = self._link(Caller.ANYONE, found.number)
            for number in self._given_back(found.clone):
                inner = self.get(number, FunctionObject)
                if inner is not None and inner.frame == found.number:
                    site = self._site(found.clone.module, link, ("drive", number))
                    self.invoke(number, CallArguments(), self.new_node(), site)

    def _given_back(self, clone: Clone) -> list[ObjectId]:
        """What a function returns, and what is in a container that it returns."""
        result = sorted(self.at(clone.result))
        for number in list(result):
            result.extend(n for n in sorted(self.at(self.field(number, ANY))) if n not in result)
        return result

    def _uses_locks(self, cls: ObjectId) -> bool:
        found = self.get(cls, ClassObject)
        return found is not None and any(
            isinstance(i, model.Enter) or (isinstance(i, model.LoadAttr) and i.name == "acquire")
            for function in found.module.facts.functions
            if _stands_in(found.module.facts, function, found.function)
            for block in function.blocks
            for i in block.instructions
        )

    def _inject(self, cls: ObjectId, instance: ObjectId) -> None:
        """What the instances in sight are made with, the synthetic one may be made with, too."""
        constructors = [c for c in self.clones if c.function.name == "__init__" and c.receiver is not None]
        own = [c for c in constructors if c.receiver == instance]
        for real in self.instances(cls):
            for clone in constructors:
                if clone.receiver != real or real == instance:
                    continue
                for target in own:
                    if target.function is clone.function:
                        for parameter in clone.function.parameters[1:]:
                            self.edge(clone.node(parameter.value), target.node(parameter.value))

    def _public_names(self, cls: ObjectId) -> list[str]:
        names: list[str] = []
        for ancestor in self.linearized(cls):
            found = self.get(ancestor, ClassObject)
            if found is not None:
                names.extend(n for n in sorted(found.function.names) if is_public(n) and n not in names)
        return names

    def _drive_method(
        self, module: Module, instance: ObjectId, name: str, caller: Caller, shared: ObjectId | None = None
    ) -> None:
        if not self._once(("method", instance, name, caller, shared)):
            return
        site = self._site(module, self._link(caller, shared), ("drive", instance, name))
        value, ignored = self.new_node(), self.new_node()
        self.read_attribute(instance, name, value, site)

        def call(number: ObjectId) -> None:
            found = self.objects[number]
            if isinstance(found, (BoundObject, FunctionObject)):
                self.invoke(number, CallArguments(), ignored, site)

        self.when(value, call)

    def _call_public(self) -> None:
        for _ in range(_MAX_ROUNDS):
            waiting = [f for f in self._functions() if self._uncalled(f)]
            if not waiting:
                return
            mentioned = {f: self._mentions(f) for f in waiting}
            tops = [
                f
                for f in waiting
                if not any(
                    f.function.name in names and other.function is not f.function
                    for other, names in mentioned.items()
                )
            ]
            for found in tops or waiting[:1]:
                self._drive(found)
            self.settle()
        for found in self._functions():
            if self._uncalled(found):
                self._drive(found)
        self.settle()

    def _functions(self) -> list[FunctionObject]:
        """Module-level functions and methods, in the order of the text."""
        return [
            o
            for o in self.objects
            if isinstance(o, FunctionObject)
            and (o.function.owner_class is not None or o.function.parent == 0)
        ]

    def _uncalled(self, found: FunctionObject) -> bool:
        return (
            is_public(found.function.name)
            and not self._is_of_private_class(found)
            and self.function_key(found) not in self.called
            and ("entry", found.number) not in self._driven
        )

    def _is_of_private_class(self, found: FunctionObject) -> bool:
        """Whether it is a method of a class that code out of sight has no business with."""
        owner = found.function.owner_class
        return owner is not None and found.module.facts.functions[owner].name.startswith("_")

    def _mentions(self, found: FunctionObject) -> frozenset[str]:
        """The names that a function and those inside it load."""
        known = self._names.get(found.function)
        if known is None:
            facts = found.module.facts
            known = self._names[found.function] = frozenset(
                i.name
                for function in facts.functions
                if _stands_in(facts, function, found.function)
                for block in function.blocks
                for i in block.instructions
                if isinstance(i, (model.LoadAttr, model.LoadGlobal))
            )
        return known

    def _drive(self, found: FunctionObject) -> None:
        self._once(("entry", found.number))
        name = found.function.name
        if found.function.owner_class is None:
            site = self._site(found.module, self._link(Caller.MAIN), ("call", found.number))
            self.invoke(found.number, CallArguments(), self.new_node(), site)
            return
        for cls in list(self.classes):
            body = self.get(cls, ClassObject)
            assert body is not None
            if body.module is found.module and body.function.number == found.function.owner_class:
                for instance in self._receivers(cls) or [self._instance(cls)]:
                    if self._defines(instance, name) == cls:
                        self._drive_method(found.module, instance, name, Caller.MAIN)

    def _defines(self, instance: ObjectId, name: str) -> ObjectId | None:
        """The class that a name of an instance is found in."""
        found = self.get(instance, InstanceObject)
        assert found is not None
        for ancestor in self.linearized(found.cls):
            body = self.get(ancestor, ClassObject)
            if body is not None and name in body.function.names:
                return ancestor
        return None

    def _receivers(self, cls: ObjectId) -> list[ObjectId]:
        """Instances of a class and of its subclasses."""
        return [
            o.number
            for o in self.objects
            if isinstance(o, InstanceObject) and (o.cls == cls or cls in self.linearized(o.cls))
        ]

    # -- locks

    def exclusion(self, number: ObjectId) -> Exclusion | None:
        """Whom holding an object keeps out; None for what is no lock."""
        for _, known in self.models(number):
            if known.lock is not None:
                if not self.permits.get(number, True):
                    return Exclusion.NOTHING
                return known.lock.exclusion
        return None

    def acquires(self, method: LibraryMethodObject) -> bool:
        """Whether a library's method takes the lock that it is called on."""
        return any(
            known.lock is not None and method.method in known.lock.acquire
            for _, known in self.models(method.receiver)
        )

    def releases(self, method: LibraryMethodObject) -> bool:
        """Whether a library's method gives the lock back that it is called on."""
        return any(
            known.lock is not None and method.method in known.lock.release
            for _, known in self.models(method.receiver)
        )

    def waits(self, method: LibraryMethodObject) -> bool:
        """Whether a library's method gives its lock up while it waits."""
        return any(
            known.lock is not None and method.method in known.lock.wait
            for _, known in self.models(method.receiver)
        )

    def real_locks(self, number: ObjectId) -> list[ObjectId]:
        """The lock itself: what a condition wraps, where it was given a lock."""
        wrapped = self.wrapped.get(number)
        inner = sorted(self.at(wrapped) - {self.none}) if wrapped is not None else []
        return inner or [number]

    def globals_of(self, module: Module) -> frozenset[str]:
        """The names that a module binds, in its body or through ``global``."""
        known = self._globals.get(module)
        if known is None:
            known = self._globals[module] = frozenset(
                i.name
                for function in module.facts.functions
                for block in function.blocks
                for i in block.instructions
                if isinstance(i, model.StoreGlobal)
            )
        return known


_ELSEWHERE = Instruction(0)


def _takes_global(function: Function) -> bool:
    """Whether a function enters or acquires what a global name holds."""
    loaded = {i.dst for b in function.blocks for i in b.instructions if isinstance(i, model.LoadGlobal)}
    return any(
        (isinstance(i, model.Enter) and i.manager in loaded)
        or (isinstance(i, model.LoadAttr) and i.name == "acquire" and i.base in loaded)
        for block in function.blocks
        for i in block.instructions
    )


def is_public(name: str) -> bool:
    """Whether code out of sight is expected to call a function of this name."""
    if name.startswith("__") and name.endswith("__"):
        return name not in _UNSHARED
    return not name.startswith("_") and name != "<lambda>"


def _stands_in(facts: ModuleFacts, function: Function, outer: Function) -> bool:
    """Whether a function is another one or stands inside it."""
    number: int | None = function.number
    while number is not None:
        if number == outer.number:
            return True
        number = facts.functions[number].parent
    return False
