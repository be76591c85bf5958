"""D3: nobody learns a hidden column by filtering, sorting or searching with it; every parameter is one of a closed list."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import SuspiciousOperation
from django.db.models import CharField, Model, TextField
from django.http import HttpRequest, JsonResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import Staff
from core.admin import PharosModelAdmin
from tests.cast import signed_in
from tests.contracts.permissions import matrix, routes, trial, world
from tests.contracts.permissions.routes import About
from tests.factories.tickets import MailboxFactory

# A hidden column by traversal, an operator of the ORM, a raw fragment, a library's own switches, plain nonsense.
PROBES = {
    "assignee__password__startswith": "argon2",
    "mailbox__imap_secret__gte": "m",
    "requester__addresses__value__contains": "@",
    "ordering": "assignee__password",
    "order_by": "mailbox__imap_secret",
    "sort": "-team__members__password",
    "una_sort": "queue__email_box_pass",
    "search": "' OR 1=1 --",
    "id__in": "1,2,3",
    "fields": "password",
    "status); DROP TABLE tickets_ticket; --": "1",
    "__proto__[x]": "1",
    "_method": "DELETE",
}
# Pages that are no list: whatever is added to their address, nothing is read by it.
READS_NO_PARAMETER = {
    "root", "set_language", "healthz", "readyz", "metrics", "security:sign_in", "security:forgot", "security:reset",
    "security:invitation", "security:second_factor", "security:recovery", "security:enrol", "security:account",
    "desk:home", "desk:system", "desk:frame", "desk:attachment", "desk:message_language", "api:docs", "demo:postbox",
    "demo:postbox_mail", "demo:channels", "demo:channel_file", "demo:channel_graph", "demo:channel_meta_file",
    "demo:x", "demo:discord", "demo:phone", "security:pharos_keys", "portal:sign_in", "portal:to_exchange", "portal:hand_off",
    "portal:freeze_by_link", "portal:new", "portal:file", "portal:request_record", "portal:record", "portal:approvals",
    "portal:security", "portal:freeze", "portal:approval", "portal:passkey", "portal:authenticator", "portal:review",
    "portal:review_by_link", "security:passkey", "desk:reviews", "desk:review", "desk:review_document", "desk:approval",
    "chat:attachment", "chat:trust", "chat:by_mail", "chat:confirm_mail", "chat:back",
    # Without a survey it shows nothing; every name but `rating` is refused: test_survey_link.py.
    "portal:survey_by_link", "portal:conversations", "portal:conversation_link",
    # Leads to the first page of the help centre.
    "help:root",
    # Names a ticket, and shows nothing without one.
    "desk:review_new",
    # Without a bulk change of one's own, or a macro, they show nothing.
    "desk:bulk_one", "desk:macro",
}  # fmt: skip
OPERATORS = ("__startswith", "", "__gt", "__regex", "__isnull")
LISTS = [route for route in matrix.ROUTES if route.methods.get("GET") and route.name not in READS_NO_PARAMETER]


def page_of(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def own_columns() -> Iterator[tuple[type[Model], str]]:
    """Every text column of every model in the admin that its list does not offer as a filter."""
    for model, page in admin.site._registry.items():
        offered = {str(one) for one in page.list_filter}
        for field in model._meta.concrete_fields:
            if isinstance(field, CharField | TextField) and field.name not in offered:
                yield model, field.name


@pytest.mark.attack("D3")
@pytest.mark.parametrize("route", LISTS, ids=lambda route: route.name)
def test_list__parameter_that_is_none_of_its_own__is_400(db: None, route: routes.Route) -> None:
    where = world.build()
    who = "token_intake" if route.about in {About.INTAKE, About.MAILBOX} else "lead"
    who = "customer" if route.name.startswith("portal:") else who
    # Some lists are for those who watch alone.
    who = who if who in route.methods["GET"] else min(route.methods["GET"])
    client = world.browser(where, who)
    visitor = trial.Visitor(where, who, client)
    address = reverse(route.name, kwargs=trial.arguments(visitor, route, "own"))

    assert client.get(address).status_code == 200
    answers = {name: client.get(address, {name: value}).status_code for name, value in PROBES.items()}

    assert answers == dict.fromkeys(PROBES, 400)


@pytest.mark.attack("D3")
def test_admin__column_that_is_no_filter__tells_nothing_by_its_value(
    client: Client, admin: Staff, auditor: Staff
) -> None:
    MailboxFactory.create(imap_secret="s3cret")
    faults = []
    for asked, (model, column) in enumerate(own_columns()):
        person = auditor if model._meta.label == "core.AuditEntry" else admin
        if "view" not in matrix.ADMIN[model._meta.label]:
            continue
        signed_in(client, person)
        # One at a time, by turns: each operator meets each page.
        operator = OPERATORS[asked % len(OPERATORS)]
        answer = client.get(page_of(model), {f"{column}{operator}": "a"})
        if answer.status_code != 400:
            faults.append(f"{model._meta.label}: {column}{operator} is {answer.status_code}")

    assert faults == []


@pytest.mark.attack("D3")
@pytest.mark.parametrize(
    "probe",
    [
        "teams__memberships__staff__password__startswith=a", "totp__secret__startswith=a", "sessions__session_digest__gt=0",
        "invitations__digest__startswith=a", "api_tokens__digest=x", "no_such_column=1", "pk__in=1,2", "id__lt=9",
        "password__startswith=argon2", "_to_field=password",
    ],
)  # fmt: skip
def test_admin__staff_by_way_of_another_table__is_400(client: Client, admin: Staff, probe: str) -> None:
    assert signed_in(client, admin).get(f"{page_of(Staff)}?{probe}").status_code == 400


@pytest.mark.attack("D3")
def test_admin__every_filter_that_a_page_offers__still_works(client: Client, admin: Staff, auditor: Staff) -> None:
    signed_in(client, auditor)
    MailboxFactory.create()
    links = 0
    for model, acts in matrix.ADMIN.items():
        if "auditor" not in acts.get("view", ()):
            continue
        path = page_of(next(one for one in admin_models() if one._meta.label == model))
        shown = client.get(path).context["cl"]
        for spec in shown.filter_specs:
            for choice in spec.choices(shown):
                links += 1
                assert client.get(path + choice["query_string"]).status_code == 200, choice["query_string"]
    assert links > 20


def admin_models() -> list[type[Model]]:
    return list(admin.site._registry)


@pytest.mark.attack("D3")
def test_admin__order_by_any_number__is_an_order_of_a_shown_column(client: Client, admin: Staff) -> None:
    signed_in(client, admin)
    for number in (*range(-9, 10), 99):
        answer = client.get(page_of(Staff), {"o": str(number)})
        assert answer.status_code == 200
        used = [
            str(name).lstrip("-")
            for name in answer.context["cl"].get_ordering(answer.wsgi_request, answer.context["cl"].queryset)
        ]
        assert {name for name in used if name.isidentifier()} <= {
            "name",
            "email",
            "role",
            "is_active",
            "last_login",
            "pk",
        }


class AsItComes(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's own class takes none at run time
    """A weak stub: Django's own rule, under which every column of the row itself may be asked for."""


