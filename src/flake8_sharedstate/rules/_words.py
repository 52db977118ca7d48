"""Puts evidence into words (specification, section 8)."""

from __future__ import annotations

from flake8_sharedstate.facts.model import Call, Instruction
from flake8_sharedstate.libraries.vocabulary import Start
from flake8_sharedstate.program.heap import Spawned
from flake8_sharedstate.program.objects import (
    ClassObject,
    Clone,
    InstanceObject,
    LibraryMethodObject,
    LibraryObject,
    Module,
    ModuleObject,
    ObjectId,
    QualifiedObject,
)
from flake8_sharedstate.races.accesses import Access
from flake8_sharedstate.races.conflicts import Race
from flake8_sharedstate.races.evidence import Evidence
from flake8_sharedstate.threads.contexts import Context, Kind

SOURCE = "\N{SYMBOL FOR NULL}"
"""Stands for the statement's own text, which the report stage has."""


def lost_update(evidence: Evidence, race: Race) -> str:
    """An update that holds no lock."""
    return (
        f"`{SOURCE}` can lose updates: {who(evidence, race)}{what_guards(evidence, race)} {mark(race.access)}"
    )


def stale_decision(evidence: Evidence, race: Race) -> str:
    """A check-then-act that holds no lock over both."""
    other = "task" if race.access.context.kind is race.other.context.kind is Kind.TASK else "thread"
    return (
        f"`{SOURCE}` relies on a check that another {other} can make stale: "
        f"{who(evidence, race)}{what_guards(evidence, race)} {mark(race.access)}"
    )


def done_twice(evidence: Evidence, race: Race) -> str:
    """A lazy initialisation that two threads can both do."""
    return (
        f"`{SOURCE}` can run twice and leave two: "
        f"{who(evidence, race)}{what_guards(evidence, race)} {mark(race.access)}"
    )


def resized_under_walk(evidence: Evidence, race: Race) -> str:
    """An iteration over a container that others resize."""
    return (
        f"`{SOURCE}` can break off or skip: others change the container during the iteration: "
        f"{who(evidence, race)}{what_guards(evidence, race)} [today]"
    )


def advanced_by_two(evidence: Evidence, race: Race) -> str:
    """An iterator that several threads advance."""
    return (
        f"`{SOURCE}` advances an iterator that other threads advance too: "
        f"{who(evidence, race)}{what_guards(evidence, race)} [today]"
    )


def given_up_between(evidence: Evidence, race: Race) -> str:
    """A read and a write-back, each under the lock, in two acquisitions."""
    lock = lock_name(evidence, race.access)
    return (
        f"`{SOURCE}` rests on what was read under an earlier acquisition of {lock}; "
        f"in between others change it: {who(evidence, race)} [today]"
    )


def mark(access: Access) -> str:
    """How bad it is."""
    return "[today]" if access.today or access.awaits else "[free-threaded]"


def who(evidence: Evidence, race: Race) -> str:
    """Who runs the access, and who else writes at the same time."""
    access, other = race.access, race.other
    name = access.run.clone.function.qualname
    here = access.run.clone.module
    first = _context(evidence, access.context, access.run.clone, here)
    if other.context is access.context:
        if access.context.kind is Kind.USERS:
            return f"any thread may call {first}"
        if access.context.kind is Kind.TASK:
            return f"many tasks run {name}" + (f" ({first})" if access.context.spawned is not None else "")
        return f"many threads run {name} ({first})"
    first = f"any thread may call {first}" if access.context.kind is Kind.USERS else f"{name} runs in {first}"
    second = _context(evidence, other.context, other.run.clone, here)
    there = _line(other.run.clone, other.at, here)
    where = f" ({there})" if there != _line(access.run.clone, access.at, here) else ""
    if other.context.kind is Kind.USERS:
        return f"{first} while others call {second}{where}"
    return f"{first} while {second} writes it too{where}"


def what_guards(evidence: Evidence, race: Race) -> str:
    """Which lock would guard, if the program has one for it."""
    guarded = race.guarded
    if guarded is None:
        return " and no lock is held"
    if guarded.at is race.access.at:
        return f"; others who come here hold {lock_name(evidence, guarded)}"
    there = _line(guarded.run.clone, guarded.at, race.access.run.clone.module)
    return f"; {lock_name(evidence, guarded)} guards it at {there}"


