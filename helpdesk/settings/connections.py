"""Settings derived from the connection URLs, shared by every environment."""

from typing import Any

from helpdesk.settings import environment


def databases(url: str, options: dict[str, str], *, pool: bool) -> dict[str, Any]:
    """Return Django's DATABASES for the app role; `pool` uses psycopg's pool (the socket server needs it)."""
    default = environment.database(url, options=options)
    if pool:
        default["CONN_MAX_AGE"] = 0
        default["CONN_HEALTH_CHECKS"] = False
        default["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8, "timeout": 5}
    return {"default": default}


def channel_layers(url: str) -> dict[str, Any]:
    """Return the channel layer: the pubsub one, which has no per-socket read timeout."""
    return {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [{"address": url}], "prefix": "pharos"},
        }
    }


def broker_url(url: str) -> str:
    """Return the Celery broker URL for a Redis URL (kombu names unix sockets and their database differently)."""
    if not url.startswith("unix://"):
        return url
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
