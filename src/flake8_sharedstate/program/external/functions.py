"""Functions outside the analysis, in the words of ``libraries/``: factories, decorators, context managers."""

from __future__ import annotations

from astroid import nodes

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Effect,
    Field,
    Give,
    Keep,
    Make,
    Named,
    New,
    Source,
    Synchronize,
    TypeModel,
)
from flake8_sharedstate.program.external.classes import Classes, argument
from flake8_sharedstate.program.external.meanings import (
    Defined,
    Given,
    Instance,
    Known,
    Meaning,
    Reading,
)
from flake8_sharedstate.program.external.syntax import (
    assigned,
    entered_around,
    inner_nodes,
    is_self,
    released_after,
)

# Under this name no object has anything: which of its locks is meant is not known.
_SOME_LOCK = "<some lock>"


class Functions:
    """Describes functions, as a part of one question."""

    def __init__(self, reading: Reading, classes: Classes) -> None:
        self.reading = reading
        self.classes = classes

    def describe(self, function: nodes.FunctionDef) -> tuple[Effect, ...] | None:
        """What calling a function does; None where that is not known."""
        if isinstance(function, nodes.AsyncFunctionDef):
            return None
        if function.decorators is not None:
            return self._manager(function)
        returned = self.reading.returned(function)
        if isinstance(returned, Instance):
            return self._gives(returned)
        if isinstance(returned, Given) and returned.function is function:
            return (Give(argument(returned)),)
        if isinstance(returned, Defined) and _is_inside(returned.node, function):
            return self._decorator(function, returned.node)
        return None

    def decorator_type(self, function: nodes.FunctionDef) -> TypeModel | None:
        """What a decorator factory makes: an object that is called with what it decorates."""
        returned = self.reading.returned(function)
        if not isinstance(returned, Defined) or not _is_inside(returned.node, function):
            return None
        inner = self.reading.returned(returned.node)
        if not isinstance(inner, Defined) or not _is_inside(inner.node, returned.node):
            return None
        effect = self._synchronizes(returned.node, inner.node, function)
        return TypeModel(methods={"__call__": (effect,)}) if effect is not None else None

    # -- what is given back

    def _gives(self, returned: Instance) -> tuple[Effect, ...] | None:
        if returned.at is not None:
            return (Give(Named(returned.at)),)
        if isinstance(returned.of, Known):
            return (Make(returned.of.name),)
        is_lock = self.classes.lock_type(returned) is not None
        return (Make(returned.of.name),) if is_lock else None

    # -- context managers

    def _manager(self, function: nodes.FunctionDef) -> tuple[Effect, ...] | None:
        """A generator context manager stands for the lock that it holds while it yields."""
        decorators = [self.reading.expression(d) for d in function.decorators.nodes]
        if decorators != [Known("contextlib.contextmanager")]:
            return None
        held = [self._held_at(y, function) for y in inner_nodes(function, (nodes.Yield,))]
        if not held or len(set(held)) != 1 or held[0] is None:
            return None
        return (Give(held[0]),)

    def _held_at(self, node: nodes.NodeNG, function: nodes.FunctionDef) -> Source | None:
        """The lock that a function holds where an expression stands."""
        for entered in (*entered_around(node, function), *released_after(node, function)):
            found = self.reading.expression(entered)
            source = self._lock_source(found, function)
            if source is not None:
                return source
        return None

    def _lock_source(self, found: Meaning | None, function: nodes.FunctionDef) -> Source | None:
        if isinstance(found, Given) and found.function is function:
            return argument(found)
        if isinstance(found, Instance) and found.at is not None and self.classes.lock_type(found):
            return Named(found.at)
        return None

    # -- decorators

    def _decorator(self, function: nodes.FunctionDef, inner: nodes.FunctionDef) -> tuple[Effect, ...] | None:
        effect = self._synchronizes(function, inner, None)
        if effect is not None:
            return (effect,)
        factory = self.decorator_type(function)
        return (Make(made_by(function), keep=_kept_lock(factory, function)),) if factory is not None else None

    def _synchronizes(
        self, decorator: nodes.FunctionDef, wrapper: nodes.FunctionDef, factory: nodes.FunctionDef | None
    ) -> Synchronize | None:
        """A decorator whose wrapper calls the function under one lock, and only so."""
        calls = [
            (call, given)
            for call in inner_nodes(wrapper, (nodes.Call,))
            if isinstance(given := self.reading.expression(call.func), Given) and given.function is decorator
        ]
        found = {self._held_by(call, wrapper, given, factory) for call, given in calls}
        return found.pop() if len(found) == 1 else None

    def _held_by(
        self, call: nodes.Call, wrapper: nodes.FunctionDef, function: Given, factory: nodes.FunctionDef | None
    ) -> Synchronize | None:
        decorated = argument(function)
        around = [*entered_around(call, wrapper), *released_after(call, wrapper)]
        for entered in around:
            if isinstance(entered, nodes.Attribute) and self._is_receiver(entered.expr, wrapper):
                return Synchronize(decorated, attribute=entered.attrname)
            found = self.reading.expression(entered)
            if isinstance(found, Given) and factory is not None and found.function is factory:
                return Synchronize(decorated, Field(found.name))
            if isinstance(found, Instance) and self.classes.lock_type(found) is not None:
                if found.at is not None:
                    return Synchronize(decorated, Named(found.at))
                if factory is None and isinstance(entered, nodes.Name):
                    # The decorator's own variable: a lock for each function that it decorates.
                    return Synchronize(decorated, New(found.of.name))
        # What else is entered may be a lock: a method is believed to run under one of its object's own.
        return Synchronize(decorated, attribute=_SOME_LOCK) if around else None

    def _is_receiver(self, node: nodes.NodeNG, wrapper: nodes.FunctionDef) -> bool:
        """Whether an expression is the first argument that a wrapper is called with."""
        if is_self(node, wrapper):
            return True
        if isinstance(node, nodes.Name) and node.name in wrapper.locals:
            values = [assigned(target) for target in wrapper.locals[node.name]]
            return len(values) == 1 and values[0] is not None and self._is_receiver(values[0], wrapper)
        if isinstance(node, nodes.Call) and self.reading.expression(node.func) == Known("typing.cast"):
            return len(node.args) == 2 and self._is_receiver(node.args[1], wrapper)
        return (
            isinstance(node, nodes.Subscript)
            and isinstance(node.value, nodes.Name)
            and node.value.name == wrapper.args.vararg
            and not wrapper.args.args
            and isinstance(node.slice, nodes.Const)
            and node.slice.value == 0
        )


def made_by(function: nodes.FunctionDef) -> str:
    """The name of the type of what a decorator factory makes."""
    return f"{function.qname()}()"


def _kept_lock(factory: TypeModel, function: nodes.FunctionDef) -> tuple[Keep, ...]:
    """The argument of a decorator factory that is the lock."""
    (effect,) = factory.methods["__call__"]
    names = [a.name for a in function.args.args or ()]
    if not isinstance(effect, Synchronize) or not isinstance(effect.lock, Field):
        return ()
    name = effect.lock.name
    return (Keep(name, Arg(names.index(name) if name in names else None, name)),)


def _is_inside(inner: nodes.NodeNG, outer: nodes.FunctionDef) -> bool:
    return isinstance(inner, nodes.FunctionDef) and inner.parent is outer
