"""Locks under other names, for each object or key, in decorators and context managers."""

from __future__ import annotations

import threading

from explorer import Driver, drive

DRIVERS: dict[str, Driver] = {
    "alias/condition_wait_stale_racy": drive(
        lambda m: m.Barrage(),
        lambda b: b.arm(),
        lambda b: b.fire(),
        lambda b: b.fire(),
        keeps=lambda b: b._shots == 2,
    ),
    "alias/first_of_zip_racy": drive(
        lambda m: m, lambda m: m.rebalance([1, 2]), keeps=lambda m: [s.weight for s in m.shards] == [2, 4]
    ),
    "alias/for_target_objects_racy": drive(
        lambda m: m.Balancer(["a", "b"]),
        lambda b: b.rebalance([1, 2]),
        keeps=lambda b: b.shards[1].weight == 4,
    ),
    "alias/getter_two_hops_racy": drive(
        lambda m: m.Gateway(["a"]), lambda g: g.handle("a"), keeps=lambda g: g.tenant("a").usage().calls == 2
    ),
    "alias/lock_local_name_safe": drive(
        lambda m: m.Mailbox(),
        lambda b: (b.deliver("x"), b.deliver("y")),
        lambda b: b.read(),
        keeps=lambda b: b._unread == len(b._messages) == 1,
    ),
    "alias/mutex_from_property_safe": drive(
        lambda m: m.Orchestra(), lambda o: o.play(1), lambda o: o.rehearse(3), keeps=lambda o: o.bars() == -2
    ),
    "alias/mutex_local_name_safe": drive(
        lambda m: m.Quarry(),
        lambda q: q.haul([5]),
        lambda q: q.write_down(2),
        keeps=lambda q: q.tonnes() == 3,
    ),
    "alias/price_list_copied_safe": drive(
        lambda m: m.PriceList([100, 200]),
        lambda p: p.with_surcharge(10),
        keeps=lambda p: p.prices == [100, 200],
        got=lambda a, b: a == b == 330,
    ),
    "alias/row_of_shared_table_racy": drive(
        lambda m: m.SalesTable(["n"]), lambda t: t.sell("n"), keeps=lambda t: t.rows["n"]["sold"] == 2
    ),
    "alias/tally_local_name_racy": drive(
        lambda m: m.Canteen(), lambda c: c.serve(1), keeps=lambda c: c.tally.served == 2
    ),
    "alias/two_turnstiles_one_gate_safe": drive(
        lambda m: (
            crowd := m.Crowd(),
            gate := threading.Lock(),
            m.Turnstile(crowd, gate),
            m.Turnstile(crowd, gate),
        ),
        lambda s: s[2].admit(1),
        lambda s: s[3].admit(1),
        keeps=lambda s: s[0].inside == 2,
    ),
    "alias/two_turnstiles_two_gates_racy": drive(
        lambda m: (crowd := m.Crowd(), m.Turnstile(crowd), m.Turnstile(crowd)),
        lambda s: s[1].admit(1),
        lambda s: s[2].admit(1),
        keeps=lambda s: s[0].inside == 2,
    ),
    "alias/vaults_both_held_safe": drive(
        lambda m: (m.move, m.Vault(5), m.Vault(5)),
        lambda s: s[0](s[1], s[2], 1),
        lambda s: s[2].mint(3),
        keeps=lambda s: (s[1].coins, s[2].coins) == (4, 9),
    ),
    "alias/vaults_only_source_held_racy": drive(
        lambda m: (m.move, m.Vault(5), m.Vault(5)),
        lambda s: s[0](s[1], s[2], 1),
        lambda s: s[2].mint(3),
        keeps=lambda s: (s[1].coins, s[2].coins) == (4, 9),
    ),
    "perlock/default_argument_safe": drive(
        lambda m: (m.herd, m.Pen()), lambda s: s[0](s[1], 2), keeps=lambda s: s[1].sheep == 4
    ),
    "perlock/if_lock_racy": drive(lambda m: m, lambda m: m.vote(), keeps=lambda m: m.votes == 2),
    "perlock/local_mutex_racy": drive(lambda m: m, lambda m: m.park(1), keeps=lambda m: m.parked == 2),
    "perlock/lock_for_each_room_safe": drive(
        lambda m: m.Hostel(["a"]), lambda h: h.check_in("a"), keeps=lambda h: h.free("a") == 6
    ),
    "perlock/lock_of_each_holder_racy": drive(
        lambda m: (p := m.Progress(), m.Uploader(p), m.Uploader(p)),
        lambda s: s[1].push(),
        lambda s: s[2].push(),
        keeps=lambda s: s[0].sent == 2,
    ),
    "perlock/new_lock_from_property_racy": drive(
        lambda m: m.Orchestra(), lambda o: o.play(1), keeps=lambda o: o._bars == 2
    ),
    "perlock/per_worker_lock_racy": drive(
        lambda m: (p := m.Progress(), m.Uploader(["ab"], p), m.Uploader(["cd"], p)),
        lambda s: s[1].run(),
        lambda s: s[2].run(),
        keeps=lambda s: s[0].sent == 4,
    ),
    "perlock/rebound_between_halves_racy": drive(
        lambda m: m.Scoreboard(),
        lambda b: b.goal(),
        lambda b: b.goal(),
        lambda b: b.next_half(),
        keeps=lambda b: b._goals == 2,
    ),
    "perlock/stripe_lock_over_total_racy": drive(
        lambda m: m.Cache(), lambda c: c.get(1), lambda c: c.get(2), keeps=lambda c: c.misses == 2
    ),
    "perlock/striped_total_racy": drive(
        lambda m: m.StripedCache(),
        lambda c: c.get(1, str),
        lambda c: c.get(2, str),
        keeps=lambda c: c.misses == 2,
    ),
    "perlock/two_accounts_ordered_safe": drive(
        lambda m: m.Bank(["a", "b"]),
        lambda b: b.transfer(0, 1, 10),
        lambda b: b.transfer(1, 0, 30),
        keeps=lambda b: [a.cents for a in b.accounts] == [1020, 980],
    ),
    "perlock/while_lock_racy": drive(
        lambda m: m.TicketMachine(), lambda t: t.next_ticket(), got=lambda a, b: a != b
    ),
    "perlock/with_constructor_racy": drive(
        lambda m: m.Fountain(), lambda f: f.toss(2), keeps=lambda f: f.coins == 4
    ),
    "perkey/account_lock_table_safe": drive(
        lambda m: (b := m.Bank(["a"]), b.deposit("a", 5))[0],
        lambda b: b.withdraw("a", 4),
        got=lambda a, b: a != b,
    ),
    "perkey/bank_total_under_account_lock_racy": drive(
        lambda m: m.Bank(["a", "b"]),
        lambda b: b.deposit("a", 1),
        lambda b: b.deposit("b", 2),
        keeps=lambda b: b._total == 3,
    ),
    "perkey/lock_inside_the_record_safe": drive(
        lambda m: m.Museum(["a"]), lambda x: x.enter("a"), keeps=lambda x: x.rooms["a"].visitors == 2
    ),
    "perkey/lock_made_under_master_safe": drive(
        lambda m: m.RateLimit(), lambda r: r.allow("ann", 1), got=lambda a, b: a != b
    ),
    "perkey/lock_on_demand_racy": drive(
        lambda m: m.Thumbnails(), lambda t: t.render("a", 3), keeps=lambda t: t._sizes == {"a": 6}
    ),
    "perkey/lock_setdefault_safe": drive(
        lambda m: m.Thumbnails(), lambda t: t.render("a", 3), keeps=lambda t: t._sizes == {"a": 6}
    ),
    "perkey/one_room_lock_for_another_racy": drive(
        lambda m: (m, m.Room("a", 1), m.Room("b")),
        lambda s: s[0].walk_on(s[1], s[2]),
        lambda s: s[0].enter(s[2]),
        keeps=lambda s: s[2].visitors == 2,
    ),
    "perkey/slot_modulo_racy": drive(
        lambda m: (m.count, [0, 0]), lambda s: s[0](["ab"], s[1], 1), keeps=lambda s: s[1] == [0, 4]
    ),
    "perkey/striped_locks_same_key_safe": drive(
        lambda m: m.Scores(), lambda s: s.add(3, 10), keeps=lambda s: s.points(3) == 20
    ),
    "perkey/transfer_wrong_key_racy": drive(
        lambda m: m.Shelves(["a", "b"]),
        lambda x: x.move("a", "b", 2),
        lambda x: x.lend("b"),
        keeps=lambda x: x._books["b"] == 11,
    ),
    "ctxmgr/acquire_try_yield_finally_safe": drive(
        lambda m: m, lambda m: m.add(2), keeps=lambda m: m._sum == 4
    ),
    "ctxmgr/class_enter_takes_lock_safe": drive(
        lambda m: m.Furnace(), lambda f: f.cast(2), keeps=lambda f: f.ingots() == 4
    ),
    "ctxmgr/exitstack_callback_safe": drive(
        lambda m: m.Archive(), lambda a: a.add("x", b"ab"), keeps=lambda a: (a.size, a.names) == (4, ["x"])
    ),
    "ctxmgr/fresh_lock_in_manager_racy": drive(
        lambda m: m, lambda m: m.walk("in"), keeps=lambda m: m.counts["in"] == 2
    ),
    "ctxmgr/handed_out_transaction_safe": drive(
        lambda m: (m, m.Bank()),
        lambda s: s[0].shop(s[1], 300),
        lambda s: s[0].salary(s[1]),
        keeps=lambda s: s[1]._account.cents == 1200,
    ),
    "ctxmgr/optional_lock_omitted_racy": drive(
        lambda m: m.Progress(2), lambda p: p.step(), keeps=lambda p: p.done == 2
    ),
    "ctxmgr/own_lock_class_safe": drive(
        lambda m: (m.Greenhouse(), []),
        lambda s: s[0].plant(3),
        lambda s: s[1].append(s[0].harvest()),
        keeps=lambda s: s[0]._plants + s[1][0] == 3,
    ),
    "ctxmgr/stack_closed_before_update_racy": drive(
        lambda m: m.Archive(), lambda a: a.store(1), keeps=lambda a: a.filed == 2
    ),
    "ctxmgr/stack_of_nullcontext_racy": drive(
        lambda m: m.Dispatch(), lambda d: d.send("x", []), keeps=lambda d: d.sent == 2
    ),
    "ctxmgr/stopwatch_enter_takes_no_lock_racy": drive(
        lambda m: m.Furnace(), lambda f: f.cast(2), keeps=lambda f: f.ingots == 4
    ),
    "ctxmgr/yield_after_release_racy": drive(
        lambda m: m.Quarry(), lambda q: q.dig(2), keeps=lambda q: q.stones == 4
    ),
    "ctxmgr/yield_inside_lock_safe": drive(
        lambda m: m.Quarry(), lambda q: q.dig(2), keeps=lambda q: q.tally() == (4, 3)
    ),
    "ctxmgr/yield_outside_racy": drive(
        lambda m: m.Document(),
        lambda d: d.type("a"),
        lambda d: d.type("b"),
        keeps=lambda d: sorted(d.text) == ["a", "b"],
    ),
    "deco/attribute_by_name_safe": drive(
        lambda m: m.PiggyBank(), lambda b: b.put_in(5), lambda b: b.take_out(0), keeps=lambda b: b.cents == 5
    ),
    "deco/callable_class_decorator_safe": drive(
        lambda m: m, lambda m: m.serve("ann"), keeps=lambda m: m.served == 2
    ),
    "deco/fresh_lock_each_call_racy": drive(
        lambda m: m, lambda m: m.vote("yes"), keeps=lambda m: m.VOTES["yes"] == 2
    ),
    "deco/lock_as_argument_safe": drive(
        lambda m: m,
        lambda m: m.sale(9),
        lambda m: m.refund(4),
        keeps=lambda m: (m._income, m._largest) == (5, 9),
    ),
    "deco/lock_only_in_decorator_racy": drive(
        lambda m: m.Tally(), lambda t: t.add(), lambda t: t.drop(), keeps=lambda t: t.n == 0
    ),
    "deco/lock_per_function_racy": drive(
        lambda m: m.PiggyBank(), lambda b: b.put_in(5), lambda b: b.take_out(2), keeps=lambda b: b.cents == 3
    ),
    "deco/one_method_undecorated_racy": drive(
        lambda m: m.Orchestra(), lambda o: o.play(16), lambda o: o.encore(), keeps=lambda o: o.bars() == 24
    ),
    "deco/rebound_in_class_body_safe": drive(
        lambda m: m.Meter(), lambda x: x.add(3), keeps=lambda x: x.units == 6
    ),
    "deco/released_before_call_racy": drive(
        lambda m: m.Winery(), lambda w: w.fill(3), keeps=lambda w: w.bottles == 6
    ),
    "deco/wrapt_instance_lock_on_class_total_racy": drive(
        lambda m: (m.LabelPrinter("a"), m.LabelPrinter("b")),
        lambda s: s[0].print_label("x"),
        lambda s: s[1].print_label("y"),
        keeps=lambda s: type(s[0]).printed == 2,
    ),
}
