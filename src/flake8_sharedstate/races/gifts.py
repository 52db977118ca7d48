"""What a thread was given that leads it to an object: two threads with one gift come to the same things."""

from __future__ import annotations

from flake8_sharedstate.dataflow import bindings, receiver_value
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Value
from flake8_sharedstate.libraries.vocabulary import Make, PutAll, Take, TakePairs, View
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.objects import Clone, Node
from flake8_sharedstate.threads.contexts import Context, Contexts
from flake8_sharedstate.threads.multiplicity import Multiplicity

# What passes the items of a container on.
_PASSING = (View, TakePairs, Take, Make, PutAll)

_Place = tuple[Clone, Value]


class Gifts:
    """Follows access paths back to what a thread was started with."""

    def __init__(self, multiplicity: Multiplicity) -> None:
        self.contexts: Contexts = multiplicity.contexts
        self.program: Program = multiplicity.program
        self._callers = multiplicity.callers

    def behind(self, clone: Clone, value: Value, context: Context) -> set[object]:
        """The gifts at the root of the path to a value; nothing where the way is not known."""
        found: set[object] = set()
        seen: set[_Place] = set()
        waiting = [(clone, value)]
        while waiting:
            place = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            if self.program.definitions(place[0].function)[place[1]] is None:
                found |= self._given(*place, context)
                waiting += self._passed(*place, context)
            else:
                waiting += ((place[0], source) for source in self._sources(*place))
        return found

    def _sources(self, clone: Clone, value: Value) -> list[Value]:
        """The values through which a value was reached."""
        match self.program.definitions(clone.function)[value]:
            case model.LoadAttr(base=base) | model.LoadItem(base=base):
                return [base]
            case model.Iterate(source=source) | model.Unpack(source=source):
                return [source]
            case model.Phi(sources=sources):
                return list(sources)
            case model.Call() as call:
                events = self.program.events.get((clone.number, id(call)), ())
                if any(isinstance(event.effect, _PASSING) for event in events):
                    receiver = receiver_value(self.program, clone, call)
                    return [a for a, _ in call.args] if receiver is None else [receiver]
        return []

    def _given(self, clone: Clone, value: Value, context: Context) -> set[object]:
        spawned = context.spawned
        if spawned is None or clone not in context.roots:
            return set()
        is_receiver = clone.receiver is not None and clone.function.parameters[0].value == value
        sought = None if is_receiver else value
        return {self.root(maker, node) for parameter, maker, node in spawned.payload if parameter == sought}

    def _passed(self, clone: Clone, value: Value, context: Context) -> list[_Place]:
        """Where callers have a parameter from."""
        return [
            (caller, given)
            for caller, call, target in self._callers.get(clone, ())
            if target is not None and caller in context.clones
            for given in [dict(bindings(self.program, caller, call, target)).get(value)]
            if given is not None
        ]

    def root(self, clone: Clone, node: Node) -> object:
        """What a spawner's node denotes, to compare gifts by: the path to it, or to whose method it is."""
        value = self.program.value_of(clone, node)
        if value is None:
            return ("node", node)
        path = self.contexts.paths(clone).of(value)
        definition = self.program.definitions(clone.function)[value]
        if isinstance(definition, model.MakeFunction):
            return ("frame", clone.number)
        if isinstance(definition, model.LoadAttr):
            path = path[:-1]
        parameters = clone.function.parameters
        if clone.receiver is not None and parameters and path[0] == ("value", parameters[0].value):
            # In each method ``self`` is the same.
            return (("receiver", clone.receiver), *path[1:])
        return (clone.number, path)
