"""The search over everything: what finds what, who finds it, and what is refused."""

import contextlib
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from accounts.models import Customer, Staff
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import mail_ticket, requester
from tests.support.databases import TestStores
from tickets import migrations
from tickets.models import Message, SearchEntry, Tag, Ticket
from tickets.search.language import QueryError
from tickets.selectors import search
from tickets.services import corrections, replies

HASH = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
ADDRESS = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
UUID = "550e8400-e29b-41d4-a716-446655440000"


def found(text: str, person: Staff) -> list[int]:
    return [hit.row.number for hit in search.found_for(text, person=person).hits]


def noted(ticket: Ticket, by: Staff, text: str) -> Message:
    return replies.add_note(ticket=ticket, author=by, text=text)


def of_customer(**more: Any) -> Ticket:
    return mail_ticket(address=f"c{Ticket.objects.count()}@example.net", **{"subject": "plain", **more})


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("My withdrawals are pending.", "withdrawal"), ("I withdrew twice, deposits arrived", "deposit"),
        ("我的充值没到账，请帮忙", "充值"), ("我的充值没到账，请帮忙", "没到账"), ("我的充值没到账，请帮忙", "账"),
        ("我的充值没到账，请帮忙", '"充值没到账"'), ("出金がまだ届きません", "届きません"), ("ﾋﾞｯﾄｺｲﾝの送金", "ビットコイン"),
        ("출금이 아직 처리되지 않았어요", "출금"), ("BTC充值很慢", "btc充值"), ("Вывод средств завис", "средств"),
        (f"Transaction {HASH} is gone", HASH), (f"to {ADDRESS}.", ADDRESS.upper()), (f"Case {UUID}", UUID),
        ("write to other.person+x@example.org please", "other.person+x@example.org"), ("Order 12e45678ab", "12e456"),
        ("at https://pharos.test/orders/abc?next=withdraw", "withdraw"), ("<script>withdrawn", "withdrawn"),
    ],
)  # fmt: skip
def test_search__words_of_a_message__find_its_ticket_alone(db: None, agent: Staff, text: str, query: str) -> None:
    of_customer(text="Something else entirely. 别的事情 別の件 다른 일")
    wanted = of_customer(text=text)
    assert found(query, agent) == [wanted.number]


def test_search__identifiers__are_found_by_every_beginning_of_six(db: None, agent: Staff) -> None:
    wanted = of_customer(text=f"{HASH} {ADDRESS} {UUID} someone@example.org")
    of_customer(text="Nothing of the kind.")
    for whole in (HASH, ADDRESS, UUID, "someone@example.org"):
        missed = [end for end in range(6, len(whole) + 1) if found(whole[:end], agent) != [wanted.number]]
        assert not missed, whole


def test_search__head__is_found_by_number_subject_name_and_address(db: None, agent: Staff) -> None:
    wanted = mail_ticket(address="quentin@example.net", subject="Zirconium", text="plain")
    Customer.objects.filter(pk=wanted.requester_id).update(name="Quirina Oddname")
    for query in (
        f"#{wanted.number}",
        f"number:{wanted.number}",
        str(wanted.number),
        "zirconium",
        "quirina",
        "quentin@ex",
    ):
        assert found(query, agent) == [wanted.number], query
    Customer.objects.filter(pk=wanted.requester_id).update(name="Erased")
    assert found("quirina", agent) == []


def test_search__corrected_and_withdrawn_words__are_gone(db: None, agent: Staff) -> None:
    ticket = of_customer(text="plain")
    said = replies.add(
        ticket=ticket,
        sender=requester(ticket.requester),
        channel="chat",
        words=replies.Words(text="The marmalade is missing"),
    )
    corrections.correct(message=said, by=ticket.requester, text="The pineapple is missing")
    assert (found("marmalade", agent), found("pineapple", agent)) == ([], [ticket.number])
    corrections.take_back(message=said, by=ticket.requester)
    assert found("pineapple", agent) == []


