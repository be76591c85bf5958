"""What a reader asks, as the search understands it: units, each of which may be said in several ways."""

import math
from dataclasses import dataclass

from kb.search import words
from kb.search.vocabulary import Vocabulary, stemmed

MOST_WORDS = 12
MOST_CORRECTED = 4
LONGEST_SYNONYM = 4


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that is asked for, and the other ways to say it; how much it tells articles apart, from 0 to 1."""

    ways: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Question:
    """All units, and the question as it was understood, where that is not as it was written."""

    units: tuple[Unit, ...]
    understood: str = ""


def understand(query: str, *, language: str, vocabulary: Vocabulary) -> Question:
    """Read a query: what names an account is left out, typing errors are mended, synonyms stand beside their words."""
    plain = words.folded(words.without_identifiers(query[: words.LONGEST_QUERY]))
    if words.is_cut_by_us(language):
        return _without_spaces(plain, language, vocabulary)
    asked = words.words(plain, language)[:MOST_WORDS]
    mended = _mended(asked, language, vocabulary)
    spoken = [part for word in mended for part in word.split()][:MOST_WORDS]
    units = _with_synonyms(spoken, language, vocabulary)
    understood = " ".join(mended) if mended != asked else ""
    return Question(tuple(units), understood)


def _mended(asked: list[str], language: str, vocabulary: Vocabulary) -> list[str]:
    strange = [word for word in dict.fromkeys(asked) if word not in vocabulary.counts]
    if not strange or not vocabulary.counts:
        return asked
    # A word that nobody has written like this may be another form of one that is there.
    stems = dict(zip(strange, stemmed(strange, language), strict=True))
    known = _known_stems(vocabulary, language)
    better: dict[str, str] = {}
    for word in strange:
        if stems[word] and not set(stems[word]) <= known and len(better) < MOST_CORRECTED:
            better[word] = vocabulary.nearest(word) or word
    return [better.get(word, word) for word in asked]


_stems: dict[tuple[str, int], set[str]] = {}


def _known_stems(vocabulary: Vocabulary, language: str) -> set[str]:
    """Return the stems of all words and synonyms; worked out once for each state of the vocabulary."""
    key = (language, vocabulary.version)
    if key not in _stems:
        for old in [one for one in _stems if one[0] == language]:
            del _stems[old]
        found = {stem for stems in stemmed(list(vocabulary.counts), language) for stem in stems}
        _stems[key] = found | {stem for group in vocabulary.groups for stem in group}
    return _stems[key]


def _with_synonyms(spoken: list[str], language: str, vocabulary: Vocabulary) -> list[Unit]:
    stems = stemmed(spoken, language)
    units: list[Unit] = []
    place = 0
    while place < len(spoken):
        length, others = _longest(stems, place, vocabulary)
        said = " ".join(spoken[place : place + length])
        if any(stems[place : place + length]):
            joined = "".join(spoken[place : place + 2])
            beside = [joined] if length == 1 and joined in vocabulary.counts and joined != said else []
            ways = tuple(dict.fromkeys([said, *beside, *others]))
            units.append(Unit(ways, _weight(ways[0], vocabulary)))
        place += length
    return units


def _longest(stems: list[tuple[str, ...]], place: int, vocabulary: Vocabulary) -> tuple[int, tuple[str, ...]]:
    """How many words from `place` on are said otherwise, and how; one, if none are."""
    for length in range(min(LONGEST_SYNONYM, len(stems) - place), 0, -1):
        key = tuple(stem for word in stems[place : place + length] for stem in word)
        if key and stems[place] and key in vocabulary.groups:
            return length, vocabulary.groups[key]
    return 1, ()


def _without_spaces(plain: str, language: str, vocabulary: Vocabulary) -> Question:
    """Find synonyms as they are written, and cut what is left between them."""
    units: list[Unit] = []
    rest = _mended_runs(plain, vocabulary)
    understood = rest if rest != plain else ""
    for phrase, group in vocabulary.phrases:
        if phrase in rest and len(units) < MOST_WORDS:
            rest = rest.replace(phrase, " ")
            ways = tuple(dict.fromkeys((phrase, *group)))
            units.append(Unit(ways, _weight(ways[0], vocabulary)))
    asked = [word for word in dict.fromkeys(words.words(rest, language)) if word not in _SAY_NOTHING]
    mended = [
        (vocabulary.nearest(word) or word) if word.isascii() and word not in vocabulary.counts else word
        for word in asked
    ]
    units += [Unit((word,), _weight(word, vocabulary)) for word in mended[:MOST_WORDS]]
    for before, after in zip(asked, mended, strict=True):
        if before != after:
            understood = (understood or plain).replace(before, after)
    return Question(tuple(units[:MOST_WORDS]), understood)


def _mended_runs(plain: str, vocabulary: Vocabulary) -> str:
    """Put right one wrong character in a longer word, where the words around do not say that it is another one."""
    for phrase in vocabulary.long_words:
        if phrase in plain:
            continue
        for start in range(len(plain) - len(phrase) + 1):
            window = plain[start : start + len(phrase)]
            wrong = sum(one != other for one, other in zip(window, phrase, strict=True))
            if wrong == 1 and not vocabulary.is_known(window):
                return plain[:start] + phrase + plain[start + len(phrase) :]
    return plain


def _weight(said: str, vocabulary: Vocabulary) -> float:
    """How rare the rarest word of `said` is: 1 for one in hardly any article, near 0 for one in all."""
    counted = [vocabulary.counts.get(word, 0) for word in said.split()]
    share = min(counted, default=0) / max(1, vocabulary.documents)
    return max(0.05, 1 - math.sqrt(share))


# Words of Chinese questions that are in every question; PostgreSQL has no list of its own.
_CHINESE = (
    "的 了 吗 呢 吧 啊 我 你 您 他 她 它 们 我们 你们 是 在 有 和 与 或 也 都 就 要 会 能 可以 怎么 怎样 "
    "如何 什么 为什么 哪里 哪儿 谁 多少 几 这 那 这个 那个 一个 请 请问 想 把 被 给 到 从 对 里 上 下 去 "
    "来 么 办 怎么办 得 着 过 很 还 又 并 及 等 为 用 让 说 个"
)
_SAY_NOTHING = frozenset(_CHINESE.split())
