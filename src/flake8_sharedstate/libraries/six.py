"""``six``: names that are the same under Python 2 and 3 (six.readthedocs.io)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Effect, Make, TakePairs, View

_MAPPING = Arg(0, "d")

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "six.iteritems": (TakePairs(_MAPPING),),
    "six.viewitems": (TakePairs(_MAPPING),),
    "six.itervalues": (View(_MAPPING),),
    "six.viewvalues": (View(_MAPPING),),
    "six.iterkeys": (Make("builtins.<view>", items=_MAPPING), View(_MAPPING)),
    "six.viewkeys": (Make("builtins.<view>", items=_MAPPING), View(_MAPPING)),
}

ALIASES: dict[str, str] = {
    "six.moves.queue.Queue": "queue.Queue",
    "six.moves.queue.LifoQueue": "queue.LifoQueue",
    "six.moves.queue.PriorityQueue": "queue.PriorityQueue",
    "six.moves.socketserver.ThreadingMixIn": "socketserver.ThreadingMixIn",
    "six.moves.socketserver.ThreadingTCPServer": "socketserver.ThreadingTCPServer",
    "six.moves.range": "builtins.range",
    "six.moves.zip": "builtins.zip",
    "six.moves.map": "builtins.map",
    "six.moves.filter": "builtins.filter",
    "future.utils.iteritems": "six.iteritems",
    "future.utils.itervalues": "six.itervalues",
    "future.utils.iterkeys": "six.iterkeys",
}