def test_search__operators__narrow(db: None, agent: Staff) -> None:
    team = TeamFactory.create(name="Cash desk", slug="cash-desk")
    first = of_customer(text="withdrawal one", team=team, priority="urgent", language="zh-hans")
    Ticket.objects.filter(pk=first.pk).update(assignee=agent)
    first.tags.add(Tag.objects.create(name="very important"))
    noted(first, agent, "Checked the marmalade")
    second = of_customer(text="withdrawal two, no fee")
    spam = of_customer(text="withdrawal three", is_spam=True)
    both = [second.number, first.number]
    for query, wanted in {
        "withdrawal": both, "withdrawal -fee": [first.number], "withdrawal priority:urgent": [first.number],
        "assignee:me": [first.number], 'assignee:"ada agent"': [first.number], "withdrawal assignee:none": [second.number],
        'tag:"very important"': [first.number], '-tag:"very important"': [second.number], "team:cash-desk": [first.number],
        'team:"Cash desk"': [first.number], "language:zh": [first.number], "from:c0@example.net": [first.number],
        "from:@example.net withdrawal": both, "-from:c0@ withdrawal": [second.number], "has:note": [first.number],
        "has:note withdrawal": [], "has:note marmalade": [first.number], "has:attachment": [], "is:spam": [spam.number],
        "is:unassigned": [second.number], "is:proven": both, "channel:email status:new status:open": both,
        "after:2020-01-01 withdrawal": both, "before:2020-01-01": [], "-before:2020-01-01": both,
        "on:2020-01-01 withdrawal": [], '"withdrawal two"': [second.number], '"two withdrawal"': [], "the withdrawal": both,
    }.items():  # fmt: skip
        assert sorted(found(query, agent)) == sorted(wanted), query


@pytest.mark.attack("D5")
def test_search__hidden_tickets__are_not_found_counted_or_named(
    db: None, agent: Staff, vendor: Staff, lead: Staff
) -> None:
    hidden = of_customer(
        text="marmalade", team=TeamFactory.create(slug="compliance", name="Compliance", is_restricted=True)
    )
    hidden.tags.add(Tag.objects.create(name="secret"))
    teamless = of_customer(text="marmalade")
    assert found("marmalade", agent) == [teamless.number]
    assert search.found_for("marmalade", person=agent).count == 1
    assert search.found_for("marmalade", person=vendor) == search.Found((), "", 0, has_more_than_ranked=False)
    assert found(f"#{hidden.number}", agent) == []
    for query in ("tag:secret", "team:compliance"):
        with pytest.raises(QueryError) as caught:
            found(query, agent)
        with pytest.raises(QueryError) as unknown:
            found(query.partition(":")[0] + ":nothing", agent)
        assert caught.value.sentence == unknown.value.sentence


@pytest.mark.attack("D3")
@pytest.mark.parametrize(
    "query", ["team:nothing", "assignee:nobody", "topic:nothing", "tag:%", "before:9999-12-31 on:9999-12-31"]
)
def test_search__names_that_are_not_there__are_an_error_with_the_piece(db: None, agent: Staff, query: str) -> None:
    with pytest.raises(QueryError) as caught:
        found(query, agent)
    assert caught.value.piece in query


@pytest.mark.attack("D3")
@pytest.mark.parametrize(
    "query", ["' OR 1=1 --", "a:* & !b | c", "from:x'\\:*", "\\", "%(x)s %s", "=abc <-> 'd'", '"充" 充 ・']
)
def test_search__what_looks_like_a_query_of_the_database__is_words(db: None, agent: Staff, query: str) -> None:
    of_customer(text="plain")
    with contextlib.suppress(QueryError):
        assert found(query, agent) == []


