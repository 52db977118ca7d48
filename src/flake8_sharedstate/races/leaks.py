"""Locks that are not released on every path: the next thread that wants them waits for ever."""

from __future__ import annotations

from dataclasses import dataclass

from flake8_sharedstate.dataflow import Run
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.conditions import presence
from flake8_sharedstate.facts.model import Block, Instruction, Value
from flake8_sharedstate.facts.paths import Path
from flake8_sharedstate.libraries.vocabulary import Exclusion
from flake8_sharedstate.locks.held import Held, Released, Returned, still
from flake8_sharedstate.program.objects import (
    Clone,
    LibraryMethodObject,
    ObjectId,
)
from flake8_sharedstate.races.raising import Raising, reached, returns
from flake8_sharedstate.races.stages import Stages


@dataclass(frozen=True)
class Leak:
    """An ``acquire`` that some path never gives back."""

    clone: Clone
    at: Instruction
    how: str


class Leaks:
    """All leaks of a program."""

    def __init__(self, stages: Stages) -> None:
        self.stages = stages
        self.program = stages.program
        self.raising = Raising(stages.program)
        self.found = self._find()

    def _find(self) -> list[Leak]:
        result: dict[int, Leak] = {}
        for context in self.stages.contexts.all:
            for clone in sorted(context.clones, key=lambda c: c.number):
                run = Run(clone, context.number)
                for number, block in enumerate(clone.function.blocks):
                    for index, instruction in enumerate(block.instructions):
                        if isinstance(instruction, model.Call) and id(instruction) not in result:
                            locks = self._locks(clone, instruction, acquires=True) or self._left_held(
                                run, instruction
                            )
                            how = self._leak(run, number, index, instruction, locks) if locks else None
                            if how is not None:
                                result[id(instruction)] = Leak(clone, instruction, how)
        return list(result.values())

    def _locks(self, clone: Clone, call: model.Call, *, acquires: bool) -> set[ObjectId]:
        """The locks that a call acquires (or releases)."""
        found: set[ObjectId] = set()
        for number in self.program.at(clone.node(call.function)):
            method = self.program.get(number, LibraryMethodObject)
            if method is None:
                continue
            fits = self.program.acquires(method) if acquires else self.program.releases(method)
            kind = self.program.exclusion(method.receiver)
            if fits and kind is not None and kind is not Exclusion.NOTHING:
                found.update(self.program.real_locks(method.receiver))
        return found

    def _left_held(self, run: Run, call: model.Call) -> set[ObjectId]:
        """The locks that what is called, in sight, has taken and leaves held when it returns."""
        taken = [self._taken(callee) for callee in self._passed(run, call)]
        return set.intersection(*taken) if taken else set()

    def _taken(self, run: Run) -> set[ObjectId]:
        """The locks that a function has taken and always leaves held when it returns."""
        solver = self.stages.locksets.solver
        entered, left = (known.get(run, frozenset()) for known in (solver.entry, solver.exit))
        gained, had = (
            {lock for held in state if isinstance(held, Held) for lock in held.objects}
            for state in (left - entered, entered)
        )
        return gained - had

    def _hands_over(self, run: Run, locks: set[ObjectId]) -> bool:
        """Whether a result tells the caller that the lock is taken, and others are there to give it back."""
        solver = self.stages.locksets.solver
        told = {lock for r in solver.exit.get(run, ()) if isinstance(r, Returned) for lock in r.held.objects}
        return locks <= told and any(
            isinstance(entry, Released) and entry.objects & locks
            for left in solver.exit.values()
            for entry in left
        )

    def _gives_back(self, run: Run, call: model.Call, locks: set[ObjectId]) -> bool:
        """Whether what is called gives back a lock that it has not taken."""
        if self._locks(run.clone, call, acquires=False) & locks:
            return True
        solver = self.stages.locksets.solver
        for callee in self._passed(run, call):
            entered, left = solver.entry[callee], solver.exit[callee]
            lost = {h.objects for h in entered if isinstance(h, Held) and not still(h, left)}
            lost |= {r.objects for r in left if isinstance(r, Released)}
            if any(objects & locks for objects in lost):
                return True
        return False

    def _passed(self, run: Run, call: model.Call) -> list[Run]:
        """The runs of functions in sight that a call begins and that come to an end."""
        runs = (
            Run(target.clone, run.context)
            for target in self.program.targets.get((run.clone.number, id(call)), ())
            if not target.clone.function.is_generator
        )
        return [callee for callee in runs if callee in self.stages.locksets.solver.exit]

    def _leak(
        self, run: Run, number: int, index: int, acquire: model.Call, locks: set[ObjectId]
    ) -> str | None:
        """How control can leave the function with the lock still held; None if it cannot, or always does."""
        blocks = run.clone.function.blocks
        if not any(self._releases(run.clone, i, locks) for block in blocks for i in block.instructions):
            # Whoever takes a lock to hold it is judged where it is to be given back.
            return None
        if self._is_inverted(run, acquire, locks):
            return None
        # What a parameter, or an attribute that stays, decides, it decides the same way again.
        decided = dict(
            self._decided(run.clone, block.branch.condition, taken=block.successors[0] == number)
            for block in blocks
            if block.branch is not None and number in block.successors
        )
        decided.pop(None, None)
        seen = {number}
        waiting = [(number, index + 1)]
        while waiting:
            current, start = waiting.pop()
            block = blocks[current]
            how, released = self._walk(run, block, start, acquire, locks)
            if how is not None:
                return how
            if released:
                continue
            for position, successor in enumerate(block.successors):
                if block.branch is not None and len(block.successors) == 2:
                    taken = position == 0
                    condition = block.branch.condition
                    if self._has_failed(run.clone, condition, acquire, locks, taken=taken):
                        continue
                    place, truth = self._decided(run.clone, condition, taken=taken)
                    if decided.get(place, truth) is not truth:
                        continue
                if successor not in seen:
                    seen.add(successor)
                    waiting.append((successor, 0))
            if (
                block.raises_to is not None
                and block.raises_to not in seen
                and self.raising.may_raise(run.clone, block, start)
            ):
                seen.add(block.raises_to)
                waiting.append((block.raises_to, 0))
            for passed in self.raising.missed(run.clone, block, start):
                if not self._handlers_release(run.clone, block, locks):
                    continue
                if passed is None:
                    return "what no handler names can be raised before it is released"
                if passed not in seen:
                    seen.add(passed)
                    waiting.append((passed, 0))
            if (
                not block.successors
                and block.raises_to is None
                and not returns(block)
                and start < len(block.instructions) + 1
            ) and (block.instructions or current == number):
                return "an exception leaves the function before it is released"
        return None

    def _is_inverted(self, run: Run, acquire: model.Call, locks: set[ObjectId]) -> bool:
        """Whether the function gives up a lock of its caller's for a while and takes it again."""
        for block in run.clone.function.blocks:
            for instruction in block.instructions:
                if not isinstance(instruction, model.Call):
                    continue
                if instruction is acquire or self._locks(run.clone, instruction, acquires=True) & locks:
                    return False
                if self._gives_back(run, instruction, locks):
                    return True
        return False

    def _decided(self, clone: Clone, condition: Value, *, taken: bool) -> tuple[Path | None, bool]:
        """What one side of a test says of what stays the same: its path, and whether it is true."""
        definition = self.program.definitions(clone.function)[condition]
        if isinstance(definition, model.Compute) and definition.op == "Not":
            return self._decided(clone, definition.operands[0], taken=not taken)
        found = presence(self.program.definitions(clone.function), condition)
        if found is not None and isinstance(definition, model.Compute):
            path = self._unchanging(clone, found[0])
            asked = ("test", definition.op == "HasAttr")
            return (*path, asked) if path is not None else None, taken is found[1]
        return self._unchanging(clone, condition), taken

    def _unchanging(self, clone: Clone, condition: Value) -> Path | None:
        """The path of a value that is the same whenever the function tests it."""
        path = self.stages.contexts.paths(clone).of(condition)
        kind, root = path[0]
        instructions = [i for block in clone.function.blocks for i in block.instructions]
        if kind == "cell":
            # A parameter that inner functions use, too, is stored once, at the start.
            owner, name = root
            stores = [i for i in instructions if isinstance(i, model.StoreCell) and i.name == name]
            if owner != clone.function.number or len(stores) != 1:
                return None
        elif kind != "value" or self.program.definitions(clone.function)[root] is not None:
            return None
        names = {name for _, name in path[1:]}
        return None if any(isinstance(i, model.StoreAttr) and i.name in names for i in instructions) else path

    def _has_failed(
        self, clone: Clone, condition: Value, acquire: model.Call, locks: set[ObjectId], *, taken: bool
    ) -> bool:
        """Whether on one side of a test the acquire is known not to have succeeded."""
        flags = self._flags(clone, acquire)
        return any(
            value == acquire.dst
            or self._tells(clone, value, locks)
            or self.stages.contexts.paths(clone).of(value) in flags
            for value in self.stages.locksets.implied(clone, condition, not taken)
        )

    def _flags(self, clone: Clone, acquire: model.Call) -> set[Path]:
        """The attributes that are set to true once the lock is acquired, to tell that it is."""
        paths = self.stages.contexts.paths(clone)
        blocks = clone.function.blocks
        block = next(b for b in blocks if acquire in b.instructions)
        after = block.instructions[block.instructions.index(acquire) :]
        if len(block.successors) == 1:
            # In a ``try`` each statement has a block of its own.
            after = after + blocks[block.successors[0]].instructions
        return {
            (*paths.of(i.base), ("attribute", i.name))
            for i in after
            if isinstance(i, model.StoreAttr)
            and i.src is not None
            and isinstance(constant := paths.definitions[i.src], model.Const)
            and constant.value is True
        }

    def _tells(self, clone: Clone, value: Value, locks: set[ObjectId]) -> bool:
        """Whether a variable tells if the lock is held: what acquiring it gave, or a constant."""
        definitions = self.program.definitions(clone.function)
        seen: set[Value] = set()
        waiting = [value]
        while waiting:
            current = waiting.pop()
            definition = definitions[current]
            if current in seen or isinstance(definition, model.Const):
                continue
            seen.add(current)
            if isinstance(definition, model.Phi) and not definition.op:
                waiting.extend(definition.sources)
            elif not isinstance(definition, model.Call) or not (
                self._locks(clone, definition, acquires=True) & locks
            ):
                return False
        return len(seen) > 1

    def _walk(
        self, run: Run, block: Block, start: int, acquire: model.Call, locks: set[ObjectId]
    ) -> tuple[str | None, bool]:
        """Follows one block: how the lock leaks in it, and whether it is released."""
        for instruction in block.instructions[start:]:
            if self._releases(run.clone, instruction, locks):
                return None, True
            if instruction is acquire:
                return "the loop comes round to it with the lock still held", False
            if isinstance(instruction, model.Await) and instruction.src == acquire.dst:
                continue
            if isinstance(instruction, model.Return):
                if locks <= self._taken(run) or self._hands_over(run, locks):
                    return None, True
                return "a return leaves the function before it is released", False
            if block.raises_to is None and self.raising.raises(run.clone, instruction):
                return "what comes before the release can raise, and no `finally` releases it then", False
        return None, False

    def _handlers_release(self, clone: Clone, block: Block, locks: set[ObjectId]) -> bool:
        """Whether the handlers around a block give the lock back: then exceptions are reckoned with."""
        blocks = clone.function.blocks
        assert block.raises_to is not None
        own = reached(blocks, blocks[block.raises_to]) - reached(blocks, block)
        return any(self._releases(clone, i, locks) for n in own for i in blocks[n].instructions)

    def _releases(self, clone: Clone, instruction: Instruction, locks: set[ObjectId], depth: int = 2) -> bool:
        """Whether an instruction gives the lock back, itself or in what it calls."""
        if isinstance(instruction, model.Call) and self._locks(clone, instruction, acquires=False) & locks:
            return True
        return depth > 0 and any(
            self._releases(target.clone, i, locks, depth - 1)
            for target in self.program.targets.get((clone.number, id(instruction)), ())
            for block in target.clone.function.blocks
            for i in block.instructions
        )
