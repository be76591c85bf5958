"""Query budgets of the help centre's pages: twenty rows cost no more statements than one, nor more than they may."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Staff
from kb.models import GlossaryTerm, Translation
from kb.services import reading, writing
from kb.services.writing import Change, Wording
from tests.cast import signed_in
from tests.factories import kb

FEW, MANY = 1, 20
# Two of each are the session of the browser, and its row with the person.
DESK = {
    "/desk/articles/": 6,
    "/desk/articles/?list=review": 6,
    "/desk/articles/?list=translate": 7,
    "/desk/articles/?list=outdated": 6,
    "/desk/articles/new/": 7,
    "/desk/articles/pictures/": 6,
    "/desk/articles/report/": 12,
    "/desk/articles/bulletins/": 7,
    "/desk/articles/{article}/": 18,
    "/desk/articles/{article}/edit/": 9,
    "/desk/articles/{article}/changes/1/": 8,
}
# For readers: nobody is signed in, nothing of a session is read.
READERS = {
    "/help/en/": 9,
    "/help/en/c/deposits/": 8,
    "/help/en/a/first-0/": 16,
    "/help/en/faq/": 6,
    "/help/en/glossary/": 3,
    "/help/en/contact/": 6,
    "/help/en/bulletins/": 4,
    "/help/en/talks/": 3,
    "/help/sitemap.xml": 2,
}


def grow(first: Translation | None, numbers: range) -> Translation:
    """Add one of everything for each number; more of each to the first article too."""
    for number in numbers:
        row = kb.published(f"first-{number}", title=f"Article {number}", summary="On coins.", is_faq=True)
        first = first or row
        kb.translated(row.article, "zh-hans", title=f"文章 {number}", change=Change(translates=row.published))
        writing.comment(translation=first, by=kb.person("agent"), text=f"Is it so, {number}?")
        if first.published is not None:
            reading.tell(revision=first.published, text=f"A step is missing, {number}.")
        GlossaryTerm.objects.create(language="en", term=f"term {number}", meaning="A word.")
        kb.running_bulletin(f"Bulletin {number}")
        kb.talk(f"talk-{number}")
        kb.draft(f"waits-{number}")
        reading.searched(query=f"coins of kind {'x' * (number + 1)}", language="en", found=0)
    if first is None:
        raise AssertionError
    seen = first.current.number if first.current else 0
    for number in range(len(numbers)):
        wording = Wording(title="Article 0", summary="On coins.", body=f"Words, {number}.")
        writing.write(translation=first, by=kb.person("agent"), wording=wording, seen=seen + number)
    kb.let_out(first)
    return first


def test_pages__one_row_or_twenty__cost_the_same_within_budget(lead: Staff) -> None:
    browser, reader = signed_in(Client(), lead), Client()
    asked = [
        *((browser, page, most) for page, most in DESK.items()),
        *((reader, page, most) for page, most in READERS.items()),
    ]
    article = grow(None, range(FEW))
    few = [statements(client, page.format(article=article.public_id)) for client, page, _most in asked]
    grow(article, range(FEW, MANY))
    many = [statements(client, page.format(article=article.public_id)) for client, page, _most in asked]
    over = [
        f"{page}: {one} statements with one row, {twenty} with twenty, its budget is {most}"
        for (_client, page, most), one, twenty in zip(asked, few, many, strict=True)
        if twenty > one or one > most
    ]
    assert not over, "\n".join(over)


def statements(client: Client, path: str) -> int:
    """Count the statements of a page asked for the second time, when nothing is loaded for the first time any more."""
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answered = client.get(path)
    assert answered.status_code == 200, f"{path}: {answered.status_code}"
    return len(captured)
