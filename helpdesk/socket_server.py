"""`python -m helpdesk.socket_server …`: uvicorn with its own words, and a limit on how long one may take to ask.

uvicorn waits without end for the first request of a connection. Here a connection that is not a socket
by then is closed: nothing else is served but the liveness probe.
"""

import asyncio

from uvicorn.config import HTTP_PROTOCOLS
from uvicorn.main import main
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from helpdesk import garbage

ASK_WITHIN_S = 20.0


class PunctualProtocol(HttpToolsProtocol):
    """HTTP up to the upgrade, which hands the connection over to the WebSocket protocol."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, and look again when the time is over."""
        super().connection_made(transport)
        self.loop.call_later(ASK_WITHIN_S, self._close_unless_socket)

    def _close_unless_socket(self) -> None:
        if self.transport.get_protocol() is self:
            self.transport.abort()


if __name__ == "__main__":
    garbage.start()
    HTTP_PROTOCOLS["httptools"] = "helpdesk.socket_server:PunctualProtocol"
    main()
