"""``grpc``: one servicer runs in all workers of the server's executor (catalogue 1.4, 1.5).

``_server.py`` submits each call to the pool that the server was made with. The functions that add
servicers, and their base classes, are in generated modules, ``*_pb2_grpc``.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Begin,
    Each,
    Effect,
    Field,
    Join,
    Keep,
    Make,
    Receiver,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_POOL = Field("<pool>")
_FUTURE = "grpc.Future"
_SERVER = "grpc.<server>"


def _serve(served: Arg | Each, *methods: str) -> Spawn:
    return Spawn(served, threads=Threads.POOL, runs=methods, repeated=True, workers=_POOL)


_CALLBACK: tuple[Effect, ...] = (
    Spawn(Arg(0), Arguments(values=(Receiver(),)), Threads.SERIAL, thread="channel"),
)
_HANDLER: tuple[Effect, ...] = (
    Register(Spawn(Arg(0, "behavior"), threads=Threads.POOL, repeated=True), "grpc", on=None, served=True),
)

TYPES: dict[str, TypeModel] = {
    _SERVER: TypeModel(
        methods={
            "start": (Begin("servicers"),),
            "add_generic_rpc_handlers": (
                Register(_serve(Each(Arg(0, "generic_rpc_handlers")), "service"), "servicers"),
            ),
            "wait_for_termination": (Join(),),
        }
    ),
    _FUTURE: TypeModel(methods={"add_done_callback": _CALLBACK}),
    "grpc.Channel": TypeModel(methods={"subscribe": _CALLBACK}),
    "grpc.ServicerContext": TypeModel(
        methods={"add_callback": (Spawn(Arg(0, "callback"), threads=Threads.POOL),)}
    ),
    "grpc.<servicer>": TypeModel(served=("[A-Z]*",)),
    "grpc.ServerInterceptor": TypeModel(served=("intercept_service",)),
    "grpc.GenericRpcHandler": TypeModel(served=("service",)),
    "grpc.AuthMetadataPlugin": TypeModel(served=("__call__",)),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "grpc.server": (Make(_SERVER, keep=(Keep("<pool>", Arg(0, "thread_pool")),)),),
    "grpc.<add_servicer_to_server>": (
        Register(_serve(Arg(0, "servicer"), "[A-Z]*"), "servicers", on=Arg(1, "server")),
    ),
    "grpc.insecure_channel": (Make("grpc.Channel"),),
    "grpc.secure_channel": (Make("grpc.Channel"),),
    "grpc.unary_unary_rpc_method_handler": _HANDLER,
    "grpc.unary_stream_rpc_method_handler": _HANDLER,
    "grpc.stream_unary_rpc_method_handler": _HANDLER,
    "grpc.stream_stream_rpc_method_handler": _HANDLER,
}

ALIASES: dict[str, str] = {
    "*_pb2_grpc.add_*_to_server": "grpc.<add_servicer_to_server>",
    "*_pb2_grpc.*Servicer": "grpc.<servicer>",
}
