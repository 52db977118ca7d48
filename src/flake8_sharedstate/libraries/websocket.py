"""``websocket`` (websocket-client): callbacks run in the thread of ``run_forever`` (catalogue 1.4, 1.6)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Attribute,
    Invoke,
    Keep,
    Receiver,
    TypeModel,
)

_CALLBACKS = {
    "on_open": 2,
    "on_reconnect": 3,
    "on_message": 4,
    "on_error": 5,
    "on_close": 6,
    "on_ping": 7,
    "on_pong": 8,
    "on_cont_message": 9,
    "on_data": 14,
}

TYPES: dict[str, TypeModel] = {
    "websocket.WebSocketApp": TypeModel(
        construct=tuple(Keep(name, Arg(place, name)) for name, place in _CALLBACKS.items()),
        methods={
            "run_forever": tuple(
                Invoke(Attribute(name), Arguments(values=(Receiver(),))) for name in _CALLBACKS
            )
        },
    )
}

ALIASES: dict[str, str] = {"websocket._app.WebSocketApp": "websocket.WebSocketApp"}
