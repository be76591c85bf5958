"""`python -m security.verifier`: serve until told to stop."""

import logging
import signal
import sys
import threading

from security.verifier.configuration import ConfigurationError, read
from security.verifier.server import Server


def main() -> int:
    """Serve; returns 0 when told to stop, 78 (EX_CONFIG) when the environment is not whole."""
    logging.basicConfig(level=logging.WARNING, format="verifier: %(message)s")
    try:
        configuration = read()
    except ConfigurationError as error:
        sys.stderr.write(f"Pharos does not start: {error}\n")
        return 78
    server = Server(configuration)
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the loop, which this thread is in.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    with server:
        server.serve_forever(poll_interval=0.2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
