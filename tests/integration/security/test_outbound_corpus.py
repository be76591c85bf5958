"""How much of what must not leave is held back, and how much of what must leave is not: measured on a corpus.

The words were widened on this corpus, so these are upper values. Lines of the help centre, which nobody wrote for it,
stand beside it: they speak of passwords, codes and false helpers all the time.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from helpdesk.embedded.places import ROOT
from security import outbound_guard
from security.models import OfficialChannel
from security.outbound_guard import Danger

CORPUS = Path(ROOT) / "tests" / "corpus" / "outbound"
ARTICLES = Path(ROOT) / "kb" / "demo"
ENOUGH = 300


@pytest.fixture(autouse=True)
def _ours(db: None) -> None:
    OfficialChannel.objects.create(kind="domain", value="pharos.test", canonical="pharos.test")


def texts(name: str) -> Iterator[tuple[str, str]]:
    """Yield what each text is held back for ("" in the part without a name) and the text."""
    part = ""
    for line in (CORPUS / name).read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"\[(\w+)\]", line):
            part = found[1]
        elif line and not line.startswith("#"):
            text = re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), line)
            yield part, text.replace("{site}", settings.SITE_URL)


@pytest.mark.attack("I2")
def test_corpus__precision_and_recall__are_as_promised() -> None:
    held, free = list(texts("held.txt")), [text for _part, text in texts("free.txt")]
    assert min(len(held), len(free)) >= ENOUGH
    missed = [text for danger, text in held if Danger(danger) not in outbound_guard.dangers(text)]
    wrong = [text for text in free if outbound_guard.dangers(text)]
    caught = len(held) - len(missed)
    assert caught / len(held) >= 0.98, missed
    assert caught / (caught + len(wrong)) >= 0.98, wrong


def test_lines_of_articles__that_warn_of_thieves__are_seldom_held_back() -> None:
    lines = [
        line.strip()
        for path in sorted(ARTICLES.glob("*/**/*.md"))
        for line in path.read_text(encoding="utf-8").split("---", 2)[-1].splitlines()
        if len(line.strip()) >= 12
    ]
    wrong = [line for line in lines if outbound_guard.dangers(line) & {Danger.SECRET, Danger.REMOTE_ACCESS}]
    assert len(lines) > 2000
    assert len(wrong) / len(lines) <= 0.01, wrong
