"""Libraries in and out: folders of Markdown and exports of others; refusals are told, a second time changes nothing."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from kb.interchange import chatwoot, folder, zammad, zendesk
from kb.models import Article, GlossaryTerm, Revision, Synonym, Translation
from kb.services import importing

DEMO = Path(__file__).parents[3] / "kb" / "demo"
TREE = "- slug: safety\n  name: {en: Safety, zh-hans: 安全}\n  sections:\n  - slug: scams\n    name: {en: Scams}\n"
PAGE = "---\ntitle: {title}\nrelated: [none-such]\nreview_by: 2027-06-01\n{more}---\nBody of it, see [this](kb:fake-support).\n"


def library(root: Path, **more: str) -> Path:
    (root / "en" / "safety" / "scams").mkdir(parents=True)
    (root / "zh-hans" / "safety" / "scams").mkdir(parents=True)
    (root / "tree.yaml").write_text(TREE)
    (root / "synonyms.yaml").write_text("en:\n- [scam, fraud]\n")
    (root / "glossary.yaml").write_text("- term: {en: Seed phrase}\n  meaning: {en: Words that are your wallet.}\n")
    files = {"en/safety/scams/fake-support.md": PAGE.format(title="Fake support", more="tags: [btc]\n"), **more}
    for name, content in files.items():
        (root / name).write_text(content)
    return root


def test_folder__read_twice__is_published_once(db: None, tmp_path: Path) -> None:
    place = library(tmp_path, **{"zh-hans/safety/scams/fake-support.md": PAGE.format(title="假客服", more="")})
    first = importing.take(library=folder.read(place))
    again = importing.take(library=folder.read(place))

    assert sorted(first.added) == ["en/fake-support", "zh-hans/fake-support"]
    assert [refusal.why for refusal in first.refusals] == ["related: nothing is called none-such"]
    assert (again.added, again.changed, again.unchanged) == ([], [], 2)
    chinese = Translation.objects.select_related("published__translates__translation").get(language="zh-hans")
    assert chinese.published is not None
    assert chinese.published.translates is not None
    assert chinese.published.translates.translation.language == "en"
    assert (GlossaryTerm.objects.count(), Synonym.objects.count()) == (1, 1)


def test_folder__what_cannot_be_taken__is_told_and_the_rest_is_taken(db: None, tmp_path: Path) -> None:
    place = library(
        tmp_path,
        **{
            "en/safety/scams/no-front.md": "Nothing",
            "en/safety/scams/Bad Name.md": PAGE.format(title="Bad", more=""),
            "en/safety/scams/bad-yaml.md": "---\ntitle: [\n---\nx",
            "en/safety/scams/secret.md": PAGE.format(title=" ".join(["abandon"] * 11 + ["about"]), more=""),
        },
    )
    report = importing.take(library=folder.read(place))
    told = {refusal.where.split("/")[-1].removesuffix(".md") for refusal in report.refusals}
    assert {"no-front", "Bad Name", "bad-yaml", "secret"} <= told
    assert report.added == ["en/fake-support"]


def test_command__dry_run__writes_nothing(db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("kb_import", str(library(tmp_path)), "--dry-run")
    assert "1 would be added" in capsys.readouterr().out
    assert not Article.objects.exists()


def test_export__read_again__is_the_same(db: None, tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    importing.take(library=folder.read(library(source)))
    call_command("kb_export", str(target))
    report = importing.take(library=folder.read(target))
    assert (report.added, report.changed, report.unchanged, report.refusals) == ([], [], 1, [])


BODY = "<h1>Hi</h1><p>See <a href='javascript:x'>this</a> and <a href='https://ok.example/'>that</a></p><ul><li>One</li></ul><script>x</script>"


def test_exports_of_others__become_articles(db: None, tmp_path: Path) -> None:
    files = {
        "zendesk": {
            "categories": [{"id": 1, "name": "Money", "locale": "en-us"}],
            "sections": [{"id": 2, "category_id": 1, "name": "Fees"}],
            "articles": [
                {"id": 3, "section_id": 2, "title": "What it costs", "body": BODY, "locale": "en-us"},
                {"id": 4, "section_id": 9, "title": "Lost", "body": ""},
            ],
        },
        "zammad": {
            "KnowledgeBaseLocale": {"1": {"id": 1, "system_locale_id": 1}},
            "Locale": {"1": {"id": 1, "locale": "de-de"}},
            "KnowledgeBaseCategoryTranslation": {"1": {"kb_locale_id": 1, "category_id": 5, "title": "Konto"}},
            "KnowledgeBaseAnswer": {"7": {"id": 7, "category_id": 5, "published_at": "2026-01-01"}},
            "KnowledgeBaseAnswerTranslationContent": {"8": {"id": 8, "body": BODY}},
            "KnowledgeBaseAnswerTranslation": {
                "9": {"answer_id": 7, "kb_locale_id": 1, "content_id": 8, "title": "Passwort"}
            },
        },
        "chatwoot": {
            "categories": [{"id": 1, "slug": "start", "name": "Start", "locale": "en"}],
            "articles": [{"id": 2, "title": "Begin", "content": "**Hi**", "category": {"id": 1}, "status": "draft"}],
        },
    }
    readers = {"zendesk": zendesk.read, "zammad": zammad.read, "chatwoot": chatwoot.read}
    for name, content in files.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(content))
        report = importing.take(library=readers[name](path))
        assert len(report.added) == 1, (name, report.refusals)
    told = Revision.objects.get(title="What it costs")
    assert told.body == "## Hi\n\nSee this and [that](https://ok.example/)\n\n- One"
    assert "javascript" not in told.html
    assert not Translation.objects.get(current__title="Begin").published_id
    assert Translation.objects.get(current__title="Passwort").language == "de"
