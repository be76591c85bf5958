"""Plain HTTP on the socket server: only the liveness probe."""

from typing import Any


class LivenessApplication:
    """Answers /healthz with 200 and everything else with 404."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Send the answer."""
        ok = scope["path"] == "/healthz"
        headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200 if ok else 404, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok" if ok else b"not found"})
