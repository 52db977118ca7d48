"""``copy`` (library reference): a copy is taken for a list as well as for a dict."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Effect, Make

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "copy.copy": (Make("builtins.list", items=Arg(0, "x")), Make("builtins.dict", items=Arg(0, "x"))),
    "copy.deepcopy": (Make("builtins.list"), Make("builtins.dict")),
}
