"""Counting calls per minute in Redis. A lost counter limits nobody: with Redis away every call is allowed."""

import math
import threading
import time
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


def spend(*, scope: str, who: str, limit: int) -> Spent | None:
    """Count one call of `who` in `scope` against `limit` a minute; None when Redis is away and nobody counts."""
    now = now_s()
    reset_s = math.ceil(WINDOW_S - now % WINDOW_S) or WINDOW_S
    if _breaker.is_open:
        return None
    key = f"pharos:rate:{scope}:{who}:{int(now // WINDOW_S)}"
    try:
        with _client(settings.REDIS_URL).pipeline(transaction=False) as pipeline:
            pipeline.incr(key)
            pipeline.expire(key, 2 * WINDOW_S)
            used = int(pipeline.execute()[0])
    except (redis.RedisError, OSError) as error:
        _breaker.trip()
        log.warning("rate_limits_uncounted", reason=type(error).__name__)
        return None
    return Spent(limit, used, reset_s)


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
