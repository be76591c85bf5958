"""A WSGI application for tests of the web worker: says what it got, and can be made to wait."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the number of bytes of the body; `/wait/PATH` opens the pipe at PATH twice before it answers."""
    got = len(environ["wsgi.input"].read())
    if environ["PATH_INFO"].startswith("/wait/"):
        pipe = Path(environ["PATH_INFO"].removeprefix("/wait"))
        pipe.read_bytes()  # returns when the test has opened and closed it: this request is being answered
        pipe.read_bytes()
    body = f"{environ['REQUEST_METHOD']} {got}".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
