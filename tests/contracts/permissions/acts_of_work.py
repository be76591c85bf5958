"""Acts of the work on a ticket: custom fields."""

from core.ids import new_public_id
from tests.contracts.permissions.acts import Prepared, Sending, act, at, browser, person, ticket
from tests.contracts.permissions.acts_at_the_desk import CHANGED
from tests.contracts.permissions.acts_behind import form
from tests.factories.tickets import TopicFactory
from tickets.models import CustomField, CustomFieldTopic

LISTED = (
    "key", "kind", "name", "name_zh_hans", "hint", "hint_zh_hans", "need", "least", "most", "pattern", "choices",
    "choices_zh_hans", "position", "is_public", "is_personal", "is_retired",
)  # fmt: skip


def custom_field(kind: str = "text", **more: object) -> CustomField:
    """Return a field that every ticket may say something in."""
    return CustomField.objects.create(key=f"k_{new_public_id()}", kind=kind, name="Order", **more)


@act("POST desk:fields", *CHANGED, "tickets.CustomValue")
def fill_in_a_field() -> Prepared:
    who, case, field = person(), ticket(), custom_field()
    listed = frozenset({"seen"})
    data = {f"f-{field.key}": "A-17"}
    return Sending(browser(who), at("desk:fields", case.public_id), data, listed, actor=who.actor)


@act("admin add tickets.CustomField", "tickets.CustomField", "tickets.CustomFieldTopic")
def add_a_custom_field() -> Prepared:
    topic = TopicFactory.create(slug=new_public_id(), name=new_public_id())
    data = {
        "key": f"k_{new_public_id()}", "kind": "text", "name": "Order", "need": "never", "position": "1",
        "topics-TOTAL_FORMS": "1", "topics-INITIAL_FORMS": "0", "topics-0-topic": str(topic.pk),
    }  # fmt: skip
    return form("tickets_customfield", data, listed=LISTED)


@act("admin change tickets.CustomField", "tickets.CustomField", "tickets.CustomFieldTopic")
def change_a_custom_field() -> Prepared:
    kept = custom_field()
    gone = CustomFieldTopic.objects.create(
        field=kept, topic=TopicFactory.create(slug=new_public_id(), name=new_public_id())
    )
    data = {
        "name": "Other", "need": "resolve", "position": "2", "topics-TOTAL_FORMS": "1", "topics-INITIAL_FORMS": "1",
        "topics-0-id": str(gone.pk), "topics-0-field": str(kept.pk), "topics-0-topic": str(gone.topic_id),
        "topics-0-DELETE": "on",
    }  # fmt: skip
    return form("tickets_customfield", data, kept.pk, LISTED)
