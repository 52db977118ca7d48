"""What runs at the same time: which threads may be running at each point of each run.

A forward may-analysis: starting a thread adds it, joining it takes it away. A thread that may
already be running where it is started runs several times at once; that one rule covers loops,
comprehensions, repeated calls and ``submit(...).result()``. Thread creation and join as ordering
are what Goblint's MHP analysis does (Schwarz et al., SAS 2021).
"""

from __future__ import annotations

from flake8_sharedstate.dataflow import Run, Solver
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Block, Instruction, Value
from flake8_sharedstate.libraries.vocabulary import Join, Receiver, Spawn, Start, Threads
from flake8_sharedstate.program.entries import Caller, Program
from flake8_sharedstate.program.heap import ANY, Event, Target
from flake8_sharedstate.program.objects import Clone, ObjectId
from flake8_sharedstate.program.spawning import marshalled
from flake8_sharedstate.threads.contexts import Context, Contexts, Kind, spawned_by
from flake8_sharedstate.threads.identities import Identities
from flake8_sharedstate.threads.multiplicity import Multiplicity
from flake8_sharedstate.threads.signals import Signals

# Whose code a loop runs, or is run by before and after.
_LOOP = (Kind.MAIN, Kind.TASK)

Running = frozenset[int]
"""The numbers of the contexts that may be running."""


class _Problem:
    def __init__(self, order: Order) -> None:
        self.order = order

    def join(self, first: Running, second: Running) -> Running:
        return first | second

    def step(self, run: Run, instruction: Instruction, state: Running) -> Running:
        order, clone = self.order, run.clone
        key = (clone.number, id(instruction))
        before = state
        for context in order.contexts.starts.get(key, ()):
            # Of the callables that one thread may have been given it runs one.
            beside = before if order.is_alternative(context) else state
            running = order.started(context, run)
            if order.is_gathered(context) or order.meets_itself(context):
                beside = beside | running
            order.solver.feed(Run(context.roots[0], context.number), beside)
            order.starting.setdefault(context.number, set()).add((run, id(instruction)))
            state = state | running
            effect = _spawn_of(context)
            if effect is not None and effect.waited:
                state = state - order.finished(context)
        for event in order.program.events.get(key, ()):
            if isinstance(event.effect, Join) and not order.returns_early(event):
                for context in order.joined(clone, instruction, event):
                    state = state - order.finished(context)
        if isinstance(instruction, model.Await) and order.contexts.all[run.context].kind in _LOOP:
            order.meet_loop(state)
        # A generator that yields what can be awaited is a coroutine of another kind: who runs it waits.
        if isinstance(instruction, (model.Await, model.Yield)) and instruction.src is not None:
            started = order.program.definitions(clone.function)[instruction.src]
            tasks = order.contexts.starts.get((clone.number, id(started)), ())
            for context in (*order.awaited(clone, instruction.src), *tasks):
                state = state - order.finished(context)
        return state

    def branch(self, run: Run, block: Block, taken: bool, state: Running) -> Running | None:
        assert block.branch is not None
        is_thread = self.order.contexts.all[run.context].kind is Kind.THREAD
        identities, condition = self.order.identities, block.branch.condition
        if is_thread and identities.tests_main(run.clone, condition) is taken:
            return None
        if identities.tests_fork(run.clone, condition) is taken:
            # What a forked child does, in its only thread, concerns no thread of this process.
            return None
        if not taken:
            # Past ``for t in threads: t.join()`` all are done, however many there were.
            for context in self.order.joined_by_loop(run.clone, condition):
                state = state - self.order.finished(context)
        return state

    def enter(self, run: Run, instruction: Instruction, target: Target, state: Running) -> Running:
        return state

    def leave(
        self,
        run: Run,
        instruction: Instruction,
        target: Target,
        state: Running,
        entered: Running,
        left: Running,
    ) -> Running:
        # What the callee joins is gone, what it starts and leaves running is new; what only runs
        # on entry because another caller started it is none of this caller's.
        return (state - (entered - left)) | (left & self.order.started_by(target.clone))


