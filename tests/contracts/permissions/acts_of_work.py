"""Acts of the work on a ticket: custom fields, checklists, ticket templates, time spent."""

from accounts.models import Staff
from core.ids import new_public_id
from tests.contracts.permissions.acts import Prepared, Sending, act, at, browser, person, ticket
from tests.contracts.permissions.acts_at_the_desk import CHANGED
from tests.contracts.permissions.acts_behind import form
from tests.factories.tickets import TopicFactory
from tickets.models import ChecklistTemplate, CustomField, CustomFieldTopic, TicketTemplate
from tickets.selectors.time_entries import today
from tickets.services import checklists, shelf, ticket_templates, time_entries

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


ITEMS = {"name": "Lost card", "items": "Block it\nTell the bank", "name_zh_hans": "", "items_zh_hans": ""}


def kept_checklist(by: Staff) -> ChecklistTemplate:
    """Return a checklist of somebody's own."""
    fields = checklists.Wording(name="Lost card", items=["Block it"]).fields()
    return shelf.add(ChecklistTemplate, by=by, fields=fields)


@act("POST desk:checklist", "tickets.Message", "tickets.ChecklistItem")
def put_a_step_on() -> Prepared:
    who, case = person(), ticket()
    listed = frozenset({"template"})
    return Sending(browser(who), at("desk:checklist", case.public_id), {"text": "Call"}, listed, actor=who.actor)


@act("POST desk:checklist", "tickets.Message", "tickets.ChecklistItem")
def put_a_list_on() -> Prepared:
    who, case = person(), ticket()
    data, listed = {"template": kept_checklist(who).public_id}, frozenset({"text"})
    return Sending(browser(who), at("desk:checklist", case.public_id), data, listed, actor=who.actor)


@act("POST desk:checklist_step", "tickets.Message", "tickets.ChecklistItem")
def tick_a_step() -> Prepared:
    who, case = person(), ticket()
    item = checklists.add_item(ticket=case, text="Call", by=who)
    data = {"item": item.public_id, "act": "tick"}
    return Sending(browser(who), at("desk:checklist_step", case.public_id), data, actor=who.actor)


@act("POST desk:checklist_new", "tickets.ChecklistTemplate")
def keep_a_checklist() -> Prepared:
    who = person("lead")
    listed = frozenset({"is_needed"})
    return Sending(browser(who), at("desk:checklist_new"), {**ITEMS, "scope": "all"}, listed, actor=who.actor)


@act("POST desk:checklist_one", "tickets.ChecklistTemplate")
def change_a_checklist() -> Prepared:
    who = person()
    row, listed = kept_checklist(who), frozenset({"is_needed"})
    return Sending(browser(who), at("desk:checklist_one", row.public_id), ITEMS, listed, actor=who.actor)


@act("POST desk:checklist_archive", "tickets.ChecklistTemplate")
def put_a_checklist_away() -> Prepared:
    who = person()
    path = at("desk:checklist_archive", kept_checklist(who).public_id)
    return Sending(browser(who), path, actor=who.actor)


@act("POST desk:time", "tickets.Message", "tickets.TimeEntry")
def write_time_down() -> Prepared:
    who, case = person(), ticket()
    listed = frozenset({"day", "note"})
    return Sending(browser(who), at("desk:time", case.public_id), {"minutes": "15"}, listed, actor=who.actor)


@act("POST desk:time_take_back", "tickets.Message", "tickets.TimeEntry")
def take_time_back() -> Prepared:
    who, case = person(), ticket()
    entry = time_entries.add(ticket=case, by=who, minutes=15, day=today())
    data = {"entry": entry.public_id}
    return Sending(browser(who), at("desk:time_take_back", case.public_id), data, actor=who.actor)


TEMPLATE = {"name": "Lost card", "subject": "Lost card", "priority": "high"}
TEMPLATE_LISTED = frozenset({"text", "topic", "to_team", "tags", "checklist"})


def kept_template(by: Staff) -> TicketTemplate:
    """Return a ticket template of somebody's own, which fills in a custom field."""
    values = {custom_field().key: ["A-17"]}
    return ticket_templates.add(by=by, wording=ticket_templates.Wording(name="Lost", values=values))


@act("POST desk:template_new", "tickets.TicketTemplate", "tickets.TicketTemplateValue")
def keep_a_ticket_template() -> Prepared:
    who = person("lead")
    data = {**TEMPLATE, f"f-{custom_field().key}": "A-17", "scope": "all"}
    return Sending(browser(who), at("desk:template_new"), data, TEMPLATE_LISTED, actor=who.actor)


@act("POST desk:template_one", "tickets.TicketTemplate", "tickets.TicketTemplateValue")
def change_a_ticket_template() -> Prepared:
    who = person()
    path = at("desk:template_one", kept_template(who).public_id)
    return Sending(browser(who), path, TEMPLATE, TEMPLATE_LISTED, actor=who.actor)


@act("POST desk:template_archive", "tickets.TicketTemplate")
def put_a_ticket_template_away() -> Prepared:
    who = person()
    return Sending(browser(who), at("desk:template_archive", kept_template(who).public_id), actor=who.actor)
