"""What is committed works anywhere: no registry hosts, no paths of one machine, no notes from the workshop."""

import re
from collections.abc import Iterator

from tools.checks.tree import Finding, Tree, without_used

# Path → why it may hold such a word.
ALLOWED: dict[str, str] = {
    "tests/contracts/house/test_house_checks.py": "plants them",
}

PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"\b(pypi\.org|pythonhosted\.org|registry\.npmjs\.org|registry\.yarnpkg\.com|npmmirror\.com|tuna\.tsinghua|"
            r"mirrors?\.[\w.-]+/(pypi|simple|npm))|/simple/?\"|(?<!\S)--(extra-)?index-url\b|^\s*(extra-)?index-url\s*="
        ),
        "a package registry is the installer's own setting, never the project's",
    ),
    (
        re.compile(r"\"resolved\": \"http"),
        "lock files carry integrity, not addresses (omit-lockfile-registry-resolved)",
    ),
    (
        re.compile(
            r"(?<![\w.])/(root|work|Users|mnt|srv/[a-z]+/home)/[\w.-]+|(?<![\w.])/home/(?!pharos\b|app\b)[a-z]\w*/"
        ),
        "an absolute path of one machine: start from BASE_DIR, VAR_DIR or a variable",
    ),
    (re.compile(r"\bs[h]ared/(design|reference|hooks)\b"), "a file outside the project"),
    (re.compile(r"/t[m]p/pharos\b|\bissues sh[o]w\b|\bissue\s+#?\d+\b", re.IGNORECASE), "a note from the workshop"),
    (re.compile(r"C:\\\\?Users", re.IGNORECASE), "an absolute path of one machine"),
)


def check(tree: Tree) -> Iterator[Finding]:
    """Find registry hosts, machine paths and workshop words in every committed text file."""
    used: set[str] = set()
    for path in tree.paths:
        text = tree.text(path)
        if text is None:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for pattern, why in PATTERNS:
                found = pattern.search(line)
                if not found:
                    continue
                if path in ALLOWED:
                    used.add(path)
                else:
                    yield Finding(path, number, f"{found[0]!r}: {why}")
    present = [path for path in ALLOWED if path in tree.paths]
    yield from without_used(present, used, "tools/checks/house/foreign_words.py")
