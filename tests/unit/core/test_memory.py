"""What was large and is freed is the system's again, whichever thread had it."""

import subprocess
import sys
from pathlib import Path

# Every thread of a pool takes in something large, piece by piece, as a body is read; then a process says what it holds.
SCRIPT = """
import re, threading
from pathlib import Path
{first}

def held_mb():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024

def take_in():
    begin.wait()
    for _ in range(3):
        body = bytearray()
        while len(body) < 30_000_000:
            body += bytes(262_144)
        del body
    freed.wait()
    told.wait()

before = held_mb()
begin, freed, told = (threading.Barrier(parties) for parties in (4, 5, 5))
threads = [threading.Thread(target=take_in) for _ in range(4)]
for thread in threads:
    thread.start()
freed.wait()
print(held_mb() - before)
told.wait()
"""
TIDY = "from core import memory; memory.return_large_blocks()"


def kept_mb(first: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(first=first)], cwd=Path(__file__).parents[3], capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    return int(done.stdout)


def test_return_large_blocks__threads_that_had_30_mb_each__keep_next_to_nothing() -> None:
    assert kept_mb(TIDY) < 15


def test_without_it__same_threads__keep_much_of_it() -> None:
    assert kept_mb("") > 30
