"""Calls: from what a callee denotes to the clones that run, with their parameters fed."""

from __future__ import annotations

from flake8_sharedstate.facts.model import Declare, Function, LoadAttr, Parameter, Value
from flake8_sharedstate.program.heap import ANY, UNKNOWN, CallArguments, CallSite, item
from flake8_sharedstate.program.items import Items
from flake8_sharedstate.program.objects import (
    BoundObject,
    ClassObject,
    Clone,
    FunctionObject,
    InstanceObject,
    LibraryMethodObject,
    LibraryObject,
    Module,
    Node,
    ObjectId,
    QualifiedObject,
    Site,
)


class _Signature:
    """The parameters of a function by the way in which they are passed."""

    def __init__(self, parameters: list[Parameter]) -> None:
        self.named = {p.name: p for p in parameters}
        self.positional = [p for p in parameters if p.kind in ("positional", "either")]
        self.keywords = {p.name: p for p in parameters if p.kind in ("either", "keyword")}
        self.rest = next((p for p in parameters if p.kind == "args"), None)
        self.extra = next((p for p in parameters if p.kind == "kwargs"), None)


class Calls(Items):
    """Resolves calls on the fly and binds arguments to parameters."""

    def __init__(self, modules: list[Module]) -> None:
        super().__init__(modules)
        self._signatures: dict[Function, _Signature] = {}

    def instantiate(self, clone: Clone) -> None:
        """Adds the constraints of a new clone's body."""
        raise NotImplementedError

    def call_library(self, name: str, arguments: CallArguments, result: Node, site: CallSite) -> None:
        """Calls a library's function or class by its qualified name."""
        raise NotImplementedError

    def call_library_method(
        self, method: LibraryMethodObject, arguments: CallArguments, result: Node, site: CallSite
    ) -> None:
        """Calls a method of a library's type."""
        raise NotImplementedError

    def construct_library(self, made: ObjectId, name: str, arguments: CallArguments, site: CallSite) -> None:
        """Does what a library's constructor does to the object it makes."""
        raise NotImplementedError

    def call_library_object(
        self, number: ObjectId, arguments: CallArguments, result: Node, site: CallSite
    ) -> None:
        """Calls an instance of a library's type."""
        raise NotImplementedError

    # -- callees

    def invoke(self, callee: ObjectId, arguments: CallArguments, result: Node, site: CallSite) -> None:
        """Calls an object.

        Args:
            callee: what is called.
            arguments: the nodes of its arguments.
            result: the node that gets what it returns.
            site: where the call stands; its ``link`` learns of each clone that runs.
        """
        found = self.objects[callee]
        if isinstance(found, FunctionObject):
            self._call_function(callee, found, arguments, result, site)
        elif isinstance(found, BoundObject):
            self._call_bound(found, arguments, result, site)
        elif isinstance(found, ClassObject):
            self._construct(callee, arguments, result, site)
        elif isinstance(found, QualifiedObject):
            self.call_library(found.name, arguments, result, site)
        elif isinstance(found, LibraryMethodObject):
            self.call_library_method(found, arguments, result, site)
        elif isinstance(found, LibraryObject):
            self.call_library_object(callee, arguments, result, site)
        elif isinstance(found, InstanceObject):
            self.call_method(callee, "__call__", arguments, result, site)

    def _call_bound(self, found: BoundObject, arguments: CallArguments, result: Node, site: CallSite) -> None:
        function = self.get(found.function, FunctionObject)
        if function is not None:
            self.enter(function, found.receiver, arguments, result, site)
        else:
            first = (self.holder(found.receiver), False)
            self.invoke(
                found.function,
                CallArguments((first, *arguments.positional), arguments.keywords),
                result,
                site,
            )

    def _call_function(
        self,
        number: ObjectId,
        found: FunctionObject,
        arguments: CallArguments,
        result: Node,
        site: CallSite,
    ) -> None:
        is_plain = found.function.owner_class is None or number in self.static
        if is_plain or not arguments.positional:
            self.enter(found, None, arguments, result, site)
            return
        if arguments.positional[0][1]:
            arguments = self._expanded(found.function, arguments)
            if not arguments.positional:
                self.enter(found, None, arguments, result, site)
                return
        # ``Base.method(self, ...)``: the first argument is the receiver, each object in its own context.
        first = arguments.positional[0][0]
        rest = CallArguments(arguments.positional[1:], arguments.keywords)

        def enter(receiver: ObjectId) -> None:
            self.enter(found, receiver, rest, result, site, first)

        self.when(first, enter)

    def _expanded(self, function: Function, arguments: CallArguments) -> CallArguments:
        """``f(*args)`` as ``f(args[0], args[1], ...)``, as many as the function takes."""
        star = arguments.positional[0][0]
        elements = [self.new_node() for _ in self._signature(function).positional]

        def spread(container: ObjectId) -> None:
            for offset, element in enumerate(elements):
                self.read_item(container, offset, True, element)

        self.when(star, spread)
        return CallArguments(tuple((e, False) for e in elements), arguments.keywords)

    def _construct(
        self,
        cls: ObjectId,
        arguments: CallArguments,
        result: Node,
        site: CallSite,
    ) -> None:
        metaclass = self.metaclass(cls)
        maker = self.defining_class(metaclass, "__call__") if metaclass is not None else None
        if maker is None:
            self.make_instance(cls, arguments, result, site)
            return
        self.when(
            self.field(maker, "__call__"),
            lambda f: self.invoke(self.bound(f, cls), arguments, result, site),
        )

    def make_instance(self, cls: ObjectId, arguments: CallArguments, result: Node, site: CallSite) -> None:
        """Makes an instance of a class as ``type`` does: ``__new__``, then ``__init__``."""
        maker = self.defining_class(cls, "__new__")
        if maker is None:
            instance = self.new_instance(cls, site)
            self.add(result, instance)
            self.initialize(instance, arguments, site)
            return
        made = self.new_node()
        given = CallArguments(((self.holder(cls), False), *arguments.positional), arguments.keywords)
        self.when(self.field(maker, "__new__"), lambda f: self.invoke(f, given, made, site))
        self.edge(made, result)

        def initialize(number: ObjectId) -> None:
            if isinstance(self.objects[number], InstanceObject):
                self.initialize(number, arguments, site)

        self.when(made, initialize)

    def initialize(self, instance: ObjectId, arguments: CallArguments, site: CallSite) -> None:
        """Runs the constructors on a new instance."""
        found = self.get(instance, InstanceObject)
        assert found is not None
        ignored = self.new_node()
        has_init = False

        def run(function: ObjectId) -> None:
            target = self.get(function, FunctionObject)
            if target is not None:
                self.enter(target, instance, arguments, ignored, site)

        for ancestor in self.linearized(found.cls):
            base = self.objects[ancestor]
            if isinstance(base, ClassObject) and "__init__" in base.function.names:
                has_init = True
                self.when(self.field(ancestor, "__init__"), run)
                break
            if isinstance(base, QualifiedObject) and self._is_constructed(base.name):
                has_init = True
                self.construct_library(instance, base.name, arguments, site)
        if not has_init:
            self._fill_fields(instance, found.cls, arguments)

    def _is_constructed(self, name: str) -> bool:
        """Whether it is known what a library's class does with its arguments."""
        if self.book.is_written(name):
            return True
        return any(known.construct is not None for _, known in self.book.described(name))

    def _fill_fields(self, instance: ObjectId, cls: ObjectId, arguments: CallArguments) -> None:
        """What a generated ``__init__`` (dataclasses, attrs, named tuples) does with its arguments."""
        for name, node in arguments.keywords:
            if name is not None:
                self.edge(node, self.field(instance, name))
        found = self.get(cls, ClassObject)
        if found is not None:
            for (node, starred), name in zip(
                arguments.positional, declared_names(found.function), strict=False
            ):
                if not starred:
                    self.edge(node, self.field(instance, name))

    # -- binding

    def enter(
        self,
        found: FunctionObject,
        receiver: ObjectId | None,
        arguments: CallArguments,
        result: Node,
        site: CallSite,
        receiver_node: Node | None = None,
    ) -> Clone:
        """Runs a function in the context of its receiver and, where it matters, its call site."""
        function = found.function
        context: object = None
        if function.uses_parameters or (receiver is None and function.kind != "lambda"):
            context = (site.clone.module.index, site.clone.function.number, id(site.instruction), site.key)
        if function.name == "__init__" and receiver is not None:
            context = None
        clone, new = self.clone_of(found.module, function, found.frame, receiver, context)
        if new:
            clone.opens = site.may_open()
            clone.home = found.home
            clone.annotations = {
                p.value: found.annotations[p.name] for p in function.parameters if p.name in found.annotations
            }
        bindings = self._bind_parameters(clone, found, receiver, arguments)
        if receiver_node is not None and function.parameters:
            bindings.append((function.parameters[0].value, receiver_node))
        self.edge(clone.result, result)
        self.called.add(self.function_key(clone))
        site.link(clone, tuple(bindings))
        if new:
            self.later(lambda: self.instantiate(clone))
        elif site.may_open() and not clone.opens:
            self.let_open(clone)
        return clone

    def _bind_parameters(
        self,
        clone: Clone,
        found: FunctionObject,
        receiver: ObjectId | None,
        arguments: CallArguments,
    ) -> list[tuple[Value, Node]]:
        function = clone.function
        bindings: list[tuple[Value, Node]] = []
        signature = self._signature(function)
        positional, rest, extra = list(signature.positional), signature.rest, signature.extra
        shift = 0
        if receiver is not None and positional:
            self.add(clone.node(positional.pop(0).value), receiver)
        elif receiver is not None and rest is not None:
            # ``def wrapper(*args)`` as a method: the receiver is the first of them.
            self.write_item(self._surplus(clone, rest.value, "tuple"), 0, True, self.holder(receiver))
            shift = 1
        for name, default in found.defaults.items():
            self.edge(default, clone.node(signature.named[name].value))
        surplus = self._surplus(clone, rest.value, "tuple") if rest is not None else None
        for index, (node, starred) in enumerate(arguments.positional):
            if starred:
                self._spread(clone, node, index, [p.value for p in positional[index:]], surplus)
                break
            if index < len(positional):
                target = positional[index].value
                self.edge(node, clone.node(target))
                bindings.append((target, node))
            elif surplus is not None:
                self.write_item(surplus, index - len(positional) + shift, True, node)
        mapping = self._surplus(clone, extra.value, "dict") if extra is not None else None
        for keyword, node in arguments.keywords:
            if keyword is None:
                self._spread_names(clone, node, function, mapping)
            elif keyword in signature.keywords:
                target = signature.keywords[keyword].value
                self.edge(node, clone.node(target))
                bindings.append((target, node))
            elif mapping is not None:
                self.write_item(mapping, keyword, True, node)
        return bindings

    def _signature(self, function: Function) -> _Signature:
        known = self._signatures.get(function)
        if known is None:
            known = self._signatures[function] = _Signature(function.parameters)
        return known

    def _surplus(self, clone: Clone, value: Value, kind: str) -> ObjectId:
        """The tuple or dict of a clone's ``*args`` or ``**kwargs``."""
        number = self.intern(
            ("surplus", clone.number, kind),
            lambda n: LibraryObject(n, Site(clone, None), f"builtins.{kind}"),
        )
        self.add(clone.node(value), number)
        return number

    def _spread(
        self, clone: Clone, node: Node, first: int, targets: list[Value], surplus: ObjectId | None
    ) -> None:
        def each(container: ObjectId) -> None:
            for offset, target in enumerate(targets):
                self.read_item(container, offset, True, clone.node(target))
            if surplus is not None and surplus != container:
                if not targets and first == 0:
                    # ``f(*args)`` into ``def f(*args)``: the positions stay.
                    for offset in range(8):
                        self.edge(self.field(container, item(offset)), self.field(surplus, item(offset)))
                    self.edge(self.field(container, UNKNOWN), self.field(surplus, UNKNOWN))
                    self.edge(self.field(container, ANY), self.field(surplus, ANY))
                else:
                    for offset in range(len(targets), 8):
                        self.edge(
                            self.field(container, item(offset)),
                            self.field(surplus, item(offset - len(targets))),
                        )
                    self.edge(self.field(container, UNKNOWN), self.field(surplus, UNKNOWN))
                    self.edge(self.field(container, ANY), self.field(surplus, ANY))

        self.when(node, each)

    def _spread_names(self, clone: Clone, node: Node, function: Function, mapping: ObjectId | None) -> None:
        def each(container: ObjectId) -> None:
            for parameter in function.parameters:
                if parameter.kind in ("either", "keyword"):
                    self.read_item(container, parameter.name, True, clone.node(parameter.value))
            if mapping is not None and mapping != container:
                self.edge(self.field(container, ANY), self.field(mapping, UNKNOWN))
                self.edge(self.field(container, ANY), self.field(mapping, ANY))
                for name in list(self.fields_of(container)):
                    if name.startswith("['"):
                        self.edge(self.field(container, name), self.field(mapping, name))

        self.when(node, each)


def declared_names(body: Function) -> list[str]:
    """The annotated names of a class body, in order: the fields of a dataclass or named tuple."""
    loads = {}
    names = []
    for block in body.blocks:
        for instruction in block.instructions:
            if isinstance(instruction, LoadAttr) and instruction.base == 0:
                loads[instruction.dst] = instruction.name
            elif isinstance(instruction, Declare) and instruction.dst in loads:
                names.append(loads[instruction.dst])
    return names
