"""The meaning of each instruction: the constraints that a clone's body adds to the graph."""

from __future__ import annotations

import builtins
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Instruction, Value
from flake8_sharedstate.program.class_making import ClassMaking
from flake8_sharedstate.program.heap import ANY, UNKNOWN, CallArguments, CallSite, Link, Target
from flake8_sharedstate.program.objects import (
    ClassObject,
    Clone,
    FunctionObject,
    InstanceObject,
    LibraryObject,
    Module,
    NamespaceObject,
    Node,
    ObjectId,
    Site,
)

_BUILTINS = frozenset(dir(builtins))
# The methods behind operators (language reference, 3.3).
_OPERATORS = {
    "Add": "add", "Sub": "sub", "Mult": "mul", "Div": "truediv", "FloorDiv": "floordiv", "Mod": "mod",
    "Pow": "pow", "MatMult": "matmul", "BitAnd": "and", "BitOr": "or", "BitXor": "xor",
    "LShift": "lshift", "RShift": "rshift", "Eq": "eq", "NotEq": "ne", "Lt": "lt", "LtE": "le",
    "Gt": "gt", "GtE": "ge", "In": "contains", "NotIn": "contains", "USub": "neg", "UAdd": "pos",
    "Invert": "invert", "HasNext": "iter",
}  # fmt: skip
# Operators that make a new container of the items of their operands.
_COMBINES = ("Add", "Mult", "BitOr", "BitAnd", "Sub", "BitXor")
_SWAPPED = ("In", "NotIn")


