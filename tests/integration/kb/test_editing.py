"""From draft to readers: what the services refuse, and what the database refuses whoever asks."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from accounts.models import Staff
from core import clock
from core.models import AuditEntry
from kb.models import EditLock, Review, Revision, ScheduledPublication, SearchDocument, SlugRedirect, State, Translation
from kb.services import errors, locks, publishing, writing
from kb.services.writing import Change, Wording
from tests.factories import kb

AGAIN = Wording(title="First", body="Other words.")


def actions() -> list[str]:
    return list(
        AuditEntry.objects.filter(action__startswith="article.").order_by("pk").values_list("action", flat=True)
    )


def test_article__written_submitted_reviewed__is_shown_and_recorded(agent: Staff, lead: Staff) -> None:
    translation = kb.draft(by=agent)
    publishing.submit(translation=translation, by=agent)
    publishing.publish(translation=translation, by=lead, seen=1)

    assert (translation.state, translation.published_id, translation.reviewed_by) == (
        State.PUBLISHED, translation.current_id, lead,
    )  # fmt: skip
    assert SearchDocument.objects.get(pk=translation.pk).title == "First"
    assert actions() == ["article.created", "article.written", "article.submitted", "article.published"]


def test_review__of_ones_own_revision__is_refused_by_service_and_database(lead: Staff) -> None:
    translation = kb.draft(by=lead)
    with pytest.raises(errors.OwnWork):
        publishing.publish(translation=translation, by=lead, seen=1)
    with pytest.raises(DatabaseError, match="nobody reviews"), transaction.atomic():
        Review.objects.create(revision_id=translation.current_id or 0, reviewer=lead, verdict="approved")


def test_publication__without_a_review__is_refused_by_the_database(agent: Staff) -> None:
    translation = kb.draft(by=agent)
    shown = {"published": translation.current, "published_at": clock.now(), "first_published_at": clock.now()}
    with pytest.raises(DatabaseError, match="after another person"), transaction.atomic():
        Translation.objects.filter(pk=translation.pk).update(**shown)


def test_revision__changed_or_deleted__is_refused_by_the_database(agent: Staff) -> None:
    revision = kb.draft(by=agent).revisions.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        Revision.objects.filter(pk=revision.pk).update(body="Other")
    with pytest.raises(DatabaseError), transaction.atomic():
        Revision.objects.filter(pk=revision.pk).delete()


def test_publishing__by_agent_or_of_an_older_revision__is_refused(agent: Staff, lead: Staff) -> None:
    translation = kb.draft(by=agent)
    with pytest.raises(errors.Refused):
        publishing.publish(translation=translation, by=agent, seen=1)
    writing.write(translation=translation, by=agent, wording=AGAIN, seen=1)
    with pytest.raises(errors.Stale):
        publishing.publish(translation=translation, by=lead, seen=1)


def test_writing__on_a_newer_revision_or_another_ones_lock__is_refused(agent: Staff, lead: Staff) -> None:
    translation = kb.draft(by=agent)
    with pytest.raises(errors.Stale):
        writing.write(translation=translation, by=agent, wording=AGAIN, seen=0)
    locks.take(translation=translation, by=lead)
    with pytest.raises(errors.Locked, match=lead.name):
        writing.write(translation=translation, by=agent, wording=AGAIN, seen=1)
    locks.take(translation=translation, by=agent, from_another=True)
    writing.write(translation=translation, by=agent, wording=AGAIN, seen=1)
    assert EditLock.objects.get().holder == agent
    assert "article.lock_taken_over" in actions()


def test_lock__left_behind__runs_out(move_time: Callable[[timedelta], None], agent: Staff, lead: Staff) -> None:
    translation = kb.draft(by=agent)
    locks.take(translation=translation, by=lead)
    move_time(timedelta(minutes=11))
    locks.take(translation=translation, by=agent)


def test_edited_article__until_it_is_reviewed__shows_the_former_revision(agent: Staff, lead: Staff) -> None:
    translation = kb.published(by=agent)
    first = translation.published
    writing.write(translation=translation, by=lead, wording=AGAIN, seen=1, change=Change(significance="typo"))
    assert (translation.state, translation.published) == (State.DRAFT, first)
    publishing.send_back(translation=_submitted(translation, lead), by=kb.person("admin"), comment="Which coins?")
    assert translation.state == State.REVIEW


def _submitted(translation: Translation, by: Staff) -> Translation:
    publishing.submit(translation=translation, by=by)
    return Translation.objects.get(pk=translation.pk)


def test_restored_revision__is_a_new_one_that_needs_its_own_review(agent: Staff) -> None:
    translation = kb.published(by=agent)
    old = translation.published
    assert old is not None
    writing.write(translation=translation, by=agent, wording=AGAIN, seen=1)
    kb.let_out(translation)
    restored = writing.restore(revision=old, by=agent)
    assert (restored.number, restored.body, restored.based_on) == (3, old.body, old)
    assert Translation.objects.get(pk=translation.pk).state == State.DRAFT


def test_archived__is_found_by_nobody_and_can_come_back(agent: Staff, lead: Staff) -> None:
    translation = kb.published(by=agent)
    publishing.archive(translation=translation, by=lead)
    assert not SearchDocument.objects.exists()
    writing.restore(revision=translation.revisions.get(), by=agent)
    kb.let_out(Translation.objects.get(pk=translation.pk))
    assert SearchDocument.objects.count() == 1


def test_scheduled__at_its_moment_and_not_before__is_shown_once(
    move_time: Callable[[timedelta], None], agent: Staff, lead: Staff
) -> None:
    translation = kb.draft(by=agent)
    publishing.schedule(translation=translation, by=lead, seen=1, at=clock.now() + timedelta(hours=1))
    assert publishing.publish_due() == 0
    move_time(timedelta(hours=2))
    assert (publishing.publish_due(), publishing.publish_due()) == (1, 0)
    assert Translation.objects.get(pk=translation.pk).state == State.PUBLISHED


def test_scheduled__then_written_anew__is_not_shown_and_told(
    move_time: Callable[[timedelta], None], agent: Staff, lead: Staff
) -> None:
    translation = kb.draft(by=agent)
    publishing.schedule(translation=translation, by=lead, seen=1, at=clock.now() + timedelta(hours=1))
    writing.write(translation=translation, by=agent, wording=AGAIN, seen=1)
    move_time(timedelta(hours=2))
    assert publishing.publish_due() == 0
    assert ScheduledPublication.objects.get().state == "failed"
    assert "article.not_published" in actions()


def test_renamed__former_address_leads_on_and_is_nobody_elses(agent: Staff, lead: Staff) -> None:
    translation = kb.published(by=agent)
    writing.rename(translation=translation, by=lead, slug="second")
    assert SlugRedirect.objects.get().slug == "first"
    with pytest.raises(errors.AddressTaken):
        kb.draft("first", by=agent)
    writing.rename(translation=translation, by=lead, slug="first")
    assert SlugRedirect.objects.get().slug == "second"


@pytest.mark.parametrize("field", ["title", "summary", "body"])
def test_writing__a_recovery_phrase__is_not_kept(agent: Staff, field: str) -> None:
    phrase = " ".join(["abandon"] * 11 + ["about"])
    translation = kb.draft(by=agent)
    words = {"title": "A", "summary": "B", "body": "C", field: phrase}
    with pytest.raises(errors.HoldsSecret):
        writing.write(translation=translation, by=agent, wording=Wording(**words), seen=1)