def lock_name(evidence: Evidence, access: Access) -> str:
    """A lock that is held at an access, in the words of the code there, or by where it is kept."""
    function = access.run.clone.function
    for held in sorted(access.held, key=repr):
        if held.path is None or not held.objects:
            continue
        kind, root = held.path[0]
        if kind == "value":
            named = [p.name for p in function.parameters if p.value == root]
            first = named[0] if named else None
        else:
            first = str(root[1])
        if first is None:
            continue
        text = first
        for step, key in held.path[1:]:
            text += f".{key}" if step == "attribute" else "[...]"
        return f"`{text}`"
    held_objects = sorted({o for held in access.held for o in held.objects})
    return next((kept for o in held_objects if (kept := _kept_as(evidence, o)) is not None), "another lock")


def _kept_as(evidence: Evidence, lock: ObjectId) -> str | None:
    """The attribute or global that a lock is kept in."""
    program = evidence.stages.program
    for owner in program.objects:
        for name in sorted(program.fields_of(owner.number)):
            if not name.isidentifier() or lock not in program.at(program.field(owner.number, name)):
                continue
            if isinstance(owner, ModuleObject):
                return f"`{name}`"
            cls = owner if isinstance(owner, ClassObject) else None
            if isinstance(owner, InstanceObject):
                cls = program.get(owner.cls, ClassObject)
            if cls is not None:
                return f"`{cls.name}.{name}`"
    return None


def _context(evidence: Evidence, context: Context, clone: Clone, here: Module) -> str:
    if context.kind is Kind.MAIN:
        return "the main thread"
    if context.kind is Kind.USERS:
        shared = evidence.stages.program.objects[context.shared] if context.shared is not None else None
        name = clone.function.qualname
        if context.shared in evidence.stages.program.assumed:
            return f"{name}, which is run by many threads"
        if isinstance(shared, InstanceObject):
            cls = evidence.stages.program.get(shared.cls, ClassObject)
            assert cls is not None
            by = "" if name.startswith(f"{cls.name}.") else f" through {cls.name}"
            return f"{name}{by}, whose class owns a lock"
        return f"{name}, whose {'module' if isinstance(shared, ModuleObject) else 'function'} owns a lock"
    spawned = context.spawned
    if spawned is None:
        return f"tasks that call {clone.function.qualname}"
    return f"{_starter(evidence, spawned)} at {_line(*spawned.made, here)}{_via(spawned, clone)}"


def _via(spawned: Spawned, clone: Clone) -> str:
    root = spawned.root.function
    if root is clone.function:
        return ""
    return f", via {root.qualname}"


def _line(clone: Clone, instruction: Instruction, here: Module) -> str:
    """Where an instruction stands, with the file where that is another one."""
    spans = clone.module.facts.spans
    line = spans[instruction.at][0] if instruction.at < len(spans) else 1
    return f"line {line}" if clone.module is here else f"line {line} of {clone.module.path}"


def _starter(evidence: Evidence, spawned: Spawned) -> str:
    program = evidence.stages.program
    if isinstance(spawned.effect, Start) and spawned.handle is not None:
        found = program.objects[spawned.handle]
        if isinstance(found, InstanceObject):
            cls = program.get(found.cls, ClassObject)
            return cls.name if cls is not None else "Thread"
        return found.type.rpartition(".")[2] if isinstance(found, LibraryObject) else "Thread"
    return _called_name(evidence, *spawned.made)


def _called_name(evidence: Evidence, clone: Clone, instruction: Instruction) -> str:
    program = evidence.stages.program
    function = getattr(instruction, "function", None)
    if isinstance(function, int):
        for number in sorted(program.at(clone.node(function))):
            found = program.objects[number]
            if isinstance(found, LibraryMethodObject):
                return found.method
            if isinstance(found, QualifiedObject):
                return found.name.rpartition(".")[2].strip("<>")
        decorator = program.definitions(clone.function)[function]
        if isinstance(decorator, Call):
            return _called_name(evidence, clone, decorator)
    return "a thread"
