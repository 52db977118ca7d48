"""The whole program: module bodies, then what code out of sight may call.

Public functions and methods that nothing in sight calls are taken to be called from ``main``
(specification, section 4), on the instances in sight or, where there is none, on a synthetic one.
Classes that use locks get a synthetic instance whose public methods all run: whether that means
threads is decided later.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase

from flake8_sharedstate.facts.model import Function, Instruction, Value
from flake8_sharedstate.libraries.vocabulary import Cooperate, Exclusion, Register, Spawn, Start
from flake8_sharedstate.program.graph import BudgetError
from flake8_sharedstate.program.heap import ANY, CallArguments, CallSite, Link
from flake8_sharedstate.program.neighbours import definition_around
from flake8_sharedstate.program.objects import (
    BoundObject,
    ClassObject,
    Clone,
    FrameObject,
    FunctionObject,
    InstanceObject,
    Module,
    Node,
    ObjectId,
    Site,
)
from flake8_sharedstate.program.served import Served

# Special methods that are no sign of sharing (specification, section 3).
_UNSHARED = frozenset(
    [
        "__init__", "__new__", "__del__", "__getstate__", "__setstate__", "__reduce__", "__reduce_ex__",
        "__getnewargs__", "__getnewargs_ex__", "__copy__", "__deepcopy__", "__init_subclass__",
        "__set_name__", "__class_getitem__", "__post_init__", "__subclasshook__",
    ]
)  # fmt: skip
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


class Program(Served):
    """The solved program: points-to sets, calls, spawns and entry points."""

    def __init__(self, modules: list[Module], assumed: tuple[str, ...] = (), part: float = 1) -> None:
        """Solves the program.

        Args:
            modules: its files.
            assumed: qualified names with wildcards of what many threads run.
            part: how much of the budget of a program it may take.
        """
        super().__init__(modules)
        self.limit(part)
        self.entries: dict[Entry, None] = {}
        self._locking: dict[ObjectId, bool] = {}
        self.shared: list[ObjectId] = []
        """What uses locks: a synthetic instance of each such class, modules, frames of closures."""
        self._synthetic: dict[ObjectId, ObjectId] = {}
        self.stand_ins: dict[ObjectId, list[ObjectId]] = {}
        """The synthetic instances, each with those in sight that it may be one of."""
        try:
            self._run(assumed)
        except BudgetError:
            self.dissolve()
            raise

    def _run(self, assumed: tuple[str, ...]) -> None:
        for module in list(self.modules):
            self.run_body(module)
        self.settle()
        self._make_instances()
        self.settle()
        self._share_instances()
        self._share_modules()
        self._share_closures()
        self._share_assumed(assumed)
        self.share_served()
        self.settle()
        self._share_given_back()
        self.settle()
        self._call_public()
        if self.look_around():
            self.settle()
            self._call_public()
        # Public functions have made instances, too. What stands for any object that many threads use
        # stays without: it would share with all of them what one is made with.
        for_threads = {e.clone.receiver for e in self.entries if e.caller is Caller.ANYONE}
        for cls, instance in list(self._synthetic.items()):
            if instance not in for_threads:
                self._inject(cls, instance)
        self.settle()

    def has_stake(self) -> bool:
        """Whether anything may be shared: without threads, locks and the user's word nothing is."""
        effects = [event.effect for events in self.events.values() for event in events]
        if any(isinstance(effect, Cooperate) for effect in effects):
            return False
        return bool(
            self.assumed
            or self.synchronized
            or any(isinstance(effect, (Spawn, Register, Start)) for effect in effects)
            or any(self.exclusion(found.number) for found in self.objects)
        )

    def run_body(self, module: Module) -> None:
        clone = self.body_of(module)
        self.entries[Entry(clone, Caller.MODULE)] = None
        self.instantiate(clone)

    # -- code out of sight

    def _link(self, caller: Caller, shared: ObjectId | None = None) -> Link:
        def link(clone: Clone, bindings: tuple[tuple[Value, Node], ...]) -> None:
            self.entries[Entry(clone, caller, shared)] = None

        return link

    def _site(self, found: FunctionObject | ClassObject, link: Link, key: object, shared: bool) -> CallSite:
        """A call that stands nowhere in the text; ``shared`` tells that it is one by any thread."""
        module = found.module
        opens = shared or definition_around(module, found.function.number) in module.concerned
        return CallSite(self.body_of(module), _ELSEWHERE, link, key, opens)

    def instance(self, cls: ObjectId) -> ObjectId:
        """The synthetic instance of a class; its constructor has run."""
        known = self._synthetic.get(cls)
        if known is None:
            made_of = self.class_object(cls)
            body = self.body_of(made_of.module)
            known = self._synthetic[cls] = self.synthetic_instance(cls, Site(body, None))
            site = self._site(made_of, self._link(Caller.CONSTRUCTOR, known), ("make", cls), False)
            self.initialize(known, CallArguments(), site)
        return known

    def _make_instances(self) -> None:
        for cls in list(self.classes):
            if self.instances_of_heirs(cls) or not self._is_open(self.class_object(cls)):
                continue
            instance = self.instance(cls)
            self.solve()
            # A thread class that nothing in sight starts is started by its user.
            for _, known in self.models(instance):
                for effect in known.methods.get("start", ()):
                    if isinstance(effect, Start):
                        link = self._link(Caller.CONSTRUCTOR)
                        site = self._site(self.class_object(cls), link, ("start", cls), True)
                        self.apply((effect,), instance, CallArguments(), self.new_node(), site)

    def _run_function(self, found: FunctionObject, link: Link, key: object, shared: bool) -> None:
        site = self._site(found, link, key, shared)
        # Its name may hold what a decorator has made of it.
        named = self.at(self.field(found.module.object, found.function.name))
        bound = [n for n in sorted(named) if isinstance(self.objects[n], FunctionObject)]
        is_replaced = found.function.parent == 0 and bound and found.number not in bound
        for number in bound if is_replaced else [found.number]:
            self.invoke(number, CallArguments(), self.new_node(), site)

    def _run_method(
        self,
        found: FunctionObject | ClassObject,
        instance: ObjectId,
        name: str,
        caller: Caller,
        shared: ObjectId | None = None,
    ) -> None:
        if not self.once(("method", instance, name, caller, shared)):
            return
        site = self._site(
            found, self._link(caller, shared), ("drive", instance, name), caller is Caller.ANYONE
        )
        value, ignored = self.new_node(), self.new_node()
        self.read_attribute(instance, name, value, site)

        def call(number: ObjectId) -> None:
            found = self.objects[number]
            if isinstance(found, (BoundObject, FunctionObject)):
                self.invoke(number, CallArguments(), ignored, site)

        self.when(value, call)

    # -- what may be meant for threads

    def _share_instances(self) -> None:
        """Runs every public method of each class that uses a lock on one synthetic instance."""
        for cls in list(self.classes):
            if any(self._uses_locks(c) for c in self.linearized(cls)) and self._may_own_locks(cls):
                self.share_instance(cls, self.public_names(cls))

    def share_instance(self, cls: ObjectId, names: list[str]) -> ObjectId:
        instance = self.instance(cls)
        if instance not in self.shared:
            self.shared.append(instance)
            self._inject(cls, instance)
        for name in names:
            self._run_method(self.class_object(cls), instance, name, Caller.ANYONE, instance)
        return instance

    def _share_modules(self) -> None:
        """Runs every public function of each module that takes a lock of its own."""
        for module in list(self.modules):
            if not self.mentions[module].locks_global or module.public is not None:
                continue
            self.shared.append(module.object)
            in_body = self._called_in_body(module)
            link = self._link(Caller.ANYONE, module.object)
            for found in self._functions():
                if (
                    found.module is module
                    and is_public(found.function.name)
                    and found.function.owner_class is None
                    and self.function_key(found) not in in_body
                ):
                    self._run_function(found, link, ("drive", found.number), True)
            for cls in list(self.classes):
                owner = self.class_object(cls)
                if owner.module is module:
                    for name in self.public_names(cls):
                        self._run_method(owner, self.instance(cls), name, Caller.ANYONE, module.object)

    def _called_in_body(self, module: Module) -> set[tuple[int, int]]:
        """What the module body calls itself, with nothing to give, runs as a script's main does."""
        body = self.body_of(module)
        return {
            self.function_key(target.clone)
            for block in body.function.blocks
            for i in block.instructions
            for target in self.targets.get((body.number, id(i)), ())
            if not target.clone.function.parameters
        }

    def _share_closures(self) -> None:
        """Runs the inner functions that a function gives back together with a lock they share."""
        for found in self.all_of(FrameObject):
            locks = [n for f in self.fields_of(found.number) for n in self.at(self.field(found.number, f))]
            if not any(self.exclusion(n) for n in locks):
                continue
            self.shared.append(found.number)
            link = self._link(Caller.ANYONE, found.number)
            for number in self._given_back(found.clone):
                inner = self.get(number, FunctionObject)
                if inner is not None and inner.frame == found.number:
                    self._run_function(inner, link, ("drive", number), True)

    def _share_given_back(self) -> None:
        """Runs the inner functions that what is run by any thread gives back: decorators, callbacks.

        What something in sight calls has given them to its caller.
        """
        called = {self.function_key(target.clone) for known in self.targets.values() for target in known}
        for entry in list(self.entries):
            if entry.caller is not Caller.ANYONE or entry.shared is None:
                continue
            if self.function_key(entry.clone) in called:
                continue
            link = self._link(Caller.ANYONE, entry.shared)
            for number in self._given_back(entry.clone):
                inner = self.get(number, FunctionObject)
                frame = self.get(inner.frame, FrameObject) if inner is not None and inner.frame else None
                if inner is not None and frame is not None and frame.clone is entry.clone:
                    self._run_function(inner, link, ("drive", number), True)

    def _given_back(self, clone: Clone) -> list[ObjectId]:
        """What a function returns, and what is in a container that it returns."""
        result = sorted(self.at(clone.result))
        for number in list(result):
            result.extend(n for n in sorted(self.at(self.field(number, ANY))) if n not in result)
        return result

    def _share_assumed(self, patterns: tuple[str, ...]) -> None:
        """Runs the public functions and methods that the user says many threads run."""
        if not patterns:
            return

        def is_assumed(module: Module, *names: str) -> bool:
            return any(fnmatchcase(f"{module.name}.{name}", p) for name in names for p in patterns)

        for cls in list(self.classes):
            body = self.class_object(cls)
            own = body.function.qualname
            if any(is_assumed(body.module, own, f"{own}.{n}") for n in self._public_bindings(cls)):
                names = [n for n in self.public_names(cls) if is_assumed(body.module, own, f"{own}.{n}")]
                self.assumed[self.share_instance(cls, names)] = Exclusion.THREADS
        for found in self._functions():
            function, module = found.function, found.module
            if (
                function.owner_class is None
                and is_public(function.name)
                and is_assumed(module, function.qualname)
            ):
                if module.object not in self.shared:
                    self.shared.append(module.object)
                self.assumed[module.object] = Exclusion.THREADS
                link = self._link(Caller.ANYONE, module.object)
                self._run_function(found, link, ("drive", found.number), True)

    def _uses_locks(self, cls: ObjectId) -> bool:
        known = self._locking.get(cls)
        if known is None:
            known = self._locking[cls] = self._has_locking_body(cls)
        return known

    def _has_locking_body(self, cls: ObjectId) -> bool:
        found = self.get(cls, ClassObject)
        if found is None:
            return False
        # A decorator's wrapper stands elsewhere, but it is what the class has under the name.
        wrappers = (
            self.get(number, FunctionObject)
            for name in sorted(found.function.names)
            for number in sorted(self.at(self.field(cls, name)))
        )
        bodies: list[ClassObject | FunctionObject] = [found, *(w for w in wrappers if w is not None)]
        return any(self.mentions[b.module].locks[b.function.number] for b in bodies)

    def _inject(self, cls: ObjectId, instance: ObjectId) -> None:
        """What the instances in sight are made with, the synthetic one may be made with, too."""
        if self.instances(cls) == [instance]:
            return
        constructors = [c for c in self.clones if c.function.name == "__init__" and c.receiver is not None]
        own = [c for c in constructors if c.receiver == instance]
        for real in self.instances(cls):
            if real == instance:
                continue
            self.stand_ins.setdefault(instance, []).append(real)
            for clone in constructors:
                if clone.receiver != real:
                    continue
                for target in own:
                    if target.function is clone.function:
                        for parameter in clone.function.parameters[1:]:
                            self.edge(clone.node(parameter.value), target.node(parameter.value))

    def public_names(self, cls: ObjectId) -> list[str]:
        """The public methods of a class, but for those that a library calls under a lock of its own."""
        names, instance = self._public_bindings(cls), self.instance(cls)
        return [name for name in names if self.hook_lock(instance, name) is None]

    def _public_bindings(self, cls: ObjectId) -> dict[str, None]:
        names: dict[str, None] = {}
        for ancestor in self.linearized(cls):
            found = self.get(ancestor, ClassObject)
            if found is not None:
                names.update(dict.fromkeys(n for n in sorted(found.function.names) if is_public(n)))
        return names

    # -- what nothing in sight calls

    def _call_public(self) -> None:
        for _ in range(_MAX_ROUNDS):
            waiting = [f for f in self._functions() if self._is_uncalled(f)]
            if not waiting:
                return
            # What a constructor names, too, it may have handed over to a thread that another one starts.
            first = self._unmentioned(waiting, self._functions()) or self._unmentioned(waiting, waiting)
            for found in first or waiting[:1]:
                self._call_from_main(found)
            self.settle()
        for found in self._functions():
            if self._is_uncalled(found):
                self._call_from_main(found)
        self.settle()

    def _functions(self) -> list[FunctionObject]:
        """Module-level functions and methods, in the order of the text."""
        return [
            found
            for found in self.all_of(FunctionObject)
            if found.function.owner_class is not None or found.function.parent == 0
        ]

    def _is_uncalled(self, found: FunctionObject) -> bool:
        return (
            is_public(found.function.name)
            and self._is_open(found)
            and not self._is_of_private_class(found)
            and self.function_key(found) not in self.called
            and not self.is_done(("entry", found.number))
        )

    def _is_open(self, found: FunctionObject | ClassObject) -> bool:
        """Whether it is, or is within, a definition that code out of sight may use."""
        public = found.module.public
        return public is None or definition_around(found.module, found.function.number) in public

    def _may_own_locks(self, cls: ObjectId) -> bool:
        """Whether a class is one of those that own locks: that name them, derive from such, are given one."""
        if any(
            found is not None and found.module.public is None
            for found in (self.get(c, ClassObject) for c in self.linearized(cls))
        ):
            return True
        return any(
            self.exclusion(number)
            for instance in self.instances_of_heirs(cls)
            for name in self.fields_of(instance)
            for number in sorted(self.at(self.field(instance, name)))
        )

    def _is_of_private_class(self, found: FunctionObject) -> bool:
        """Whether it is a method of a class that code out of sight has no business with."""
        owner = found.function.owner_class
        return owner is not None and found.module.facts.functions[owner].name.startswith("_")

    def _unmentioned(
        self, waiting: list[FunctionObject], among: list[FunctionObject]
    ) -> list[FunctionObject]:
        """Those that no other of some functions names: where the calls among them begin."""
        mentioning: defaultdict[str, set[Function]] = defaultdict(set)
        sought = {found.function.name for found in waiting}
        for found in among:
            for name in sought & self.mentions[found.module].names[found.function.number]:
                mentioning[name].add(found.function)
        return [found for found in waiting if not mentioning[found.function.name] - {found.function}]

    def _call_from_main(self, found: FunctionObject) -> None:
        self.once(("entry", found.number))
        if found.function.owner_class is None:
            self._run_function(found, self._link(Caller.MAIN), ("call", found.number), False)
            return
        name = found.function.name
        for cls in list(self.classes_of[found.module.index, found.function.owner_class]):
            for instance in self.instances_of_heirs(cls) or [self.instance(cls)]:
                made_of = self.get(instance, InstanceObject)
                if made_of is not None and self.defining_class(made_of.cls, name) == cls:
                    self._run_method(found, instance, name, Caller.MAIN)


_ELSEWHERE = Instruction(0)


def is_public(name: str) -> bool:
    """Whether code out of sight is expected to call a function of this name."""
    if name.startswith("__") and name.endswith("__"):
        return name not in _UNSHARED
    return not name.startswith("_") and name != "<lambda>"
