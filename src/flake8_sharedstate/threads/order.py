"""What runs at the same time: which threads may be running at each point of each run.

A forward may-analysis: starting a thread adds it, joining it takes it away. A thread that may
already be running where it is started runs several times at once; that one rule covers loops,
comprehensions, repeated calls and ``submit(...).result()``. Thread creation and join as ordering
are what Goblint's MHP analysis does (Schwarz et al., SAS 2021).
"""

from __future__ import annotations

from flake8_sharedstate.dataflow import Run, Solver
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Block, Instruction
from flake8_sharedstate.libraries.vocabulary import Spawn, Start, Threads
from flake8_sharedstate.program.entries import Caller, Program
from flake8_sharedstate.program.heap import Target
from flake8_sharedstate.program.objects import Clone
from flake8_sharedstate.threads.barriers import Barriers
from flake8_sharedstate.threads.contexts import Context, Contexts, Kind, spawn_of, spawned_by
from flake8_sharedstate.threads.elements import Elements
from flake8_sharedstate.threads.identities import Identities
from flake8_sharedstate.threads.joins import Joins, loops_around
from flake8_sharedstate.threads.multiplicity import Multiplicity
from flake8_sharedstate.threads.queues import Queues
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
            effect = spawn_of(context)
            if effect is not None and effect.waited:
                state = state - order.finished(context)
        for context in order.joins.at(clone, instruction):
            state = state - order.finished(context)
        if isinstance(instruction, model.Await) and order.contexts.all[run.context].kind in _LOOP:
            order.meet_loop(state)
        # A generator that yields what can be awaited is a coroutine of another kind: who runs it waits.
        if isinstance(instruction, (model.Await, model.Yield)) and instruction.src is not None:
            started = order.program.definitions(clone.function)[instruction.src]
            tasks = order.contexts.starts.get((clone.number, id(started)), ())
            for context in (*order.joins.awaited(clone, instruction.src), *tasks):
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
            for context in self.order.joins.by_loop(run.clone, condition):
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
        self.joins = Joins(contexts)
        self.starting: dict[int, set[tuple[Run, int]]] = {}
        self._starts_tasks: set[Run] = set()
        self._meeting_themselves: list[Run] = []
        """What a server out of sight runs again before it is done."""
        self._beside_loop: set[int] = set()
        """What may be running while a loop gives its tasks their turns; tasks are, all of them."""
        self._descendants: dict[int, Running] = {}
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
        self.elements = Elements(self.multiplicity)
        self._count()
        self.signals = Signals(contexts, self.multiplicity)
        self.barriers = Barriers(contexts, self.multiplicity)
        self.queues = Queues(contexts, self.multiplicity)

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
        # running, the others meet. A thread that one itself starts it does not meet: it is called
        # once. What hands work to a pool is called for each piece of work.
        while self.solver.changed_exits:
            self.solver.changed_exits.clear()
            # Few leave anything running.
            exits = [(r.clone.function, self.solver.exit.get(r)) for r in (*modules, *others)]
            leaving = [(function, running) for function, running in exits if running]
            for run in others:
                left = nothing.union(
                    *(running for function, running in leaving if function is not run.clone.function)
                )
                is_called_once = self.contexts.all[run.context].spawned is None
                self.solver.feed(run, left - self._as_started_by(run.clone) if is_called_once else left)
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

    def _as_started_by(self, clone: Clone) -> Running:
        """What a clone may start, also where others have the same function start it."""

        def place(context: Context) -> object:
            spawned = context.spawned
            return spawned and (id(spawned.made[1]), spawned.root.function.number, spawned.root.receiver)

        places = {place(self.contexts.all[number]) for number in self.started_by(clone)}
        return frozenset(
            c.number
            for c in self.contexts.all
            if c.spawned is not None and place(c) in places and not _is_piece_of_work(c)
        )

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
        effect = spawn_of(context)
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

    # -- spawns

    def is_gathered(self, context: Context) -> bool:
        """Whether one call starts many tasks, made one by one (``gather(*(f(x) for x in xs))``)."""
        spawned = context.spawned
        if context.kind is not Kind.TASK or spawned is None:
            return False
        clone, made = spawned.made
        return any(loops_around(clone, made) != loops_around(c, i) for c, i in spawned.starts)

    def is_alternative(self, context: Context) -> bool:
        """Whether a context stands for one of the callables that its one thread may run."""
        effect = spawn_of(context)
        several = effect is not None and (effect.runs or _is_registered(context))
        return context.kind is Kind.THREAD and not several

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
        if threads is Threads.HOLDER:
            holders = self._holders(context)
            return len(holders) > 1 or any(holder.many for holder in holders)
        if isinstance(effect, Spawn) and threads in (Threads.POOL, Threads.CALLER):
            given = effect.arguments
            each = (given.each, given.each_rest, given.each_unpacked)
            if effect.repeated or any(part is not None for part in each):
                return True
        return not self.elements.is_started_once(spawned) and any(
            context.number in self.solver.at_key(start, frozenset())
            for start in self.starting.get(context.number, ())
        )

    def _holders(self, context: Context) -> list[Context]:
        """Whose threads run a finalizer: all that hand it over."""
        spawned = context.spawned
        if spawned is None or spawned_by(spawned) is not Threads.HOLDER:
            return []
        return [c for c in self.contexts.all if any(clone in c.clones for clone, _ in spawned.starts)]

    def running(self, run: Run, instruction: Instruction) -> Running:
        """The contexts that may run beside this point."""
        return self.solver.before(run, instruction) or frozenset()

    def runs_on_at(self, context: Context, clone: Clone, instruction: Instruction) -> bool:
        """Whether threads of a context may be running whenever a function comes to a point."""
        return any(
            context.number in self.running(Run(clone, spawner.number), instruction)
            for spawner in self.contexts.of(clone)
        )

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
        for told in (self.signals, self.queues):
            if told.order(run, at, other, other_at) or told.order(other, other_at, run, at):
                return False
        if self.barriers.keep_apart(run, at, other, other_at):
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
        if self._holders(first) == [second] or self._holders(second) == [first]:
            return not (first.many or second.many)
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


def _is_registered(context: Context) -> bool:
    """Whether what a thread runs was handed over in one statement and begun by another."""
    spawned = context.spawned
    return (
        context.kind is Kind.THREAD
        and spawned is not None
        and isinstance(spawned.effect, Spawn)
        and spawned.made not in spawned.starts
    )


def _is_piece_of_work(context: Context) -> bool:
    """Whether a thread was handed one call to run among others (``pool.submit(f)``)."""
    effect = spawn_of(context)
    return (
        effect is not None
        and effect.threads in (Threads.POOL, Threads.SERIAL)
        and not effect.repeated
        and not _is_registered(context)
    )
