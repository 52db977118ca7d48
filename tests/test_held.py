"""Where two paths meet, what is held on both stays held, and no more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from flake8_sharedstate.locks.held import (
    Conditional,
    Held,
    Known,
    Lockset,
    Unmet,
    When,
    add,
    join,
    remove,
)

SELF = (("value", 0), ("attribute", "lock"))
OTHER = (("value", 1), ("attribute", "lock"))
GLOBAL = (("global", "lock"),)


def lock(*objects: int, path: tuple[tuple[str, object], ...] | None = SELF, level: int = 0) -> Held:
    return Held(frozenset(objects), path, level)


def tried(held: Held, value: int) -> Conditional:
    return Conditional(value, held)


Entries = Iterable[Held | Conditional | Known | When | Unmet]
A, B = lock(1), lock(2, path=GLOBAL)
YES, NO = Known(7, True), Known(7, False)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([], [], []),
        ([A], [A], [A]),
        ([A], [], []),
        ([A, B], [B], [B]),
        ([A], [B], []),
        # One lock reached in two ways: how is forgotten.
        ([lock(1)], [lock(1, path=GLOBAL)], [lock(1, path=None)]),
        # One way to objects that differ by path: what it is stays open.
        ([lock(1)], [lock(2)], [lock(1, 2)]),
        # Neither the way nor the objects: another lock.
        ([lock(1)], [lock(2, path=OTHER)], []),
        ([lock(1, 2)], [lock(1, path=OTHER)], []),
        # Locks out of sight are compared by their way alone.
        ([lock()], [lock()], [lock()]),
        ([lock()], [lock(path=OTHER)], []),
        ([lock(path=None)], [lock(path=None), A], [lock(path=None)]),
        # Entered again on one path only: held once on both.
        ([A, lock(1, level=1)], [A], [A]),
        ([lock(1, level=1)], [lock(1)], []),
        # Held if a value is true: that value was then computed, whichever path did it.
        ([tried(A, 5)], [tried(A, 5)], [tried(A, 5)]),
        ([tried(A, 5)], [], [tried(A, 5)]),
        ([tried(A, 5)], [tried(A, 6)], [tried(A, 5), tried(A, 6)]),
        ([tried(A, 5)], [tried(B, 6)], [tried(A, 5), tried(B, 6)]),
        # Held on one of two paths that a parameter tells apart.
        ([YES, A], [NO], [When(7, True, A)]),
        ([YES, A], [NO, A], [A]),
        ([YES, A], [NO, B], [When(7, True, A), When(7, False, B)]),
        ([YES, A], [Known(8, False)], []),
        ([When(7, True, A)], [NO], [When(7, True, A)]),
        ([When(7, True, A)], [A], [When(7, True, A)]),
        ([When(7, True, A)], [YES], []),
        ([When(7, True, A)], [], []),
        # A path on which no control comes has no say.
        ([Unmet(), YES], [NO, A], [NO, A]),
        ([Unmet(), tried(A, 5)], [B], [B, tried(A, 5)]),
    ],
)
def test_join(first: Entries, second: Entries, expected: Entries) -> None:
    wanted: Lockset = frozenset(expected)
    assert join(frozenset(first), frozenset(second)) == wanted
    assert join(frozenset(second), frozenset(first)) == wanted


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"acquired": frozenset({1})}, {"acquired": frozenset({2})}, {"acquired": frozenset({1, 2})}),
        ({"shared": True}, {"shared": False}, {"shared": True}),
        ({"tasks": False}, {"tasks": True}, {"tasks": True}),
        ({"stack": 8}, {"stack": 9}, {"stack": None}),
    ],
)
def test_join_keeps_the_weaker_of_two_accounts_of_one_lock(
    first: dict[str, object], second: dict[str, object], expected: dict[str, object]
) -> None:
    joined = join(frozenset({replace(A, **first)}), frozenset({replace(A, **second)}))
    assert joined == {replace(A, **expected)}


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        (lock(1), lock(1)),
        (lock(), lock()),
        # Inside a method that many call, the lock can be that of any of its receivers.
        (lock(1), lock(1, 2)),
        (lock(1, 2), lock(2)),
    ],
)
def test_what_is_entered_again_is_still_held_after_the_inner_exit(outer: Held, inner: Held) -> None:
    entered = add(frozenset({outer}), inner)
    assert len(entered) == 2
    assert remove(entered, inner) == {outer}
    assert remove(remove(entered, inner), outer) == frozenset()


def test_another_lock_on_the_same_path_is_entered_for_itself() -> None:
    assert add(frozenset({lock(1)}), lock(2)) == {lock(1), lock(2)}
