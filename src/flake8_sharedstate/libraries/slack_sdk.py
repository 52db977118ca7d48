"""``slack_sdk``: listeners of a socket-mode client run in its ten workers (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Begin,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_CLIENT = "slack_sdk.socket_mode.SocketModeClient"
_LISTENERS = "slack_sdk.<listeners>"

TYPES: dict[str, TypeModel] = {
    _CLIENT: TypeModel(
        attributes={
            "socket_mode_request_listeners": _LISTENERS,
            "message_listeners": _LISTENERS,
        },
        methods={"connect": (Begin("slack_sdk", on=None),)},
    ),
    _LISTENERS: TypeModel(
        methods={
            "append": (Register(Spawn(Arg(0), threads=Threads.POOL, repeated=True), "slack_sdk", on=None),)
        }
    ),
}

ALIASES: dict[str, str] = {
    "slack_sdk.socket_mode.builtin.SocketModeClient": _CLIENT,
    "slack_sdk.socket_mode.builtin.client.SocketModeClient": _CLIENT,
    "slack_sdk.socket_mode.websocket_client.SocketModeClient": _CLIENT,
}
