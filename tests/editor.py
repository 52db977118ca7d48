"""Checks an editor's view with the real python-lsp-server, over stdio.

    python tests/editor.py [SERVER]

Run by the Python of an environment that has ``python-lsp-server[flake8]`` and the plugin. A document with
a race is opened: the diagnostic has its code and range. The buffer is locked, and not saved: it goes. It
is half-written: nothing breaks, and unlocked again: it comes back. The other file, with the threads, is
saved half-written: it stays, until that file is whole again and without threads.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

RACY = """\
class Counter:
    def __init__(self):
        self.count = 0

    def increment(self):
        self.count += 1
"""
MAIN = """\
import threading

from counter import Counter

counter = Counter()
for _ in range(3):
    threading.Thread(target=counter.increment).start()
"""
LOCKED = "import threading\n\nLOCK = threading.Lock()\n\n\n" + RACY.replace(
    "        self.count += 1", "        with LOCK:\n            self.count += 1"
)
HALF_WRITTEN = RACY + "\n    def decrement(self:\n"

PLUGINS = {
    "flake8": {"enabled": True, "ignore": []},
    "pyflakes": {"enabled": False},
    "pycodestyle": {"enabled": False},
    "mccabe": {"enabled": False},
}


class Server:
    """A language server, spoken to as editors do."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._numbers = itertools.count()

    def ask(self, method: str, **given: Any) -> Any:
        """Send a request, and give its result."""
        number = next(self._numbers)
        self._send({"id": number, "method": method, "params": given})
        return self._receive(lambda message: message.get("id") == number and "method" not in message)[
            "result"
        ]

    def tell(self, method: str, **given: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": given})

    def diagnostics(self, uri: str) -> list[dict[str, Any]]:
        """Wait for what is published next of a document."""
        message = self._receive(
            lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == uri
        )
        return [d for d in message["params"]["diagnostics"] if d["source"] == "flake8"]

    def end(self) -> None:
        """Have the server end."""
        self.ask("shutdown")
        self.tell("exit")
        self._process.wait(30)

    def _send(self, message: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self._process.stdin.flush()

    def _receive(self, wanted: Any) -> dict[str, Any]:
        stream = self._process.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := stream.readline().strip()) or not length:
                if line.lower().startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
                elif not line and self._process.poll() is not None:
                    sys.exit("the server has ended")
            message: dict[str, Any] = json.loads(stream.read(length))
            if wanted(message):
                return message


def main() -> None:
    """Open, change and compare."""
    command = sys.argv[1:] or [sys.executable, "-m", "pylsp"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        (folder / "setup.cfg").write_text("[flake8]\nselect = SHS,E9\nsharedstate-cache-dir = ./.kept\n")
        (folder / "counter.py").write_text(RACY)
        (folder / "main.py").write_text(MAIN)
        check(Server(command), folder)
        assert (folder / "counter.py").read_text() == RACY
        assert list((folder / ".kept").iterdir()), "the server ran another plugin than this"
    print("the editor shows what it should")


def check(server: Server, folder: Path) -> None:
    """Compare what is published of one document, version by version."""
    uri = (folder / "counter.py").as_uri()
    server.ask("initialize", processId=None, rootUri=folder.as_uri(), capabilities={})
    server.tell("initialized")
    server.tell("workspace/didChangeConfiguration", settings={"pylsp": {"plugins": PLUGINS}})
    opened = {"uri": uri, "languageId": "python", "version": 1, "text": RACY}
    server.tell("textDocument/didOpen", textDocument=opened)
    (found,) = server.diagnostics(uri)
    assert found["code"] == "SHS101", found
    assert found["range"]["start"] == {"line": 5, "character": 8}, found
    assert found["range"]["end"]["line"] == 5, found
    assert "`self.count += 1` can lose updates" in found["message"], found
    assert "main.py" in found["message"], found
    versions = itertools.count(2)

    def change(text: str, codes: list[str]) -> None:
        server.tell(
            "textDocument/didChange",
            textDocument={"uri": uri, "version": next(versions)},
            contentChanges=[{"text": text}],
        )
        shown = [d["code"] for d in server.diagnostics(uri)]
        assert shown == codes, (text, shown)

    for text, codes in (LOCKED, []), (HALF_WRITTEN, ["E999"]), (RACY, ["SHS101"]), (LOCKED, []):
        change(text, codes)
    for saved, codes in (MAIN + "for (", ["SHS101"]), ("from counter import Counter\n", []):
        (folder / "main.py").write_text(saved)
        change(RACY + "\n", codes)
        change(LOCKED, [])
    server.end()


if __name__ == "__main__":
    main()
