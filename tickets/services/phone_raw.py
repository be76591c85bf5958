"""A provider's request: kept first, then acted on once; the same request again gets the answer of the first."""

from collections.abc import Callable

import structlog
from django.db import connection, transaction
from django.db.models import F
from django.http import QueryDict

from core import audit, sealing
from core.ids import new_public_id
from tickets.channels.phone import door, twiml
from tickets.channels.phone.cti import CallEvent, read
from tickets.models import PhoneEvent, PhoneLine
from tickets.services import cti, phone_calls, phone_words
from tickets.services.phone_turns import Asked

log = structlog.get_logger(__name__)

MAX_TRIES = 5
QUERY_CHARS = 200
INSERT = """
INSERT INTO tickets_phoneevent (public_id, line_id, digest, step, query, raw, answer, state, attempts, last_error)
VALUES (%s, %s, %s, %s, %s, %s, '', 'stored', 0, '')
ON CONFLICT (line_id, digest) DO NOTHING
RETURNING id
"""


def receive(*, line: PhoneLine, step: str, url: str, raw: bytes, form: QueryDict) -> str:
    """Keep a genuine request and return what the provider is to do next, as TwiML.

    Raises django.db.OperationalError when the database is away: then nothing was kept.
    """
    query = url.partition("?")[2][:QUERY_CHARS]
    pk = _keep(line, step, named=door.digest(line, url, form), query=query, raw=raw)
    return _act(pk, _asked(form)) or twiml.hang_up(phone_words.said("", phone_words.SORRY))


def receive_event(*, line: PhoneLine, event: CallEvent, raw: bytes) -> str:
    """Keep a genuine event of a PBX, act on it once, and return where its call is; '' when it is tried again later.

    Raises django.db.OperationalError when the database is away: then nothing was kept.
    """
    pk = _keep(line, cti.STEP, named=cti.name_of(event), query="", raw=raw)
    return _act(pk, _of_pbx(event))


def again(*, event_pk: int) -> None:
    """Act on a stored request that was never finished. Raises ImproperlyConfigured without the private key."""
    event = PhoneEvent.objects.filter(pk=event_pk, state=PhoneEvent.State.STORED).first()
    if event is None:
        return
    raw = sealing.unseal(bytes(event.raw))
    _act(event.pk, _of_pbx(read(raw)) if event.step == cti.STEP else _asked(QueryDict(raw)))


def _keep(line: PhoneLine, step: str, *, named: str, query: str, raw: bytes) -> int:
    public_id = new_public_id()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT, (public_id, line.pk, named, step, query, sealing.seal(raw)))
        if cursor.fetchone() is not None:
            audit.record("phone.stored", actor=audit.SYSTEM, obj=("phone_event", public_id))
    return PhoneEvent.objects.values_list("pk", flat=True).get(line=line, digest=named)


def _asked(form: QueryDict) -> Callable[[PhoneEvent], str]:
    said = {name: str(value) for name, value in form.dict().items()}

    def act(event: PhoneEvent) -> str:
        return phone_calls.act(Asked(event.line, event.step, said, QueryDict(event.query).dict()))

    return act


def _of_pbx(said: CallEvent) -> Callable[[PhoneEvent], str]:
    return lambda event: cti.act(event.line, said)


def _act(pk: int, do: Callable[[PhoneEvent], str]) -> str:
    """Act on one event behind its lock: whoever comes second finds the answer. '' when it failed."""
    try:
        with transaction.atomic(), audit.together():
            locked = PhoneEvent.objects.select_for_update(of=("self",), no_key=True)
            event = locked.select_related("line__team", "line__calendar").get(pk=pk)
            if event.state != PhoneEvent.State.STORED:
                return event.answer or twiml.nothing()
            answer = do(event)
            PhoneEvent.objects.filter(pk=pk).update(
                state=PhoneEvent.State.PROCESSED, answer=answer, attempts=F("attempts") + 1, last_error=""
            )
            audit.record("phone.processed", actor=audit.SYSTEM, obj=("phone_event", event.public_id))
            return answer
    except Exception as error:
        log.exception("phone_event_failed", event=pk)
        _count_failure(pk, type(error).__name__)
        return ""


def _count_failure(pk: int, error: str) -> None:
    """Let the sweeper try again; after so many times it is for a person to look at."""
    waiting = PhoneEvent.objects.filter(pk=pk, state=PhoneEvent.State.STORED)
    waiting.update(attempts=F("attempts") + 1, last_error=error)
    waiting.filter(attempts__gte=MAX_TRIES).update(state=PhoneEvent.State.FAILED)
