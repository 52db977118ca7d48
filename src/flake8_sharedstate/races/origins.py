"""By which way a thread came to an object: it made it, was given it, took it out, or shares it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Flag, auto

from flake8_sharedstate.dataflow import bindings, receiver_value
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Value
from flake8_sharedstate.libraries.vocabulary import (
    Change,
    Mutate,
    Spawn,
    Start,
    Take,
)
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import Spawned, Target
from flake8_sharedstate.program.objects import (
    BoundObject,
    ClassObject,
    Clone,
    FrameObject,
    FunctionObject,
    Node,
    ObjectId,
)
from flake8_sharedstate.races.distinct import Distinct
from flake8_sharedstate.threads.contexts import Context, Contexts, Kind
from flake8_sharedstate.threads.multiplicity import Multiplicity


class Origin(Flag):
    """How a thread came to an object."""

    MADE = auto()
    """It made it itself."""
    GIVEN = auto()
    """It was given it when it was started, and each thread got its own."""
    TAKEN = auto()
    """It took it out of a queue or another container: one taker gets it."""
    EXCHANGED = auto()
    """It put another in its place."""
    SHARED = auto()
    """By a way that others have, too."""


_NONE = Origin(0)


class Origins:
    """Answers how a thread came to an object."""

    def __init__(self, multiplicity: Multiplicity) -> None:
        self.contexts: Contexts = multiplicity.contexts
        self.program: Program = multiplicity.program
        self.is_unique = multiplicity.is_unique
        self.loops = multiplicity.loops
        self._callers = multiplicity.callers
        self.distinct = Distinct(multiplicity)
        self._stores: dict[str, list[tuple[Clone, model.StoreAttr]]] | None = None
        self._origins: dict[tuple[Clone, Value, int], Origin] = {}
        self._origins_of_items: dict[tuple[Clone, Value, int], Origin] = {}

    def origin(self, clone: Clone, value: Value, context: Context) -> Origin:
        """How the threads of a context came to what a value denotes."""
        key = (clone, value, context.number)
        known = self._origins.get(key)
        if known is None:
            self._origins[key] = _NONE
            known = self._origins[key] = self._compute(clone, value, context)
        return known

    def _compute(self, clone: Clone, value: Value, context: Context) -> Origin:
        definition = self.program.definitions(clone.function)[value]
        match definition:
            case None:
                return self._parameter(clone, value, context, self.origin)
            case model.LoadGlobal():
                return Origin.SHARED
            case model.LoadCell(owner=owner):
                return self.frame_origin(self.program.frame_of(clone, owner), context)
            case model.LoadAttr(base=base):
                getters = self.program.targets.get((clone.number, id(definition)), ())
                if getters:
                    return self._returned(getters, context)
                if self._is_exchanged(clone, definition):
                    return Origin.EXCHANGED
                holder = self.origin(clone, base, context)
                if holder is Origin.TAKEN and self._is_common_part(clone, definition):
                    return Origin.SHARED
                kept = self._kept(clone, definition, context) if holder is Origin.MADE else _NONE
                return kept or holder
            case model.LoadItem(base=base, key=key) if self._is_removed(clone, base, key):
                return Origin.EXCHANGED
            case model.LoadItem(base=base) | model.Iterate(source=base) | model.Unpack(source=base):
                return self._items(clone, base, context)
            case model.Phi(sources=sources):
                result = _NONE
                for source in sources:
                    result |= self.origin(clone, source, context)
                return result
            case model.Await(src=src) if src is not None:
                return self.origin(clone, src, context)
            case model.Enter(manager=manager):
                return self.origin(clone, manager, context)
            case model.Compute(operands=operands, in_place=True):
                return self.origin(clone, operands[0], context)
            case model.Call():
                return self._call(clone, definition, context)
            case model.Build():
                return Origin.MADE
            case model.Const():
                return _NONE
        return Origin.SHARED

    def _kept(self, clone: Clone, load: model.LoadAttr, context: Context) -> Origin:
        """How a context came to what it stored in an object that it made; nothing if others store there."""
        if self._stores is None:
            self._stores = {}
            for found in self.program.clones:
                for block in found.function.blocks:
                    for i in block.instructions:
                        if isinstance(i, model.StoreAttr):
                            self._stores.setdefault(i.name, []).append((found, i))
        holders = self.program.at(clone.node(load.base))
        result = _NONE
        for storing, store in self._stores.get(load.name, ()):
            if store.src is None or holders.isdisjoint(self.program.at(storing.node(store.base))):
                continue
            if storing not in context.clones:
                return _NONE
            result |= self.origin(storing, store.src, context)
        return result

    def _is_common_part(self, clone: Clone, load: model.LoadAttr) -> bool:
        """Whether what is loaded is one object, and several objects that are taken lead to it."""
        program = self.program
        holders = sorted(program.at(clone.node(load.base)))
        for part in sorted(program.at(clone.node(load.dst)) - {program.none}):
            leading = [h for h in holders if part in program.at(program.field(h, load.name))]
            several = len(leading) > 1 or not all(map(self.is_unique, leading))
            if several and self.is_unique(part):
                return True
        return False

    def _is_exchanged(self, clone: Clone, load: model.LoadAttr) -> bool:
        """Whether something else takes the place of what is loaded: ``batch, self.x = self.x, []``."""
        paths = self.contexts.paths(clone)
        for block in clone.function.blocks:
            if not any(i is load for i in block.instructions):
                continue
            after = block.instructions[block.instructions.index(load) + 1 :]
            return any(
                isinstance(i, model.StoreAttr)
                and i.name == load.name
                and i.src is not None
                and not self._rests_on(clone, i.src, load.dst)
                and paths.of(i.base) == paths.of(load.base)
                for i in after
            )
        return False

    def _is_removed(self, clone: Clone, base: Value, key: Value) -> bool:
        """Whether the item that is loaded is also deleted: ``x = d[k]; del d[k]`` takes it out."""
        paths = self.contexts.paths(clone)
        return any(
            isinstance(i, model.StoreItem)
            and i.src is None
            and paths.of(i.base) == paths.of(base)
            and paths.key(i.key) == paths.key(key)
            for block in clone.function.blocks
            for i in block.instructions
        )

    def _rests_on(self, clone: Clone, value: Value, other: Value) -> bool:
        """Whether one value is another or is computed from it."""
        definitions = self.program.definitions(clone.function)
        seen: set[Value] = set()
        waiting = [value]
        while waiting:
            current = waiting.pop()
            if current == other:
                return True
            if current in seen:
                continue
            seen.add(current)
            match definitions[current]:
                case model.Compute(operands=operands):
                    waiting.extend(operands)
                case model.Phi(sources=sources):
                    waiting.extend(sources)
                case model.Call(args=args, keywords=keywords):
                    waiting.extend(a for a, _ in args)
                    waiting.extend(v for _, v in keywords)
                case model.Build(items=items):
                    waiting.extend(element for _, element, _ in items)
        return False

    def _items(self, clone: Clone, value: Value, context: Context) -> Origin:
        """How a context came to the items of a container: a private copy has shared items."""
        key = (clone, value, context.number)
        known = self._origins_of_items.get(key)
        if known is None:
            self._origins_of_items[key] = _NONE
            known = self._origins_of_items[key] = self._compute_items(clone, value, context)
        return known

    def _compute_items(self, clone: Clone, value: Value, context: Context) -> Origin:
        definition = self.program.definitions(clone.function)[value]
        if definition is None and clone not in context.roots:
            return self._parameter(clone, value, context, self._items)
        if isinstance(definition, model.Call):
            result = _NONE
            events = self.program.events.get((clone.number, id(definition)), ())
            if any(isinstance(event.effect, Spawn) for event in events):
                # What the threads of this one call have given back.
                return Origin.GIVEN
            receiver = receiver_value(self.program, clone, definition)
            if receiver is not None:
                result |= self._items(clone, receiver, context)
            for argument, _ in definition.args:
                result |= self._items(clone, argument, context)
            return result or self.origin(clone, value, context)
        if isinstance(definition, model.Build):
            result = _NONE
            for _, element, _ in definition.items:
                result |= self.origin(clone, element, context)
            for block in clone.function.blocks:
                for i in block.instructions:
                    if isinstance(i, model.Add) and i.base == value:
                        result |= self.origin(clone, i.src, context)
            return result or Origin.SHARED
        return self.origin(clone, value, context)

    def _parameter(
        self,
        clone: Clone,
        value: Value,
        context: Context,
        of_given: Callable[[Clone, Value, Context], Origin],
    ) -> Origin:
        """How a context came to a parameter, or to its items, by what is asked of what callers give."""
        objects = self.program.at(clone.node(value))
        if objects and all(isinstance(self.program.objects[o], ClassObject) for o in objects):
            # However it is given, a class is everybody's.
            return Origin.SHARED
        result = _NONE
        if clone in context.roots:
            if context.spawned is None:
                # Callers out of sight share the object, not what each gives to a call.
                first = clone.function.parameters[0].value
                is_own = clone.receiver in self.program.made_by_threads
                shared = clone.receiver is not None and value == first and not is_own
                result |= Origin.SHARED if shared or context.kind is Kind.MAIN else Origin.GIVEN
            else:
                result |= self._given(clone, value, context)
        for caller, instruction, target in self._callers.get(clone, ()):
            if target is None or caller not in context.clones:
                continue
            if target.construct and clone.function.parameters[0].value == value:
                result |= Origin.MADE
                continue
            bound = dict(bindings(self.program, caller, instruction, target)).get(value)
            result |= of_given(caller, bound, context) if bound is not None else Origin.GIVEN
        return result

    def _given(self, root: Clone, value: Value, context: Context) -> Origin:
        spawned = context.spawned
        assert spawned is not None
        first = root.function.parameters[0].value if root.function.parameters else None
        is_receiver = root.receiver is not None and value == first
        if is_receiver:
            if root.receiver in self.program.made_by_threads:
                return Origin.GIVEN
            if isinstance(spawned.effect, Start) and root.receiver == spawned.handle:
                # A thread object starts once: each thread is its own.
                return Origin.GIVEN
        clone, made = spawned.made
        if is_receiver and is_split(spawned):
            # One call, many threads: they all run the one callable that it was given.
            return Origin.SHARED
        origins = [
            (c, node)
            for parameter, c, node in spawned.payload
            if parameter == (None if is_receiver else value)
        ]
        if not origins:
            return self._injected(root, value, spawned)
        if is_split(spawned) and not _has_elements(spawned):
            return Origin.SHARED
        for c, node in origins:
            source = self.program.value_of(c, node)
            if source is None:
                return Origin.GIVEN
            if not self.distinct.is_distinct(c, source, self.loops(made) if c is clone else ()):
                return Origin.SHARED
        return Origin.GIVEN

    def _injected(self, root: Clone, value: Value, spawned: Spawned) -> Origin:
        """How the runs of a root came to what runs of others before them have given."""
        nodes = self._standing_for(root, value, spawned)
        result = Origin.GIVEN
        for context in self.contexts.all if nodes else ():
            if injected_node(context) in nodes:
                for clone in context.roots:
                    for block in clone.function.blocks:
                        for i in block.instructions:
                            if isinstance(i, (model.Return, model.Yield)) and i.src is not None:
                                result |= self.origin(clone, i.src, context) & Origin.SHARED
        return result

    def _standing_for(self, root: Clone, value: Value, spawned: Spawned) -> set[Node]:
        """The calls in the default or annotation of a root's parameter that stand for what is injected."""
        callee = self.program.objects[spawned.callee]
        if isinstance(callee, BoundObject):
            callee = self.program.objects[callee.function]
        if not isinstance(callee, FunctionObject):
            return set()
        names = [p.name for p in root.function.parameters if p.value == value]
        nodes = {callee.defaults[name] for name in names if name in callee.defaults}
        return nodes.union(root.annotations.get(value, ())) & self.program.injected

    def frame_origin(self, frame: ObjectId | None, context: Context) -> Origin:
        """How a context came to the variables of a frame."""
        found = self.program.objects[frame] if frame is not None else None
        if not isinstance(found, FrameObject):
            return Origin.SHARED
        if found.clone in context.clones and context.kind is not Kind.MAIN:
            return Origin.MADE
        spawned = context.spawned
        if spawned is None or frame is None:
            return Origin.SHARED
        clone, made = spawned.made
        if is_split(spawned):
            return Origin.SHARED
        if clone is found.clone:
            return Origin.SHARED if self.loops(made) else Origin.GIVEN
        carriers = [
            (c, self.program.value_of(c, node))
            for _, c, node in spawned.payload
            if frame in self.distinct.carried(node)
        ]
        if carriers and all(
            value is not None and self.distinct.is_distinct(c, value, self.loops(made) if c is clone else ())
            for c, value in carriers
        ):
            return Origin.GIVEN
        return Origin.SHARED

    def _call(self, clone: Clone, definition: model.Call, context: Context) -> Origin:
        targets = self.program.targets.get((clone.number, id(definition)), ())
        if targets:
            return self._returned(targets, context)
        effects = [e.effect for e in self.program.events.get((clone.number, id(definition)), ())]
        method = self.program.definitions(clone.function)[definition.function]
        if isinstance(method, model.LoadAttr) and definition.args:
            takes = any(isinstance(e, Take) and e.key is not None for e in effects)
            if takes and self._is_removed(clone, method.base, definition.args[0][0]):
                return Origin.EXCHANGED
        removes = any(isinstance(e, Mutate) and e.change is Change.REMOVE for e in effects)
        if removes and any(isinstance(e, Take) for e in effects):
            return Origin.TAKEN
        objects = self.program.at(clone.node(definition.dst)) - {self.program.none}
        sites = [self.program.objects[o].site for o in objects]
        if sites and all(s is not None and s.instruction is definition for s in sites):
            return Origin.MADE
        result = _NONE
        receiver = receiver_value(self.program, clone, definition)
        if receiver is not None:
            result |= self.origin(clone, receiver, context)
        for argument, _ in definition.args:
            result |= self.origin(clone, argument, context)
        return result or Origin.SHARED

    def _returned(self, targets: Iterable[Target], context: Context) -> Origin:
        """How a context came to what some callees give back."""
        given = []
        # A class with a ``__new__`` of its own gives what that gives, be it new or not.
        makers = [target for target in targets if target.clone.function.name == "__new__"]
        for target in makers or targets:
            if target.construct or target.clone.function.is_generator:
                return Origin.MADE
            blocks = target.clone.function.blocks
            given += [
                (target.clone, i.src) for b in blocks for i in b.instructions if isinstance(i, model.Return)
            ]
        # What nothing in sight gives back is none of the objects that are asked about.
        seen = [(clone, value) for clone, value in given if self.program.at(clone.node(value))]
        result = _NONE
        for clone, value in seen or given:
            result |= self.origin(clone, value, context)
        return result or Origin.SHARED


def injected_node(context: Context) -> Node | None:
    """The node of the call that stands for what the runs of a context give, if one does."""
    spawned = context.spawned
    if spawned is None or not isinstance(spawned.effect, Spawn) or not spawned.effect.injects:
        return None
    clone, call = spawned.made
    return clone.node(call.dst) if isinstance(call, model.Call) else None


def is_split(spawned: Spawned) -> bool:
    """Whether one call has many threads run one callable (``map``, a server's requests)."""
    effect = spawned.effect
    return isinstance(effect, Spawn) and (effect.repeated or _has_elements(spawned))


def _has_elements(spawned: Spawned) -> bool:
    """Whether each of the threads that one call starts gets an element of its own."""
    effect = spawned.effect
    if not isinstance(effect, Spawn):
        return False
    given = effect.arguments
    return (given.each or given.each_rest or given.each_unpacked) is not None
