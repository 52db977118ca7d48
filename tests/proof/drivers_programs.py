"""Programs that are run whole, because their verdict rests on where they start and join their threads."""

from __future__ import annotations

from crew import whole
from explorer import Driver

DRIVERS: dict[str, Driver] = {
    "hb/as_completed_main_counts_safe": whole(3),
    "hb/barrier_same_phase_racy": whole(3, keeps=lambda c: c.printed == [(12,)]),
    "hb/barrier_two_phases_safe": whole(1),
    "hb/event_before_any_touch_safe": whole(1),
    "hb/event_set_too_early_racy": whole(1, keeps=lambda c: c.printed == [(401,)]),
    "hb/executor_exit_safe": whole(3),
    "hb/kettle_before_start_after_join_safe": whole(1),
    "hb/kettle_between_start_and_join_racy": whole(1, keeps=lambda c: c.printed == [(97,)]),
    "hb/one_after_the_other_safe": whole(3),
    "hb/one_of_two_joined_racy": whole(2, keeps=lambda c: c.printed == [(5, 4)]),
    "hb/update_before_executor_exit_racy": whole(3, keeps=lambda c: c.printed == [(32,)]),
    "hb/wait_all_then_update_safe": whole(1),
    "confine/joined_in_turn_safe": whole(3),
    "confine/main_adds_before_and_after_safe": whole(1),
    "confine/one_writer_thread_safe": whole(6),
    "confine/event_loop_thread_safe": whole(1),
    "cases/confine_pool_of_one_safe": whole(1),
    "cases/container_counter_in_closure_racy": whole(
        2, lambda m: m.letter_frequencies(["a", "a"]), got=lambda letters: letters["a"] == 2
    ),
    "cases/hb_submit_then_result_safe": whole(2),
    "cases/nonlocal_total_locked_safe": whole(
        2, lambda m: m.total_size({"a": 3, "b": 4}), got=lambda total: total == 7
    ),
    "cases/root_executor_map_closure_locked_safe": whole(
        2, lambda m: m.survey(["ab", "c"]), got=lambda stats: (stats.count, stats.longest) == (2, "ab")
    ),
    "cases/root_launch_helper_racy": whole(2, keeps=lambda c: c.printed == [(12,)]),
    "closure/captured_dict_get_racy": whole(
        2, lambda m: m.birds_seen(["owl", "owl"]), got=lambda seen: seen == {"owl": 2}
    ),
    "closure/captured_dict_mutex_safe": whole(
        2, lambda m: m.birds_seen(["owl", "owl"]), got=lambda seen: seen == {"owl": 2}
    ),
    "closure/slot_modulo_racy": whole(
        3, lambda m: m.count_yes([["yes"], [], ["yes"]]), got=lambda totals: totals == [2, 0]
    ),
    "closure/slot_per_thread_safe": whole(
        3, lambda m: m.count_yes([["yes"], [], ["yes"]]), got=lambda totals: totals == [1, 0, 1]
    ),
    "container/tally_per_page_merged_safe": whole(
        2, lambda m: m.count_book(["a b", "a"]), got=lambda t: t == {"a": 2, "b": 1}
    ),
    "ctor/started_before_last_update_racy": whole(1, keeps=lambda c: c.printed == [(11,)]),
    "ctor/started_last_safe": whole(1),
    "generator/pool_map_reads_in_caller_safe": whole(
        3, lambda m: (f := m.Forecast(), f.run())[0], got=lambda f: len(f.results) == 3
    ),
    "guard/nested_function_defined_under_lock_racy": whole(3, keeps=lambda c: c.printed == [(60,)]),
    "guard/owned_before_publication_safe": whole(3),
    "hidden/lambda_partial_closure_racy": whole(2, lambda m: m.run_poll("y"), got=lambda yes: yes == 3),
    "hidden/spawn_each_function_once_safe": whole(3),
    "iteration/walk_after_join_safe": whole(3),
    "lock/lambda_runs_later_racy": whole(3, keeps=lambda c: c.printed == [(60,)]),
    "nonlocal/enclosing_function_adds_too_racy": whole(
        1, lambda m: m.count_seeds([1, 2, 3]), got=lambda seeds: seeds == 6
    ),
    "nonlocal/enclosing_function_waits_safe": whole(
        1, lambda m: m.count_seeds([1, 2, 3]), got=lambda seeds: seeds == 6
    ),
    "nonlocal/pool_map_racy": whole(2, lambda m: m.weigh([3, 5]), got=lambda weights: weights == (8, 5)),
    "ownership/result_taken_over_safe": whole(2),
    "perlock/local_mutex_for_all_threads_safe": whole(3),
    "thread_root/spawn_two_functions_safe": whole(2),
}
