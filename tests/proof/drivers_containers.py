"""Containers: items, walks over them, iterators and generators."""

from __future__ import annotations

import queue
from collections import deque

from explorer import Driver, drive

DRIVERS: dict[str, Driver] = {
    "container/agenda_heap_racy": drive(
        lambda m: (a := m.Agenda(), [a.plan(h, "x") for h in (5, 3, 9)])[0],
        lambda a: a.plan(1, "y"),
        lambda a: a.plan(2, "z"),
        keeps=lambda a: a.visits[0].hour == 1 and len(a.visits) == 5,
        inside=("heapq",),
    ),
    "container/best_price_racy": drive(
        lambda m: m.PriceBoard(),
        lambda b: b.quote("A", "x", 9.0),
        lambda b: b.quote("A", "y", 7.0),
        keeps=lambda b: b.best["A"] == 9.0,
    ),
    "container/counter_update_locked_safe": drive(
        lambda m: m,
        lambda m: m.checkout({"tea": 2}),
        lambda m: (m.checkout({"tea": 3}), m.close_day())[1],
        keeps=lambda m: m._sold["tea"] in (0, 2),
        inside=("collections",),
    ),
    "container/counter_update_mapping_racy": drive(
        lambda m: (s := m.Shop(), s.sold.update(tea=1))[0],
        lambda s: s.checkout({"tea": 2}),
        keeps=lambda s: s.sold["tea"] == 5,
        inside=("collections",),
    ),
    "container/expired_prefix_deleted_racy": drive(
        lambda m: m.Leases([1, 2, 8, 9]), lambda x: x.expire(5), keeps=lambda x: x.ends == [8, 9]
    ),
    "container/expired_prefix_locked_safe": drive(
        lambda m: m.Leases([1, 2, 8, 9]), lambda x: x.expire(5), keeps=lambda x: x.ends == [8, 9]
    ),
    "container/own_slot_by_index_safe": drive(
        lambda m: (m.sum_slice, [0, 0]),
        lambda s: s[0](0, [1, 2], s[1]),
        lambda s: s[0](1, [3, 4], s[1]),
        keeps=lambda s: s[1] == [3, 7],
    ),
    "container/patient_id_max_plus_one_racy": drive(
        lambda m: m.Clinic(),
        lambda c: c.admit("ann"),
        lambda c: c.admit("bob"),
        keeps=lambda c: c.headcount() == 3,
    ),
    "container/popleft_caught_safe": drive(
        lambda m: m.Spool(["a", "b"]), lambda s: s.printer(), keeps=lambda s: sorted(s.printed) == ["A", "B"]
    ),
    "container/previous_value_paired_racy": drive(
        lambda m: m.Wellhead(),
        lambda w: w.report("v", 1),
        lambda w: w.report("v", 2),
        keeps=lambda w: w.pressure["v"][0] is not None,
    ),
    "container/rain_grid_racy": drive(
        lambda m: m.RainMap(2, 2), lambda r: r.drop(0, 1), keeps=lambda r: r.wettest() == 2
    ),
    "container/row_written_back_safe": drive(
        lambda m: m.Timesheet(["ann"]),
        lambda t: t.punch("ann", 8),
        lambda t: t.punch("ann", 9),
        keeps=lambda t: sorted(t.rows["ann"]) == [8, 9],
    ),
    "container/seat_grid_locked_safe": drive(
        lambda m: m.Hall(1, 2),
        lambda h: h.book(0, 1),
        keeps=lambda h: h.taken() == 1,
        got=lambda a, b: a != b,
    ),
    "container/sequence_setdefault_then_store_racy": drive(
        lambda m: m.Broker(), lambda b: b.publish("c", "x"), got=lambda a, b: a != b
    ),
    "container/shared_slot_by_modulo_racy": drive(
        lambda m: (m.clock_lap, [0, 0]), lambda s: s[0](1, [7], s[1]), keeps=lambda s: s[1] == [0, 14]
    ),
    "container/stock_dict_subclass_racy": drive(
        lambda m: m.Stock(), lambda s: s.receive("nut", 2), keeps=lambda s: s.available("nut") == 4
    ),
    "container/ticket_number_from_length_racy": drive(
        lambda m: m.TicketPrinter(), lambda p: p.draw("a"), got=lambda a, b: a != b
    ),
    "container/ticket_number_locked_safe": drive(
        lambda m: m.TicketPrinter(),
        lambda p: p.draw("a"),
        keeps=lambda p: p.numbers() == [1, 2],
        got=lambda a, b: a != b,
    ),
    "container/vote_tally_racy": drive(
        lambda m: m.Election(), lambda e: e.cast("x"), keeps=lambda e: e.tally == {"x": 2}
    ),
    "container/word_tally_get_racy": drive(
        lambda m: m, lambda m: m.read_page("the"), keeps=lambda m: m.TALLY == {"the": 2}
    ),
    "iteration/callbacks_list_removed_racy": drive(
        lambda m: (p := m.Publisher(), heard := [], [p.subscribe(f) for f in (str, heard.append)]),
        lambda s: s[0].publish("x"),
        lambda s: s[0].unsubscribe(str),
        keeps=lambda s: s[1] == ["x"],
    ),
    "iteration/copy_on_write_safe": drive(
        lambda m: (h := m.Hooks(), heard := [], h.add("a", lambda name, event: heard.append(name))),
        lambda s: s[0].fire("x"),
        lambda s: s[0].add("b", lambda name, event: None),
        lambda s: s[0].add("c", lambda name, event: None),
        keeps=lambda s: s[1] == ["a"] and len(s[0]._by_name) == 3,
    ),
    "iteration/listeners_dict_racy": drive(
        lambda m: (b := m.Bus(), b.register("a", str), b.register("b", str))[0],
        lambda b: b.notify("x"),
        lambda b: b.register("c", str),
    ),
    "iteration/listeners_list_of_items_safe": drive(
        lambda m: (b := m.Bus(), b.register("a", b.heard.append), b.register("b", str))[0],
        lambda b: b.notify("x"),
        lambda b: (b.register("c", str), b.forget("b")),
        keeps=lambda b: b.heard == [("a", "x")],
    ),
    "iteration/log_list_append_only_safe": drive(
        lambda m: m.Journal(),
        lambda j: j.longest(),
        lambda j: (j.write("a"), j.write("long line")),
        got=lambda line, written: line in ("opened", "long line"),
    ),
    "iteration/one_step_copies_safe": drive(
        lambda m: (y := m.Yard(), [], y.arrive("w1", 1)),
        lambda s: s[0].survey(s[1]),
        lambda s: (s[0].arrive("w2", 2), s[0].depart("w2")),
        keeps=lambda s: "w1" in s[1],
    ),
    "iteration/rooms_items_racy": drive(
        lambda m: (m, m.check_in(1, 2), m.check_in(2, 1))[0],
        lambda m: m.bill_all(80),
        lambda m: m.check_in(3, 1),
    ),
    "iteration/sensor_deque_mean_racy": drive(
        lambda m: (b := m.Buoy(), b.waves.extend([1, 2]))[0],
        lambda b: b.height(),
        lambda b: b.waves.append(3),
    ),
    "iteration/session_set_comprehension_racy": drive(
        lambda m: (c := m.Chat(), c.join(m.Session("a")), c.join(m.Session("b")), m.Session("c")),
        lambda s: s[0].users(),
        lambda s: s[0].join(s[3]),
    ),
    "iteration/subscribers_snapshot_locked_safe": drive(
        lambda m: (c := m.Channel("x"), c.add(max))[0],
        lambda c: c.broadcast("hi"),
        lambda c: (c.add(min), c.drop(max)),
        keeps=lambda c: len(c) == 1,
    ),
    "iteration/subscribers_unlocked_walk_racy": drive(
        lambda m: (c := m.Channel("x"), c.add(max))[0], lambda c: c.broadcast("hi"), lambda c: c.add(min)
    ),
    "iteration/watchers_copy_on_write_safe": drive(
        lambda m: (v := m.Valve(), heard := [], v.watch(heard.append)),
        lambda s: s[0].turn(90),
        lambda s: s[0].watch(str),
        lambda s: s[0].watch(abs),
        keeps=lambda s: s[1] == [90] and len(s[0]._watchers) == 3,
    ),
    "iteration/window_mean_racy": drive(
        lambda m: (x := m.Latency(int), x.window.extend([1, 2]))[0],
        lambda x: x.above(1),
        lambda x: x.window.append(9),
    ),
    "generator/endless_one_hides_nothing_racy": drive(
        lambda m: m.Desk(), lambda d: d.visit(), keeps=lambda d: d.visitors == 2
    ),
    "generator/endless_ticket_numbers_racy": drive(
        lambda m: m.Desk("a"), lambda d: d.issue(), keeps=lambda d: len(d.issued) == 2
    ),
    "generator/feeder_thread_owns_safe": drive(
        lambda m: (m, queue.Queue(), []),
        lambda s: s[0].feed(s[0].crates(2), s[1], 1),
        lambda s: s[0].pack(s[1], s[2]),
        keeps=lambda s: s[2] == ["crate-0", "crate-1"],
    ),
    "generator/for_over_one_generator_racy": drive(
        lambda m: (m.consume, m.letters("ab"), []),
        lambda s: s[0](s[1], s[2]),
        keeps=lambda s: sorted(s[2]) == ["A", "B"],
    ),
    "generator/generator_per_thread_safe": drive(
        lambda m: (m.consume, []), lambda s: s[0]("ab", s[1]), keeps=lambda s: s[1] == ["AB", "AB"]
    ),
    "generator/itertools_count_ids_safe": drive(
        lambda m: (m.waiter, []),
        lambda s: s[0](["pho", "bun"], s[1]),
        keeps=lambda s: len({o.id for o in s[1]}) == 4,
    ),
    "generator/locked_iterator_class_safe": drive(
        lambda m: (m.work, m.OneAtATime(m.squares(3)), []),
        lambda s: s[0](s[1], s[2]),
        keeps=lambda s: sorted(s[2]) == [0, 1, 4],
    ),
    "generator/main_and_worker_share_racy": drive(
        lambda m: (x := m.Launch(), setattr(x, "ticks", m.countdown(2)))[0],
        lambda x: x.announce(),
        keeps=lambda x: sorted(x.called) == [1, 2],
    ),
    "generator/page_feed_locked_safe": drive(
        lambda m: m.Feed(2), lambda f: f.fetch(0), got=lambda a, b: {a, b} == {"page 1", "page 2"}
    ),
    "generator/page_feed_next_racy": drive(
        lambda m: m.Feed(2), lambda f: f.fetch(0), got=lambda a, b: {a, b} == {"page 1", "page 2"}
    ),
    "generator/send_to_shared_coroutine_racy": drive(
        lambda m: m.Gauge(), lambda g: g.sample(4), keeps=lambda g: g.shown == [4, 4]
    ),
    "perkey/striped_locks_safe": drive(
        lambda m: m.Striped(2), lambda s: s.add("a", 3), keeps=lambda s: {"a": 6} in s._shards
    ),
    "confine/ident_bucket_racy": drive(
        lambda m: m.Mileage(), lambda x: x.ride([5]), keeps=lambda x: sum(x.buckets) == 10
    ),
    "field/taken_out_of_deque_racy": drive(
        lambda m: (b := m.Belt(), b.put(9))[0], lambda b: b.move(), keeps=lambda b: b._waiting[0]["left"] == 3
    ),
    "field/drained_after_swap_safe": drive(
        lambda m: (o := m.Orchard(), o.pick(2), []),
        lambda s: s[0].pick(3),
        lambda s: s[2].append(s[0].press()),
        keeps=lambda s: s[2][0] + sum(s[0]._crate) == 5,
    ),
    "atomic/queue_event_count_safe": drive(
        lambda m: (h := m.Hall(), h.open.set())[0],
        lambda h: h.visit("ann"),
        lambda h: h.visit("bob"),
        keeps=lambda h: [number for number, _ in h.called(2)] == [1, 2],
    ),
    "cases/container_queue_get_and_catch_safe": drive(
        lambda m: (m, m.jobs.put(1), m.jobs.put(2))[0],
        lambda m: m.consume(),
        keeps=lambda m: sorted(m.done) == [1, 2],
    ),
    "cases/hb_queue_producer_keeps_editing_racy": drive(
        lambda m: (m, queue.Queue(), []),
        lambda s: s[0].pack(["a"], s[1]),
        lambda s: s[0].ship(s[1], s[2]),
        keeps=lambda s: [p.scans for p in s[2]] == [2],
    ),
    "hb/queue_hands_the_letter_over_safe": drive(
        lambda m: (m, queue.Queue(), []),
        lambda s: s[0].write(["a", "b"], s[1]),
        lambda s: s[0].clerk(s[1], s[2]),
        keeps=lambda s: [x.stamps for x in s[2]] == [2, 2],
    ),
    "ownership/loaf_handed_over_safe": drive(
        lambda m: (m, queue.Queue(), []),
        lambda s: s[0].bake(s[1]),
        lambda s: s[0].pack(s[1], s[2]),
        keeps=lambda s: [x.stamps for x in s[2]] == [2, 2, 2],
    ),
    "ownership/published_then_edited_racy": drive(
        lambda m: (m, deque(), []),
        lambda s: s[0].pack("a", s[1]),
        lambda s: (s[2].extend(s[1]), s[0].inspect(s[1])),
        keeps=lambda s: s[1][0].checks == 3 or not s[2],
    ),
}
