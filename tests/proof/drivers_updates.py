"""Values that are read, changed and stored back, by operators, properties and functions."""

from __future__ import annotations

from explorer import Driver, drive

DRIVERS: dict[str, Driver] = {
    "rmw/bit_mask_racy": drive(
        lambda m: m.Panel(),
        lambda p: p.raise_alarm(0),
        lambda p: p.raise_alarm(1),
        keeps=lambda p: p.alarms == 3,
    ),
    "rmw/board_cell_racy": drive(
        lambda m: m.Board(2), lambda b: b.visit(0, 1), keeps=lambda b: b.steps == [[0, 2], [0, 0]]
    ),
    "rmw/call_in_the_sum_racy": drive(
        lambda m: m.Bill(), lambda b: b.charge(7), keeps=lambda b: b.total == 28
    ),
    "rmw/copy_change_store_racy": drive(
        lambda m: m.Router(),
        lambda r: r.announce("10/8", "a"),
        lambda r: r.announce("172/12", "b"),
        keeps=lambda r: len(r.table) == 2,
    ),
    "rmw/label_stored_in_place_safe": drive(
        lambda m: m.Node(),
        lambda n: n.tag("a", 1),
        lambda n: n.tag("b", 2),
        keeps=lambda n: len(n.labels) == 2,
    ),
    "rmw/list_drained_meanwhile_racy": drive(
        lambda m: m.Sender(),
        lambda s: s.collect([1, 2]),
        lambda s: s.flush(),
        keeps=lambda s: sorted(sum(s.sent, s.readings)) == [1, 2],
    ),
    "rmw/merged_dict_racy": drive(
        lambda m: m.Node(),
        lambda n: n.tag("a", 1),
        lambda n: n.tag("b", 2),
        keeps=lambda n: len(n.labels) == 2,
    ),
    "rmw/numbers_from_itertools_safe": drive(
        lambda m: m.Cloakroom(), lambda c: c.leave("fur"), keeps=lambda c: sorted(c.coats) == [1, 2]
    ),
    "rmw/range_in_one_statement_racy": drive(
        lambda m: m.TideGauge(),
        lambda g: g.measure(-40),
        lambda g: g.measure(-75),
        keeps=lambda g: g.low == -75,
    ),
    "rmw/same_list_stored_back_safe": drive(
        lambda m: m.Queue(),
        lambda q: q.join("ida"),
        lambda q: q.join("per"),
        keeps=lambda q: sorted(q.waiting) == ["ida", "per"],
    ),
    "rmw/set_grown_in_place_safe": drive(
        lambda m: m.Panel(),
        lambda p: p.raise_alarm(0),
        lambda p: p.raise_alarm(1),
        keeps=lambda p: p.zones == {0, 1},
    ),
    "rmw/set_of_get_racy": drive(
        lambda m: (m.climb, m.Altimeter()), lambda s: s[0](s[1], 300), keeps=lambda s: s[1].get() == 600
    ),
    "rmw/setattr_getattr_racy": drive(
        lambda m: (m.observe, m.Weather()), lambda s: s[0](s[1], 1), keeps=lambda s: s[1].sunny == 2
    ),
    "rmw/setattr_loop_racy": drive(lambda m: m.Counters(), lambda c: c.bump("ok"), keeps=lambda c: c.ok == 2),
    "rmw/user_defined_iadd_racy": drive(
        lambda m: m.Orchard(), lambda o: o.pick(10), keeps=lambda o: o.apples.n == 20
    ),
    "rmw/walrus_number_racy": drive(
        lambda m: m.Cloakroom(), lambda c: c.leave("fur"), keeps=lambda c: len(c.coats) == 2
    ),
    "iadd/counter_plus_counter_racy": drive(
        lambda m: m.Census(),
        lambda c: c.add(["wren"]),
        lambda c: c.add(["owl"]),
        keeps=lambda c: c.birds == {"wren": 1, "owl": 1},
        inside=("collections",),
    ),
    "iadd/hooks_list_plus_racy": drive(
        lambda m: m.Plugins(),
        lambda p: p.register("a", str),
        lambda p: p.register("b", str),
        keeps=lambda p: len(p.hooks) == len(p.names) == 2,
    ),
    "iadd/immutable_values_racy": drive(
        lambda m: m.Expedition(),
        lambda e: e.report("ann", 0),
        lambda e: e.report("bob", 1),
        keeps=lambda e: len(e.stops) == len(e.species) == 2 and e.flags == 3,
    ),
    "iadd/in_place_operators_safe": drive(
        lambda m: m.Expedition(),
        lambda e: e.report("ann", ["owl"]),
        lambda e: e.report("bob", ["elk"]),
        keeps=lambda e: (
            [len(x) for x in (e.notes, e.species, e.positions, e.raw, e.track)] == [2, 2, 2, 6, 2]
        ),
    ),
    "iadd/local_alias_extended_safe": drive(
        lambda m: m.Score(["alto"]), lambda s: s.write("alto", [1, 2]), keeps=lambda s: len(s.all_notes) == 4
    ),
    "iadd/module_buffer_rebound_racy": drive(
        lambda m: m,
        lambda m: m.read(1),
        lambda m: m.ship(),
        keeps=lambda m: sorted(m.shipped + m.buffer) == [1, 2],
    ),
    "iadd/outbox_rebound_by_flush_racy": drive(
        lambda m: m.Outbox(),
        lambda o: o.post("a"),
        lambda o: o.flush(),
        keeps=lambda o: o.sent + o.messages == ["a"],
    ),
    "iadd/outbox_swapped_under_lock_safe": drive(
        lambda m: m.Outbox(),
        lambda o: o.post("a"),
        lambda o: o.flush(),
        keeps=lambda o: (o._sent + o._messages).count("a") == 1,
    ),
    "iadd/set_rebound_elsewhere_racy": drive(
        lambda m: (b := m.Blocklist(), b.block(["old"]))[0],
        lambda b: b.block(["new"]),
        lambda b: b.sweep(),
        keeps=lambda b: "old" not in b.hosts,
    ),
    "hidden/getter_setter_methods_racy": drive(
        lambda m: m.Bookmark(), lambda b: b.read_on(3), keeps=lambda b: b.get_pages() == 6
    ),
    "hidden/interest_through_method_racy": drive(
        lambda m: m.Savings(100),
        lambda s: s.credit(),
        lambda s: s.pay_in(100),
        keeps=lambda s: s.cents in (205, 210),
    ),
    "hidden/locals_under_one_lock_safe": drive(
        lambda m: m.Reservoir(100), lambda r: r.day(10, 0), keeps=lambda r: r.level() == 120
    ),
    "hidden/match_on_phase_locked_safe": drive(
        lambda m: m.Launch(), lambda x: x.advance(), keeps=lambda x: x.phase() == "fire"
    ),
    "hidden/match_on_phase_racy": drive(
        lambda m: m.Launch(), lambda x: x.advance(), keeps=lambda x: x.phase == "fire"
    ),
    "hidden/old_value_only_logged_safe": drive(
        lambda m: m.Display(),
        lambda d: d.dim_to(10),
        lambda d: d.dim_to(90),
        keeps=lambda d: d.brightness in (10, 90) and len(d.changes) == 2,
    ),
    "hidden/other_objects_slot_locked_safe": drive(
        lambda m: (pool := m.Pool(2), m.Client(pool), m.Client(pool)),
        lambda s: s[1].run(),
        lambda s: s[2].run(),
        keeps=lambda s: s[0].slots == 2,
    ),
    "hidden/other_objects_slot_racy": drive(
        lambda m: (pool := m.Pool(2), m.Client(pool), m.Client(pool)),
        lambda s: s[1].run(),
        lambda s: s[2].run(),
        keeps=lambda s: s[0].slots == 2,
    ),
    "hidden/port_counter_wraps_locked_safe": drive(
        lambda m: m.PortAllocator(), lambda a: a.next_port(), got=lambda a, b: a != b
    ),
    "hidden/port_counter_wraps_racy": drive(
        lambda m: m.PortAllocator(), lambda a: a.next_port(), got=lambda a, b: a != b
    ),
    "hidden/read_here_store_there_safe": drive(
        lambda m: (m.shop, m.Catalogue(), []),
        lambda s: s[0](s[1], 2, s[2]),
        keeps=lambda s: s[2] == [500, 500],
    ),
    "hidden/reservoir_many_locals_racy": drive(
        lambda m: m.Reservoir(100), lambda r: r.day(10, 0), keeps=lambda r: r.level == 120
    ),
    "hidden/setattr_of_a_parameter_racy": drive(
        lambda m: m.Stats(), lambda s: s.bump("hits"), keeps=lambda s: s.hits == 2
    ),
    "hidden/summary_rebuilt_from_old_racy": drive(
        lambda m: m.Histogram(), lambda h: h.add(4.0), keeps=lambda h: h.current.count == 2
    ),
    "hidden/summary_rebuilt_under_lock_safe": drive(
        lambda m: m.Histogram(), lambda h: h.add(4.0), keeps=lambda h: h.current.count == 2
    ),
    "hidden/tuple_and_nested_targets_racy": drive(
        lambda m: m.Weather(),
        lambda w: w.reading("a", 5),
        lambda w: w.reading("b", 30),
        keeps=lambda w: (w.low, w.high, w.serial) == (5, 30, 2),
    ),
    "hidden/walrus_inside_store_racy": drive(
        lambda m: m.Receipt(), lambda r: r.add(50), keeps=lambda r: r.total == 100
    ),
    "prop/call_counts_itself_racy": drive(
        lambda m: m.Greeter("hi"), lambda g: g("ann"), keeps=lambda g: g.calls == 2
    ),
    "prop/call_takes_lock_safe": drive(
        lambda m: m.Greeter("hi"), lambda g: g("ann"), got=lambda a, b: a != b
    ),
    "prop/descriptor_in_instance_dict_racy": drive(
        lambda m: m.Barn(), lambda b: b.stack(3), keeps=lambda b: b.bales == 6
    ),
    "prop/descriptor_locked_step_safe": drive(
        lambda m: m.Barn(), lambda b: b.stack(3), keeps=lambda b: b.count() == 6
    ),
    "prop/getitem_setitem_racy": drive(
        lambda m: (m.play, m.Board()), lambda s: s[0](s[1], ["a1"]), keeps=lambda s: s[1]["a1"] == 2
    ),
    "prop/iadd_returns_new_object_racy": drive(
        lambda m: m.Road(), lambda r: r.pave(5), keeps=lambda r: r.paved.metres == 10
    ),
    "prop/iadd_returns_self_locked_safe": drive(
        lambda m: m.Club(), lambda c: c.reward(5), keeps=lambda c: c.account.points() == 10
    ),
    "prop/iadd_returns_self_unguarded_racy": drive(
        lambda m: m.Club(), lambda c: c.reward(5), keeps=lambda c: c.account.points == 10
    ),
    "prop/len_and_contains_count_racy": drive(
        lambda m: m, lambda m: m.check("oak"), keeps=lambda m: m.TREES.lookups == m.TREES.measured == 2
    ),
    "prop/locked_increment_beside_property_safe": drive(
        lambda m: m.Volume(), lambda v: v.louder(), keeps=lambda v: v.level == 7
    ),
    "prop/mode_setter_only_safe": drive(
        lambda m: (m.turn_knob, m.Radio()),
        lambda s: s[0](s[1], ["am"]),
        lambda s: s[0](s[1], ["dab"]),
        keeps=lambda s: s[1].mode in ("am", "dab"),
    ),
    "prop/property_under_callers_lock_safe": drive(
        lambda m: (m.pedal, m.Bike()), lambda s: s[0](s[1], 2), keeps=lambda s: s[1].speed == 4
    ),
    "prop/setattr_of_getattr_racy": drive(
        lambda m: (m.interview, m.Survey()), lambda s: s[0](s[1], "ok"), keeps=lambda s: s[1].answers == 2
    ),
    "prop/speed_getter_setter_racy": drive(
        lambda m: (m.pedal, m.Bike()), lambda s: s[0](s[1], 1), keeps=lambda s: s[1].speed == 2
    ),
    "prop/vars_and_dict_racy": drive(
        lambda m: (m.load, m.Shipment()), lambda s: s[0](s[1], 5), keeps=lambda s: s[1].weight == 10
    ),
    "prop/vars_under_lock_safe": drive(
        lambda m: m.Shipment(),
        lambda s: (s.load(5), s.bump("crates", 1)),
        keeps=lambda s: s.manifest() == (4, 10),
    ),
    "atomic/append_of_last_plus_one_racy": drive(
        lambda m: m.Chain(), lambda c: c.mine(), keeps=lambda c: c.heights == [0, 1, 2]
    ),
    "atomic/report_number_from_last_racy": drive(
        lambda m: m.Dashboard(), lambda d: d.refresh([1]), keeps=lambda d: d.report.number == 2
    ),
    "atomic/running_sum_racy": drive(
        lambda m: m.Stall(), lambda s: s.sell(5), keeps=lambda s: s.takings == 10
    ),
    "atomic/append_now_sum_later_safe": drive(
        lambda m: (m.trade, m.Stall()), lambda s: s[0](s[1], [5, 7]), keeps=lambda s: s[1].takings() == 24
    ),
    "atomic/setdefault_append_pop_safe": drive(
        lambda m: m.Depot(),
        lambda d: d.arrive("york", [1, 3]),
        lambda d: d.arrive("york", [7]),
        lambda d: d.depart("york"),
        keeps=lambda d: {1, 7} <= d.urgent and d.late == [7],
    ),
    "atomic/single_writer_copy_on_write_safe": drive(
        lambda m: m.Zone(),
        lambda z: (z.publish("a", 1), z.publish("b", 2)),
        lambda z: (z.resolve("b"), z.resolve("a")),
        keeps=lambda z: z.table == {"a": 1, "b": 2},
        got=lambda published, seen: seen != (2, None),
    ),
    "atomic/two_writers_copy_on_write_racy": drive(
        lambda m: m.Zone(),
        lambda z: z.publish("a", 1),
        lambda z: z.publish("b", 2),
        keeps=lambda z: len(z.table) == 2,
    ),
}
