"""Health: is this process alive, is the whole system ready, and what Prometheus counts."""

import hmac
import time
from dataclasses import asdict, dataclass
from typing import Any

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from core import audit, heartbeat
from security import verifier_client
from tickets.selectors import backlog

# A broken chain is an alarm, and so is a head that is not anchored; what is served is served all the same.
UNRELATED = frozenset({"audit chain", "audit anchor"})


@dataclass(frozen=True, slots=True)
class Check:
    """One dependency or process: whether it is well, how old that news is in seconds, and one sentence."""

    ok: bool
    age_s: float | None
    detail: str


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Each dependency and process; 503 only when the database is away, since everything else heals by itself."""
    found = checks()
    if not found["database"].ok:
        status, code = "unavailable", 503
    else:
        status, code = ("ready" if all(check.ok for check in found.values()) else "degraded"), 200
    body = {"status": status, "checks": {name: asdict(check) for name, check in found.items()}}
    response = JsonResponse(body, status=code)
    if code != 200:
        response.headers["Retry-After"] = "5"
    return response


def checks() -> dict[str, Check]:
    """Ask the database, Redis and every heartbeat."""
    found = {"database": _database(), "redis": _redis()}
    if not found["database"].ok:
        return found
    for pulse in heartbeat.pulses():
        if pulse.name in UNRELATED:
            continue
        found[pulse.name.replace(" ", "_")] = Check(pulse.is_ok, pulse.age_s, pulse.detail)
    found["verifier"] = _verifier()
    waiting = backlog.oldest_waiting_s()
    for name, age in waiting.items():
        found[name] = Check(age < 60, 0.0, f"oldest waits {age:.0f} s")
    return found


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for the holder of PHAROS_METRICS_TOKEN; without a token configured nobody is."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse("A bearer token is needed.", status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    up = Gauge("pharos_up", "Whether a dependency or process is well", ["name"], registry=registry)
    age = Gauge("pharos_heartbeat_age_seconds", "Age of the last sign of life", ["name"], registry=registry)
    rows = Gauge("pharos_rows_waiting", "Inbox and outbox rows by state", ["queue", "state"], registry=registry)
    for name, check in checks().items():
        up.labels(name).set(int(check.ok))
        if check.age_s is not None:
            age.labels(name).set(check.age_s)
    for queue, states in backlog.by_state().items():
        for state, count in states.items():
            rows.labels(queue, state).set(count)
    Gauge("pharos_audit_unsealed_age_seconds", "Oldest unsealed entry", registry=registry).set(audit.unsealed_age_s())
    return registry


def _database() -> Check:
    started = time.monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        return Check(ok=False, age_s=0.0, detail=type(error).__name__)
    return Check(ok=True, age_s=0.0, detail=f"answers in {(time.monotonic() - started) * 1000:.1f} ms")


def _verifier() -> Check:
    started = time.monotonic()
    complaint = verifier_client.complaint()
    detail = complaint or f"answers in {(time.monotonic() - started) * 1000:.1f} ms"
    return Check(ok=not complaint, age_s=0.0, detail=detail)


def redis_complaint() -> str:
    """Return what is wrong with Redis, nothing when it answers."""
    found = _redis()
    return "" if found.ok else found.detail


def _redis() -> Check:
    started = time.monotonic()
    client: Any = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    try:
        client.ping()
    except (redis.RedisError, OSError) as error:
        return Check(ok=False, age_s=0.0, detail=type(error).__name__)
    finally:
        client.close()
    return Check(ok=True, age_s=0.0, detail=f"answers in {(time.monotonic() - started) * 1000:.1f} ms")