def test_search__more_than_is_ranked__pages_to_the_end_and_says_so(
    db: None, agent: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = {of_customer(text="withdrawal", subject="plain").number for _ in range(5)}
    monkeypatch.setattr(search, "PAGE_SIZE", 2)
    first = search.found_for("withdrawal", person=agent)
    later = of_customer(text="withdrawal")
    seen = [hit.row.number for hit in first.hits]
    cursor = first.next_cursor
    while cursor:
        page = search.found_for("withdrawal", person=agent, after=cursor)
        seen += [hit.row.number for hit in page.hits]
        cursor = page.next_cursor
    assert (len(seen), set(seen)) == (5, numbers)
    monkeypatch.setattr(search, "MOST_HITS", 3)
    found_now = search.found_for("withdrawal", person=agent)
    assert found_now.has_more_than_ranked
    assert found_now.hits[0].row.number == later.number


@pytest.mark.parametrize("newest", [1, 3, 8, 100])
def test_search__few_among_the_newest__are_found_further_back_in_at_most_three_looks(
    db: None, agent: Staff, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any, newest: int
) -> None:
    old = [of_customer(text="withdrawal", subject="plain").number for _ in range(3)]
    for _ in range(4):
        of_customer(text="plain", subject="plain")
    new = of_customer(text="withdrawal", subject="plain").number
    monkeypatch.setattr(search, "NEWEST", newest)
    for most, numbers in ((10, [new, *reversed(old)]), (2, [new, old[2]])):
        monkeypatch.setattr(search, "MOST_HITS", most)
        with django_assert_max_num_queries(10):
            page = search.found_for("withdrawal", person=agent)
        assert [hit.row.number for hit in page.hits] == numbers
        assert page.has_more_than_ranked is (most == 2)


def test_search__snippets__mark_the_words_and_only_as_text(db: None, agent: Staff) -> None:
    of_customer(text="Hello <script>. My withdrawals \ue000are\ue001 pending. 充值没到账")
    (hit,) = search.found_for("withdrawal 充值", person=agent).hits
    assert [piece.text for piece in hit.snippets[0].pieces if piece.is_hit] == ["充值"]
    (hit,) = search.found_for("withdrawal", person=agent).hits
    assert [piece.text for piece in hit.snippets[0].pieces if piece.is_hit] == ["withdrawals"]
    assert (
        "".join(piece.text for piece in hit.snippets[0].pieces)
        == "Hello <script>. My withdrawals are pending. 充值没到账"
    )


def test_index__a_text_beyond_what_a_vector_holds__is_kept_all_the_same(db: None, agent: Staff) -> None:
    words = " ".join(f"w{number:x}q{number}" for number in range(120_000))
    han = "".join(chr(0x4E00 + number % 20_000) + chr(0x4E00 + number * 7 % 19_997) for number in range(60_000))
    wanted = of_customer(text="plain")
    for text in (words, han, f"{words[:100_000]}{han}", "a@b.co " * 60_000):
        Message.objects.filter(ticket=wanted, seq=1).update(text=text)
    assert SearchEntry.objects.filter(ticket=wanted).count() == 2


def test_index__app_role__reads_and_never_writes(clone_db: str, agent: Staff) -> None:
    of_customer(text="plain")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege('pharos_app', 'tickets_searchentry', 'INSERT, UPDATE, DELETE'),"
            " has_function_privilege('pharos_app', 'core.search_index_message()', 'EXECUTE')"
        )
        assert cursor.fetchone() == (False, False)
    assert SearchEntry.objects.count() == 2


def test_index__what_was_there_before_it__is_indexed_by_the_migration(
    clone_db: str, test_stores: TestStores, agent: Staff
) -> None:
    noted(of_customer(text="marmalade"), agent, "pineapple")
    rows = SearchEntry.objects.order_by("ticket_id", "message_id").values_list(
        "ticket_id", "message_id", "at", "vector"
    )
    before = list(rows)
    (path,) = Path(migrations.__path__[0]).glob("*_search.py")
    fill = import_module(f"{migrations.__name__}.{path.stem}").index_the_past
    with test_stores.owner(clone_db) as owner:
        owner.execute("TRUNCATE tickets_searchentry")
        for _again in range(2):
            fill(apps, SimpleNamespace(connection=owner))
    assert len(before) == 3
    assert list(rows.all()) == before
