"""``tkinter``: callbacks run in the thread of the main loop (catalogue 1.1)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Arguments, Effect, Spawn, Threads, TypeModel

_AFTER: tuple[Effect, ...] = (Spawn(Arg(1, "func"), Arguments(rest=2), Threads.CALLER),)
_BIND: tuple[Effect, ...] = (Spawn(Arg(1, "func"), threads=Threads.CALLER),)
_COMMAND: tuple[Effect, ...] = (Spawn(Arg(None, "command"), threads=Threads.CALLER),)
_WIDGET = TypeModel(bases=("tkinter.Misc",), construct=_COMMAND)

TYPES: dict[str, TypeModel] = {
    "tkinter.Misc": TypeModel(
        methods={
            "after": _AFTER,
            "after_idle": (Spawn(Arg(0, "func"), Arguments(rest=1), Threads.CALLER),),
            "bind": _BIND,
            "bind_all": _BIND,
            "config": _COMMAND,
            "configure": _COMMAND,
        }
    ),
    "tkinter.Wm": TypeModel(methods={"protocol": _BIND}),
    "tkinter.Tk": TypeModel(bases=("tkinter.Misc", "tkinter.Wm")),
    "tkinter.Toplevel": TypeModel(bases=("tkinter.Misc", "tkinter.Wm")),
    **dict.fromkeys(
        [
            "tkinter.Button",
            "tkinter.Canvas",
            "tkinter.Checkbutton",
            "tkinter.Entry",
            "tkinter.Frame",
            "tkinter.Label",
            "tkinter.Listbox",
            "tkinter.Radiobutton",
            "tkinter.Scale",
            "tkinter.Scrollbar",
            "tkinter.Spinbox",
            "tkinter.Text",
            "tkinter.ttk.Button",
            "tkinter.ttk.Frame",
            "tkinter.ttk.Label",
            "tkinter.ttk.Treeview",
        ],
        _WIDGET,
    ),
}
