"""The points-to graph carries each object along each edge once, and stops at its budget."""

from __future__ import annotations

import pytest

from flake8_sharedstate.program.graph import BudgetError, Graph


def chain(length: int, budget: int) -> tuple[Graph, list[int]]:
    """Give a graph whose nodes lead each to the next, and the last back to the first."""
    graph = Graph(budget)
    nodes = [graph.new_node() for _ in range(length)]
    for source, target in zip(nodes, [*nodes[1:], nodes[0]], strict=True):
        graph.edge(source, target)
    return graph, nodes


def test_new_nodes_are_apart_and_empty() -> None:
    graph = Graph(10)
    first, run, last = graph.new_node(), graph.new_nodes(3), graph.new_node()
    assert len({first, run, run + 1, run + 2, last}) == 5
    assert not any(graph.at(node) for node in (first, run, last))


def test_objects_flow_along_edges_only() -> None:
    graph = Graph(100)
    source, target, aside = (graph.new_node() for _ in range(3))
    graph.add(source, 1)
    graph.edge(source, target)
    graph.edge(source, source)
    graph.add(source, 2)
    graph.solve()
    assert (graph.at(source), graph.at(target), graph.at(aside)) == ({1, 2}, {1, 2}, frozenset())


def test_an_edge_added_after_solving_carries_what_is_known() -> None:
    graph = Graph(100)
    source, middle, target = (graph.new_node() for _ in range(3))
    graph.edge(middle, target)
    graph.add(source, 7)
    graph.solve()
    graph.edge(source, middle)
    graph.solve()
    assert graph.at(target) == {7}


def test_what_is_seen_of_a_node_cannot_change_it() -> None:
    graph = Graph(100)
    source, target = graph.new_node(), graph.new_node()
    graph.add(source, 1)
    graph.edge(source, target)
    graph.solve()
    graph.add(target, 2)
    assert graph.at(source) == {1}


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_fact_is_paid_for_once(length: int) -> None:
    """Objects go round a cycle once; only the difference is carried on."""
    graph, nodes = chain(length, budget=2 * length)
    for known in ([1], [1, 2], [2, 1]):
        for number in known:
            graph.add(nodes[0], number)
        graph.edge(nodes[0], nodes[-1])
        graph.solve()
    assert all(graph.at(node) == {1, 2} for node in nodes)


@pytest.mark.parametrize("length", [1, 2, 5])
def test_past_the_budget_the_analysis_gives_up(length: int) -> None:
    graph, nodes = chain(length, budget=2 * length - 1)
    graph.later(lambda: graph.add(nodes[0], 1))
    graph.later(lambda: graph.add(nodes[0], 2))
    with pytest.raises(BudgetError):
        graph.solve()


def test_a_watcher_sees_each_object_once_however_it_comes() -> None:
    graph, nodes = chain(3, budget=100)
    early: list[int] = []
    late: list[int] = []
    graph.when(nodes[1], early.append)
    graph.add(nodes[0], 3)
    graph.add(nodes[0], 1)
    graph.add(nodes[1], 2)
    graph.when(nodes[1], late.append)  # 2 is on its way already
    graph.solve()
    graph.add(nodes[2], 1)
    graph.add(nodes[2], 4)
    graph.solve()
    after: list[int] = []
    graph.when(nodes[1], after.append)
    graph.solve()
    assert sorted(early) == sorted(late) == after == [1, 2, 3, 4]


def test_a_watcher_may_extend_the_graph_while_it_is_solved() -> None:
    graph = Graph(100)
    source, target = graph.new_node(), graph.new_node()
    seen: list[int] = []

    def watch(number: int) -> None:
        if number == 1:
            graph.when(source, seen.append)
            graph.edge(source, target)
            graph.add(source, 10)

    graph.when(source, watch)
    graph.add(source, 1)
    graph.add(source, 2)
    graph.solve()
    assert sorted(seen) == [1, 2, 10]
    assert graph.at(target) == {1, 2, 10}


def test_tasks_run_in_turn_and_do_not_nest() -> None:
    graph = Graph(100)
    node = graph.new_node()
    done: list[str] = []

    def first() -> None:
        graph.later(lambda: done.append("third"))
        graph.add(node, 1)
        done.append("first")

    graph.later(first)
    graph.later(lambda: done.append("second"))
    graph.when(node, lambda _: done.append("seen"))
    assert done == []
    graph.solve()
    assert done == ["first", "second", "third", "seen"]
