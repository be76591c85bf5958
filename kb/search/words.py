"""Words of a text in a language, and what is never one: addresses, hashes, long numbers, secrets."""

import re
import threading
import unicodedata
import warnings
from functools import cache
from itertools import pairwise
from typing import Any

from django.conf import settings

from kb.languages import LANGUAGES
from security.redaction import redact

LONGEST_WORD = 40
LONGEST_QUERY = 200
LONGEST_LOGGED = 120
_IDENTIFIERS = re.compile(
    r"[^\s@<>()]+@[^\s@<>()]+"  # mail addresses, names at services
    r"|https?://\S+|www\.\S+"
    r"|\b0x[0-9a-fA-F]{6,}\b"
    r"|\b(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9]{16,}\b"  # wallet addresses, hashes, tokens
    r"|[A-Za-z0-9+/=_-]{28,}"
    r"|\+?\d[\d \-().]{5,}\d"  # telephone and card numbers
    r"|\d{5,}"
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]+")
_KANA_HANGUL_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_loading = threading.Lock()


def without_identifiers(text: str) -> str:
    """Return `text` without anything that names a person, an account or a transaction."""
    return _IDENTIFIERS.sub(" ", text)


def folded(text: str) -> str:
    """Return `text` as it is compared: one width, small letters, plain apostrophes."""
    return unicodedata.normalize("NFKC", text).lower().replace("’", "'")


def for_the_log(query: str) -> str:
    """Return a query as it may be kept: words alone, and nothing of one that holds a secret.

    The database refuses what this would miss (kb_searchquerylog_without_identifiers).
    """
    if redact(query).findings:
        return ""
    words = _WORD.findall(folded(without_identifiers(query)))
    kept = [word for word in words if not re.search(r"\d{5,}|[0-9a-z]{20,}", word)]
    return " ".join(kept)[:LONGEST_LOGGED].strip()


def words(text: str, language: str) -> list[str]:
    """Return the words of a text, in order; cut by us where no spaces set them off."""
    plain = folded(text)
    if language.startswith("zh"):
        return _mixed(plain, _HAN, lambda run: [word for word in _jieba().cut(run) if word.strip()])
    if language in {"ja", "ko"}:
        return _mixed(plain, _KANA_HANGUL_HAN, bigrams)
    return [word[:LONGEST_WORD] for word in _WORD.findall(plain)]


def indexed(text: str, language: str) -> str:
    """Return what PostgreSQL is given to index: the words; where we cut them, the shorter ones inside too."""
    plain = folded(text)
    if language.startswith("zh"):
        return " ".join(_mixed(plain, _HAN, lambda run: [*_jieba().cut_for_search(run), *bigrams(run)]))
    if language in {"ja", "ko"}:
        return " ".join(_mixed(plain, _KANA_HANGUL_HAN, bigrams))
    return " ".join(word[:LONGEST_WORD] for word in _WORD.findall(plain))


def is_cut_by_us(language: str) -> bool:
    """Whether words of this language are not set off by spaces."""
    return language.startswith("zh") or language in {"ja", "ko"}


def bigrams(run: str) -> list[str]:
    """Return each two neighbours of a run of characters; a single one for itself."""
    return [first + second for first, second in pairwise(run)] or [run]


def configuration(language: str) -> str:
    """Return PostgreSQL's text search configuration."""
    return LANGUAGES[language].configuration if language in LANGUAGES else "simple"


def _mixed(plain: str, runs: re.Pattern[str], cut: Any) -> list[str]:  # noqa: ANN401 -- a function of a run
    found: list[str] = []
    position = 0
    for run in runs.finditer(plain):
        found += _WORD.findall(plain[position : run.start()])
        found += cut(run[0])
        position = run.end()
    found += _WORD.findall(plain[position:])
    return [word[:LONGEST_WORD] for word in found]


def _jieba() -> Any:  # noqa: ANN401 -- untyped
    with _loading:
        return _load_jieba()


@cache
def _load_jieba() -> Any:  # noqa: ANN401 -- untyped
    """Load the dictionary once, about a second, when the first Chinese text comes."""
    with warnings.catch_warnings():
        # Its patterns are written in a way that newer Pythons warn of when they compile it.
        warnings.simplefilter("ignore")
        import jieba  # noqa: PLC0415 -- as said

    jieba.setLogLevel(60)
    tokenizer = jieba.Tokenizer()
    # Its cache is read back as code objects are: never from a folder that others write to.
    tokenizer.tmp_dir = str(settings.VAR_DIR)
    tokenizer.initialize()
    return tokenizer
