"""`python -m core.preview_child`: draws one picture from stdin anew in a process that may die.

The first line says how many pixels wide and high at most. Knows no database, no settings and no secrets.
"""

import resource
import sys

from core.previews import draw

MEMORY_BYTES = 512 * 1024 * 1024
PROCESSOR_S = 5


def main() -> int:
    """Write the picture; nothing, and 1, when there is none."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_S, PROCESSOR_S + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    max_px = int(sys.stdin.buffer.readline(10))
    drawn = draw(sys.stdin.buffer.read(), max_px=max_px)
    sys.stdout.buffer.write(drawn or b"")
    return 0 if drawn else 1


if __name__ == "__main__":
    sys.exit(main())
