"""``telebot``: handlers run in the bot's two worker threads, unless ``threaded=False`` (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Begin,
    Effect,
    Field,
    Give,
    If,
    Keep,
    Make,
    Receiver,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_BOT = "telebot.<bot>"
_DECORATOR = "telebot.<decorator>"
_DECORATE: tuple[Effect, ...] = (Make(_DECORATOR, keep=(Keep("<bot>", Receiver()),)),)
_HANDLE = Spawn(Arg(0), threads=Threads.POOL, repeated=True, waited=True)
_POLL: tuple[Effect, ...] = (Begin("handlers"),)
_KINDS = (
    "message",
    "edited_message",
    "callback_query",
    "inline_query",
    "channel_post",
    "poll",
    "chat_member",
)

TYPES: dict[str, TypeModel] = {
    _BOT: TypeModel(
        methods={
            **{f"{kind}_handler": _DECORATE for kind in _KINDS},
            "polling": _POLL,
            "infinity_polling": _POLL,
            "process_new_updates": _POLL,
        }
    ),
    _DECORATOR: TypeModel(
        methods={"__call__": (Register(_HANDLE, "handlers", on=Field("<bot>")), Give(Arg(0)))}
    ),
    "telebot.<bot of one thread>": TypeModel(),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "telebot.TeleBot": (
        If(Arg(None, "threaded"), False, (Make("telebot.<bot of one thread>"),), (Make(_BOT),)),
    ),
}
