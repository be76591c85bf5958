"""Help centre: the search page in five languages among BENCH_SIZE published translations, beside plain full text.

Words are made up, as frequent as words are (Zipf); one question in four has a typing error.
"""

import random
import string
from collections.abc import Sequence

from django.db import connection
from django.test import Client
from django.test.utils import override_settings

from bench import ground
from bench.report import Measured, Target, row
from core.ids import new_public_id
from kb.models import Article, Category, SearchVersion, Section, Synonym, Translation
from kb.search import words
from tests.support.databases import TestStores

LANGUAGES = ("en", "de", "es", "fr", "zh-hans")
ROUNDS, PER_ROUND, WARM_UP = 5, 100, 10
VOCABULARY, PER_ARTICLE, BATCH = 6_000, 160, 500
LIMIT_MS = 50.0
HAN = (
    "充提币账户网络确认安全密码手续费交易钱包地址转到银行卡身份证明验锁定助记词链上区块合约限额订单成"
    "市价止损杠杆合规报税申诉投诉客服电话邮件短信登录注册找回修改删除设置语言时间记录查询失败成功等待处理审核"
)
_DOCUMENTS = """
INSERT INTO kb_searchdocument (translation_id, article_id, category_id, language, is_staff_only, tags, title, summary,
                               text, title_vector, vector, words, quality)
SELECT one.pk, one.article, %s, %s, false, '{}', one.title, '', one.text, to_tsvector(%s::regconfig, one.title_words),
       setweight(to_tsvector(%s::regconfig, one.title_words), 'A') || setweight(to_tsvector(%s::regconfig, one.text_words), 'C'),
       string_to_array(one.text_words, ' '), random()
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])
     AS one(pk, article, title, text, title_words, text_words)
"""  # noqa: E501 -- SQL
_VOCABULARY = """
INSERT INTO kb_searchword (language, word, documents)
SELECT language, word, count(DISTINCT translation_id) FROM kb_searchdocument, unnest(words) AS word
WHERE length(word) <= 60 GROUP BY language, word
"""
_PLAIN = """
SELECT translation_id FROM kb_searchdocument WHERE language = %s AND vector @@ plainto_tsquery(%s::regconfig, %s)
ORDER BY ts_rank(vector, plainto_tsquery(%s::regconfig, %s)) DESC LIMIT 20
"""


