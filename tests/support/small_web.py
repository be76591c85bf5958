"""A WSGI application for tests of the web worker: says what it got, and can be made to wait."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Held:
    """Two pipes by which a test holds a request: one alone could be opened for the second time by its first reader."""

    folder: Path

    @property
    def entered(self) -> Path:
        """The pipe that is opened when the request is in its thread."""
        return self.folder / "entered"

    @property
    def released(self) -> Path:
        """The pipe that the request waits for."""
        return self.folder / "released"

    def make(self) -> None:
        """Make both pipes."""
        os.mkfifo(self.entered)
        os.mkfifo(self.released)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the number of bytes of the body; `/wait/FOLDER` waits for both pipes of `Held` first."""
    got = len(environ["wsgi.input"].read())
    if environ["PATH_INFO"].startswith("/wait/"):
        held = Held(Path(environ["PATH_INFO"].removeprefix("/wait")))
        held.entered.read_bytes()  # returns when the test has opened and closed it: this request is being answered
        held.released.read_bytes()
    body = f"{environ['REQUEST_METHOD']} {got}".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
