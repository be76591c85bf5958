"""Words that pass: kept in Redis for seconds and nowhere else. With Redis away there are none."""

import threading
from functools import cache

import redis
import structlog
from django.conf import settings

from core.breaker import Breaker

log = structlog.get_logger(__name__)

PATIENCE_S = 0.25
_breaker = Breaker()
_making = threading.Lock()


def say(*, scope: str, who: str, words: str, life_s: int) -> None:
    """Keep the words of `who` for `life_s` seconds, in the place of former ones; none take these away."""
    if _breaker.is_open:
        return
    key = f"pharos:passing:{scope}:{who}"
    try:
        if words:
            _client(settings.REDIS_URL).set(key, words, ex=life_s)
        else:
            _client(settings.REDIS_URL).delete(key)
    except (redis.RedisError, OSError) as error:
        _breaker.trip()
        log.warning("passing_words_lost", reason=type(error).__name__)


def is_first(*, scope: str, who: str, life_s: int) -> bool:
    """Note `who` for `life_s` seconds; whether nobody had. With Redis away, everybody is first."""
    if _breaker.is_open:
        return True
    try:
        return bool(_client(settings.REDIS_URL).set(f"pharos:passing:{scope}:{who}", "1", ex=life_s, nx=True))
    except (redis.RedisError, OSError) as error:
        _breaker.trip()
        log.warning("passing_words_lost", reason=type(error).__name__)
        return True


def heard(*, scope: str, who: str) -> str:
    """Return the words of `who` that have not passed yet."""
    if _breaker.is_open:
        return ""
    try:
        found = _client(settings.REDIS_URL).get(f"pharos:passing:{scope}:{who}")
    except (redis.RedisError, OSError) as error:
        _breaker.trip()
        log.warning("passing_words_lost", reason=type(error).__name__)
        return ""
    return found.decode() if isinstance(found, bytes) else ""


def _client(url: str) -> redis.Redis:
    """Return the one client of this process, made once whoever asks first."""
    with _making:
        return _make_client(url)


@cache
def _make_client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S)
