"""The cases given with the specification."""

from __future__ import annotations

from explorer import Driver, drive

DRIVERS: dict[str, Driver] = {
    "cases/alias_guarded_dict_copied_safe": drive(
        lambda m: m.Shelf(["jam"]),
        lambda s: (s.forecast("jam", 5), s.put("jam"))[0],
        keeps=lambda s: s._jars == {"jam": 3},
        got=lambda a, b: {a, b} <= {6, 7},
    ),
    "cases/alias_lock_per_key_total_racy": drive(
        lambda m: m.Hotel([1, 2]),
        lambda h: h.check_in(1),
        lambda h: h.check_in(2),
        keeps=lambda h: h.guests == 2,
    ),
    "cases/alias_lock_with_odd_name_safe": drive(
        lambda m: m.RelayTeam(), lambda t: t.run_lap(), keeps=lambda t: t.laps() == 2
    ),
    "cases/alias_nullcontext_is_not_a_lock_racy": drive(
        lambda m: m.Uploader(), lambda u: u.send("ab"), keeps=lambda u: u.bytes_sent == 4
    ),
    "cases/atomic_latest_value_safe": drive(
        lambda m: m.Thermometer(),
        lambda t: t.report("a", 1.0),
        lambda t: t.display(),
        got=lambda reported, shown: shown in ("n/a", "a 1.0"),
    ),
    "cases/classattr_type_self_racy": drive(
        lambda m: m.Sensor, lambda s: s(3).read(), keeps=lambda s: s.readings == 2
    ),
    "cases/confine_off_main_thread_branch_racy": drive(
        lambda m: m.Canvas(), lambda c: c.paint(), keeps=lambda c: c.background_paints == 2
    ),
    "cases/confine_thread_subclass_own_field_safe": drive(
        lambda m: (m.LogParser(["a", ""]), m.LogParser(["b"])),
        lambda s: s[0].run(),
        lambda s: s[1].run(),
        keeps=lambda s: s[0].parsed == s[1].parsed == 1,
    ),
    "cases/container_defaultdict_int_racy": drive(
        lambda m: m.Poll(), lambda p: p.vote("x"), keeps=lambda p: p.counts["x"] == 2
    ),
    "cases/container_in_then_del_racy": drive(
        lambda m: m.Reservations(["ann"]), lambda r: r.cancel("ann"), got=lambda a, b: a != b
    ),
    "cases/container_object_in_dict_racy": drive(
        lambda m: m.League(["ann"]), lambda x: x.goal("ann"), keeps=lambda x: x.players["ann"].goals == 2
    ),
    "cases/container_single_operations_safe": drive(
        lambda m: m.Crawl(),
        lambda c: c.visit("a"),
        lambda c: (c.visit("b"), c.forget("b")),
        keeps=lambda c: sorted(c.pages) == ["a", "b"] and len(c.recent) == 2 and list(c.status) == ["a"],
    ),
    "cases/ctxmgr_exitstack_safe": drive(
        lambda m: m.Greenhouse(), lambda g: g.water(), keeps=lambda g: g.waterings() == 2
    ),
    "cases/deco_logged_takes_no_lock_racy": drive(
        lambda m: m.Elevator(), lambda e: e.board(2), keeps=lambda e: e.riders == 4
    ),
    "cases/deco_wrapt_synchronized_safe": drive(
        lambda m: (j := m.Jukebox(), j.insert(1))[0], lambda j: j.play(), got=lambda a, b: a != b
    ),
    "cases/global_shadowed_by_local_safe": drive(
        lambda m: (m.sum_up, []), lambda s: s[0]([1, 2], s[1]), keeps=lambda s: s[1] == [3, 3]
    ),
    "cases/guard_locked_statistics_safe": drive(
        lambda m: (c := m.MemoCache(), c.put("k", 1))[0], lambda c: c.get("k"), keeps=lambda c: c.hits() == 2
    ),
    "cases/guard_write_from_outside_racy": drive(
        lambda m: (m, a := m.Account(), a.deposit(100)),
        lambda s: s[1].deposit(5),
        lambda s: s[0].write_off(s[1]),
        keeps=lambda s: s[1].balance in (0, 5),
    ),
    "cases/iadd_list_never_rebound_safe": drive(
        lambda m: m.EventLog(), lambda x: x.extend([1, 2]), keeps=lambda x: sorted(x.events) == [1, 1, 2, 2]
    ),
    "cases/inherit_base_lock_safe": drive(
        lambda m: (a := m.InterestAccount(), a.deposit(100))[0],
        lambda a: a.deposit(100),
        lambda a: a.accrue(),
        keeps=lambda a: a.balance() in (210, 220),
    ),
    "cases/lazy_global_client_racy": drive(
        lambda m: m, lambda m: m.query("x"), keeps=lambda m: len(m.created) == 1
    ),
    "cases/lazy_keyerror_then_store_racy": drive(
        lambda m: m.Telemetry(), lambda t: t.sample("a", 1), keeps=lambda t: t.series == {"a": [1, 1]}
    ),
    "cases/lazy_singleton_new_locked_safe": drive(
        lambda m: m, lambda m: m.Registry(), got=lambda a, b: a is b
    ),
    "cases/lock_after_release_racy": drive(
        lambda m: m.Mailbox(), lambda b: b.deliver("x"), keeps=lambda b: b.accepted == 2
    ),
    "cases/lock_both_branches_acquire_safe": drive(
        lambda m: m.Dispatcher(),
        lambda d: d.dispatch("a", True),
        lambda d: d.dispatch("b", False),
        keeps=lambda d: d.dispatched() == 2,
    ),
    "cases/lock_inner_released_outer_held_safe": drive(
        lambda m: m.Warehouse(), lambda w: w.move("x"), keeps=lambda w: w.moves() == 2
    ),
    "cases/lock_one_method_forgot_racy": drive(
        lambda m: (m.session, m.ConnectionGauge()), lambda s: s[0](s[1]), keeps=lambda s: s[1].active() == 0
    ),
    "cases/lock_trylock_true_branch_safe": drive(
        lambda m: (m.CacheRefresher(), []),
        lambda s: s[1].append(s[0].maybe_refresh()),
        keeps=lambda s: s[0].generation() == sum(s[1]) > 0,
    ),
    "cases/ownership_escape_in_callee_racy": drive(
        lambda m: (m, []),
        lambda s: s[0].arrive("ann"),
        lambda s: (s[1].extend(s[0].BADGES), s[0].swipe_everyone()),
        keeps=lambda s: s[0].BADGES["ann"].swipes == 2 or not s[1],
    ),
    "cases/ownership_factory_return_safe": drive(
        lambda m: m, lambda m: m.crawl("a"), got=lambda a, b: a == b == 4
    ),
    "cases/ownership_helper_param_racy": drive(
        lambda m: (m.fill, m.Histogram()), lambda s: s[0](s[1], [7]), keeps=lambda s: s[1].samples == 2
    ),
    "cases/ownership_one_crawler_each_safe": drive(
        lambda m: m.Crawler, lambda c: (x := c("a"), x.run(), x.pages)[2], got=lambda a, b: a == b == 5
    ),
    "cases/perlock_local_acquire_racy": drive(
        lambda m: m, lambda m: m.sell(1), keeps=lambda m: m.stock["apples"] == 98
    ),
    "cases/prop_getter_increments_racy": drive(
        lambda m: (m.place, m.OrderBook(), []),
        lambda s: s[0](s[1], s[2]),
        keeps=lambda s: sorted(s[2]) == [1, 2],
    ),
    "cases/rmw_same_name_other_object_safe": drive(
        lambda m: (m.climb, m.Step(3), []),
        lambda s: s[0](s[1], s[2]),
        keeps=lambda s: s[2] == [4, 4] and s[1].level == 3,
    ),
    "cases/rmw_swap_attributes_racy": drive(
        lambda m: m.DoubleBuffer(), lambda b: b.flip(), keeps=lambda b: b.front != b.back
    ),
    "cases/rmw_through_local_racy": drive(
        lambda m: m.ParkingLot(9), lambda p: p.enter(), keeps=lambda p: p.free == 7
    ),
    "cases/rmw_toggle_flag_racy": drive(lambda m: m.Lamp(), lambda x: x.toggle(), keeps=lambda x: not x.lit),
    "cases/split_drain_then_count_safe": drive(
        lambda m: (o := m.Outbox(), o.queue("a"))[0],
        lambda o: (o.queue("b"), o.flush()),
        lambda o: o.flush(),
        keeps=lambda o: o.sent() == 2,
    ),
    "cases/split_read_then_write_back_racy": drive(
        lambda m: m.Student(), lambda s: s.award(["right"]), keeps=lambda s: s.score() == 2
    ),
    "cases/root_start_new_thread_racy": drive(
        lambda m: m, lambda m: m.land(1), keeps=lambda m: m.landed == 2
    ),
    "cases/tls_subclass_safe": drive(
        lambda m: (m.handle, []), lambda s: s[0](s[1]), keeps=lambda s: s[1] == [2, 2]
    ),
}
