"""The public pages: languages and what stands in, caches, search engines, votes without a session or a script."""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Staff
from core.models import AuditEntry
from kb.models import Deflection, Feedback, Revision, Section, SlugRedirect, Translation, Vote
from kb.services import publishing, writing
from kb.services.writing import Change, Wording
from tests.cast import signed_in
from tests.corpus.xss import PAYLOADS
from tests.factories import kb

BUDGET = 60 * 1024
HERE = {"origin": settings.SITE_URL}


def page(client: Client, path: str, **headers: str) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == 200, (path, response.status_code)
    return response.content.decode()


@pytest.fixture
def article(db: None) -> Translation:
    return kb.published("wallets", title="Wallets", body="# What\n\nA wallet holds keys.", summary="On wallets.")


def test_page__every_one__is_kept_by_caches_and_knows_nobody(
    client: Client, article: Translation, agent: Staff
) -> None:
    paths = ["", "a/wallets/", "c/deposits/", "c/deposits/coins/", "faq/", "glossary/", "contact/"]
    plain = {path: page(Client(), f"/help/en/{path}") for path in paths}
    signed_in(client, agent)
    client.cookies["pharos_theme"] = "dark"
    for path in paths:
        response = client.get(f"/help/en/{path}")
        assert response.content.decode() == plain[path]
        assert response.headers["Cache-Control"] == f"public, max-age={10 if path == 'contact/' else 60}"
        assert "Cookie" not in response.headers.get("Vary", "")
        assert not response.cookies
        again = client.get(f"/help/en/{path}", headers={"if-none-match": response.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_page__article__weighs_little_and_runs_no_script(client: Client, article: Translation) -> None:
    html = page(client, "/help/en/a/wallets/")
    sheets = re.findall(r'href="/static/(dist/assets/help-[^"]+\.css)"', html)
    assert len(sheets) == 1
    whole = html.encode() + (Path(settings.BASE_DIR) / "helpdesk/static" / sheets[0]).read_bytes()
    assert len(gzip.compress(whole)) < BUDGET
    assert re.findall(r"<script(?! type=\"application/ld\+json\")", html) == []


def test_article__for_search_engines__says_what_it_is(client: Client, article: Translation) -> None:
    kb.translated(article.article, "zh-hans", title="</script><b>钱包")
    html = page(client, "/help/zh-hans/a/wallets/")
    blocks = [json.loads(one) for one in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)]
    assert [one["@type"] for one in blocks] == ["TechArticle", "BreadcrumbList"]
    assert blocks[0]["headline"] == "</script><b>钱包"
    assert '<link rel="alternate" hreflang="en"' in html
    assert 'hreflang="x-default"' in html
    assert 'lang="zh-hans"' in html
    assert 'content="index, follow"' in html
    told = page(client, "/help/sitemap.xml")
    assert told.count("<url>") == 2
    assert told.count("hreflang=") == 4


def test_article__not_in_the_readers_language__is_shown_in_the_one_that_stands_in(
    client: Client, article: Translation
) -> None:
    kb.translated(article.article, "zh-hans", title="钱包")
    html = page(client, "/help/zh-hant/a/wallets/")
    assert "钱包" in html
    assert "简体中文" in html
    assert '<article class="grid gap-4" lang="zh-hans"' in html
    assert "Deutsch" not in page(client, "/help/de/a/wallets/")
    assert client.get("/help/xx/a/wallets/").status_code == 404


def test_article__renamed_staff_only_archived_or_draft__leads_on_or_is_not_there(
    client: Client, article: Translation, lead: Staff
) -> None:
    writing.rename(translation=article, by=lead, slug="hot-wallets")
    assert SlugRedirect.objects.exists()
    for former in ("wallets", "hot-wallets"):
        assert "Wallets" in client.get(f"/help/en/a/{former}/", follow=True).content.decode()
    kb.published("procedure", is_staff_only=True)
    kb.draft("soon")
    for hidden in ("procedure", "soon"):
        assert client.get(f"/help/en/a/{hidden}/").status_code == 404
    everywhere = [page(client, f"/help/en/{path}") for path in ("", "faq/", "c/deposits/", "search/?q=procedure")]
    assert not any("Procedure" in html for html in everywhere)
    publishing.archive(translation=article, by=lead)
    assert client.get("/help/en/a/hot-wallets/").status_code == 404


@pytest.mark.parametrize(
    ("significance", "warning"), [("typo", ""), ("content", "newer than this"), ("major", "important points")]
)
def test_translation__source_has_changed__warns_by_what_the_change_means(
    client: Client, agent: Staff, article: Translation, significance: str, warning: str
) -> None:
    kb.translated(article.article, "de", title="Geldbörsen", change=Change(translates=article.published))
    wording = Wording(title="Wallets", body="Other.")
    writing.write(translation=article, by=agent, wording=wording, seen=1, change=Change(significance=significance))
    kb.let_out(article)
    html = page(client, "/help/de/a/wallets/")
    assert ("newer than this" in html or "important points" in html) == bool(warning)
    assert warning in html


def test_vote__twice_by_one_reader__counts_once_with_its_reason(client: Client, article: Translation) -> None:
    path = f"/help/en/vote/{article.public_id}/"
    assert client.post(path, {"helpful": "yes"}).status_code == 403
    first = client.post(path, {"helpful": "no"}, headers=HERE)
    assert "Why not?" in first.content.decode()
    assert first.headers["Cache-Control"] == "no-store"
    client.post(path, {"helpful": "no", "reason": "unclear"}, headers=HERE)
    vote = Vote.objects.get()
    assert (vote.is_helpful, vote.reason, vote.revision) == (False, "unclear", article.published)
    assert client.cookies[settings.READER_COOKIE_NAME].value not in vote.reader
    Client().post(path, {"helpful": "yes"}, headers=HERE)
    assert Vote.objects.count() == 2
    assert AuditEntry.objects.filter(action="article.voted").count() == 3


def test_feedback__with_a_secret__is_kept_masked(client: Client, article: Translation) -> None:
    phrase = " ".join(["abandon"] * 11 + ["about"])
    client.post(f"/help/en/feedback/{article.public_id}/", {"text": f"Mine is {phrase}"}, headers=HERE)
    assert "abandon" not in Feedback.objects.get().text


def test_suggestion__solved__is_counted_and_from_elsewhere_refused(client: Client, article: Translation) -> None:
    asked = {"text": "what does a wallet hold", "language": "en-GB"}
    found = client.post("/help/suggest/", asked, content_type="application/json", headers=HERE).json()["suggestions"]
    assert [one["title"] for one in found] == ["Wallets"]
    said = {"id": found[0]["id"], "door": "web"}
    for origin, status in (("https://evil.example", 403), (settings.SITE_URL, 204), (settings.SITE_URL, 204)):
        answer = client.post("/help/solved/", said, content_type="application/json", headers={"origin": origin})
        assert answer.status_code == status
    assert Deflection.objects.get().door == "web"


def test_search__page__marks_and_escapes_what_was_asked(client: Client, article: Translation) -> None:
    html = page(client, "/help/en/search/?q=wallet%3Cscript%3E&category=deposits")
    assert "<mark>Wallets</mark>" in html
    assert "<script>" not in html
    assert "Did you mean" in page(client, "/help/en/search/?q=walets")
    assert "Nothing found" in page(client, "/help/en/search/?q=zebra")
    assert client.get("/help/en/search/?q=a").headers["Cache-Control"] == "no-store"


def test_root__leads_to_the_readers_language(client: Client, db: None) -> None:
    response = client.get("/help/", headers={"accept-language": "zh-CN,en;q=0.5"})
    assert response.headers["Location"] == "/help/zh-hans/"


def test_video__of_a_named_host__is_let_in_on_its_page_alone(
    db: None, client: Client, settings: pytest.FixtureRequest
) -> None:
    settings.KB_VIDEO_HOSTS = ["video.example"]  # type: ignore[attr-defined]
    kb.published("tour", body="![Tour](https://video.example/1)")
    kb.published("plain")
    policy = client.get("/help/en/a/tour/").headers["Content-Security-Policy"]
    assert "frame-src https://video.example" in policy
    assert "video.example" not in client.get("/help/en/a/plain/").headers["Content-Security-Policy"]


@pytest.mark.attack("B1")
def test_payloads__in_every_field__are_words_on_every_page(client: Client, db: None) -> None:
    for number, payload in enumerate(PAYLOADS[::9]):
        said = payload.replace("\x00", "")
        section: Section = kb.section()
        title = said.replace("\n", " ")[:160].strip() or "x"
        made = kb.published(f"p-{number}", title=title, summary=title, body=said, section=section)
        assert isinstance(made.published, Revision)
        paths = (f"/help/en/a/p-{number}/", f"/help/en/search/?q=p-{number}")
        for path in paths:
            html = page(client, path)
            assert not re.search(r"<[^>]*\son(?:error|load|click|\w{3,20})\s*=(?![^<]*&gt;)", _markup(html)), said
            assert "<svg/onload" not in html
            assert html.count("<iframe") == 0


def _markup(html: str) -> str:
    """Without what stands in quoted attribute values."""
    return re.sub(r'"[^"]*"', '""', html)