class Order:
    """Answers whether two accesses can happen at the same time."""

    def __init__(self, contexts: Contexts) -> None:
        self.contexts = contexts
        self.program: Program = contexts.program
        self.identities = Identities(self.program)
        self.starting: dict[int, set[tuple[Run, int]]] = {}
        self._starts_tasks: set[Run] = set()
        self._meeting_themselves: list[Run] = []
        """What a server out of sight runs again before it is done."""
        self._beside_loop: set[int] = set()
        """What may be running while a loop gives its tasks their turns; tasks are, all of them."""
        self._by_handle: dict[ObjectId, list[Context]] = {}
        self._by_pool: dict[ObjectId, list[Context]] = {}
        self._descendants: dict[int, Running] = {}
        self._loop_joins: dict[tuple[Clone, Value], list[Context]] = {}
        for context in contexts.all:
            if context.spawned is not None:
                if context.spawned.handle is not None:
                    self._by_handle.setdefault(context.spawned.handle, []).append(context)
                for pool in sorted(self.program.executors(context.spawned) | self._groups(context)):
                    self._by_pool.setdefault(pool, []).append(context)
        self._find_descendants()
        self._started_by = self._find_started()
        self.solver: Solver[Running] = Solver(self.program, _Problem(self))
        self._solve()
        for run, left in self.solver.exit.items():
            context = contexts.all[run.context]
            if context.kind in _LOOP and run.clone in context.roots:
                self.meet_loop(left)
        self.solver.solve()
        self.multiplicity = Multiplicity(contexts)
        self._count()
        self.signals = Signals(contexts, self.multiplicity)

    def _groups(self, context: Context) -> frozenset[ObjectId]:
        """The groups of tasks whose task, a library's coroutine, has the thread work and waits for it."""
        spawned = context.spawned
        if spawned is None or context.kind is not Kind.THREAD or len(spawned.starts) != 1:
            return frozenset()
        return frozenset(
            event.receiver
            for clone, instruction in spawned.starts
            for event in self.program.events.get((clone.number, id(instruction)), ())
            if isinstance(event.effect, Spawn) and marshalled(event.effect) and event.receiver is not None
        )

    # -- solving

    def _solve(self) -> None:
        nothing: Running = frozenset()
        roots = self._entry_runs()
        modules = [r for r, caller in roots if caller is Caller.MODULE]
        others = [r for r, caller in roots if caller is not Caller.MODULE]
        for run in modules:
            self.solver.feed(run, nothing)
        self.solver.solve()
        for run in others:
            self.solver.feed(run, nothing)
            if self.meets_itself(self.contexts.all[run.context]):
                self._meeting_themselves.append(run)
        self._feed_meeting_themselves()
        self.solver.solve()
        # Code out of sight calls entry points one after the other, in any order: what one leaves
        # running, the others meet. What one itself starts it does not meet: it is called once.
        while self.solver.changed_exits:
            self.solver.changed_exits.clear()
            for run in others:
                left = nothing.union(
                    *(
                        self.solver.exit.get(other, nothing)
                        for other in (*modules, *others)
                        if other.clone.function is not run.clone.function
                    )
                )
                is_called_once = self.contexts.all[run.context].spawned is None
                self.solver.feed(run, left - self.started_by(run.clone) if is_called_once else left)
            self.solver.solve()

    def _entry_runs(self) -> list[tuple[Run, Caller]]:
        result: dict[Run, Caller] = {}
        for context in self.contexts.all:
            if context.spawned is not None and not context.spawned.served:
                continue
            callers = {e.clone: e.caller for e in reversed(self.program.entries)}
            for root in context.roots:
                result[Run(root, context.number)] = callers.get(root, Caller.MAIN)
        return list(result.items())

    def _find_descendants(self) -> None:
        started: dict[int, set[int]] = {c.number: set() for c in self.contexts.all}
        for context in self.contexts.all:
            for clone, _ in context.spawned.starts if context.spawned else ():
                for parent in self.contexts.all:
                    if clone in parent.clones:
                        started[parent.number].add(context.number)
        for context in self.contexts.all:
            reached = {context.number}
            waiting = [context.number]
            while waiting:
                for child in started[waiting.pop()]:
                    if child not in reached:
                        reached.add(child)
                        waiting.append(child)
            self._descendants[context.number] = frozenset(reached)

    def started_by(self, clone: Clone) -> Running:
        """The contexts that a clone, or what it calls, may start."""
        return self._started_by.get(clone.number, frozenset())

    def _find_started(self) -> dict[int, Running]:
        """The contexts that each clone may start, by its number; few start any."""
        callers: dict[int, set[int]] = {}
        for (caller, _), targets in self.program.targets.items():
            for target in targets:
                callers.setdefault(target.clone.number, set()).add(caller)
        started: dict[int, Running] = {}
        for (number, _), contexts in self.contexts.starts.items():
            starting = frozenset().union(*(self._descendants[context.number] for context in contexts))
            waiting = [number]
            while waiting:
                current = waiting.pop()
                known = started.get(current, frozenset())
                if not starting <= known:
                    started[current] = known | starting
                    waiting.extend(callers.get(current, ()))
        return started

    def meet_loop(self, running: Running) -> None:
        """A loop may go on while these run."""
        if not running <= self._beside_loop:
            self._beside_loop |= running
            for run in sorted(self._starts_tasks):
                self.solver.again(run)
            self._feed_meeting_themselves()

    def _feed_meeting_themselves(self) -> None:
        for run in self._meeting_themselves:
            self.solver.feed(run, self.started(self.contexts.all[run.context], run))

    def meets_itself(self, context: Context) -> bool:
        """Whether one statement, or a server out of sight, has it run again before it is done."""
        effect = _spawn_of(context)
        if effect is not None:
            return effect.repeated
        return context.kind is Kind.TASK and context.shared in self.program.assumed

    def started(self, context: Context, by: Run) -> Running:
        """What runs once a context is started: it, and what it starts in turn.

        Of a task that is only what is left running when it gives way.
        """
        started = self._descendants[context.number]
        if context.kind is not Kind.TASK:
            return started
        self._starts_tasks.add(by)
        return frozenset(
            number
            for number in started
            if self.contexts.all[number].kind is not Kind.THREAD or number in self._beside_loop
        )

    def finished(self, context: Context) -> Running:
        """What surely no longer runs when a context is done: itself, and what it has waited for."""
        left = self.solver.exit.get(Run(context.roots[0], context.number), frozenset())
        return (self._descendants[context.number] - left) | {context.number}

    # -- joins

    def is_gathered(self, context: Context) -> bool:
        """Whether one call starts many tasks, made one by one (``gather(*(f(x) for x in xs))``)."""
        spawned = context.spawned
        if context.kind is not Kind.TASK or spawned is None:
            return False
        clone, made = spawned.made
        return any(_block_of(clone, made).loops != _block_of(c, i).loops for c, i in spawned.starts)

    def is_alternative(self, context: Context) -> bool:
        """Whether a context stands for one of the callables that its one thread may run."""
        effect = _spawn_of(context)
        several = effect is not None and (effect.runs or _is_registered(context))
        return context.kind is Kind.THREAD and not several

    def returns_early(self, event: Event) -> bool:
        """Whether a wait was asked to return before all is done."""
        unless = event.effect.unless if isinstance(event.effect, Join) else None
        return unless is not None and self.program.source(unless, None, event.arguments) is not None

    def joined(self, clone: Clone, instruction: Instruction, event: Event) -> list[Context]:
        """The contexts that a join surely ends."""
        effect = event.effect
        assert isinstance(effect, Join)
        if isinstance(effect.of, Receiver):
            if event.receiver is None:
                return []
            pooled = self._by_pool.get(event.receiver, [])
            if pooled:
                return pooled
            handled = self._by_handle.get(event.receiver, [])
            if not handled or not self._is_sure(clone, instruction, event.receiver):
                return []
            return handled
        node = self.program.source(effect.of, event.receiver, event.arguments)
        return self._held(node) if node is not None else []

    def joined_by_loop(self, clone: Clone, condition: Value) -> list[Context]:
        """The contexts that a loop, by its test for another element, has joined one by one."""
        known = self._loop_joins.get((clone, condition))
        if known is None:
            known = self._loop_joins[clone, condition] = self._find_loop_joins(clone, condition)
        return known

    def _find_loop_joins(self, clone: Clone, condition: Value) -> list[Context]:
        definitions = self.program.definitions(clone.function)
        test = definitions[condition]
        if not isinstance(test, model.Compute) or test.op != "HasNext":
            return []
        result: list[Context] = []
        around = _block_of(clone, test).loops
        for block in clone.function.blocks:
            for instruction in block.instructions:
                events = self.program.events.get((clone.number, id(instruction)), ())
                if not isinstance(instruction, model.Call) or not events:
                    continue
                value = self._receiver(clone, instruction)
                element = definitions[value] if value is not None else None
                if isinstance(element, model.Unpack):
                    element = definitions[element.source]
                if isinstance(element, model.Iterate) and around and element.loop == around[-1]:
                    for event in events:
                        if isinstance(event.effect, Join):
                            result.extend(self.joined(clone, instruction, event))
        return result

    def _is_sure(self, clone: Clone, instruction: Instruction, handle: ObjectId) -> bool:
        """Whether joining this one handle leaves no other thread of the same abstract handle."""
        site = self.program.objects[handle].site
        if site is None or site.instruction is None or not _block_of(site.clone, site.instruction).loops:
            return True
        if not isinstance(instruction, model.Call):
            return True
        value = self._receiver(clone, instruction)
        if value is None:
            return False
        return self._is_this_round(clone, value, site.instruction)

    def _receiver(self, clone: Clone, instruction: model.Call) -> Value | None:
        definition = self.program.definitions(clone.function)[instruction.function]
        return definition.base if isinstance(definition, model.LoadAttr) else None

    def _is_this_round(self, clone: Clone, value: Value, made: Instruction) -> bool:
        definition = self.program.definitions(clone.function)[value]
        if definition is made or isinstance(definition, (model.Iterate, model.Unpack)):
            # The thread that this round made, or each one of a collection in turn.
            return True
        if isinstance(definition, model.Call):
            # ``spawn(...)`` that gives back what it has made, or ``threads.pop()``.
            return True
        if isinstance(definition, model.LoadItem):
            return bool(_block_of(clone, definition).loops)
        return isinstance(definition, model.Phi) and all(
            self._is_this_round(clone, s, made) for s in definition.sources if s != value
        )

    def awaited(self, clone: Clone, value: Value) -> list[Context]:
        """The contexts that awaiting a value ends."""
        held = [(c, _spawn_of(c)) for c in self._held(clone.node(value))]
        return [c for c, effect in held if effect is not None and effect.awaited]

    def _held(self, node: int) -> list[Context]:
        """The contexts whose handles are at a node, or in a container there."""
        result = []
        for number in sorted(self.program.at(node)):
            result.extend(self._by_handle.get(number, []))
            for inner in sorted(self.program.at(self.program.field(number, ANY))):
                result.extend(self._by_handle.get(inner, []))
        return result

    # -- answers

    def _count(self) -> None:
        threads = [c for c in self.contexts.all if c.spawned is not None]
        for context in threads:
            context.many = self._is_many(context)
        # A thread object starts once: where there is one object there is one thread, which may in
        # turn be the only one that makes another object.
        changed = True
        while changed:
            changed = False
            self.multiplicity.forget()
            for context in threads:
                spawned = context.spawned
                assert spawned is not None
                if (
                    context.many
                    and isinstance(spawned.effect, Start)
                    and spawned.handle is not None
                    and self.multiplicity.is_unique(spawned.handle)
                ):
                    context.many = False
                    changed = True

    def _is_many(self, context: Context) -> bool:
        spawned = context.spawned
        assert spawned is not None
        threads = spawned_by(spawned)
        effect = spawned.effect
        if self.program.is_serial(spawned) or (isinstance(effect, Spawn) and effect.thread is not None):
            return False
        if _is_registered(context) and self.multiplicity.loops(spawned.made[1]):
            # What is registered in a loop is run beside what else is.
            return True
        if threads is Threads.SERIAL:
            return False
        if self.is_gathered(context) or threads is Threads.ANY:
            return True
        if isinstance(effect, Spawn) and threads in (Threads.POOL, Threads.CALLER):
            given = effect.arguments
            each = (given.each, given.each_rest, given.each_unpacked)
            if effect.repeated or any(part is not None for part in each):
                return True
        return any(
            context.number in self.solver.at_key(start, frozenset())
            for start in self.starting.get(context.number, ())
        )

    def running(self, run: Run, instruction: Instruction) -> Running:
        """The contexts that may run beside this point."""
        return self.solver.before(run, instruction) or frozenset()

    def is_reached(self, run: Run, instruction: Instruction) -> bool:
        """Whether any path leads to the instruction in this run."""
        return self.solver.before(run, instruction) is not None

    def concurrent(self, run: Run, at: Instruction, other: Run, other_at: Instruction) -> bool:
        """Whether two accesses can happen at the same time."""
        first, second = self.contexts.all[run.context], self.contexts.all[other.context]
        if first is second:
            return first.many
        if Kind.USERS in (first.kind, second.kind) and Kind.THREAD not in (first.kind, second.kind):
            return True
        if self._serialised(first, second):
            return False
        if first.is_outside and second.is_outside:
            return True
        if self.signals.order(run, at, other, other_at) or self.signals.order(other, other_at, run, at):
            return False
        if second.number in self.running(run, at) or first.number in self.running(other, other_at):
            return not (self._stops_loop(first, second) or self._stops_loop(second, first))
        return self._overlap(first, second) or self._overlap(second, first)

    def _stops_loop(self, thread: Context, task: Context) -> bool:
        """Whether a thread is over before the loop of a task goes on (``start(); join()`` in a coroutine)."""
        return (
            task.kind is Kind.TASK and thread.kind is Kind.THREAD and thread.number not in self._beside_loop
        )

    def _serialised(self, first: Context, second: Context) -> bool:
        """Whether one thread runs both, one after the other."""
        if first.spawned is None or second.spawned is None:
            return False
        one, other = first.spawned.effect, second.spawned.effect
        if isinstance(one, Spawn) and isinstance(other, Spawn) and one.thread is not None:
            return (one.thread, first.spawned.pool) == (other.thread, second.spawned.pool)
        pools = [self.program.executors(c.spawned) for c in (first, second) if c.spawned is not None]
        return self.program.is_serial(first.spawned) and pools[0] == pools[1]

    def _overlap(self, first: Context, second: Context) -> bool:
        """Whether ``first`` may be running where ``second`` is started."""
        return any(
            first.number in self.solver.at_key(start, frozenset())
            for start in self.starting.get(second.number, ())
        )


def _spawn_of(context: Context) -> Spawn | None:
    """The library's effect by which a context was started, if it was by a call that hands over work."""
    effect = context.spawned.effect if context.spawned is not None else None
    return effect if isinstance(effect, Spawn) else None


def _is_registered(context: Context) -> bool:
    """Whether what a thread runs was handed over in one statement and begun by another."""
    spawned = context.spawned
    return (
        context.kind is Kind.THREAD
        and spawned is not None
        and isinstance(spawned.effect, Spawn)
        and spawned.made not in spawned.starts
    )


def _block_of(clone: Clone, instruction: Instruction) -> Block:
    for block in clone.function.blocks:
        if any(i is instruction for i in block.instructions):
            return block
    return clone.function.blocks[0]
