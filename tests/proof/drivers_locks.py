"""Locks, conditions and semaphores, and which of them guards what."""

from __future__ import annotations

import threading

from explorer import Driver, drive

DRIVERS: dict[str, Driver] = {
    "lock/acquire_until_it_works_safe": drive(
        lambda m: m.Ferry(), lambda f: f.board(3), keeps=lambda f: f.cars() == 6
    ),
    "lock/condition_loop_safe": drive(
        lambda m: m.Kiln(), lambda k: k.fire(2), lambda k: k.take(), keeps=lambda k: k._bricks == 1
    ),
    "lock/condition_over_mutex_safe": drive(
        lambda m: m.Harbour(), lambda h: h.dock(), lambda h: h.unload(), keeps=lambda h: h._ships == 0
    ),
    "lock/continue_in_try_under_with_safe": drive(
        lambda m: m, lambda m: m.add(["2", "", "x"]), keeps=lambda m: m.total == 6
    ),
    "lock/count_after_the_with_racy": drive(
        lambda m: m.GuestBook(),
        lambda g: g.sign("ann"),
        lambda g: g.sign("bob"),
        keeps=lambda g: g.distinct == 2,
    ),
    "lock/decorator_missing_one_racy": drive(
        lambda m: (p := m.Playlist(), [p.add(n) for n in range(9)])[0],
        lambda p: p.skip(),
        lambda p: p.shuffle(3),
        keeps=lambda p: p.position() == 4,
    ),
    "lock/early_return_inside_safe": drive(
        lambda m: m.Quota(3), lambda q: q.use(2), keeps=lambda q: q.state() == (2, 1)
    ),
    "lock/factory_of_two_classes_safe": drive(
        lambda m: m.Sent(), lambda s: s.add(), keeps=lambda s: s.n == 2
    ),
    "lock/fresh_lock_for_each_thread_racy": drive(
        lambda m: (m.paint, m.Wall()),
        lambda s: s[0](s[1], threading.Lock(), 1),
        keeps=lambda s: s[1].coats == 2,
    ),
    "lock/loan_helper_acquire_safe": drive(
        lambda m: m.Table(), lambda t: t.insert(), keeps=lambda t: t.rows == 2
    ),
    "lock/no_thread_in_sight_racy": drive(
        lambda m: m.TokenBucket(9),
        lambda b: b.take(2),
        lambda b: b.refill(3),
        keeps=lambda b: b.level() == 10,
    ),
    "lock/no_thread_in_sight_safe": drive(
        lambda m: m.TokenBucket(9),
        lambda b: b.take(2),
        lambda b: b.refill(3),
        keeps=lambda b: b.level() == 10,
    ),
    "lock/own_decorator_safe": drive(
        lambda m: m.Raffle(), lambda r: r.buy(5), lambda r: r.pay_out(2), keeps=lambda r: r._pot == 3
    ),
    "lock/passed_as_argument_safe": drive(
        lambda m: (m.paint, m.Wall(), threading.Lock()),
        lambda s: s[0](s[1], s[2], 2),
        keeps=lambda s: s[1].coats == 4,
    ),
    "lock/private_helper_one_caller_forgot_racy": drive(
        lambda m: m.Hedge(9), lambda h: h.water(), lambda h: h.trim(), keeps=lambda h: h.length() == 8
    ),
    "lock/private_helper_under_lock_safe": drive(
        lambda m: m.Hedge(9), lambda h: h.water(), lambda h: h.trim(), keeps=lambda h: h.length() == 8
    ),
    "lock/probe_is_not_held_racy": drive(
        lambda m: m.Booth(), lambda b: b.snap(), keeps=lambda b: b.photos == 2
    ),
    "lock/reentrant_public_methods_safe": drive(
        lambda m: m.Wardrobe(),
        lambda w: w.swap(2),
        lambda w: w.take(1),
        keeps=lambda w: w.inventory() == (9, 1),
    ),
    "lock/released_for_callback_racy": drive(
        lambda m: m.Session(lambda users: None),
        lambda s: s.enter(),
        lambda s: s.close(),
        keeps=lambda s: s._users == 0,
    ),
    "lock/return_in_try_under_with_safe": drive(lambda m: m, lambda m: m.get("a"), got=lambda a, b: a is b),
    "lock/semaphore_of_one_safe": drive(
        lambda m: m.Sauna(), lambda s: s.visit(), keeps=lambda s: s.visits() == 2
    ),
    "lock/semaphore_of_three_racy": drive(
        lambda m: m.Sauna(), lambda s: s.visit(), keeps=lambda s: s.visits == 2
    ),
    "lock/trylock_failing_branch_racy": drive(
        lambda m: m.Sweeper(),
        lambda s: s.sweep(),
        lambda s: s.sweep(),
        lambda s: s.sweep(),
        keeps=lambda s: s.sweeps + s.skipped == 3,
    ),
    "lock/two_conditions_two_mutexes_racy": drive(
        lambda m: m.Harbour(), lambda h: h.dock(), lambda h: h.sail(), keeps=lambda h: h._ships == 9
    ),
    "lock/with_two_items_safe": drive(
        lambda m: m.Waterworks(),
        lambda w: w.pump(5),
        lambda w: (w.leak(), w.service()),
        keeps=lambda w: (w._level, w._strokes) == (104, 11),
    ),
    "guard/bakery_both_locks_safe": drive(
        lambda m: m.Bakery(),
        lambda b: (b.bake(3), b.refund(1)),
        lambda b: b.sell(5),
        keeps=lambda b: b.books() == (2, 4),
    ),
    "guard/bakery_wrong_of_two_locks_racy": drive(
        lambda m: m.Bakery(), lambda b: b.bake(3), lambda b: b.sell(5), keeps=lambda b: b._loaves == 2
    ),
    "guard/cache_cleared_unlocked_racy": drive(
        lambda m: (p := m.Popularity(), p.play("x"))[0],
        lambda p: p.play("x"),
        lambda p: p.forget(),
        keeps=lambda p: p._plays.get("x", 0) < 2,
    ),
    "guard/class_lock_on_class_total_safe": drive(
        lambda m: (m.Scale("a"), m.Scale("b")),
        lambda s: s[0].weigh(3),
        lambda s: s[1].weigh(4),
        keeps=lambda s: type(s[0]).weighed == 7,
    ),
    "guard/class_total_racy": drive(
        lambda m: (m.Till(), m.Till()),
        lambda s: s[0].sell(3),
        lambda s: s[1].sell(4),
        keeps=lambda s: type(s[0]).takings == 7,
    ),
    "guard/hook_called_by_base_with_lock_safe": drive(
        lambda m: m.Summing(),
        lambda s: s.handle(("in", 5)),
        keeps=lambda s: s.total() == 10 and s._kinds == {"in": 2},
    ),
    "guard/injected_lock_callables_safe": drive(
        lambda m: (lock := threading.Lock(), m.Store(lock.acquire, lock.release))[1],
        lambda s: s.put("a", 2),
        keeps=lambda s: s.get("a") == 4,
    ),
    "guard/instance_lock_on_class_total_racy": drive(
        lambda m: (m.Scale("a"), m.Scale("b")),
        lambda s: s[0].weigh(3),
        lambda s: s[1].weigh(4),
        keeps=lambda s: type(s[0]).weighed == 7,
    ),
    "guard/instance_lock_on_global_racy": drive(
        lambda m: (m, m.Agent("a"), m.Agent("b")),
        lambda s: s[1].sell(100),
        lambda s: s[2].sell(40),
        keeps=lambda s: s[0].sold == 140,
    ),
    "guard/job_passed_to_unlocked_callee_racy": drive(
        lambda m: m.Spooler(["a"]), lambda s: s.attempt("a"), keeps=lambda s: s.tries("a") == 2
    ),
    "guard/lock_from_factory_method_safe": drive(
        lambda m: m.ReentrantSpool(), lambda s: s.wind(3), lambda s: s.swap(0), keeps=lambda s: s._metres == 4
    ),
    "guard/locked_probe_racy": drive(
        lambda m: m.Sauna(), lambda s: s.pour(), keeps=lambda s: s.infusions == 2
    ),
    "guard/odometer_private_helper_safe": drive(
        lambda m: m.Odometer(14_500), lambda o: o.drive(400), keeps=lambda o: o.service_due()
    ),
    "guard/odometer_reset_racy": drive(
        lambda m: (o := m.Odometer(), o.drive(900))[0],
        lambda o: o.drive(5),
        lambda o: o.reset(),
        keeps=lambda o: o.metres() in (0, 5),
    ),
    "guard/semaphore_of_one_safe": drive(
        lambda m: m.Bridge(), lambda b: b.cross(7), keeps=lambda b: b.report() == (2, 7)
    ),
    "guard/semaphore_of_three_racy": drive(
        lambda m: m.Bridge(), lambda b: b.cross(), keeps=lambda b: b.crossed == 2
    ),
    "guard/subclass_ignores_base_lock_racy": drive(
        lambda m: m.CampStove(),
        lambda s: s.burn(),
        lambda s: s.new_canister(),
        keeps=lambda s: s._fuel in (24, 25),
    ),
    "guard/transfer_one_lock_racy": drive(
        lambda m: (m.Purse(5), m.Purse(5)),
        lambda s: s[0].pay(s[1], 1),
        lambda s: s[1].deposit(2),
        keeps=lambda s: s[1].coins == 8,
    ),
    "guard/transfer_sorted_locks_safe": drive(
        lambda m: (m.transfer, m.Purse(5), m.Purse(5)),
        lambda s: s[0](s[1], s[2], 1),
        lambda s: s[0](s[2], s[1], 2),
        keeps=lambda s: (s[1].coins, s[2].coins) == (6, 4),
    ),
    "cond/counted_outside_condition_racy": drive(
        lambda m: m.Counter(), lambda c: c.order("pho"), keeps=lambda c: c._open == 2
    ),
    "cond/stale_level_racy": drive(
        lambda m: m.Tank(), lambda t: t.fill(5), lambda t: t.drain(2), keeps=lambda t: t.level == 3
    ),
    "cond/test_before_condition_racy": drive(
        lambda m: m.Marina(1), lambda x: x.cast_off(), keeps=lambda x: x._boats == 0, got=lambda a, b: a != b
    ),
    "cond/two_conditions_one_lock_safe": drive(
        lambda m: m.Silo(9), lambda s: s.fill(5), lambda s: s.empty(2), keeps=lambda s: s._tons == 3
    ),
    "cond/two_conditions_two_locks_racy": drive(
        lambda m: m.Silo(), lambda s: s.fill(5), lambda s: s.empty(2), keeps=lambda s: s._tons == 3
    ),
    "cond/wait_for_predicate_safe": drive(
        lambda m: m.Granary(), lambda g: g.store(5), lambda g: g.withdraw(2), keeps=lambda g: g.sacks() == 3
    ),
    "cond/while_around_wait_safe": drive(
        lambda m: (m.bake, m.Fridge(), []),
        lambda s: (s[1].put(1), s[1].put(2)),
        lambda s: (s[0](s[1], s[2]), s[0](s[1], s[2])),
        keeps=lambda s: sorted(s[2]) == [1, 2],
    ),
    "cond/value_kept_across_wait_racy": drive(
        lambda m: m.Vat(), lambda v: v.pour(2), keeps=lambda v: v.level() == 4
    ),
    "leak/early_return_released_safe": drive(
        lambda m: m.Lamp(), lambda x: x.light(), got=lambda a, b: a != b
    ),
    "leak/enter_exit_class_safe": drive(
        lambda m: m.Kiln(), lambda k: k.fire("jug"), keeps=lambda k: k.firings() == 2
    ),
    "leak/failed_acquire_leaves_safe": drive(
        lambda m: m.Modem(), lambda x: x.dial("112"), keeps=lambda x: x.calls() == 2
    ),
    "leak/helper_pair_finally_safe": drive(
        lambda m: m.Sheet(), lambda s: s.evaluate("a", lambda n: n + 1), keeps=lambda s: s.value("a") == 2
    ),
    "leak/parser_finally_safe": drive(
        lambda m: m.Tab(), lambda t: t.order("tea", "2"), keeps=lambda t: t.total() == 8
    ),
    "library/closure_lock_both_sides_safe": drive(
        lambda m: m.make_meter(99), lambda s: s[0](5), lambda s: s[0](4), keeps=lambda s: s[2]() == (9, 9)
    ),
    "library/closure_lock_one_side_racy": drive(
        lambda m: m.make_meter(6), lambda s: s[0](9), lambda s: s[1](2), keeps=lambda s: s[0](0) == 7
    ),
    "library/given_lock_used_once_racy": drive(
        lambda m: m.UploadProgress(100, threading.Lock()),
        lambda p: p.chunk_done(9),
        lambda p: p.chunk_failed(4),
        keeps=lambda p: p._sent == 5,
    ),
    "library/helper_with_one_bare_caller_racy": drive(
        lambda m: m.CacheStats(),
        lambda c: c.hit(),
        lambda c: c.restore({"hit": 2}),
        keeps=lambda c: c._events["hit"] == 3,
    ),
    "library/lock_property_new_each_time_racy": drive(
        lambda m: m.Sequence(), lambda s: s.take(), got=lambda a, b: a != b
    ),
    "library/module_lock_everywhere_safe": drive(
        lambda m: m,
        lambda m: m.register("x", str),
        lambda m: m.unregister("ascii"),
        keeps=lambda m: m.snapshot()[1] == 4,
    ),
    "library/module_lock_forgotten_racy": drive(
        lambda m: m,
        lambda m: m.register("x", str),
        lambda m: m.unregister("y"),
        keeps=lambda m: m._version == 2,
    ),
    "library/other_objects_lock_racy": drive(
        lambda m: m.Session(m.Connection()),
        lambda s: s.begin(),
        lambda s: s.abort(),
        keeps=lambda s: s._open == 0,
    ),
    "library/token_bucket_all_locked_safe": drive(
        lambda m: m.TokenBucket(0, 1), lambda b: b.take(), got=lambda a, b: a != b
    ),
    "wrongkind/thread_lock_in_coroutine_safe": drive(
        lambda m: m.Meter(), lambda x: x.on_packet_blocking(), keeps=lambda x: x.packets() == 2
    ),
}
