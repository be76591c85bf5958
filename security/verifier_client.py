"""How the desk asks the verifier: one request over its unix socket; a clear sentence when it is away."""

import socket
from typing import Any

from django.conf import settings

from security.verifier.protocol import MOST_BYTES, Code, RefusedError, decode, encode

# Longer than the verifier waits for its database.
PATIENCE_S = 8.0


class VerifierAwayError(Exception):
    """The verifier does not answer: nothing is proven and nothing goes on without it, until it is back."""


def ask(operation: str, **given: Any) -> dict[str, Any]:
    """Return what the verifier found.

    Raises RefusedError (its code and one sentence) when it says no, VerifierAwayError when it is stopped, slow or
    without its database. An attempt that was begun counts, whatever becomes of the answer.
    """
    try:
        with socket.socket(socket.AF_UNIX) as channel:
            channel.settimeout(PATIENCE_S)
            channel.connect(settings.VERIFIER_SOCKET)
            channel.sendall(encode({"operation": operation, "given": given}))
            with channel.makefile("rb") as reader:
                answer = decode(reader.readline(MOST_BYTES + 1))
    except (OSError, RefusedError) as error:
        message = f"The verifier does not answer ({type(error).__name__})."
        raise VerifierAwayError(message) from error
    if "refused" not in answer:
        found: dict[str, Any] = answer["found"]
        return found
    code = Code(answer["refused"])
    if code is Code.UNAVAILABLE:
        raise VerifierAwayError(answer["detail"])
    raise RefusedError(code, answer["detail"])


def complaint() -> str:
    """Return what is wrong with the verifier, nothing when it is well."""
    try:
        ask("ping")
    except VerifierAwayError as away:
        return str(away)
    return ""
