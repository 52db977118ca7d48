"""Classes outside the analysis, in the words of ``libraries/``: threads, owners of locks, locks."""

from __future__ import annotations

from dataclasses import dataclass, field

from astroid import nodes

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Effect,
    Exclusion,
    Hooks,
    Keep,
    LockModel,
    Start,
    TypeModel,
)
from flake8_sharedstate.program.external.meanings import (
    Defined,
    Given,
    Instance,
    Known,
    Meaning,
    Nothing,
    Reading,
)
from flake8_sharedstate.program.external.syntax import assigned, entered_around, inner_nodes, is_self, methods

_MAX_NESTING = 3
_TAKES = ("acquire", "__enter__")


@dataclass
class _Attributes:
    """What the instances of a class keep."""

    own: dict[str, str] = field(default_factory=dict)
    """Attributes with an object that each instance has of its own, and its type."""
    common: dict[str, str] = field(default_factory=dict)
    """Attributes with one object for all instances, and its qualified name."""
    given: dict[str, Arg] = field(default_factory=dict)
    """Attributes that hold what the constructor is given."""
    locks: dict[str, LockModel] = field(default_factory=dict)
    """How those of its own lock that are locks."""


class Classes:
    """Describes classes, as a part of one question."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.book = reading.book

    def describe(self, cls: Defined, nesting: int = 0) -> TypeModel | None:
        """What is to be known of a class; None where nothing is, or it is too deep to tell."""
        if nesting > _MAX_NESTING:
            return None
        ancestors = self.reading.ancestors(cls)
        bases = tuple(a.name for a in ancestors if isinstance(a, Known) and a.name in self.book.types)
        bodies = [a for a in ancestors if isinstance(a, Defined)]
        kept = self._attributes(bodies, nesting)
        lock = self._lock(bodies, kept)
        if not (bases or kept.own or kept.common or lock):
            return None
        return TypeModel(
            bases=bases,
            construct=self._construct(bodies, bases, kept),
            methods=self._start(bodies, bases),
            attributes=kept.own,
            common=kept.common,
            lock=lock,
            hooks=self._hooks(bodies, kept),
        )

    def is_opaque(self, cls: Defined) -> bool:
        """Whether a class can be entered or acquired in a way that is not understood."""
        described = self.describe(cls)
        if described is not None and (described.lock or any(map(self._locks, described.bases))):
            return False
        bodies = (a for a in self.reading.ancestors(cls) if isinstance(a, Defined))
        return any(name in body.node.locals for body in bodies for name in _TAKES)

    def _locks(self, type_name: str) -> LockModel | None:
        return next((m.lock for _, m in self.book.described(type_name) if m.lock is not None), None)

    # -- what instances keep

    def _attributes(self, bodies: list[Defined], nesting: int) -> _Attributes:
        kept = _Attributes()
        init = constructor(bodies)
        seen: set[str] = set()
        for body in bodies:
            # A subclass that binds a name anew, to whatever, counts for it.
            found = self._assigned(body)
            for name, values in found.items():
                if name not in seen:
                    self._note(name, [m for v in values for m in self._kept(v)], kept, init, nesting)
            for name in body.node.locals:
                if name not in seen and name not in found and not _is_mangled(name):
                    self._note(name, [self.reading.class_attribute(body, name)], kept, init, nesting)
            seen.update(found, body.node.locals)
        return kept

    def _assigned(self, body: Defined) -> dict[str, list[nodes.NodeNG | None]]:
        """What the methods of a class assign to the attributes of ``self``."""
        result: dict[str, list[nodes.NodeNG | None]] = {}
        for method in methods(body.node):
            for target in inner_nodes(method, (nodes.AssignAttr,)):
                if is_self(target.expr, method) and not _is_mangled(target.attrname):
                    result.setdefault(target.attrname, []).append(assigned(target))
        return result

    def _kept(self, value: nodes.NodeNG | None) -> list[Meaning | None]:
        """What an attribute may be given: for ``lock or Lock()`` both."""
        if isinstance(value, nodes.BoolOp):
            return [self.reading.expression(v) for v in value.values]
        if isinstance(value, nodes.IfExp):
            return [self.reading.expression(v) for v in (value.body, value.orelse)]
        return [self.reading.expression(value) if value is not None else None]

    def _note(
        self,
        name: str,
        values: list[Meaning | None],
        kept: _Attributes,
        init: nodes.FunctionDef | None,
        nesting: int,
    ) -> None:
        given = [v for v in values if isinstance(v, Given) and v.function is init]
        others = [v for v in dict.fromkeys(values) if not isinstance(v, (Given, Nothing))]
        if given:
            kept.given[name] = argument(given[0], bound=True)
        if len(others) != 1 or not isinstance(others[0], Instance):
            return
        made = others[0]
        lock = self.lock_type(made, nesting + 1)
        if lock is None and isinstance(made.of, Defined):
            return
        if made.at is None:
            kept.own[name] = made.of.name
            if lock is not None:
                kept.locks[name] = lock
        elif not self._is_container(made.of):
            kept.common[name] = made.at

    def _is_container(self, of: Known | Defined) -> bool:
        return isinstance(of, Known) and any(m.container for _, m in self.book.described(of.name))

    # -- locks

    def lock_type(self, found: Meaning | None, nesting: int = 0) -> LockModel | None:
        """How an object locks that is sure to keep others out."""
        if not isinstance(found, Instance):
            return None
        if isinstance(found.of, Known):
            lock = self._locks(found.of.name)
        else:
            described = self.describe(found.of, nesting)
            lock = described.lock if described is not None else None
        if lock is None or lock.permits is not None or lock.exclusion is Exclusion.NOTHING:
            return None
        return lock

    def _lock(self, bodies: list[Defined], kept: _Attributes) -> LockModel | None:
        """How a class locks whose ``acquire`` or ``__enter__`` takes a lock that it keeps."""
        for name in _TAKES:
            taken = self._taken(bodies, kept, name, 0)
            if taken is not None:
                return taken
        return None

    def _taken(self, bodies: list[Defined], kept: _Attributes, name: str, depth: int) -> LockModel | None:
        method = next((b.node.locals[name][-1] for b in bodies if name in b.node.locals), None)
        if not isinstance(method, nodes.FunctionDef) or depth > 2:
            return None
        for call in inner_nodes(method, (nodes.Call,)):
            if not isinstance(call.func, nodes.Attribute) or call.func.attrname not in _TAKES:
                continue
            owner = call.func.expr
            if is_self(owner, method) and call.func.attrname != name:
                return self._taken(bodies, kept, call.func.attrname, depth + 1)
            if isinstance(owner, nodes.Attribute) and is_self(owner.expr, method):
                inner = self._kept_lock(owner.attrname, kept)
                if inner is not None:
                    return inner
        return None

    def _kept_lock(self, name: str, kept: _Attributes) -> LockModel | None:
        wraps, inner = kept.given.get(name), kept.locks.get(name)
        if inner is not None:
            return LockModel(inner.exclusion, wraps=wraps, reentrant=inner.reentrant)
        return LockModel(Exclusion.THREADS, wraps=wraps) if wraps is not None else None

    def _hooks(self, bodies: list[Defined], kept: _Attributes) -> Hooks | None:
        """The methods that a class calls on itself under a lock of its own, and never without."""
        under: dict[str, str] = {}
        without: set[str] = set()
        for body in bodies:
            for method in methods(body.node):
                for call in inner_nodes(method, (nodes.Call,)):
                    if isinstance(call.func, nodes.Attribute) and is_self(call.func.expr, method):
                        locks = [self._own_lock(m, method, kept) for m in entered_around(call, method)]
                        lock = next((name for name in locks if name is not None), None)
                        if lock is None:
                            without.add(call.func.attrname)
                        else:
                            under.setdefault(call.func.attrname, lock)
        called = {name: lock for name, lock in under.items() if name not in without}
        if not called:
            return None
        first = next(iter(called.values()))
        return Hooks(first, tuple(name for name, lock in called.items() if lock == first))

    def _own_lock(self, entered: nodes.NodeNG, method: nodes.FunctionDef, kept: _Attributes) -> str | None:
        if not isinstance(entered, nodes.Attribute) or not is_self(entered.expr, method):
            return None
        return entered.attrname if entered.attrname in kept.own else None

    # -- threads

    def _construct(
        self, bodies: list[Defined], bases: tuple[str, ...], kept: _Attributes
    ) -> tuple[Effect, ...] | None:
        """What making an instance keeps, by the constructor's own parameters; None: as its bases do."""
        init = constructor(bodies)
        if init is None:
            return None
        inherited = [e for base in bases for _, m in self.book.described(base) for e in m.construct or ()]
        keeps = [e for e in inherited if isinstance(e, Keep) and isinstance(e.source, Arg)]
        result: list[Effect] = [Keep(name, source) for name, source in kept.given.items()]
        for call in inner_nodes(init, (nodes.Call,)):
            if isinstance(call.func, nodes.Attribute) and call.func.attrname == "__init__":
                # ``Thread.__init__(self, ...)`` has one more than ``super().__init__(...)``.
                shift = int(bool(call.args) and is_self(call.args[0], init))
                for keep in keeps:
                    assert isinstance(keep.source, Arg)
                    source = self._passed_on(call, shift, keep.source)
                    if source is not None:
                        result.append(Keep(keep.field, source))
        return tuple(result)

    def _passed_on(self, call: nodes.Call, shift: int, wanted: Arg) -> Arg | None:
        """The parameter of the caller that is handed on as an argument of a call."""
        value = next((k.value for k in call.keywords if k.arg is not None and k.arg == wanted.name), None)
        if value is None and wanted.position is not None and wanted.position + shift < len(call.args):
            value = call.args[wanted.position + shift]
        if value is None:
            # ``**kwargs`` hands on what has a name.
            return Arg(None, wanted.name) if any(k.arg is None for k in call.keywords) else None
        found = self.reading.expression(value)
        return argument(found, bound=True) if isinstance(found, Given) else None

    def _start(self, bodies: list[Defined], bases: tuple[str, ...]) -> dict[str, tuple[Effect, ...]]:
        """How a thread starts whose ``run`` is out here and calls what subclasses define."""
        start = next(
            (
                e
                for b in bases
                for _, m in self.book.described(b)
                for e in m.methods.get("start", ())
                if isinstance(e, Start)
            ),
            None,
        )
        if start is None or not any("run" in b.node.locals for b in bodies):
            return {}
        reached = ["run"]
        for name in reached:
            for body in bodies:
                for method in methods(body.node):
                    if method.name == name:
                        reached += [n for n in _called_on_self(method) if n not in reached]
        return {"start": (Start(start.target, start.args, start.kwargs, tuple(reached[1:])),)}


def _called_on_self(method: nodes.FunctionDef) -> list[str]:
    """The methods of its own object that a method calls, on the spot or by a name that it gives them."""
    names: dict[str, None] = {}
    for node in inner_nodes(method, (nodes.Attribute,)):
        user = node.parent
        is_used = isinstance(user, nodes.Assign) or (isinstance(user, nodes.Call) and user.func is node)
        if is_used and is_self(node.expr, method):
            names[node.attrname] = None
    return list(names)


def _is_mangled(name: str) -> bool:
    """Whether a name is another one outside its class."""
    return name.startswith("__") and not name.endswith("__")


def constructor(bodies: list[Defined]) -> nodes.FunctionDef | None:
    """The ``__init__`` that making an instance runs."""
    init = next((b.node.locals["__init__"][-1] for b in bodies if "__init__" in b.node.locals), None)
    return init if isinstance(init, nodes.FunctionDef) else None


def argument(given: Given, bound: bool = False) -> Arg:
    """A parameter as the caller sees it; ``bound`` where ``self`` is not among the arguments."""
    return Arg(given.position - bound if given.position is not None else None, given.name)
