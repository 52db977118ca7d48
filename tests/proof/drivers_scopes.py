"""Where shared state lives: globals, closures, classes, objects of one thread, thread-local storage."""

from __future__ import annotations

from typing import Any

from explorer import Driver, drive

DRIVERS: dict[str, Driver] = {
    "global/apply_async_racy": drive(lambda m: m, lambda m: m.plant(1), keeps=lambda m: m.planted == 2),
    "global/latest_reading_safe": drive(
        lambda m: m,
        lambda m: m.sample("a", 5),
        lambda m: m.sample("b", 7),
        keeps=lambda m: m.latest in (("a", 5), ("b", 7)) and len(m.log) == 2,
    ),
    "global/module_attr_list_pop_racy": drive(
        lambda m: (m, m.give_back(bytearray(9)))[0], lambda m: m.borrow(9), keeps=lambda m: m._made == 1
    ),
    "global/module_mutex_one_forgot_racy": drive(
        lambda m: m, lambda m: m.sell(2), lambda m: m.restock(5), keeps=lambda m: m.remaining() == 23
    ),
    "global/module_mutex_safe": drive(
        lambda m: m, lambda m: m.plant(2), lambda m: m.uproot(1), keeps=lambda m: m.planted == 1
    ),
    "global/private_helper_always_guarded_safe": drive(
        lambda m: m, lambda m: m.page_view(), lambda m: m.api_call("ab"), keeps=lambda m: m.hits == 3
    ),
    "global/private_helper_half_guarded_racy": drive(
        lambda m: m, lambda m: m.page_view(), lambda m: m.api_call("ab"), keeps=lambda m: m.hits == 3
    ),
    "global/template_cache_evict_racy": drive(
        lambda m: (m, [m.get_template(str(n)) for n in range(64)])[0],
        lambda m: m.get_template("a"),
        lambda m: m.get_template("b"),
    ),
    "global/template_cache_locked_safe": drive(
        lambda m: (m, [m.get_template(str(n)) for n in range(64)])[0],
        lambda m: m.get_template("a"),
        lambda m: m.get_template("a"),
        keeps=lambda m: len(m._cache) == 64,
        got=lambda a, b: a is b,
    ),
    "global/counted_at_import_safe": drive(
        lambda m: (m.share, []), lambda s: s[0]("ebb", s[1]), keeps=lambda s: s[1][0] == s[1][1]
    ),
    "nonlocal/counter_for_all_threads_racy": drive(
        lambda m: m.make_counter(), lambda c: c(), got=lambda a, b: a != b
    ),
    "nonlocal/counter_for_each_thread_safe": drive(
        lambda m: (m, []),
        lambda s: s[0].press(s[0].make_counter(s[1]), 2),
        keeps=lambda s: sorted(s[1]) == [1, 1, 2, 2],
    ),
    "nonlocal/pair_of_closures_forgot_racy": drive(
        lambda m: m.make_bucket(1),
        lambda s: s[0](),
        lambda s: s[1](1),
        keeps=lambda s: (s[0](), s[0]()) == (True, False),
    ),
    "closure/factory_one_recorder_racy": drive(
        lambda m: m.make_recorder(), lambda r: r(5), got=lambda a, b: a != b
    ),
    "closure/factory_recorder_each_safe": drive(
        lambda m: (m, []), lambda s: s[0].meter(s[0].make_recorder(s[1]), [5]), keeps=lambda s: s[1] == [5, 5]
    ),
    "closure/inner_function_same_thread_safe": drive(
        lambda m: m, lambda m: m.letters_in("aba"), got=lambda a, b: a == b == {"a": 2, "b": 1}
    ),
    "closure/progress_bar_racy": drive(
        lambda m: (shown := [], m.make_progress(2, shown.append)),
        lambda s: s[1](),
        keeps=lambda s: "2/2" in s[0],
    ),
    "closure/progress_bar_safe": drive(
        lambda m: (shown := [], m.make_progress(2, shown.append)),
        lambda s: s[1](),
        keeps=lambda s: sorted(s[0]) == ["1/2", "2/2"],
    ),
    "closure/retry_decorator_racy": drive(
        lambda m: m.parse, lambda p: p("7"), keeps=lambda p: p.calls["n"] == 2
    ),
    "closure/lambda_target_racy": drive(
        lambda m: m.RainGauge(), lambda g: g.add(3), keeps=lambda g: g.total_mm == 6
    ),
    "classattr/class_default_shadowed_safe": drive(
        lambda m: (m.Drone("a"), m.Drone("b")),
        lambda s: s[0].fly(2),
        lambda s: s[1].fly(3),
        keeps=lambda s: (s[0].cycles, s[1].cycles) == (2, 3),
    ),
    "classattr/class_level_mutex_safe": drive(
        lambda m: (m.Taxi("a"), m.Taxi("b")),
        lambda s: s[0].drive(9),
        lambda s: s[1].correct(4),
        keeps=lambda s: s[0].total() == 5,
    ),
    "classattr/classmethod_counter_racy": drive(
        lambda m: m.Passport, lambda p: p.issue("ann"), keeps=lambda p: p.issued == 2
    ),
    "classattr/dict_in_class_body_racy": drive(
        lambda m: m.Barista, lambda b: b("ann").work(["latte"]), keeps=lambda b: b.poured["latte"] == 2
    ),
    "classattr/dunder_class_racy": drive(
        lambda m: m.Rocket, lambda r: r(1).run(), keeps=lambda r: r.launches == 2
    ),
    "classattr/instance_mutex_over_fleet_total_racy": drive(
        lambda m: m.Taxi, lambda t: t("a").drive(3), keeps=lambda t: t.fleet_km == 6
    ),
    "classattr/metaclass_call_counts_racy": drive(
        lambda m: m, lambda m: m.read(), keeps=lambda m: m.Meta.made == 2
    ),
    "classattr/metaclass_method_racy": drive(
        lambda m: m, lambda m: m.worker(), keeps=lambda m: m.Thing.calls == 2
    ),
    "classattr/only_main_registers_safe": drive(
        lambda m: (t := m.Theme("dark"), t.register(), []),
        lambda s: s[0].render(s[2]),
        keeps=lambda s: s[2] == ["dark of 1", "dark of 1"],
    ),
    "classattr/plugin_serial_racy": drive(
        lambda m: m.Plugin, lambda p: p("a").serial, got=lambda a, b: a != b
    ),
    "classattr/singleton_metaclass_racy": drive(lambda m: m, lambda m: m.Settings(), got=lambda a, b: a is b),
    "classattr/singleton_metaclass_safe": drive(lambda m: m, lambda m: m.Settings(), got=lambda a, b: a is b),
    "ctor/built_by_pool_safe": drive(
        lambda m: m.Report,
        lambda r: r("a b\nccc"),
        got=lambda a, b: a.words == b.words == 3 and a.longest == 3,
    ),
    "ctor/class_serial_built_by_main_safe": drive(
        lambda m: (m.Ticket(1), m.Ticket(2)),
        lambda s: s[0].stamp(),
        lambda s: s[1].stamp(),
        keeps=lambda s: [(t.number, t.stamps) for t in s] == [(0, 1), (1, 1)],
    ),
    "ctor/class_serial_built_by_pool_racy": drive(
        lambda m: m.Ticket, lambda t: t(1), keeps=lambda t: t.issued == 2
    ),
    "ctor/live_probe_count_racy": drive(
        lambda m: m, lambda m: m.Probe(10), keeps=lambda m: m.live_probes == 2
    ),
    "ctor/registered_before_finished_racy": drive(
        lambda m: (m, []),
        lambda s: s[0].Sailor("ann"),
        lambda s: (s[1].extend(s[0].CREW), s[0].resupply()),
        keeps=lambda s: s[0].CREW["ann"].rations == 4 or not s[1],
    ),
    "ctor/registered_when_finished_safe": drive(
        lambda m: (m, []),
        lambda s: s[0].Sailor("ann"),
        lambda s: (s[1].extend(s[0].CREW), s[0].resupply()),
        keeps=lambda s: s[0].CREW["ann"].rations == 4 or not s[1],
    ),
    "inherit/acquire_release_methods_safe": drive(
        lambda m: m.Folder(),
        lambda f: f.store("a", b"xy"),
        lambda f: f.store("a", b"x"),
        keeps=lambda f: f.size in (1, 2),
    ),
    "inherit/base_constructor_counts_racy": drive(
        lambda m: m,
        lambda m: m.breed(m.Newt),
        lambda m: m.breed(m.Snail),
        keeps=lambda m: m.Creature.born == 2,
    ),
    "inherit/hook_override_racy": drive(
        lambda m: m.MailPoller(1, ["x", "y"]),
        lambda p: p.on_poll(),
        lambda p: p.mark_seen(1),
        keeps=lambda p: p.unseen == 1,
    ),
    "inherit/hook_updates_own_score_safe": drive(
        lambda m: (m.Collector(), m.Gambler()),
        lambda s: s[0].run(),
        lambda s: s[1].run(),
        keeps=lambda s: (s[0].score, s[1].score) == (10, 31),
    ),
    "inherit/hook_updates_shared_board_racy": drive(
        lambda m: (b := m.Board(), m.Collector(b), m.Collector(b)),
        lambda s: s[1].turn(),
        lambda s: s[2].turn(),
        keeps=lambda s: s[0].points == 4,
    ),
    "inherit/mixin_brings_mutex_safe": drive(
        lambda m: (s := m.Shelf(), s.put(5))[0],
        lambda s: s.put(2),
        lambda s: s.lend(),
        keeps=lambda s: s.books() == 6,
    ),
    "inherit/override_forgets_mutex_racy": drive(
        lambda m: m.ExpressTill(),
        lambda t: t.ring_up(4),
        lambda t: t.refund(2),
        keeps=lambda t: t._takings == 3,
    ),
    "inherit/override_under_reentrant_lock_safe": drive(
        lambda m: m.PrintingTill(),
        lambda t: t.ring_up(4),
        lambda t: t.refund(2),
        keeps=lambda t: t._takings == 2,
    ),
    "inherit/property_override_racy": drive(
        lambda m: m.AuthFeed("u", "t"), lambda f: f.poll(), keeps=lambda f: f._uses == 2
    ),
    "inherit/subclass_adds_second_mutex_racy": drive(
        lambda m: m.HeatedTank(), lambda t: t.fill(5), lambda t: t.evaporate(), keeps=lambda t: t._level == 4
    ),
    "inherit/template_locked_in_base_safe": drive(
        lambda m: m.Mean(), lambda x: x.push(2.0), keeps=lambda x: (x.count, x.total) == (2, 4.0)
    ),
    "tls/connection_per_thread_safe": drive(
        lambda m: m.Database("d"),
        lambda d: (d.query("x"), d._connection().queries)[1],
        got=lambda a, b: a == b == 1,
    ),
    "tls/context_var_safe": drive(
        lambda m: (m.print_tree, []),
        lambda s: s[0](("a", [("b", [])]), s[1]),
        keeps=lambda s: s[1] == ["a\n  b", "a\n  b"],
    ),
    "tls/flush_local_into_total_racy": drive(
        lambda m: m.Grep("x"), lambda g: g.scan(["x"]), keeps=lambda g: g.matches == 2
    ),
    "tls/key_is_own_ident_safe": drive(
        lambda m: (m.work, m.Profiler()), lambda s: s[0](s[1], ["a", "b"]), keeps=lambda s: s[1].total() == 4
    ),
    "tls/local_points_at_shared_racy": drive(
        lambda m: m, lambda m: m.load(1), keeps=lambda m: m.TOTALS.rows == 2
    ),
    "tls/local_subclass_class_total_racy": drive(
        lambda m: m, lambda m: m.read(1), keeps=lambda m: m.Cursor.opened == 2
    ),
    "tls/main_thread_has_its_own_too_safe": drive(
        lambda m: m, lambda m: (m.query(), m.LOCAL.session.queries)[1], got=lambda a, b: a == b == 1
    ),
    "tls/property_over_local_safe": drive(
        lambda m: (m.job, m.Tracer()),
        lambda s: s[0](s[1], ["a"]),
        keeps=lambda s: set(s[1].lines) <= {".a", "..a"},
    ),
    "tls/request_depth_local_safe": drive(
        lambda m: (m.handle, []), lambda s: s[0]("a/b", s[1]), keeps=lambda s: s[1] == [2, 2]
    ),
    "tls/stack_by_getattr_default_safe": drive(
        lambda m: m, lambda m: (m.push("a"), m.pop())[1], got=lambda a, b: a == b == "a"
    ),
    "ownership/barrel_for_each_thread_safe": drive(
        lambda m: (m.Barrel(), m.Barrel()),
        lambda s: s[0].fill(2),
        lambda s: s[1].fill(2),
        keeps=lambda s: s[0].litres == s[1].litres == 2,
    ),
    "ownership/barrel_for_two_threads_racy": drive(
        lambda m: m.Barrel(), lambda b: b.fill(1), keeps=lambda b: b.litres == 2
    ),
    "ownership/barrel_list_repeated_racy": drive(
        lambda m: [m.Barrel()] * 2,
        lambda b: b[0].fill(1),
        lambda b: b[1].fill(1),
        keeps=lambda b: b[0].litres == 2,
    ),
    "ownership/default_argument_racy": drive(
        lambda m: m.scan, lambda scan: scan(["a"]), got=lambda a, b: a.files == 2
    ),
    "ownership/parts_filled_before_publishing_safe": drive(
        lambda m: m, lambda m: m.load("a"), lambda m: m.show(), keeps=lambda m: m.ENTRIES["a"].lines == ["a"]
    ),
    "ownership/property_makes_new_object_safe": drive(
        lambda m: m.Track(), lambda t: t.ride(), got=lambda a, b: a.laps == b.laps == 1
    ),
    "ownership/stats_argument_each_safe": drive(
        lambda m: (m, []),
        lambda s: s[0].scan(["a", "b"], s[0].ScanStats(), s[1]),
        keeps=lambda s: s[1] == [2, 2],
    ),
    "confine/keyed_by_current_thread_safe": drive(
        lambda m: m.Mileage(), lambda x: x.ride([2, 3]), keeps=lambda x: set(x.miles.values()) == {5}
    ),
    "confine/bypass_queue_racy": drive(
        lambda m: m.Link("a"), lambda x: x._transmit("p"), got=lambda a, b: a != b
    ),
    "confine/joined_after_the_loop_racy": drive(
        lambda m: m.Book(), lambda b: b.typeset(300), keeps=lambda b: b.sheets == 4
    ),
    "confine/main_adds_meanwhile_racy": drive(
        lambda m: (m, m.Novel()), lambda s: s[0].ghostwrite(s[1], [5]), keeps=lambda s: s[1].pages == 10
    ),
    "confine/subclass_step_from_main_racy": drive(
        lambda m: m.Motor(1), lambda x: x.run(), lambda x: x.step(), keeps=lambda x: x.position == 2
    ),
    "confine/thread_local_session_safe": drive(
        lambda m: m.Client("u"), lambda c: (c.fetch("/"), c.session.requests)[1], got=lambda a, b: a == b == 1
    ),
    "confine/thread_pool_of_three_racy": drive(
        lambda m: m.Loom(), lambda x: x.weave(3), keeps=lambda x: x.rows == 6
    ),
    "thread_root/callable_object_racy": drive(
        lambda m: m.Stamp("x"), lambda s: s(1), keeps=lambda s: s.uses == 2
    ),
    "thread_root/callable_object_each_safe": drive(
        lambda m: (done := [], m.Stamp("x", done), m.Stamp("y", done)),
        lambda s: s[1](2),
        lambda s: s[2](3),
        keeps=lambda s: sorted(s[0]) == [2, 3],
    ),
    "thread_root/logging_filter_counts_racy": drive(
        lambda m: m.Limit(9), lambda x: x.filter(None), keeps=lambda x: x.passed == 2
    ),
    "thread_root/positional_target_racy": drive(
        lambda m: (m.harvest, m.Silo()), lambda s: s[0](s[1], [4]), keeps=lambda s: s[1].tonnes == 8
    ),
    "thread_root/run_all_helper_racy": drive(
        lambda m: m.Account(), lambda a: a.credit(5), keeps=lambda a: a.cents == 10
    ),
    "thread_root/targets_in_a_tuple_racy": drive(
        lambda m: m.Pump(), lambda p: p.inflate(), lambda p: p.bleed(), keeps=lambda p: p.pressure == 10
    ),
    "thread_root/http_server_attribute_racy": drive(
        lambda m: (type("Server", (), {"orders": 0}), m.MenuHandler),
        lambda s: _handle(s[1], s[0]),
        keeps=lambda s: s[0].orders == 2,
    ),
    "field/class_lock_for_class_cache_racy": drive(
        lambda m: m.Desk(), lambda d: d.stamp(), lambda d: d.cancel(), keeps=lambda d: d.stamped == 0
    ),
    "field/class_lock_for_class_cache_safe": drive(
        lambda m: (m.Desk([max]), m.Desk([max])),
        lambda s: s[0].stamp("x"),
        lambda s: s[1].stamp("x"),
        keeps=lambda s: s[0]._stamped == s[1]._stamped == 1,
    ),
    "field/busy_flag_claims_the_run_safe": drive(
        lambda m: (m.work, m.Press(), []), lambda s: s[0](s[1], s[2]), keeps=lambda s: set(s[2]) == {3}
    ),
    "field/helper_called_on_condition_racy": drive(
        lambda m: (m.Parcel(), m.Parcel()),
        lambda s: s[0].post("abroad"),
        lambda s: s[1].post("abroad"),
        keeps=lambda s: s[0].number != s[1].number,
    ),
    "field/lock_flag_parameter_racy": drive(
        lambda m: m.Larder(), lambda x: x.put(5, lock=False), keeps=lambda x: x.total == 10
    ),
    "field/lock_flag_parameter_safe": drive(
        lambda m: m.Larder(), lambda x: x.put({"jam": 5}), keeps=lambda x: x.weigh() == 10
    ),
    "field/private_class_caller_locks_racy": drive(
        lambda m: m,
        lambda m: m.wrap("a"),
        lambda m: m.wrap_quickly("a"),
        keeps=lambda m: m._odometers.carried == {"a": 2000},
    ),
    "field/private_class_caller_locks_safe": drive(
        lambda m: (m, m.distance("a", 5))[0], lambda m: m.distance("a", 3), got=lambda a, b: a == b == 1003
    ),
    "field/private_helper_of_locked_methods_safe": drive(
        lambda m: m.Inkwell(), lambda x: x.dip(), keeps=lambda x: x.next == 2
    ),
    "field/removed_under_lock_then_own_safe": drive(
        lambda m: (w := m.Wardrobe(), w.hang("ann"))[0],
        lambda w: w.wear("ann"),
        lambda w: w.clean("ann"),
        keeps=lambda w: w._coats["ann"]["worn"] in (0, 1),
    ),
    "field/popped_again_after_wait_safe": drive(
        lambda m: m.Shelf(),
        lambda s: s.put("a"),
        lambda s: s.take(),
        keeps=lambda s: s._taken == 1,
        got=lambda put, item: item == "a",
    ),
    "field/pending_flag_claimed_before_wait_safe": drive(
        lambda m: (m, m.Ferry()),
        lambda s: s[0].trip(s[1]),
        lambda s: s[0].wash(s[1]),
        keeps=lambda s: (s[1]._aboard, s[1]._wanted) == (0, False),
    ),
    "origin/counter_racy": drive(
        lambda m: (m.worker, m.Counter()), lambda s: s[0]("id", 1, s[1]), keeps=lambda s: s[1].count == 2
    ),
}


def _handle(handler: Any, server: Any) -> None:
    """Run do_GET of a request handler as the server does in the thread of a request, without the socket."""
    request = handler.__new__(handler)
    request.server = server
    request.send_response = request.end_headers = lambda *_: None
    request.do_GET()
