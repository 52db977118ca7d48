"""Registries: containers by which callables come from one module to what runs them in another.

A decorator puts a function into a dict, and what starts threads takes it out again: neither of the two
modules names the other. They are found by the container, and by the functions that fill it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Function, Instruction, ModuleFacts, Value
from flake8_sharedstate.facts.paths import definitions
from flake8_sharedstate.libraries import book
from flake8_sharedstate.libraries.vocabulary import Put, Take, TakePairs, View
from flake8_sharedstate.program.mentions import Mentions
from flake8_sharedstate.program.workspace import ProjectWorkspace

# How many functions may stand between what starts threads and the container.
_MAX_CALLS = 1
# How many modules a name may be handed through.
_MAX_IMPORTS = 3


@dataclass(frozen=True, slots=True)
class Registrar:
    """By which name of a module others put something into a container of it."""

    path: str
    name: str
    method: str | None = None
    """Of the class, or of the object, that the name is."""


def registrars(workspace: ProjectWorkspace, path: str, starting: frozenset[str]) -> list[Registrar]:
    """Who fills the containers of which some definitions of a file take items."""
    found: dict[Registrar, None] = {}
    for place, name in dict.fromkeys(_containers(workspace, path, starting)):
        facts = workspace.facts(place)
        if facts is not None:
            found.update(dict.fromkeys(_filling(facts, place, name)))
    return list(found)


def _containers(
    workspace: ProjectWorkspace, path: str, starting: frozenset[str], calls: int = 0
) -> Iterator[tuple[str, str]]:
    """The globals, with their modules, that hold what definitions of a file take items of."""
    facts = workspace.facts(path)
    for function in facts.functions[1:] if facts is not None else ():
        if facts is None or _around(facts, function).name not in starting:
            continue
        defined = definitions(function)
        for block in function.blocks:
            for i in block.instructions:
                taken = _taken_from(defined, i)
                if taken is not None:
                    yield from _resolved(workspace, path, _root(defined, taken))
                elif isinstance(i, model.Call) and calls < _MAX_CALLS:
                    for place, name in _resolved(workspace, path, _root(defined, i.function)):
                        yield from _containers(workspace, place, frozenset([name]), calls + 1)


def _taken_from(defined: list[Instruction | None], i: Instruction) -> Value | None:
    """What an instruction takes an item of, if it does."""
    if isinstance(i, model.LoadItem):
        return i.base
    if isinstance(i, model.Iterate):
        return i.source
    if isinstance(i, model.Call):
        method = defined[i.function]
        return method.base if isinstance(method, model.LoadAttr) and method.name in _takes() else None
    return None


def _root(defined: list[Instruction | None], value: Value) -> list[str]:
    """The global that a value is, and the attributes on the way to it; nothing for others."""
    names: list[str] = []
    definition = defined[value]
    while isinstance(definition, model.LoadAttr):
        names.insert(0, definition.name)
        definition = defined[definition.base]
    return [definition.name, *names] if isinstance(definition, model.LoadGlobal) else []


def _resolved(
    workspace: ProjectWorkspace, path: str, names: list[str], imports: int = 0
) -> Iterator[tuple[str, str]]:
    """The module of the project that binds what a dotted name begins with, and the name there."""
    facts = workspace.facts(path) if names else None
    if facts is None:
        return
    first, *rest = names
    body = [i for block in facts.functions[0].blocks for i in block.instructions]
    imported = {i.dst: i for i in body if isinstance(i, model.Import)}
    sources = {i.src for i in body if isinstance(i, model.StoreGlobal) and i.name == first}
    bindings = [found for value, found in imported.items() if value in sources]
    if not bindings:
        yield path, first
    for binding in bindings if imports < _MAX_IMPORTS else ():
        place: str | None = workspace.find(path, binding.module, binding.level)
        if place is not None and binding.name is not None:
            child = workspace.child(place, binding.name)
            if child is None:
                rest = [binding.name]
            place = child or place
        if place is not None:
            yield from _resolved(workspace, place, rest, imports + 1)


def _filling(facts: ModuleFacts, path: str, name: str) -> Iterator[Registrar]:
    """The functions of a module that put what they are given into a container that a global has."""
    for function in facts.functions[1:]:
        defined = definitions(function)
        for block in function.blocks:
            for i in block.instructions:
                base = _put_into(defined, i)
                if base is None:
                    continue
                around = _around(facts, function)
                if around.kind == "function" and _root(defined, base)[:1] == [name]:
                    yield Registrar(path, around.name)
                elif around.kind == "class" and _is_of(facts, around, name):
                    yield Registrar(path, name, _around(facts, function, around.number).name)


def _put_into(defined: list[Instruction | None], i: Instruction) -> Value | None:
    """The container into which an instruction puts what the function around was given, if it does."""
    if isinstance(i, model.StoreItem):
        return i.base if i.src is not None and _is_given(defined, i.src) else None
    method = defined[i.function] if isinstance(i, model.Call) else None
    if not isinstance(i, model.Call) or not isinstance(method, model.LoadAttr) or method.name not in _puts():
        return None
    return method.base if any(_is_given(defined, value) for value, _ in i.args) else None


def _is_given(defined: list[Instruction | None], value: Value) -> bool:
    """Whether a value is a parameter, of the function or of one around it, or made with one."""
    definition = defined[value]
    if isinstance(definition, model.Call):
        return any(_is_given(defined, argument) for argument, _ in definition.args)
    if isinstance(definition, model.Build):
        return any(_is_given(defined, element) for _, element, _ in definition.items)
    return definition is None or isinstance(definition, model.LoadCell)


def _is_of(facts: ModuleFacts, cls: Function, name: str) -> bool:
    """Whether a global is a class, or is made with it."""
    return name == cls.name or name in Mentions(facts).users(facts, {cls.name})


def _around(facts: ModuleFacts, function: Function, within: int = 0) -> Function:
    """The definition in a body, of the module or of a class, that a function is or is within."""
    while function.parent is not None and function.parent != within:
        function = facts.functions[function.parent]
    return function


@cache
def _takes() -> frozenset[str]:
    """The methods of containers that give items."""
    return _methods(Take, TakePairs, View)


@cache
def _puts() -> frozenset[str]:
    """The methods of containers that take items in."""
    return _methods(Put)


def _methods(*kinds: type[object]) -> frozenset[str]:
    return frozenset(
        name
        for known in book().types.values()
        if known.container is not None
        for name, effects in known.methods.items()
        if any(isinstance(effect, kinds) for effect in effects)
    )
