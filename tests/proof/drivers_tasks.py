"""Tasks of one event loop, which frontrun switches where they await.

Those that wait for an asyncio.Lock are not here: the random explorer goes on handing the turn to who waits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from explorer import Driver, drive


def _task(work: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
    async def task(shared: Any) -> Any:
        return await work(shared)

    return task


DRIVERS: dict[str, Driver] = {
    "tasks/async_for_between_racy": drive(
        lambda m: m.Download(), _task(lambda d: d.run("ab")), keeps=lambda d: d.received == 4
    ),
    "tasks/checked_before_await_racy": drive(
        lambda m: (c := m.Campaign(), setattr(c, "left", 1))[0],
        _task(lambda c: c.offer()),
        keeps=lambda c: c.left == 0,
    ),
    "tasks/global_plus_await_racy": drive(
        lambda m: m, _task(lambda m: m.order("bun")), keeps=lambda m: m.total == 8
    ),
    "tasks/item_async_with_between_racy": drive(
        lambda m: m, _task(lambda m: m.sell("tea", 2)), keeps=lambda m: m.STOCK["tea"] == 6
    ),
    "tasks/rechecked_after_await_safe": drive(
        lambda m: m.Atlas(),
        _task(lambda a: a.mark("alps", "x")),
        keeps=lambda a: len(a.maps["alps"].marks) == 2,
    ),
    "tasks/seat_checked_then_awaited_racy": drive(
        lambda m: m,
        _task(lambda m: m.book("4A", "ann")),
        _task(lambda m: m.book("4A", "bob")),
        got=lambda a, b: None in (a, b),
    ),
    "tasks/seat_claimed_before_await_safe": drive(
        lambda m: m,
        _task(lambda m: m.book("4A", "ann")),
        _task(lambda m: m.book("4A", "bob")),
        got=lambda a, b: None in (a, b),
    ),
    "tasks/token_lazy_with_await_racy": drive(
        lambda m: m.Client(), _task(lambda c: c.get("/")), keeps=lambda c: len(c.logins) == 1
    ),
    "tasks/token_lazy_without_await_safe": drive(
        lambda m: m.Client(), _task(lambda c: c.get("/")), keeps=lambda c: c.made == 1
    ),
    "tasks/update_without_await_safe": drive(
        lambda m: m.Crawler(),
        _task(lambda c: c.fetch("a", 2)),
        keeps=lambda c: (c.pages, c.by_host["a"]) == (2, 4),
    ),
    "tasks/wallet_await_before_read_safe": drive(
        lambda m: m.Wallet(40), _task(lambda w: w.pay(30)), keeps=lambda w: (w.coins, w.refused) == (10, 1)
    ),
    "tasks/wallet_read_await_write_racy": drive(
        lambda m: m.Wallet(40), _task(lambda w: w.pay(10)), keeps=lambda w: w.coins == 20
    ),
}
