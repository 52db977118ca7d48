"""``cherrypy``: one tree of objects for all request threads, plugins (catalogue 1.4, 1.5).

What is mounted is served by the ten threads of cheroot: its exposed methods run on one object. What is
subscribed to the bus runs in whichever thread publishes, the main one for ``start`` and ``stop``: no thread.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Begin,
    Effect,
    Field,
    Give,
    Join,
    Keep,
    Make,
    Mark,
    Register,
    Spawn,
    Start,
    Threads,
    TypeModel,
)

_TREE = Spawn(Arg(0, "root"), threads=Threads.POOL, runs=("*",), marked="exposed", repeated=True, waited=True)
_DECORATOR = "cherrypy.<decorator>"
_EXPOSE: tuple[Effect, ...] = (Mark(Arg(0), "exposed"), Give(Arg(0)))

TYPES: dict[str, TypeModel] = {
    _DECORATOR: TypeModel(methods={"__call__": _EXPOSE}),
    "cherrypy.process.plugins.Monitor": TypeModel(
        construct=(Keep("<callback>", Arg(1, "callback")),),
        methods={
            "start": (Spawn(Field("<callback>"), threads=Threads.SERIAL, thread="monitor"),),
            "subscribe": (Spawn(Field("<callback>"), threads=Threads.SERIAL, thread="monitor"),),
            "stop": (Join(),),
        },
    ),
    "cherrypy.process.plugins.BackgroundTask": TypeModel(
        bases=("threading.Thread",),
        construct=(
            Keep("function", Arg(1, "function")),
            Keep("args", Arg(2, "args")),
            Keep("kwargs", Arg(3, "kwargs")),
        ),
        methods={"start": (Start("function", "args", "kwargs"),)},
    ),
    "cherrypy.process.plugins.PerpetualTimer": TypeModel(bases=("threading.Timer",)),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    # With a function it is the decorator, with another name for it it makes one.
    "cherrypy.expose": (*_EXPOSE, Make(_DECORATOR)),
    "cherrypy.quickstart": (_TREE,),
    "cherrypy.tree.mount": (Register(_TREE, "cherrypy", on=None, served=True),),
    "cherrypy.engine.start": (Begin("cherrypy", on=None),),
}
