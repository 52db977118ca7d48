"""``keyboard``: one thread of the library calls all hooks (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Spawn,
    Threads,
)

_NOTHING = Arguments()


def _hook(callback: Arg, arguments: Arguments = _NOTHING) -> tuple[Effect, ...]:
    return (Spawn(callback, arguments, Threads.SERIAL, thread="keyboard", common=True),)


_FIRST = ("hook", "on_press", "on_release")
_SECOND = ("hook_key", "on_press_key", "on_release_key", "add_word_listener")

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    **{f"keyboard.{name}": _hook(Arg(0, "callback")) for name in _FIRST},
    **{f"keyboard.{name}": _hook(Arg(1, "callback")) for name in _SECOND},
    "keyboard.add_hotkey": _hook(Arg(1, "callback"), Arguments(unpacked=Arg(2, "args"))),
    "keyboard.call_later": (Spawn(Arg(0, "fn"), Arguments(unpacked=Arg(1, "args")), Threads.ONE),),
}
