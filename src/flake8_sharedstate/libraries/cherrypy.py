"""``cherrypy``: one tree of objects for all request threads, plugins (catalogue 1.4, 1.5).

What is mounted is served by the ten threads of cheroot: its exposed methods run on one object. Which
methods are exposed is not told apart: an object that is mounted may run all its public ones.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Begin,
    Effect,
    Field,
    Join,
    Keep,
    Register,
    Spawn,
    Start,
    Threads,
    TypeModel,
)

_TREE = Spawn(Arg(0, "root"), threads=Threads.POOL, runs=("*",), repeated=True, waited=True)
_TREE_TYPE = "cherrypy._cptree.Tree"
_BUS = "cherrypy.process.wspbus.Bus"

TYPES: dict[str, TypeModel] = {
    _TREE_TYPE: TypeModel(methods={"mount": (Register(_TREE, "tree", on=None, served=True),)}),
    _BUS: TypeModel(
        methods={
            "start": (Begin("tree", on=None),),
            "subscribe": (Spawn(Arg(1, "callback"), threads=Threads.ANY, repeated=True),),
        }
    ),
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
    "cherrypy.quickstart": (_TREE,),
    "cherrypy.tree.mount": (Register(_TREE, "tree", on=None, served=True),),
    "cherrypy.engine.start": (Begin("tree", on=None),),
    "cherrypy.engine.subscribe": (Spawn(Arg(1, "callback"), threads=Threads.ANY, repeated=True),),
}
