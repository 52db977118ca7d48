"""``socketserver``, ``http.server``, ``xmlrpc.server``, ``wsgiref``: servers, handlers (catalogue 1.1, 1.2).

A plain server handles one request after the other in the thread of ``serve_forever``. One with
``ThreadingMixIn`` before it among its bases runs each request in a thread, on a handler object of
its own but on the one server. Besides handlers a server may run functions, the public methods of an
instance (XML-RPC) or an application (WSGI).
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Effect,
    Exclusion,
    Field,
    Give,
    Join,
    Keep,
    LockModel,
    Make,
    Receiver,
    Spawn,
    Threads,
    TypeModel,
)

_TCP = "socketserver.TCPServer"
_MIXIN = "socketserver.ThreadingMixIn"
_HTTP = "http.server.HTTPServer"
_BASE_HANDLER = "socketserver.BaseRequestHandler"
_HTTP_HANDLER = "http.server.BaseHTTPRequestHandler"
_WSGI = "wsgiref.simple_server.WSGIServer"

_HANDLER_METHODS = ("setup", "handle", "finish")
_HTTP_METHODS = (
    *_HANDLER_METHODS,
    *[
        "handle_one_request",
        "handle_expect_100",
        "parse_request",
        "do_*",
        "send_error",
        "send_response",
        "send_response_only",
        "send_header",
        "send_head",
        "end_headers",
        "flush_headers",
        "log_request",
        "log_error",
        "log_message",
        "version_string",
        "date_time_string",
        "log_date_time_string",
        "address_string",
        "list_directory",
        "translate_path",
        "copyfile",
        "guess_type",
        "get_environ",
        "get_stderr",
        "decode_request_content",
        "is_rpc_path_valid",
        "report_404",
    ],
)

# One request after the other, in the thread that serves.
_ONE_BY_ONE: tuple[Effect, ...] = (
    Spawn(
        Field("RequestHandlerClass"),
        threads=Threads.SERIAL,
        instantiate=True,
        runs=_HTTP_METHODS,
        waited=True,
    ),
    Spawn(Field("<functions>"), threads=Threads.SERIAL, waited=True),
    Spawn(Field("<instance>"), threads=Threads.SERIAL, runs=("*",), waited=True),
    Spawn(Field("<application>"), threads=Threads.SERIAL, waited=True),
)
# What several threads run on the one server, once a subclass overrides it.
_SERVED = (
    "process_request_thread",
    "finish_request",
    "shutdown_request",
    "close_request",
    "handle_error",
)
_THREADED: tuple[Effect, ...] = (
    Spawn(Receiver(), threads=Threads.POOL, runs=_SERVED, repeated=True),
    Spawn(
        Field("RequestHandlerClass"),
        threads=Threads.POOL,
        instantiate=True,
        runs=_HTTP_METHODS,
        repeated=True,
    ),
    Spawn(Field("<functions>"), threads=Threads.POOL, repeated=True),
    Spawn(Field("<instance>"), threads=Threads.POOL, runs=("*",), repeated=True),
    Spawn(Field("<application>"), threads=Threads.POOL, repeated=True),
)
_UNIX_TCP = TypeModel(bases=(_TCP,))
_RPC_SERVER = TypeModel(
    bases=(_TCP,),
    construct=(Keep("RequestHandlerClass", Arg(1, "requestHandler")),),
    methods={
        "register_function": (
            Keep("<functions>", Arg(0, "function")),
            Give(Arg(0, "function")),
            Make("functools.<wraps>"),
        ),
        "register_instance": (Keep("<instance>", Arg(0, "instance")),),
    },
)

TYPES: dict[str, TypeModel] = {
    "socketserver.BaseServer": TypeModel(
        construct=(Keep("RequestHandlerClass", Arg(1, "RequestHandlerClass")),),
        methods={"serve_forever": _ONE_BY_ONE, "handle_request": _ONE_BY_ONE},
        lock=LockModel(Exclusion.NOTHING),
    ),
    _TCP: TypeModel(bases=("socketserver.BaseServer",)),
    "socketserver.UDPServer": TypeModel(bases=(_TCP,)),
    "socketserver.UnixStreamServer": _UNIX_TCP,
    "socketserver.UnixDatagramServer": TypeModel(bases=("socketserver.UDPServer",)),
    _MIXIN: TypeModel(
        methods={"serve_forever": _THREADED, "handle_request": _THREADED, "server_close": (Join(),)},
        on_exit=(Join(),),
    ),
    # A process for each request.
    "socketserver.ForkingMixIn": TypeModel(methods={"serve_forever": (), "handle_request": ()}),
    "socketserver.ThreadingTCPServer": TypeModel(bases=(_MIXIN, _TCP)),
    "socketserver.ThreadingUDPServer": TypeModel(bases=(_MIXIN, "socketserver.UDPServer")),
    "socketserver.ThreadingUnixStreamServer": TypeModel(bases=(_MIXIN, "socketserver.UnixStreamServer")),
    "socketserver.ThreadingUnixDatagramServer": TypeModel(bases=(_MIXIN, "socketserver.UnixDatagramServer")),
    "socketserver.ForkingTCPServer": TypeModel(bases=("socketserver.ForkingMixIn", _TCP)),
    "socketserver.ForkingUDPServer": TypeModel(bases=("socketserver.ForkingMixIn", "socketserver.UDPServer")),
    _BASE_HANDLER: TypeModel(
        construct=(
            Keep("request", Arg(0, "request")),
            Keep("client_address", Arg(1, "client_address")),
            Keep("server", Arg(2, "server")),
        ),
    ),
    "socketserver.StreamRequestHandler": TypeModel(bases=(_BASE_HANDLER,)),
    "socketserver.DatagramRequestHandler": TypeModel(bases=(_BASE_HANDLER,)),
    _HTTP: TypeModel(bases=(_TCP,)),
    "http.server.ThreadingHTTPServer": TypeModel(bases=(_MIXIN, _HTTP)),
    _HTTP_HANDLER: TypeModel(bases=("socketserver.StreamRequestHandler",)),
    "http.server.SimpleHTTPRequestHandler": TypeModel(bases=(_HTTP_HANDLER,)),
    "http.server.CGIHTTPRequestHandler": TypeModel(bases=("http.server.SimpleHTTPRequestHandler",)),
    "xmlrpc.server.SimpleXMLRPCServer": _RPC_SERVER,
    "xmlrpc.server.SimpleXMLRPCRequestHandler": TypeModel(bases=(_HTTP_HANDLER,)),
    _WSGI: TypeModel(bases=(_HTTP,), methods={"set_app": (Keep("<application>", Arg(0, "application")),)}),
    "wsgiref.simple_server.WSGIRequestHandler": TypeModel(bases=(_HTTP_HANDLER,)),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "wsgiref.simple_server.make_server": (
        Make(
            _WSGI,
            keep=(
                Keep("<application>", Arg(2, "app")),
                Keep("RequestHandlerClass", Arg(4, "handler_class")),
            ),
        ),
    ),
}
