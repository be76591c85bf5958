"""The process in which a bot of others runs: what it hears comes by stdin, its answer leaves by stdout.

It has no environment of ours, no open file and no connection; memory, time and files are limited before its code is
even read. Whoever started it ends it.
"""

import json
import os
import resource
import sys
from importlib import import_module

from livechat.bots.interface import Heard

MEMORY_BYTES = 512 * 1024 * 1024
CPU_S = 20


def main(path: str) -> None:
    """Ask the bot at `module:name` once."""
    heard = Heard.of_data(json.load(sys.stdin))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What it prints is not its answer.
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    module, _colon, name = path.partition(":")
    answer = getattr(import_module(module), name)().answer(heard)
    answers.write(json.dumps(answer))
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
