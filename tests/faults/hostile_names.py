"""A name server of the tests' own, for `tests.faults.hostile_notifier`: wrong, slow, and of changing mind."""

import contextlib
import socketserver
import threading
from collections.abc import Sequence
from pathlib import Path


class HostileNames:
    """Answers names over a unix socket. A name that nobody gave an answer for does not exist.

    `asked` lists every question. A name given several answers gets them in turn, the last again and again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.asked: list[str] = []
        self._answers: dict[str, list[Sequence[str]]] = {}
        self._slow: set[str] = set()
        self._over = threading.Event()
        names = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                answer = names._answer(self.rfile.readline().decode().strip())
                with contextlib.suppress(OSError):
                    self.wfile.write(" ".join(answer).encode())

        class Server(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(str(path), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def answer(self, name: str, *answers: Sequence[str]) -> None:
        """What a name leads to, the first time, the second …"""
        self._answers[name] = list(answers)

    def never_answer(self, name: str) -> None:
        """Keep whoever asks for a name waiting."""
        self._over.clear()
        self._slow.add(name)

    def answer_all(self) -> None:
        """Let go of everybody who waits, and keep nobody waiting any more."""
        self._slow.clear()
        self._over.set()

    def close(self) -> None:
        self.answer_all()
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def _answer(self, name: str) -> Sequence[str]:
        self.asked.append(name)
        if name in self._slow:
            self._over.wait()
        answers = self._answers.get(name, [()])
        return answers.pop(0) if len(answers) > 1 else answers[0]