def measure(stores: TestStores, size: int) -> Measured:
    """Ask in rounds, the search page and the plain statement in turns."""
    measured = Measured("kb", size)
    chance = random.Random(7)
    unlimited = override_settings(KB_CALLS_PER_MIN=dict.fromkeys(("search", "say", "suggest"), 10**6))
    with unlimited, ground.prepared(stores) as name, ground.pointed_at(name):
        spoken = {code: vocabulary(code, chance) for code in LANGUAGES}
        fill(size // len(LANGUAGES), spoken, chance)
        client = Client(SERVER_NAME="localhost")
        asked = [(code, question(spoken[code], code, chance)) for code in LANGUAGES for _ in range(PER_ROUND)]
        for code, query in asked[:: PER_ROUND // WARM_UP]:
            ask(client, code, query)
        taken: dict[str, list[list[float]]] = {}
        for number in range(ROUNDS):
            for code, query in asked[number::ROUNDS]:
                plain = taken.setdefault("plain", [[] for _ in range(ROUNDS)])
                ours = taken.setdefault(code, [[] for _ in range(ROUNDS)])
                plain[number].append(ground.timed(lambda code=code, query=query: bare(code, query)))  # type: ignore[misc]
                ours[number].append(ground.timed(lambda code=code, query=query: ask(client, code, query)))  # type: ignore[misc]
        floor = row("floor: plain full text, all languages", taken["plain"])
        measured.floors = {"plain_p95_ms": floor.p95_ms}
        measured.results.append(floor)
        sql = ground.statements(lambda: ask(client, *asked[0]))
        for code in LANGUAGES:
            ratio = row("", taken[code]).p95_ms / max(floor.p95_ms, 0.001)
            found = row(f"search page, {code}", taken[code], sql=sql, ratio=ratio)
            measured.results.append(found)
            measured.targets.append(Target(f"search page, {code}: p95 ms", found.p95_ms, LIMIT_MS))
    return measured


def vocabulary(code: str, chance: random.Random) -> list[str]:
    """Return words of a language, the most frequent first."""
    if code.startswith("zh"):
        return ["".join(chance.choices(HAN, k=2)) for _ in range(VOCABULARY)]
    letters = string.ascii_lowercase if code != "de" else string.ascii_lowercase + "äöü"
    return ["".join(chance.choices(letters, k=chance.randint(4, 11))) for _ in range(VOCABULARY)]


def said(spoken: Sequence[str], code: str, count: int, chance: random.Random) -> str:
    """Return a text of so many words, each as often as its place says."""
    weights = _weights(len(spoken))
    joint = "" if code.startswith("zh") else " "
    return joint.join(chance.choices(spoken, cum_weights=weights, k=count))


_kept: dict[int, list[float]] = {}


def _weights(count: int) -> list[float]:
    if count not in _kept:
        total, found = 0.0, []
        for place in range(1, count + 1):
            total += 1 / (place + 8)
            found.append(total)
        _kept[count] = found
    return _kept[count]


def question(spoken: Sequence[str], code: str, chance: random.Random) -> str:
    """Return one to four words, one in four questions with a typing error."""
    asked = said(spoken, code, chance.randint(1, 4), chance)
    if chance.random() < 0.25 and len(asked) > 4 and not code.startswith("zh"):
        place = chance.randrange(1, len(asked) - 1)
        asked = asked[:place] + asked[place + 1 :]
    return asked


def fill(articles: int, spoken: dict[str, list[str]], chance: random.Random) -> None:
    """Write so many articles in each language, as far as the search reads them."""
    category = Category.objects.create(slug="bench")
    section = Section.objects.create(slug="bench-part", category=category)
    made = Article.objects.bulk_create(
        (Article(slug=f"bench-{number}", section=section) for number in range(articles)), batch_size=BATCH
    )
    for code in LANGUAGES:
        for start in range(0, articles, BATCH):
            _write(made[start : start + BATCH], code, spoken[code], category.pk, chance)
        Synonym.objects.create(language=code, words=spoken[code][20:24])
        SearchVersion.objects.create(language=code, number=1)
    with connection.cursor() as cursor:
        cursor.execute(_VOCABULARY)


def _write(articles: list[Article], code: str, spoken: list[str], category: int, chance: random.Random) -> None:
    rows = Translation.objects.bulk_create(
        Translation(public_id=new_public_id(), article=article, language=code, slug=article.slug)
        for article in articles
    )
    titles = [said(spoken, code, 6, chance) for _ in rows]
    texts = [said(spoken, code, PER_ARTICLE, chance) for _ in rows]
    configuration = words.configuration(code)
    with connection.cursor() as cursor:
        cursor.execute(
            _DOCUMENTS,
            [
                category, code, configuration, configuration, configuration, [one.pk for one in rows],
                [one.article_id for one in rows], titles, texts, [words.indexed(one, code) for one in titles],
                [words.indexed(one, code) for one in texts],
            ],
        )  # fmt: skip


def bare(code: str, query: str) -> None:
    """Ask PostgreSQL alone."""
    configuration, asked = words.configuration(code), words.indexed(query, code)
    with connection.cursor() as cursor:
        cursor.execute(_PLAIN, [code, configuration, asked, configuration, asked])
        cursor.fetchall()


def ask(client: Client, code: str, query: str) -> None:
    """Ask for the page, which has to come."""
    if client.get(f"/help/{code}/search/", {"q": query}).status_code != 200:
        raise RuntimeError("The search page did not come.")
