"""The model that guesses languages is large: who needs it now and then gives it back."""

import subprocess
import sys

from helpdesk.embedded.places import ROOT

SCRIPT = """
import os, pathlib
import django
django.setup()
from tickets.channels.email import language

def resident_mb():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

bare = resident_mb()
for _ in range(3):
    assert language.guess("Hello, my withdrawal of yesterday has not arrived.") == "en"
    loaded = resident_mb()
    language.forget()
print(loaded - bare, resident_mb() - bare)
"""


def test_forget__after_guessing_again_and_again__leaves_no_memory_behind() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded_mb, left_mb = map(float, done.stdout.split())
    assert loaded_mb > 50
    assert left_mb < 15