def rows_shown(page: "admin.ModelAdmin[Any]", request: HttpRequest) -> int:
    return int(page.get_changelist_instance(request).queryset.count())


@pytest.mark.positive_control("D3")
def test_weak_admin__password_guessed_sign_by_sign__is_told_by_the_rows(db: None, admin: Staff) -> None:
    begins_right = RequestFactory().get("/", {"password__startswith": admin.password[:5]})
    begins_wrong = RequestFactory().get("/", {"password__startswith": "zzzzz"})
    begins_right.user = begins_wrong.user = admin
    weak = AsItComes(Staff, admin_site())

    assert (rows_shown(weak, begins_right), rows_shown(weak, begins_wrong)) == (1, 0)
    with pytest.raises(SuspiciousOperation):
        rows_shown(PharosModelAdmin(Staff, admin_site()), begins_right)


def admin_site() -> admin.AdminSite:
    return admin.site


def weak_list(request: HttpRequest) -> JsonResponse:
    """A weak stub: sorts and filters by what it is told."""
    found = Staff.objects.all()
    if sort := request.GET.get("sort"):
        found = found.order_by(sort)
    found = found.filter(**{name: value for name, value in request.GET.items() if "__" in name})
    return JsonResponse({"rows": [person.name for person in found]})


@pytest.mark.positive_control("D3")
def test_weak_list__sorted_and_filtered_by_a_hidden_column__tells_it(db: None, agent: Staff, lead: Staff) -> None:
    Staff.objects.filter(pk=agent.pk).update(password="b-secret")
    Staff.objects.filter(pk=lead.pk).update(password="a-secret")
    ask = RequestFactory().get

    by_order = weak_list(ask("/", {"sort": "password"})).content
    by_filter = weak_list(ask("/", {"password__startswith": "b"})).content

    assert by_order.index(b"Lin Lead") < by_order.index(b"Ada Agent")
    assert (b"Ada Agent" in by_filter, b"Lin Lead" in by_filter) == (True, False)
