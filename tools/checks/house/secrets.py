"""No secret rests in the repository: keys are generated at first start or read from the environment."""

import math
import re
from collections import Counter
from collections.abc import Iterator

from tools.checks.tree import Finding, Tree, without_used

# Path → why what looks like a secret there is none.
ALLOWED: dict[str, str] = {
    "tests/contracts/house/test_house_checks.py": "plants them",
    "tests/corpus/redaction.py": "made-up secrets that redaction must find",
    "tests/integration/tickets/social/test_x_door.py": "the example of X's challenge",
    "tests/unit/core/test_web_push.py": "the example of RFC 8291",
    "tests/unit/security/test_redaction.py": "made-up secrets that redaction must find",
}
LOCKS = ("requirements/", "frontend/package-lock.json")

SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"), "a private key"),
    (re.compile(r"\bAKIA[0-9A-Z]{16}\b"), "a cloud access key"),
    (re.compile(r"\b(?:ghp|gho|ghs|github_pat)_\w{30,}"), "a code host's token"),
    (re.compile(r"\bxox[abprs]-[\w-]{10,}"), "a chat token"),
    (re.compile(r"\b[sr]k_live_\w{16,}"), "a payment key"),
    (re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"), "a signed token"),
    (
        re.compile(
            r"\b(?:postgres(?:ql)?|redis|amqp|https?)://[^\s:/@{}$<>]+:(?!\*+@|password@|secret@)[^\s@{}$<>]{8,}@"
        ),
        "a URL with a password",
    ),
)
ASSIGNED = re.compile(
    r"(?i)\b[\w-]*(?:secret|passw(?:or)?d|token|api_?key|private_?key|_keys?)\w*[\"']?\s*[:=]\s*[\"']([A-Za-z0-9+/=_-]{24,})[\"']"
)
RANDOM_BITS_PER_CHARACTER = 3.7


def check(tree: Tree) -> Iterator[Finding]:
    """Find private keys, tokens, URLs with passwords and long random values assigned to secret-sounding names."""
    used: set[str] = set()
    for path in tree.paths:
        if path.startswith(LOCKS) or (text := tree.text(path)) is None:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for what in _looks_like(line):
                if path in ALLOWED:
                    used.add(path)
                else:
                    yield Finding(path, number, f"this looks like {what}: generate it or read it from the environment")
    present = [path for path in ALLOWED if path in tree.paths]
    yield from without_used(present, used, "tools/checks/house/secrets.py")


def _looks_like(line: str) -> Iterator[str]:
    for shape, what in SHAPES:
        if shape.search(line):
            yield what
    for found in ASSIGNED.finditer(line):
        if _bits_per_character(found[1]) > RANDOM_BITS_PER_CHARACTER:
            yield "a random secret"


def _bits_per_character(text: str) -> float:
    """Shannon entropy; words and repeated letters stay below 3.7, random base64 of 24 and more above."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())
