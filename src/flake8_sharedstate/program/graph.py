"""The points-to graph: an inclusion-based (Andersen, 1994) solver with difference propagation."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from flake8_sharedstate.program.objects import Node, ObjectId

Watcher = Callable[[ObjectId], None]


class BudgetError(Exception):
    """The analysis grew past its budget: it must forget, not guess."""


class Graph:
    """Nodes hold sets of objects; edges carry them on; watchers see each object of a node once.

    ``budget`` bounds the number of (node, object) facts; past it :class:`BudgetError` is raised.
    """

    def __init__(self, budget: int) -> None:
        self._objects: list[set[ObjectId]] = []
        self._edges: list[set[Node]] = []
        self._watchers: list[list[Watcher]] = []
        self._pending: dict[Node, set[ObjectId]] = {}
        self._queue: deque[Node] = deque()
        self._left = budget

    def new_node(self) -> Node:
        """A fresh, empty node."""
        return self.new_nodes(1)

    def new_nodes(self, count: int) -> Node:
        """A run of fresh nodes; gives the first."""
        first = len(self._objects)
        self._objects.extend(set() for _ in range(count))
        self._edges.extend(set() for _ in range(count))
        self._watchers.extend([] for _ in range(count))
        return first

    def at(self, node: Node) -> set[ObjectId]:
        """The objects of a node, so far."""
        return self._objects[node]

    def add(self, node: Node, *objects: ObjectId) -> None:
        """These objects can be at ``node``."""
        self._flow(node, set(objects))

    def edge(self, source: Node, target: Node) -> None:
        """Whatever is at ``source`` can be at ``target``."""
        if source != target and target not in self._edges[source]:
            self._edges[source].add(target)
            if self._objects[source]:
                self._flow(target, self._objects[source])

    def when(self, node: Node, watcher: Watcher) -> None:
        """Calls ``watcher`` once for each object of ``node``, now or later."""
        self._watchers[node].append(watcher)
        # What is pending reaches the watcher when its turn comes.
        for known in sorted(self._objects[node] - self._pending.get(node, set())):
            watcher(known)

    def solve(self) -> None:
        """Propagates until nothing changes."""
        while self._queue:
            node = self._queue.popleft()
            delta = self._pending.pop(node)
            for target in list(self._edges[node]):
                self._flow(target, delta)
            # A watcher that is added meanwhile sees these objects as it is added.
            for watcher in list(self._watchers[node]):
                for number in sorted(delta):
                    watcher(number)

    def _flow(self, node: Node, objects: set[ObjectId]) -> None:
        new = objects - self._objects[node]
        if not new:
            return
        self._left -= len(new)
        if self._left < 0:
            raise BudgetError
        self._objects[node] |= new
        if node in self._pending:
            self._pending[node] |= new
        else:
            self._pending[node] = new
            self._queue.append(node)
