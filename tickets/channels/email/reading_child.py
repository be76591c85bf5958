"""`python -m tickets.channels.email.reading_child`: reads one raw mail from stdin in a process that may die.

Knows no database, no settings and no secrets; its memory and processor time are bounded by the kernel.
"""

import resource
import sys

from tickets.channels.email import wire
from tickets.channels.email.parse import Unparsable, parse

MEMORY_BYTES = 1024 * 1024 * 1024
PROCESSOR_S = 25


def main() -> None:
    """Write b"+" and the mail, or b"-" with reason and sentence."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_S, PROCESSOR_S + 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        mail = parse(sys.stdin.buffer.read())
    except Unparsable as refused:
        sys.stdout.buffer.write(b"-" + f"{refused.reason}\n{refused.sentence}".encode())
        return
    sys.stdout.buffer.write(b"+")
    for piece in wire.encode(mail):
        sys.stdout.buffer.write(piece)


if __name__ == "__main__":
    main()
