"""Counting calls per minute in Redis. A lost counter limits nobody: with Redis away every call is allowed."""

import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import redis
import structlog
from django.conf import settings

from core.breaker import Breaker

log = structlog.get_logger(__name__)

WINDOW_S = 60
PATIENCE_S = 0.25
_breaker = Breaker()
_making = threading.Lock()


@dataclass(frozen=True, slots=True)
class Spent:
    """What a caller has used of this minute's allowance."""

    limit: int
    used: int
    reset_s: int

    @property
    def is_over(self) -> bool:
        """Whether this call is one too many."""
        return self.used > self.limit

    def headers(self, name: str) -> dict[str, str]:
        """Return the fields of draft-ietf-httpapi-ratelimit-headers: policy `name`, what remains, seconds to wait."""
        remaining = max(0, self.limit - self.used)
        return {
            "RateLimit-Policy": f'"{name}";q={self.limit};w={WINDOW_S}',
            "RateLimit": f'"{name}";r={remaining};t={self.reset_s}',
        }


@dataclass(frozen=True, slots=True)
class Call:
    """One call of `who` in `scope`, of which there may be `limit` a minute."""

    scope: str
    who: str
    limit: int


def spend(*, scope: str, who: str, limit: int) -> Spent | None:
    """Count one call of `who` in `scope` against `limit` a minute; None when Redis is away and nobody counts."""
    return spend_all([Call(scope, who, limit)])[0]


def spend_all(calls: Sequence[Call]) -> Sequence[Spent | None]:
    """Count several calls by one round trip; the same, for each of them."""
    now = now_s()
    reset_s = math.ceil(WINDOW_S - now % WINDOW_S) or WINDOW_S
    if _breaker.is_open or not calls:
        return [None] * len(calls)
    try:
        with _client(settings.REDIS_URL).pipeline(transaction=False) as pipeline:
            for call in calls:
                key = f"pharos:rate:{call.scope}:{call.who}:{int(now // WINDOW_S)}"
                pipeline.incr(key)
                pipeline.expire(key, 2 * WINDOW_S)
            counts = pipeline.execute()[::2]
    except (redis.RedisError, OSError) as error:
        _breaker.trip()
        log.warning("rate_limits_uncounted", reason=type(error).__name__)
        return [None] * len(calls)
    return [Spent(call.limit, int(used), reset_s) for call, used in zip(calls, counts, strict=True)]


def now_s() -> float:
    """Return seconds since the epoch by this machine's clock, which is good enough for a minute."""
    return time.time()


def _client(url: str) -> redis.Redis:
    """Return the one client of this process.

    First callers at the same moment would each make one, and one that nobody keeps closes its connections
    under whoever is using them.
    """
    with _making:
        return _make_client(url)


@cache
def _make_client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S)
