"""Tells from a file's text alone whether it can hold anything to report, so that most files cost a scan."""

from __future__ import annotations

import re

# Words in the text, not imports: threads and locks also arrive as parameters, attributes and base classes.
_WORDS = (
    "thread",
    "mutex",
    "semaphore",
    "executor",
    "asyncio",
    "multiprocessing",
    "socketserver",
    "http.server",
    "xmlrpc.server",
    "wsgiref",
    "queuelistener",
    "guarded by",
)
# What runs code in threads with no word of them: an import says so. A test compares with ``libraries``.
_LIBRARIES = (
    "PyQt5",
    "PyQt6",
    "PySide2",
    "PySide6",
    "Pyro5",
    "anyio",
    "apscheduler",
    "asgiref",
    "boto3",
    "bottle",
    "can",
    "cassandra",
    "celery",
    "channels",
    "cheroot",
    "cherrypy",
    "dash",
    "dask",
    "diskcache",
    "distributed",
    "django",
    "dogpile",
    "dramatiq",
    "eventlet",
    "fastapi",
    "fasteners",
    "filelock",
    "flask",
    "flask_socketio",
    "ft_utils",
    "gevent",
    "google",
    "gpiozero",
    "gradio",
    "grpc",
    "homeassistant",
    "joblib",
    "kafka",
    "kazoo",
    "keyboard",
    "opentelemetry",
    "oslo_messaging",
    "paho",
    "paramiko",
    "pika",
    "portalocker",
    "prometheus_client",
    "psycopg_pool",
    "pyaudio",
    "pymongo",
    "pynput",
    "readerwriterlock",
    "redis",
    "rest_framework",
    "rpyc",
    "scapy",
    "schedule",
    "slack_sdk",
    "socketio",
    "sounddevice",
    "sqlalchemy",
    "starlette",
    "stomp",
    "telebot",
    "tornado",
    "tqdm",
    "trio",
    "twisted",
    "waitress",
    "watchdog",
    "websocket",
    "werkzeug",
    "zeroconf",
)
_IMPORT = re.compile(
    rf"^[ \t]*(?:from|import)[ \t]+(?:[\w.]+[ \t]*,[ \t]*)*(?:{'|'.join(_LIBRARIES)})\b", re.MULTILINE
)
# `block` and `clock` are in every other file, `DBLock` and `async_lock` are locks.
_LOCK = re.compile(r"(?<![bcBC])lock|Lock|(?<![BC])LOCK")


def has_stake(text: str) -> bool:
    """Tell whether the text has a word of threads, locks, executors, declared guards, or such an import."""
    lowered = text.lower()
    return (
        any(word in lowered for word in _WORDS)
        or ("lock" in lowered and _LOCK.search(text) is not None)
        or _IMPORT.search(text) is not None
    )
