"""Queue: the desk's page of 50 rows and the API's list, server time, beside a bare list of 50 rows by DRF alone."""

from collections.abc import Callable
from contextlib import ExitStack

from django.test import Client, RequestFactory
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.serializers import ModelSerializer

from accounts.models import Staff
from bench import ground
from bench.intake import label
from bench.report import Measured, Row, Target, row
from core.audit import SYSTEM
from security.services import api_tokens
from tests.cast import signed_in
from tests.support.databases import TestStores
from tickets.models import Ticket

ROUNDS = 5
PER_ROUND = 20
WARM_UP = 5
DESK, API = "desk page", "API list"
MAX_SQL = 10
# What stands in the page once for each row.
ROW = b'<li class="row"'


class BareSerializer(ModelSerializer[Ticket]):
    """The row's own columns."""

    class Meta:
        model = Ticket
        fields = (
            "public_id",
            "number",
            "subject",
            "status",
            "priority",
            "channel",
            "language",
            "created_at",
            "updated_at",
        )


class BarePages(CursorPagination):
    """Fifty rows by key."""

    page_size = 50
    ordering = "-id"


class BareList(ListAPIView[Ticket]):
    """No rights, no joins, nobody asked who calls: the least that DRF does for 50 rows."""

    queryset = Ticket.objects.all()
    serializer_class = BareSerializer
    pagination_class = BarePages
    authentication_classes = ()
    permission_classes = ()


def measure(stores: TestStores, size: int) -> Measured:
    """Ask for each page in rounds, small and large database in turns."""
    small = size // 10
    measured = Measured("queue", size)
    taken: dict[tuple[str, str], list[list[float]]] = {}
    sql: dict[tuple[str, str], int] = {}
    with ExitStack() as stack:
        names = {label(count): stack.enter_context(ground.filled(stores, count)) for count in (small, size)}
        asking: dict[str, dict[str, Callable[[], None]]] = {}
        for one, name in names.items():
            with ground.pointed_at(name):
                asking[one] = _askers()
        for _ in range(ROUNDS):
            for one, name in names.items():
                with ground.pointed_at(name):
                    for what, ask in asking[one].items():
                        for _ in range(WARM_UP):
                            ask()
                        taken.setdefault((what, one), []).append([ground.timed(ask) for _ in range(PER_ROUND)])
                        sql[what, one] = ground.statements(ask)
    bare = {one: row(f"floor: bare DRF list, {one}", taken["bare", one]) for one in names}
    measured.floors = {f"bare_list_p50_ms, {one}": found.p50_ms for one, found in bare.items()}
    measured.results += bare.values()
    for what in (DESK, API):
        rows = {
            one: row(
                f"{what}, {one}", taken[what, one], sql=sql[what, one],
                ratio=row("", taken[what, one]).p50_ms / bare[one].p50_ms,
            )
            for one in names
        }  # fmt: skip
        measured.results += rows.values()
        measured.targets += _targets(what, rows)
    return measured


def _targets(what: str, rows: dict[str, Row]) -> list[Target]:
    small, large = rows.values()
    return [
        Target(f"{what}: SQL statements", float(large.sql or 0), MAX_SQL),
        *(Target(f"{what}: p50 ÷ bare list, {one}", found.ratio or 0.0, 3.0) for one, found in rows.items()),
        Target(f"{what}: p50 large ÷ small", round(large.p50_ms / small.p50_ms, 3), 1.3),
    ]


def _askers() -> dict[str, Callable[[], None]]:
    """Return what asks for each page on the present database, and complains when it is not a full one."""
    person = Staff.objects.order_by("pk").first()
    if person is None:
        raise LookupError("The bench's database has no staff.")
    desk = signed_in(Client(SERVER_NAME="localhost"), person)
    _token, secret = api_tokens.issue(person=person, name="bench", scopes=["read"], actor=SYSTEM)
    program = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {secret}"})
    bare, request = BareList.as_view(), RequestFactory(SERVER_NAME="localhost").get("/")

    def ask_desk() -> None:
        _check(desk.get("/desk/views/open/").content.count(ROW) // 50)

    def ask_api() -> None:
        _check(len(program.get("/api/v1/tickets/").json()["results"]) // 50)

    def ask_bare() -> None:
        _check(len(bare(request).render().data["results"]) // 50)

    return {"bare": ask_bare, DESK: ask_desk, API: ask_api}


def _check(found: int) -> None:
    if not found:
        raise RuntimeError("A page of the bench came back without its 50 rows.")