class Instructions(ClassMaking):
    """Instantiates clones."""

    def __init__(self, modules: list[Module]) -> None:
        super().__init__(modules)
        self.classes: list[ObjectId] = []
        self.classes_of: defaultdict[tuple[int, int], list[ObjectId]] = defaultdict(list)
        """The classes that each class body makes, by the key of its function."""
        self.decorations: list[tuple[Clone, model.Call]] = []
        self._bindings: dict[model.Function, dict[Value, str]] = {}

    def instantiate(self, clone: Clone) -> None:
        for parameter in clone.function.parameters:
            if parameter.name in clone.function.cells and clone.own_frame is not None:
                self.edge(clone.node(parameter.value), self.field(clone.own_frame, parameter.name))
        for block in clone.function.blocks:
            for instruction in block.instructions:
                handler = _HANDLERS.get(type(instruction))
                if handler is not None:
                    handler(self, clone, instruction)

    def link(self, clone: Clone, instruction: Instruction) -> Link:
        """Records what an instruction of a clone can run."""

        def linked(target: Clone, bindings: tuple[tuple[Value, Node], ...]) -> None:
            values = []
            for parameter, node in bindings:
                value = self.value_of(clone, node)
                if value is not None:
                    values.append((parameter, value))
            entry = Target(target, tuple(values), self._makes(clone, instruction, target))
            known = self.targets.setdefault((clone.number, id(instruction)), [])
            if entry not in known:
                known.append(entry)

        return linked

    def _makes(self, clone: Clone, instruction: Instruction, target: Clone) -> bool:
        """Whether the instruction itself makes the receiver of the clone that it runs."""
        if target.receiver is None:
            return False
        site = self.objects[target.receiver].site
        return site is not None and site.instruction is instruction

    def site(self, clone: Clone, instruction: Instruction) -> CallSite:
        """An instruction as a place where calls are made."""
        return CallSite(clone, instruction, self.link(clone, instruction))

    # -- names

    def phi(self, clone: Clone, i: model.Phi) -> None:
        for source in i.sources:
            self.edge(clone.node(source), clone.node(i.dst))

    def const(self, clone: Clone, i: model.Const) -> None:
        if i.known and i.value is None:
            self.add(clone.node(i.dst), self.none)

    def load_global(self, clone: Clone, i: model.LoadGlobal) -> None:
        if i.annotates:
            self.defer(clone.node(i.dst), lambda: self._load_global(clone, i))
        else:
            self._load_global(clone, i)

    def _load_global(self, clone: Clone, i: model.LoadGlobal) -> None:
        dst = clone.node(i.dst)
        if not self.read_global(clone.module, i.name, dst, clone) and i.name in _BUILTINS:
            self.add(dst, self.qualified(f"builtins.{i.name}"))

    def store_global(self, clone: Clone, i: model.StoreGlobal) -> None:
        if i.src is not None:
            self.edge(clone.node(i.src), self.field(clone.module.object, i.name))

    def load_cell(self, clone: Clone, i: model.LoadCell) -> None:
        frame = self.frame_of(clone, i.owner)
        if frame is not None:
            self.edge(self.field(frame, i.name), clone.node(i.dst))

    def store_cell(self, clone: Clone, i: model.StoreCell) -> None:
        frame = self.frame_of(clone, i.owner)
        if frame is not None and i.src is not None:
            self.edge(clone.node(i.src), self.field(frame, i.name))

    def imported(self, clone: Clone, i: model.Import) -> None:
        is_body = clone.function.kind == "module"
        self.bring(clone, i, self._import_bindings(clone.function).get(i.dst) if is_body else None)

    def _import_bindings(self, body: model.Function) -> dict[Value, str]:
        """The values of a module body that go straight into globals, with their names."""
        known = self._bindings.get(body)
        if known is None:
            known = self._bindings[body] = {
                i.src: i.name
                for block in body.blocks
                for i in block.instructions
                if isinstance(i, model.StoreGlobal) and i.src is not None
            }
        return known

    # -- attributes and items

    def load_attr(self, clone: Clone, i: model.LoadAttr) -> None:
        site, dst = self.site(clone, i), clone.node(i.dst)
        self.defer_with(dst, clone.node(i.base))
        if i.name in self.book.telling:
            self.wanted.add(clone.node(i.base))
        self.when(clone.node(i.base), lambda o: self.read_attribute(o, i.name, dst, site))

    def store_attr(self, clone: Clone, i: model.StoreAttr) -> None:
        if i.src is not None:
            site, src = self.site(clone, i), clone.node(i.src)
            self.when(clone.node(i.base), lambda o: self.write_attribute(o, i.name, src, site))

    def load_item(self, clone: Clone, i: model.LoadItem) -> None:
        site, dst = self.site(clone, i), clone.node(i.dst)
        key = self.literal(clone, clone.node(i.key))
        sliced = self.definitions(clone.function)[i.key]
        whole = isinstance(sliced, model.Compute) and sliced.op == "Slice"

        def read(owner: ObjectId) -> None:
            space = self.get(owner, NamespaceObject)
            if space is not None and key is not None and isinstance(key.value, str):
                self.read_attribute(space.owner, key.value, dst, site)
            if isinstance(self.objects[owner], InstanceObject):
                arguments = CallArguments(((clone.node(i.key), False),))
                self.call_method(owner, "__getitem__", arguments, dst, site)
            if whole:
                made = self.library_object(site, "builtins.list", "slice")
                self.edge(self.field(owner, ANY), self.field(made, ANY))
                self.edge(self.field(owner, ANY), self.field(made, UNKNOWN))
                self.add(dst, made)
            else:
                self.read_item(owner, key.value if key else None, key is not None, dst)

        self.when(clone.node(i.base), read)

    def store_item(self, clone: Clone, i: model.StoreItem) -> None:
        if i.src is None:
            return
        site, src = self.site(clone, i), clone.node(i.src)
        key = self.literal(clone, clone.node(i.key))

        def write(owner: ObjectId) -> None:
            space = self.get(owner, NamespaceObject)
            if space is not None and key is not None and isinstance(key.value, str):
                self.write_attribute(space.owner, key.value, src, site)
            if isinstance(self.objects[owner], InstanceObject):
                arguments = CallArguments(((clone.node(i.key), False), (src, False)))
                self.call_method(owner, "__setitem__", arguments, self.new_node(), site)
            self.write_item(owner, key.value if key else None, key is not None, src)
            self.write_key(owner, clone.node(i.key))

        self.when(clone.node(i.base), write)

    def build(self, clone: Clone, i: model.Build) -> None:
        site = self.site(clone, i)
        made = self.library_object(site, f"builtins.{i.kind}")
        self.add(clone.node(i.dst), made)
        for index, (key, element, starred) in enumerate(i.items):
            node = clone.node(element)
            if starred:
                self.when(node, lambda c: self.pour(c, made, site))
            elif i.kind in ("tuple", "list"):
                known = not any(s for _, _, s in i.items[:index])
                self.write_item(made, index, known, node)
            elif key is not None:
                literal = self.literal(clone, clone.node(key))
                self.write_item(made, literal.value if literal else None, literal is not None, node)
                self.write_key(made, clone.node(key))
            else:
                self.write_item(made, None, False, node)

    def added(self, clone: Clone, i: model.Add) -> None:
        def write(owner: ObjectId) -> None:
            self.write_item(owner, None, False, clone.node(i.src))
            if i.key is not None:
                self.write_key(owner, clone.node(i.key))

        self.when(clone.node(i.base), write)

    def iterate(self, clone: Clone, i: model.Iterate) -> None:
        site, dst = self.site(clone, i), clone.node(i.dst)
        self.when(clone.node(i.source), lambda o: self.elements(o, dst, site))

    def unpack(self, clone: Clone, i: model.Unpack) -> None:
        site, dst = self.site(clone, i), clone.node(i.dst)

        def read(owner: ObjectId) -> None:
            if i.rest:
                made = self.library_object(site, "builtins.list", "rest")
                self.edge(self.field(owner, ANY), self.field(made, ANY))
                self.edge(self.field(owner, ANY), self.field(made, UNKNOWN))
                self.add(dst, made)
            elif self.container(owner) in ("tuple", "list"):
                self.read_item(owner, i.index, True, dst)
            else:
                self.elements(owner, dst, site)

        self.when(clone.node(i.source), read)

    # -- calls and operators

    def call(self, clone: Clone, i: model.Call) -> None:
        site, dst = self.site(clone, i), clone.node(i.dst)
        arguments = CallArguments(
            tuple((clone.node(a), starred) for a, starred in i.args),
            tuple((name, clone.node(v)) for name, v in i.keywords),
        )
        self.when(clone.node(i.function), lambda c: self.invoke(c, arguments, dst, site))
        if i.decorates:
            self.decorations.append((clone, i))
            self.wanted.update((clone.node(i.function), dst))

    def compute(self, clone: Clone, i: model.Compute) -> None:
        if i.in_place:
            # A list, set or dict is changed in place; the result is the same object.
            self.when(clone.node(i.operands[0]), lambda o: self._in_place(o, clone, i))
        elif i.op in _COMBINES:
            for operand in i.operands:
                self.when(clone.node(operand), lambda o: self._combine(o, clone, i))
        method = _OPERATORS.get(i.op)
        if method is None or not i.operands:
            return
        site = self.site(clone, i)
        owner, others = i.operands[0], i.operands[1:]
        if i.op in _SWAPPED and len(i.operands) == 2:
            owner, others = i.operands[1], i.operands[:1]
        arguments = CallArguments(tuple((clone.node(o), False) for o in others))
        names = [f"__{method}__"]
        if i.in_place:
            names.insert(0, f"__i{method}__")

        def operate(number: ObjectId) -> None:
            found = self.get(number, InstanceObject)
            if found is None:
                return
            for name in names:
                self.call_method(number, name, arguments, clone.node(i.dst), site)

        self.when(clone.node(owner), operate)

    def _combine(self, owner: ObjectId, clone: Clone, i: model.Compute) -> None:
        """``a + b``, ``[x] * n``, ``d | e``: a new container with the same items."""
        found = self.get(owner, LibraryObject)
        if found is not None and self.container(owner) is not None:
            site = self.site(clone, i)
            made = self.library_object(site, found.type, "combined")
            self.pour(owner, made, site)
            self.add(clone.node(i.dst), made)

    def _in_place(self, owner: ObjectId, clone: Clone, i: model.Compute) -> None:
        if any(model_.in_place for _, model_ in self.models(owner)):
            self.add(clone.node(i.dst), owner)
            site = self.site(clone, i)
            self.when(clone.node(i.operands[1]), lambda c: self.pour(c, owner, site))

    # -- definitions

    def make_function(self, clone: Clone, i: model.MakeFunction) -> None:
        function = clone.module.facts.functions[i.function]
        frame = clone.own_frame if clone.own_frame is not None else clone.frame
        home: ObjectId | None = clone.home
        if clone.function.kind == "class":
            home = next(iter(sorted(self.at(clone.node(0)))), None)
        defaults = {name: clone.node(v) for name, v in i.defaults}
        annotations = {name: tuple(clone.node(v) for v in vs) for name, vs in i.annotations}
        key = ("function", clone.number, i.function)
        made = self.intern(
            key,
            lambda n: FunctionObject(n, None, clone.module, function, frame, home, defaults, annotations),
        )
        self.add(clone.node(i.dst), made)

    def make_class(self, clone: Clone, i: model.MakeClass) -> None:
        body = clone.module.facts.functions[i.body]
        bases = tuple(clone.node(b) for b in i.bases)
        keywords = {name: clone.node(v) for name, v in i.keywords if name is not None}
        site = self.site(clone, i)
        made = self.allocate(
            site,
            "class",
            lambda n, s: ClassObject(n, s, clone.module, body, bases, keywords),
        )
        self.observe(*bases)
        self.show_class(made, clone.node(i.dst), site)
        frame = clone.own_frame if clone.own_frame is not None else clone.frame
        inner, new = self.clone_of(clone.module, body, frame, None, made)
        if new:
            self.add(inner.node(0), made)
            self.link(clone, i)(inner, ())
            self.classes.append(made)
            self.classes_of[self.function_key(inner)].append(made)
            self.instantiate(inner)

    def enter_manager(self, clone: Clone, i: model.Enter) -> None:
        site, dst = self.site(clone, i), clone.node(i.dst)
        self.wanted.add(clone.node(i.manager))
        method = "__aenter__" if i.is_async else "__enter__"

        def enter(owner: ObjectId) -> None:
            found = self.objects[owner]
            self.denotes(owner)
            for _, known in self.models(owner):
                if known.on_enter:
                    self.apply(known.on_enter, owner, CallArguments(), self.new_node(), site)
                    break
            if isinstance(found, InstanceObject):
                self.call_method(owner, method, CallArguments(), dst, site)
                if self.library_bases(found.cls):
                    self.add(dst, owner)
            elif isinstance(found, LibraryObject):
                entered = next((m.enters for _, m in self.models(owner) if m.enters), None)
                if entered is not None:
                    self.edge(self.field(owner, entered), dst)
                elif found.type == "builtins.generator":
                    self.edge(self.field(owner, ANY), dst)
                else:
                    self.add(dst, owner)

        self.when(clone.node(i.manager), enter)

    def exit_manager(self, clone: Clone, i: model.Exit) -> None:
        site = self.site(clone, i)
        method = "__aexit__" if i.is_async else "__exit__"
        ignored = self.new_node()
        unknown = CallArguments(tuple((self.new_node(), False) for _ in range(3)))

        def leave(owner: ObjectId) -> None:
            found = self.objects[owner]
            if isinstance(found, InstanceObject):
                self.call_method(owner, method, unknown, ignored, site)
            for _, known in self.models(owner):
                if known.on_exit:
                    self.apply(known.on_exit, owner, CallArguments(), ignored, site)
                    break

        self.when(clone.node(i.manager), leave)

    def awaited(self, clone: Clone, i: model.Await) -> None:
        if i.src is not None:
            self.edge(clone.node(i.src), clone.node(i.dst))

    def yielded(self, clone: Clone, i: model.Yield) -> None:
        made = self._generator(clone)
        if i.src is not None:
            self.edge(clone.node(i.src), self.field(made, ANY))

    def returned(self, clone: Clone, i: model.Return) -> None:
        if not clone.function.is_generator:
            self.edge(clone.node(i.src), clone.result)

    def _generator(self, clone: Clone) -> ObjectId:
        made = self.intern(
            ("generator", clone.number),
            lambda n: LibraryObject(n, Site(clone, None), "builtins.generator"),
        )
        self.add(clone.result, made)
        return made


_HANDLERS: dict[type[Instruction], Callable[[Any, Clone, Any], None]] = {
    model.Phi: Instructions.phi,
    model.Const: Instructions.const,
    model.LoadGlobal: Instructions.load_global,
    model.StoreGlobal: Instructions.store_global,
    model.LoadCell: Instructions.load_cell,
    model.StoreCell: Instructions.store_cell,
    model.Import: Instructions.imported,
    model.LoadAttr: Instructions.load_attr,
    model.StoreAttr: Instructions.store_attr,
    model.LoadItem: Instructions.load_item,
    model.StoreItem: Instructions.store_item,
    model.Build: Instructions.build,
    model.Add: Instructions.added,
    model.Iterate: Instructions.iterate,
    model.Unpack: Instructions.unpack,
    model.Call: Instructions.call,
    model.Compute: Instructions.compute,
    model.MakeFunction: Instructions.make_function,
    model.MakeClass: Instructions.make_class,
    model.Enter: Instructions.enter_manager,
    model.Exit: Instructions.exit_manager,
    model.Await: Instructions.awaited,
    model.Yield: Instructions.yielded,
    model.Return: Instructions.returned,
}
