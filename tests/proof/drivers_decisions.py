"""Tests and what they decide: checks, lazy making, critical sections that are split."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from explorer import Driver, drive

DRIVERS: dict[str, Driver] = {
    "cta/backlog_alias_pop_racy": drive(
        lambda m: m.Hotel([1]), lambda h: h.clean_all(), keeps=lambda h: h.cleaned == [1]
    ),
    "cta/backlog_pop_and_catch_safe": drive(
        lambda m: m.Hotel([1, 2]), lambda h: h.clean_all(), keeps=lambda h: sorted(h.cleaned) == [1, 2]
    ),
    "cta/cabin_claim_early_return_racy": drive(
        lambda m: m.Ferry(), lambda f: f.claim(7, "ann"), lambda f: f.claim(7, "bob"), got=lambda a, b: a != b
    ),
    "cta/cabin_claim_locked_safe": drive(
        lambda m: m.Ferry(), lambda f: f.claim(7, "ann"), lambda f: f.claim(7, "bob"), got=lambda a, b: a != b
    ),
    "cta/check_outside_act_inside_racy": drive(
        lambda m: m.Shuttle(1), lambda s: s.board("ann"), lambda s: s.board("bob"), got=lambda a, b: a != b
    ),
    "cta/elevator_state_racy": drive(
        lambda m: m.Elevator(), lambda e: e.call(1), lambda e: e.call(2), got=lambda a, b: a != b
    ),
    "cta/elevator_trylock_claim_safe": drive(
        lambda m: (m.Elevator(), []),
        lambda s: s[1].append(s[0].call(1)),
        keeps=lambda s: s[0].trips() == sum(s[1]) > 0,
    ),
    "cta/eviction_oldest_key_racy": drive(
        lambda m: (m, m.tile(1), m.tile(2), m.tile(3))[0], lambda m: m.tile(4), lambda m: m.tile(5)
    ),
    "cta/hasattr_then_delattr_racy": drive(
        lambda m: (p := m.Monitor(), p.raise_alarm("x"))[0], lambda p: p.clear()
    ),
    "cta/high_score_racy": drive(
        lambda m: m.Arcade(), lambda a: a.finish(10), lambda a: a.finish(20), keeps=lambda a: a.best == 20
    ),
    "cta/last_ticket_decrement_racy": drive(
        lambda m: m.Cinema(1), lambda c: c.sell(), keeps=lambda c: c.tickets == 0, got=lambda a, b: a != b
    ),
    "cta/queue_empty_then_get_racy": drive(
        lambda m: m.Kitchen(["pho"]), lambda k: k.cook(), keeps=lambda k: k.served == ["pho"]
    ),
    "cta/sealed_twice_raise_racy": drive(
        lambda m: (m.AlreadySealed, m.BallotBox()),
        lambda s: _refused(s[0], lambda: s[1].seal("ann")),
        lambda s: _refused(s[0], lambda: s[1].seal("bob")),
        keeps=lambda s: len(s[1].signatures) == 1,
    ),
    "cta/seat_booking_racy": drive(
        lambda m: (t := m.Theatre([1]), t.free[1].__delitem__(slice(1, None)))[0],
        lambda t: t.book(1),
        keeps=lambda t: len(t.sold) == 1,
    ),
    "cta/session_in_then_del_racy": drive(lambda m: m, lambda m: m.log_out("ann"), got=lambda a, b: a != b),
    "cta/session_pop_default_safe": drive(
        lambda m: m,
        lambda m: m.log_out("ann"),
        lambda m: m.expire("ann"),
        keeps=lambda m: "ann" not in m.SESSIONS,
        got=lambda a, b: a != b,
    ),
    "cta/sole_owner_assert_racy": drive(
        lambda m: m.AirTank(),
        lambda t: _refused(AssertionError, lambda: t.take("ann")),
        lambda t: _refused(AssertionError, lambda: t.take("bob")),
        got=lambda a, b: a != b,
    ),
    "cta/test_on_other_state_safe": drive(
        lambda m: m.Probe(True, 10),
        lambda p: p.sample(3),
        lambda p: p.sample(4),
        keeps=lambda p: sorted(p.trace) == [3, 4] and p.last in (3, 4),
    ),
    "lazy/atlas_double_checked_safe": drive(
        lambda m: m.Globe(["peru:lima"]), lambda g: g.load(), got=lambda a, b: a is b
    ),
    "lazy/atlas_early_return_racy": drive(
        lambda m: m.Globe(["peru:lima"]), lambda g: g.load(), got=lambda a, b: a is b
    ),
    "lazy/atlas_second_check_missing_racy": drive(
        lambda m: m.Globe(["peru:lima"]), lambda g: g.load(), got=lambda a, b: a is b
    ),
    "lazy/engine_module_lock_safe": drive(
        lambda m: m, lambda m: m.report("select"), keeps=lambda m: len(m.engine().queries) == 2
    ),
    "lazy/filled_before_published_safe": drive(
        lambda m: m, lambda m: m.convert(("USD", 2)), got=lambda a, b: a == b == 186
    ),
    "lazy/gate_on_attribute_error_racy": drive(
        lambda m: m.Turnstile(), lambda t: t.walk_through(), keeps=lambda t: t.passed == 2
    ),
    "lazy/index_hasattr_racy": drive(
        lambda m: m.Library(["moby dick"]),
        lambda x: x.serve("moby"),
        keeps=lambda x: len(x._index.asked) == 2,
    ),
    "lazy/mail_connection_eager_safe": drive(
        lambda m: m.Mailer("mx"), lambda x: x.send("hi"), keeps=lambda x: x.sent() == 2
    ),
    "lazy/mail_connection_racy": drive(
        lambda m: m.Mailer("mx"), lambda x: x.send("hi"), keeps=lambda x: len(x._conn.sent) == 2
    ),
    "lazy/mangled_class_cache_racy": drive(
        lambda m: (m.Painter("a"), m.Painter("b")),
        lambda s: s[0].paint(),
        lambda s: s[1].paint(),
        keeps=lambda s: len(type(s[0])._Painter__fonts.glyphs) == 2,
    ),
    "lazy/metaclass_registry_locked_safe": drive(
        lambda m: m, lambda m: m.Settings(), got=lambda a, b: a is b
    ),
    "lazy/metaclass_registry_racy": drive(lambda m: m, lambda m: m.Settings(), got=lambda a, b: a is b),
    "lazy/number_from_count_racy": drive(lambda m: m.Ticket(), lambda t: t.draw(), got=lambda a, b: a == b),
    "lazy/number_memo_safe": drive(lambda m: m.Puzzle("x"), lambda p: p.solve(4), got=lambda a, b: a == b),
    "lazy/parser_per_thread_object_safe": drive(
        lambda m: (m.import_file, []), lambda s: s[0](["a;b", "c"], s[1]), keeps=lambda s: s[1] == [2, 2]
    ),
    "lazy/pattern_memo_safe": drive(
        lambda m: (m.scan, []), lambda s: s[0]("a bc", s[1]), keeps=lambda s: sorted(s[1]) == [1, 1, 4, 4]
    ),
    "lazy/plan_sentinel_racy": drive(
        lambda m: m.Project(), lambda p: p.extend("roof"), keeps=lambda p: p.plan().steps.count("roof") == 2
    ),
    "lazy/pool_or_make_racy": drive(
        lambda m: m.Printer(), lambda p: p.submit("doc"), keeps=lambda p: p.queued() == 2
    ),
    "lazy/published_before_filled_racy": drive(
        lambda m: m, lambda m: m.convert(("USD", 2)), got=lambda a, b: a == b == 186
    ),
    "lazy/random_id_on_demand_racy": drive(lambda m: m.Node(), lambda n: n.id, got=lambda a, b: a == b),
    "lazy/row_number_registry_racy": drive(
        lambda m: m, lambda m: m.row_of("ann"), lambda m: m.row_of("bob"), got=lambda a, b: a != b
    ),
    "lazy/started_flag_at_end_racy": drive(
        lambda m: m.Heater(), lambda h: h.ignite(), keeps=lambda h: h.log.count("spark") == 1
    ),
    "lazy/started_once_locked_safe": drive(
        lambda m: m.Heater(), lambda h: h.ignite(), keeps=lambda h: h.log.count("spark") == 1
    ),
    "lazy/token_predicate_helper_racy": drive(
        lambda m: (m.Token, m.Api("ann")), lambda s: s[1].call("/"), keeps=lambda s: len(s[0].issued) == 1
    ),
    "lazy/token_refresh_locked_safe": drive(
        lambda m: m.Api(), lambda a: a.call("/"), keeps=lambda a: a.logins() == 1
    ),
    "lazy/tracker_get_into_local_racy": drive(
        lambda m: m.Analytics(), lambda a: a.hit("/", "x"), keeps=lambda a: len(a._trackers["/"].hits) == 2
    ),
    "lazy/tracker_setdefault_safe": drive(
        lambda m: m.Analytics(), lambda a: a.hit("/", "x"), keeps=lambda a: a.hits("/") == 2
    ),
    "lazy/walrus_renderer_racy": drive(
        lambda m: m.Blog("<{}>"), lambda b: b.page("x"), keeps=lambda b: len(b._renderer.pages) == 2
    ),
    "lazy/walrus_under_lock_safe": drive(lambda m: m.Blog, lambda b: b._get(), got=lambda a, b: a is b),
    "split/act_after_release_racy": drive(
        lambda m: (x := m.Leases(), x._until.update(ann=time.time() - 9))[0],
        lambda x: x.reap("ann"),
        lambda x: x.renew("ann"),
        keeps=lambda x: "ann" in x._until,
    ),
    "split/invoice_released_for_call_racy": drive(
        lambda m: m.Invoice(), lambda i: i.charge(100), keeps=lambda i: i.due() == 238
    ),
    "split/lift_act_after_release_racy": drive(
        lambda m: m.Lost(["hat"]), lambda x: x.claim("hat"), got=lambda a, b: a != b
    ),
    "split/lift_decide_then_board_racy": drive(
        lambda m: m.Lift(1), lambda x: x.board("ann"), lambda x: x.board("bob"), keeps=lambda x: x.load() == 1
    ),
    "split/meter_delta_outside_safe": drive(
        lambda m: m.WaterMeter(), lambda w: w.flow(2), keeps=lambda w: w.litres() == 40
    ),
    "split/meter_locals_chain_racy": drive(
        lambda m: m.WaterMeter(), lambda w: w.flow(2), keeps=lambda w: w.litres() == 40
    ),
    "split/property_pair_racy": drive(
        lambda m: m.Thermostat(), lambda t: t.warmer(), keeps=lambda t: t.target == 22
    ),
    "split/rate_compare_and_store_safe": drive(
        lambda m: m.Exchange(100), lambda e: e.trade(10), keeps=lambda e: e.trades() == 2
    ),
    "split/recheck_safe": drive(
        lambda m: m.Geocoder(lambda place: [place]), lambda g: g.locate("oslo"), got=lambda a, b: a is b
    ),
    "split/room_two_locked_calls_racy": drive(
        lambda m: (m.visit, m.Room(1)),
        lambda s: s[0](s[1], "ann"),
        lambda s: s[0](s[1], "bob"),
        keeps=lambda s: len(s[1].people()) == 1,
    ),
    "split/routes_copy_on_write_safe": drive(
        lambda m: m.Router(),
        lambda r: r.advertise("a", 1),
        lambda r: r.advertise("b", 2),
        keeps=lambda r: (r.hop("a"), r.hop("b")) == (1, 2),
    ),
    "split/routes_snapshot_edited_racy": drive(
        lambda m: m.Router(),
        lambda r: r.advertise("a", 1),
        lambda r: r.advertise("b", 2),
        keeps=lambda r: (r.hop("a"), r.hop("b")) == (1, 2),
    ),
    "split/tank_locked_property_racy": drive(
        lambda m: (tank := m.Tank(), m.Pump(tank, 1), m.Pump(tank, 1)),
        lambda s: s[1].run(),
        lambda s: s[2].run(),
        keeps=lambda s: s[0].level == 6,
    ),
    "split/template_load_between_racy": drive(
        lambda m: m.Views(),
        lambda v: v.render("home", "x"),
        keeps=lambda v: len(v.template("home").rendered) == 2,
    ),
    "split/template_second_look_safe": drive(
        lambda m: m.Views(),
        lambda v: v.render("home", "x"),
        keeps=lambda v: len(v.template("home").rendered) == 2,
    ),
    "split/thermostat_adjust_inside_safe": drive(
        lambda m: m.Thermostat(), lambda t: t.adjust(1), keeps=lambda t: t.get() == 22
    ),
    "split/thermostat_get_then_set_racy": drive(
        lambda m: (m.nudge, m.Thermostat()), lambda s: s[0](s[1]), keeps=lambda s: s[1].get() == 22
    ),
    "split/snapshot_only_reported_safe": drive(
        lambda m: m.Scoreboard(),
        lambda s: (s.score("red"), s.refresh()),
        keeps=lambda s: s._points == {"red": 2} and s.headline() in ("red 1", "red 2"),
    ),
}


def _refused(error: type[BaseException], call: Callable[[], Any]) -> bool:
    """Whether the call is refused with this error, as the program means it to be for who comes second."""
    try:
        call()
    except error:
        return True
    return False
