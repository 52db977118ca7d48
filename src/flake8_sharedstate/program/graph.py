"""The points-to graph: an inclusion-based (Andersen, 1994) solver with difference propagation."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from collections.abc import Set as AbstractSet

from flake8_sharedstate.program.objects import Node, ObjectId

Watcher = Callable[[ObjectId], None]
_NONE: frozenset[ObjectId] = frozenset()


class BudgetError(Exception):
    """The analysis grew past its budget: it must forget, not guess."""


class Graph:
    """Nodes hold sets of objects; edges carry them on; watchers see each object of a node once.

    ``budget`` bounds the number of (node, object) facts; past it :class:`BudgetError` is raised.
    """

    def __init__(self, budget: int) -> None:
        # Most nodes stay empty: only those that something reaches get sets of their own.
        self._count = 0
        self._objects: dict[Node, set[ObjectId]] = {}
        self._edges: dict[Node, dict[Node, None]] = {}
        self._watchers: dict[Node, list[Watcher]] = {}
        self._pending: dict[Node, set[ObjectId]] = {}
        self._queue: deque[Node] = deque()
        self._tasks: deque[Callable[[], None]] = deque()
        self._put_off: deque[Callable[[], None]] = deque()
        self._left = budget
        self._observed: set[Node] = set()
        self.changes = 0
        """How often an observed node got new objects."""

    def allow(self, facts: int) -> None:
        """Sets the budget."""
        self._left = facts

    def new_node(self) -> Node:
        """A fresh, empty node."""
        return self.new_nodes(1)

    def new_nodes(self, count: int) -> Node:
        """A run of fresh nodes; gives the first."""
        first = self._count
        self._count += count
        return first

    def at(self, node: Node) -> AbstractSet[ObjectId]:
        """The objects of a node, so far."""
        return self._objects.get(node, _NONE)

    def add(self, node: Node, number: ObjectId) -> None:
        """This object can be at ``node``."""
        if number not in self.at(node):
            self._flow(node, {number})

    def edge(self, source: Node, target: Node) -> None:
        """Whatever is at ``source`` can be at ``target``."""
        if source == target:
            return
        targets = self._edges.get(source)
        if targets is None:
            targets = self._edges[source] = {}
        if target not in targets:
            targets[target] = None
            known = self._objects.get(source)
            if known:
                self._flow(target, known)

    def when(self, node: Node, watcher: Watcher) -> None:
        """Calls ``watcher`` once for each object of ``node``, now or later."""
        self._watchers.setdefault(node, []).append(watcher)
        known = self._objects.get(node)
        if known:
            # What is pending reaches the watcher when its turn comes.
            for number in sorted(known - self._pending.get(node, _NONE)):
                watcher(number)

    def reaches(self, start: Node, targets: AbstractSet[Node], known: dict[Node, bool]) -> bool:
        """Whether what comes to a node comes to one of ``targets``; ``known`` keeps what was found."""
        waiting, met = [start], {start}
        found = False
        while waiting and not found:
            node = waiting.pop()
            found = node in targets or known.get(node, False)
            if not found and node not in known:
                fresh = [n for n in self._edges.get(node, ()) if n not in met]
                met.update(fresh)
                waiting += fresh
        if found:
            known[start] = True
        else:
            known.update(dict.fromkeys(met, False))
        return found

    def observe(self, *nodes: Node) -> None:
        """Counts in :attr:`changes` what comes to these nodes from here on."""
        self._observed.update(nodes)

    def later(self, task: Callable[[], None]) -> None:
        """Has something done by :meth:`solve`: deep call chains must not nest in one another here."""
        self._tasks.append(task)

    def at_rest(self, task: Callable[[], None]) -> None:
        """Has something done by :meth:`solve` once nothing else is left to do."""
        self._put_off.append(task)

    def dissolve(self) -> None:
        """Takes the graph apart: its watchers refer to it, which would leave it to the garbage collector."""
        vars(self).clear()

    def solve(self) -> None:
        """Propagates until nothing changes."""
        while self._queue or self._tasks or self._put_off:
            if self._tasks:
                self._tasks.popleft()()
                continue
            if not self._queue:
                self._put_off.popleft()()
                continue
            node = self._queue.popleft()
            delta = self._pending.pop(node)
            for target in list(self._edges.get(node, ())):
                self._flow(target, delta)
            # A watcher that is added meanwhile sees these objects as it is added.
            for watcher in list(self._watchers.get(node, ())):
                for number in sorted(delta):
                    watcher(number)

    def _flow(self, node: Node, objects: set[ObjectId]) -> None:
        known = self._objects.get(node)
        if known is None:
            known = self._objects[node] = set()
        new = objects - known
        if not new:
            return
        self._left -= len(new)
        if self._left < 0:
            raise BudgetError
        known |= new
        if node in self._observed:
            self.changes += 1
        if node in self._pending:
            self._pending[node] |= new
        else:
            self._pending[node] = new
            self._queue.append(node)
