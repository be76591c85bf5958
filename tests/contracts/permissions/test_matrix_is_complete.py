"""Every door has its row: an unlisted URL, frame, event, task, command or admin model fails the build."""

import inspect

import pytest
from celery import current_app, shared_task
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from accounts.models import Brand
from tests.contracts.permissions import doors, matrix
from tests.contracts.permissions.commands import COMMANDS


def view(request: HttpRequest) -> HttpResponse:
    """Stand behind a planted URL."""
    return HttpResponse()


def planted_act() -> None:
    """Stand behind a planted task."""


ROUTE_NAMES = {route.name for route in matrix.ROUTES}
CONTENT_NAMES = {route.name for route in matrix.CONTENT_ROUTES}


@pytest.mark.attack("D1")
def test_urls__every_name__has_a_row() -> None:
    assert doors.differences(doors.url_names(), ROUTE_NAMES) == []


def test_content_urls__every_name__has_a_row() -> None:
    assert doors.differences(doors.url_names("helpdesk.content_urls"), CONTENT_NAMES) == []


def test_content_links__every_kind__has_a_row() -> None:
    assert doors.differences(doors.content_kinds(), set(matrix.CONTENT_KINDS)) == []


@pytest.mark.attack("D1")
def test_frames__every_type__has_a_row() -> None:
    assert doors.differences(doors.frame_types(), set(matrix.FRAMES)) == []


@pytest.mark.attack("D1")
def test_events__every_type__has_an_audience() -> None:
    assert doors.differences(doors.event_types(), set(matrix.EVENTS)) == []


@pytest.mark.attack("D1")
def test_chat__every_frame_and_event__has_a_row() -> None:
    assert doors.differences(doors.chat_frame_types(), set(matrix.CHAT_FRAMES)) == []
    assert doors.differences(doors.chat_event_types(), set(matrix.CHAT_EVENTS)) == []


@pytest.mark.attack("D1")
def test_tasks__every_name__has_a_row() -> None:
    assert doors.differences(doors.task_names(), set(matrix.TASKS)) == []


@pytest.mark.attack("D1")
def test_tasks__what_they_are_told__is_the_key_of_a_row_and_nothing_else() -> None:
    told = {
        (name, parameter.name, parameter.annotation)
        for name in doors.task_names()
        for parameter in inspect.signature(current_app.tasks[name].run).parameters.values()
    }

    assert {(parameter, annotation) for _name, parameter, annotation in told} == {("pk", int)}


@pytest.mark.attack("D1")
def test_commands__every_name__has_a_row() -> None:
    assert doors.differences(doors.command_names(), set(COMMANDS)) == []


@pytest.mark.attack("D1")
def test_admin__every_model__has_a_row() -> None:
    assert doors.differences(doors.admin_labels(), set(matrix.ADMIN)) == []


def test_rows__same_name_twice__is_refused() -> None:
    names = [route.name for route in matrix.ROUTES]

    assert len(names) == len(set(names))


# One named and one unnamed page more than the matrix knows.
PLANTED = [path("x/", include(([path("export/", view, name="export"), path("dump/", view)], "desk")))]


@pytest.mark.attack("D1")
def test_urls__planted_page__is_found() -> None:
    found = doors.url_names() | set(doors.names_of(PLANTED))

    faults = doors.differences(found, ROUTE_NAMES)

    assert [fault.split(": no row")[0] for fault in faults] == ["desk:(unnamed) dump/", "desk:export"]


def test_rows__route_that_is_gone__is_found() -> None:
    assert doors.differences({"desk:home"}, {"desk:home", "desk:old"}) == ["desk:old: has a row but no door"]


@pytest.mark.attack("D1")
def test_tasks__planted_task__is_found() -> None:
    planted = shared_task(name="tickets.planted_by_a_test")(planted_act)
    try:
        faults = doors.differences(doors.task_names(), set(matrix.TASKS))
    finally:
        planted.app.tasks.unregister("tickets.planted_by_a_test")

    assert [fault.split(":")[0] for fault in faults] == ["tickets.planted_by_a_test"]


@pytest.mark.attack("D1")
def test_admin__planted_model__is_found() -> None:
    registered = Brand in admin.site._registry
    listed = set(matrix.ADMIN) - {"accounts.Brand"}
    if not registered:
        admin.site.register(Brand)
    try:
        faults = doors.differences(doors.admin_labels(), listed)
    finally:
        if not registered:
            admin.site.unregister(Brand)

    assert [fault.split(":")[0] for fault in faults] == ["accounts.Brand"]


@pytest.mark.attack("D1")
def test_commands__planted_command__is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "get_commands", lambda: {"drop_everything": "tickets", "shell": "django.core"})

    faults = doors.differences(doors.command_names(), set())

    assert [fault.split(":")[0] for fault in faults] == ["drop_everything"]
