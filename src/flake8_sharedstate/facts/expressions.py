"""Lowers expressions to instructions; each ``lower`` gives the number of the expression's value."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Function, Value
from flake8_sharedstate.facts.scopes import Scope, Scopes, all_arguments
from flake8_sharedstate.facts.ssa import GraphBuilder


class ModuleBuilder:
    """What the functions of one file have in common while they are built."""

    def __init__(self, scopes: Scopes) -> None:
        self.scopes = scopes
        self.functions: list[Function] = []
        self.spans: list[model.Span] = []
        self.numbers: dict[Scope, int] = {}
        self.globals: frozenset[str] = frozenset()
        self.imports_cast = False
        self.lower_function: Callable[[ast.AST, Function, Scope], None]

    def function(
        self, node: ast.AST, name: str, kind: str, parent: Function | None, span: model.Span
    ) -> Function:
        """Opens and lowers the function of ``node``."""
        if parent is None or parent.kind == "module":
            qualname = name
        else:
            qualname = f"{parent.qualname}.{name}"
        number = len(self.functions)
        function = Function(number, name, qualname, kind, parent.number if parent else None, span)
        self.functions.append(function)
        scope = self.scopes.of[node]
        self.numbers[scope] = number
        self.lower_function(node, function, scope)
        return function


class ExpressionLowering(GraphBuilder):
    """Lowers the expressions of one function."""

    def __init__(self, module: ModuleBuilder, function: Function, scope: Scope, class_name: str) -> None:
        super().__init__(function)
        self.module = module
        self.scope = scope
        self.class_name = class_name
        self.single_assignment = frozenset(
            name for name, count in scope.bindings.items() if count == 1 and name not in scope.nonlocals
        )

    # -- names

    def mangle(self, name: str) -> str:
        """A private name as its class spells it (language reference, 6.2.1)."""
        if self.class_name and name.startswith("__") and not name.endswith("__"):
            return f"_{self.class_name.lstrip('_')}{name}"
        return name

    def load_name(self, name: str) -> Value:
        name = self.mangle(name)
        scope = self.scope.binder(name)
        if scope is None:
            dst = self.value()
            self.emit(model.LoadGlobal(self.at, dst, name))
            return dst
        storage = scope.storage(name)
        if scope.kind == "class" and scope is self.scope.function:
            dst = self.value()
            self.emit(model.LoadAttr(self.at, dst, 0, name))
            return dst
        if name in scope.captured:
            dst = self.value()
            self.emit(model.LoadCell(self.at, dst, self.module.numbers[scope.function], storage))
            return dst
        return self.read(storage)

    def store_name(self, name: str, value: Value | None) -> None:
        name = self.mangle(name)
        scope = self.scope.binder(name)
        if scope is None:
            self.emit(model.StoreGlobal(self.at, name, value))
            return
        storage = scope.storage(name)
        if scope.kind == "class" and scope is self.scope.function:
            self.emit(model.StoreAttr(self.at, 0, name, value))
        elif name in scope.captured:
            self.emit(model.StoreCell(self.at, self.module.numbers[scope.function], storage, value))
        elif value is not None:
            self.write(storage, value)

    # -- expressions

    def lower(self, node: ast.expr) -> Value:
        """The value of an expression."""
        method: Callable[[ast.expr], Value] | None = getattr(self, "expr_" + type(node).__name__, None)
        if method is None:
            parts = [self.lower(c) for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr)]
            return self.compute(type(node).__name__, *parts)
        return method(node)

    def compute(self, op: str, *operands: Value, in_place: bool = False) -> Value:
        dst = self.value()
        self.emit(model.Compute(self.at, dst, op, operands, in_place))
        return dst

    def expr_Constant(self, node: ast.Constant) -> Value:
        return self.constant(node.value)

    def expr_Name(self, node: ast.Name) -> Value:
        return self.load_name(node.id)

    def expr_Attribute(self, node: ast.Attribute) -> Value:
        return self._load_attribute(self.lower(node.value), self.mangle(node.attr))

    def expr_Subscript(self, node: ast.Subscript) -> Value:
        named = self._namespace(node)
        if named is not None:
            return self._load_attribute(self.lower(named[0]), named[1])
        base, key = self.lower(node.value), self.lower(node.slice)
        dst = self.value()
        self.emit(model.LoadItem(self.at, dst, base, key))
        return dst

    def expr_BinOp(self, node: ast.BinOp) -> Value:
        # A long sum is a left-leaning chain as deep as it is long: walk it instead of recursing.
        chain = [node]
        while isinstance(chain[-1].left, ast.BinOp):
            chain.append(chain[-1].left)
        value = self.lower(chain[-1].left)
        for link in reversed(chain):
            value = self.compute(type(link.op).__name__, value, self.lower(link.right))
        return value

    def expr_UnaryOp(self, node: ast.UnaryOp) -> Value:
        return self.compute(type(node.op).__name__, self.lower(node.operand))

    def expr_Compare(self, node: ast.Compare) -> Value:
        operands = [self.lower(node.left), *(self.lower(c) for c in node.comparators)]
        op = type(node.ops[0]).__name__ if len(node.ops) == 1 else "And"
        return self.compute(op, *operands)

    def expr_BoolOp(self, node: ast.BoolOp) -> Value:
        short_on = isinstance(node.op, ast.Or)
        outside = self.conditions
        sources, exits, deciders = [], [], []
        for i, operand in enumerate(node.values):
            value = self.lower(operand)
            sources.append(value)
            if i == len(node.values) - 1:
                exits.append(self.block)
                break
            deciders.append(value)
            self.conditions = (*self.conditions, value)
            following = self.new_block()
            self.function.blocks[self.block].branch = model.Branch(value, self.at)
            # The successor for "true" comes first; the other one is the end, linked below.
            self.function.blocks[self.block].successors.append(-1 if short_on else following)
            self.function.blocks[self.block].successors.append(following if short_on else -1)
            self._predecessors[following].append(self.block)
            exits.append(self.block)
            self.start(following)
        self.conditions = outside
        after = self.new_block()
        for source in exits:
            successors = self.function.blocks[source].successors
            if -1 in successors:
                successors[successors.index(-1)] = after
            else:
                successors.append(after)
            self._predecessors[after].append(source)
        self.start(after)
        decider = deciders[0] if len(deciders) == 1 else self.compute("BoolOp", *deciders)
        dst = self.value()
        self.emit(model.Phi(self.at, dst, sources, decider, type(node.op).__name__))
        return dst

    def expr_IfExp(self, node: ast.IfExp) -> Value:
        condition = self.test(node.test)
        outside = self.conditions
        self.conditions = (*outside, condition)
        then, otherwise = self.new_block(), self.new_block()
        self.branch(condition, then, otherwise)
        self.start(then)
        first = self.lower(node.body)
        first_end = self.block
        self.start(otherwise)
        second = self.lower(node.orelse)
        self.conditions = outside
        after = self.new_block(first_end, self.block)
        self.start(after)
        dst = self.value()
        self.emit(model.Phi(self.at, dst, [first, second], condition))
        return dst

    def test(self, node: ast.expr) -> Value:
        """The value that a test decides on."""
        return self.lower(node)

    def expr_NamedExpr(self, node: ast.NamedExpr) -> Value:
        value = self.lower(node.value)
        self.store_name(node.target.id, value)
        return value

    def expr_Call(self, node: ast.Call) -> Value:
        spelled = self._attribute_access(node)
        if spelled is not None:
            return spelled
        function = self.lower(node.func)
        args = tuple(
            (self.lower(a.value), True) if isinstance(a, ast.Starred) else (self.lower(a), False)
            for a in node.args
        )
        keywords = tuple((k.arg, self.lower(k.value)) for k in node.keywords)
        dst = self.value()
        self.emit(model.Call(self.at, dst, function, args, keywords))
        return dst

    def _attribute_access(self, node: ast.Call) -> Value | None:
        """``getattr(o, "n")`` and its kin are ``o.n``: the same access by another spelling."""
        if node.keywords or len(node.args) < 2:
            return None
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called == "cast" and len(node.args) == 2 and self.module.imports_cast:
            # For type checkers only: the value passes through as it is.
            return self.lower(node.args[1])
        if not isinstance(node.func, ast.Name):
            return None
        name = node.args[1].value if isinstance(node.args[1], ast.Constant) else None
        if not isinstance(name, str) or not self._is_builtin(node.func.id):
            return None
        match node.func.id, len(node.args):
            case "getattr", 2 | 3:
                value = self._load_attribute(self.lower(node.args[0]), name)
                if len(node.args) == 2:
                    return value
                default, dst = self.lower(node.args[2]), self.value()
                self.emit(model.Phi(self.at, dst, [value, default]))
                return dst
            case "hasattr", 2:
                return self.compute("HasAttr", self._load_attribute(self.lower(node.args[0]), name))
            case "setattr", 3:
                base, value = self.lower(node.args[0]), self.lower(node.args[2])
                self.emit(model.StoreAttr(self.at, base, name, value))
                return self.constant(None)
            case "delattr", 2:
                self.emit(model.StoreAttr(self.at, self.lower(node.args[0]), name, None))
                return self.constant(None)
        return None

    def _is_builtin(self, name: str) -> bool:
        return self.scope.binder(name) is None and name not in self.module.globals

    def _load_attribute(self, base: Value, name: str) -> Value:
        dst = self.value()
        self.emit(model.LoadAttr(self.at, dst, base, name))
        return dst

    def _namespace(self, node: ast.expr) -> tuple[ast.expr, str] | None:
        """``vars(o)["n"]`` and ``o.__dict__["n"]`` are ``o.n``, too: gives object and name."""
        if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Constant):
            return None
        name, base = node.slice.value, node.value
        if not isinstance(name, str):
            return None
        if isinstance(base, ast.Attribute) and base.attr == "__dict__":
            return base.value, name
        if (
            isinstance(base, ast.Call)
            and isinstance(base.func, ast.Name)
            and base.func.id == "vars"
            and len(base.args) == 1
            and self._is_builtin("vars")
        ):
            return base.args[0], name
        return None

    def expr_Starred(self, node: ast.Starred) -> Value:
        return self.lower(node.value)

    def expr_Await(self, node: ast.Await) -> Value:
        src = self.lower(node.value)
        dst = self.value()
        self.emit(model.Await(self.at, dst, src))
        return dst

    def expr_Yield(self, node: ast.Yield) -> Value:
        src = self.lower(node.value) if node.value is not None else None
        return self._yield(src)

    def expr_YieldFrom(self, node: ast.YieldFrom) -> Value:
        return self._yield(self.lower(node.value))

    def _yield(self, src: Value | None) -> Value:
        self.function.is_generator = True
        dst = self.value()
        self.emit(model.Yield(self.at, dst, src))
        return dst

    def _build(self, kind: str, items: Iterable[tuple[Value | None, Value, bool]]) -> Value:
        parts = tuple(items)
        dst = self.value()
        self.emit(model.Build(self.at, dst, kind, parts))
        return dst

    def _elements(self, nodes: list[ast.expr]) -> list[tuple[Value | None, Value, bool]]:
        return [(None, self.lower(n), isinstance(n, ast.Starred)) for n in nodes]

    def expr_List(self, node: ast.List) -> Value:
        return self._build("list", self._elements(node.elts))

    def expr_Tuple(self, node: ast.Tuple) -> Value:
        return self._build("tuple", self._elements(node.elts))

    def expr_Set(self, node: ast.Set) -> Value:
        return self._build("set", self._elements(node.elts))

    def expr_Dict(self, node: ast.Dict) -> Value:
        items = []
        for key, element in zip(node.keys, node.values, strict=True):
            key_value = self.lower(key) if key is not None else None
            items.append((key_value, self.lower(element), key is None))
        return self._build("dict", items)

    def expr_Lambda(self, node: ast.Lambda) -> Value:
        return self.make_function(node, "<lambda>", "lambda")

    def make_function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str, kind: str
    ) -> Value:
        """Builds an inner function and the instruction that makes it."""
        arguments = node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        defaults = []
        if arguments.defaults:
            for parameter, default in zip(
                positional[-len(arguments.defaults) :], arguments.defaults, strict=True
            ):
                defaults.append((parameter.arg, self.lower(default)))
        for parameter, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if keyword_default is not None:
                defaults.append((parameter.arg, self.lower(keyword_default)))
        annotations = []
        for parameter in all_arguments(arguments):
            classes = self.annotation(parameter.annotation)
            if classes:
                annotations.append((parameter.arg, classes))
        if not isinstance(node, ast.Lambda):
            classes = self.annotation(node.returns)
            if classes:
                annotations.append(("return", classes))
        span = (node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0)
        inner = self.module.function(node, name, kind, self.function, span)
        if self.function.kind == "class":
            inner.owner_class = self.function.number
        dst = self.value()
        self.emit(
            model.MakeFunction(self.at, dst, inner.number, tuple(defaults), tuple(annotations))
        )
        return dst

    def annotation(self, node: ast.expr | None) -> tuple[Value, ...]:
        """The classes that an annotation allows: those of a union, without ``Optional`` and quotes."""
        if node is None:
            return ()
        if isinstance(node, ast.Constant):
            if not isinstance(node.value, str):
                return ()
            try:
                return self.annotation(ast.parse(node.value, mode="eval").body)
            except (SyntaxError, ValueError):
                return ()
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self.annotation(node.left) + self.annotation(node.right)
        if isinstance(node, ast.Subscript):
            head = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if head in ("Optional", "Final", "ClassVar", "Annotated", "Required", "NotRequired"):
                return self.annotation(parts[0])
            if head == "Union":
                return tuple(value for part in parts for value in self.annotation(part))
            return self.annotation(node.value)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return (self.lower(node),)
        return ()

    # -- comprehensions

    def expr_ListComp(self, node: ast.ListComp) -> Value:
        return self._comprehension("list", node, None, node.elt)

    def expr_SetComp(self, node: ast.SetComp) -> Value:
        return self._comprehension("set", node, None, node.elt)

    def expr_GeneratorExp(self, node: ast.GeneratorExp) -> Value:
        return self._comprehension("generator", node, None, node.elt)

    def expr_DictComp(self, node: ast.DictComp) -> Value:
        return self._comprehension("dict", node, node.key, node.value)

    def _comprehension(
        self,
        kind: str,
        node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
        key: ast.expr | None,
        element: ast.expr,
    ) -> Value:
        container = self._build(kind, ())
        outer_scope, outside = self.scope, self.conditions
        # The first iterable is evaluated outside the comprehension's own scope.
        first = self.lower(node.generators[0].iter)
        self.scope = self.module.scopes.of[node]
        ends = []
        for i, generator in enumerate(node.generators):
            source = first if i == 0 else self.lower(generator.iter)
            ends.append(self.open_loop(source, generator.is_async))
            self.assign(generator.target, self.iterate(source))
            for condition in generator.ifs:
                value = self.test(condition)
                self.conditions = (*self.conditions, value)
                following = self.new_block()
                self.branch(value, following, ends[-1][0])
                self.start(following)
        key_value = self.lower(key) if key is not None else None
        self.emit(model.Add(self.at, container, key_value, self.lower(element)))
        for header, after, loops in reversed(ends):
            self.edge(self.block, header)
            self.seal(header)
            self.loops, self.conditions = loops, outside
            self.function.blocks[after].conditions = outside
            self.start(after)
        self.scope = outer_scope
        return container

    def open_loop(self, source: Value, is_async: bool) -> tuple[int, int, tuple[int, ...]]:
        """Enters a ``for`` loop over ``source``; gives its header, its end, and the loops outside."""
        outside = self.loops
        after = self.new_block()
        self.loops = (*outside, self.new_loop())
        header = self.new_block(self.block)
        self.start(header, sealed=False)
        if is_async:
            self.emit(model.Await(self.at, self.value(), None))
        body = self.new_block()
        self.branch(self.compute("HasNext", source), body, after)
        self.start(body)
        return header, after, outside

    def iterate(self, source: Value) -> Value:
        """The element of this round."""
        dst = self.value()
        self.emit(model.Iterate(self.at, dst, source, self.loops[-1]))
        return dst

    # -- targets

    def assign(self, target: ast.expr, value: Value) -> None:
        """Binds a target to a value."""
        if isinstance(target, ast.Name):
            self.store_name(target.id, value)
        elif isinstance(target, ast.Attribute):
            base = self.lower(target.value)
            self.emit(model.StoreAttr(self.at, base, self.mangle(target.attr), value))
        elif isinstance(target, ast.Subscript):
            named = self._namespace(target)
            if named is not None:
                self.emit(model.StoreAttr(self.at, self.lower(named[0]), named[1], value))
                return
            base, key = self.lower(target.value), self.lower(target.slice)
            self.emit(model.StoreItem(self.at, base, key, value))
        elif isinstance(target, (ast.Tuple, ast.List)):
            for i, element in enumerate(target.elts):
                starred = isinstance(element, ast.Starred)
                inner = element.value if isinstance(element, ast.Starred) else element
                dst = self.value()
                self.emit(model.Unpack(self.at, dst, value, i, starred))
                self.assign(inner, dst)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value)

    def assign_from(self, targets: list[ast.expr], node: ast.expr) -> None:
        """``targets = node``; a display on both sides is matched element by element, unmade."""
        if (
            len(targets) == 1
            and isinstance(targets[0], (ast.Tuple, ast.List))
            and isinstance(node, (ast.Tuple, ast.List))
            and len(targets[0].elts) == len(node.elts)
            and not any(isinstance(e, ast.Starred) for e in (*targets[0].elts, *node.elts))
        ):
            values = [self.lower(element) for element in node.elts]
            for target, value in zip(targets[0].elts, values, strict=True):
                self.assign(target, value)
            return
        value = self.lower(node)
        for target in targets:
            self.assign(target, value)
