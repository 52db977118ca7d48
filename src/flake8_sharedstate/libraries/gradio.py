"""``gradio``: listeners run in worker threads (catalogue 1.4).

One listener does not run beside itself (``default_concurrency_limit`` is 1), but others do.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Effect,
    Exclusion,
    LockModel,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_EVENTS = ("click", "change", "submit", "input", "select", "upload", "release", "load", "clear", "blur")
_COMPONENTS = (
    *("Button", "Textbox", "Slider", "Dropdown", "Checkbox", "Radio", "Number", "Image", "Audio", "Video"),
    *("File", "Chatbot", "Dataframe", "Gallery", "State", "Tab", "Code", "ClearButton", "UploadButton"),
)
_LISTEN: tuple[Effect, ...] = (
    Register(Spawn(Arg(0, "fn"), threads=Threads.SERIAL), "gradio", on=None, served=True),
)
_NO_LOCK = LockModel(Exclusion.NOTHING)

TYPES: dict[str, TypeModel] = {
    "gradio.Interface": TypeModel(construct=_LISTEN, lock=_NO_LOCK),
    "gradio.ChatInterface": TypeModel(construct=_LISTEN, lock=_NO_LOCK),
    **{
        f"gradio.{component}": TypeModel(methods=dict.fromkeys(_EVENTS, _LISTEN), lock=_NO_LOCK)
        for component in ("Blocks", *_COMPONENTS)
    },
}
