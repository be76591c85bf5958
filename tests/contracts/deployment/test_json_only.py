"""D7: what one process tells another is JSON or MessagePack; a pickle is loaded nowhere and a name from outside calls nothing."""

import ast
import base64
import json
import pickle
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.dummy import DummyCache

from helpdesk.celery import app
from tests.support.databases import TestStores
from tests.support.system import RunningSystem, wait_for
from tools.checks.tree import FLOORS

ROOT = Path(__file__).parents[3]
# Modules that turn bytes into objects or code of the sender's choosing.
LOADERS = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "shelve", "marshal", "jsonpickle", "multiprocessing"}
CALLS = {"eval", "exec", "compile", "__import__"}
MENTIONS = ("pickle", "yaml.load", "PickleSerializer")


def dangerous(source: str) -> Iterator[str]:
    """Yield every import of a loader and every call of one by name."""
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        yield from (name for name in names if name.partition(".")[0] in LOADERS)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            yield node.func.id
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not node.value.count(" "):
            yield from (node.value for mention in MENTIONS if mention in node.value)


@pytest.mark.attack("D7")
def test_source__no_pickle_and_no_code_from_words() -> None:
    found = {
        str(path.relative_to(ROOT)): sorted(dangerous(path.read_text(encoding="utf-8")))
        for floor in (*FLOORS, "sandbox")
        for path in (ROOT / floor).rglob("*.py")
    }

    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.attack("D7")
@pytest.mark.parametrize(
    "planted",
    [
        "import pickle", "from pickle import loads", "import marshal as m", "from multiprocessing import Queue",
        "x = eval(word)", "__import__(name)", "SERIALIZER = 'django.contrib.sessions.serializers.PickleSerializer'",
        "CELERY_ACCEPT_CONTENT = ['json', 'pickle']",
    ],
)  # fmt: skip
def test_source__planted_loader__is_found(planted: str) -> None:
    assert list(dangerous(planted))


@pytest.mark.attack("D7")
def test_settings__every_store_between_processes__speaks_json() -> None:
    assert list(app.conf.accept_content) == ["json"]
    assert list(app.conf.result_accept_content or ["json"]) == ["json"]
    assert (app.conf.task_serializer, app.conf.result_serializer, app.conf.event_serializer) == ("json",) * 3
    assert app.conf.result_backend is None
    assert settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"
    assert settings.CHANNEL_LAYERS["default"]["BACKEND"] == "channels_redis.pubsub.RedisPubSubChannelLayer"
    assert isinstance(caches["default"], DummyCache), "Django's other caches keep pickles"


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.target,))


def envelope(body: bytes, *, content_type: str, task: str) -> str:
    """Return a message as Celery puts it on the broker, in a format of our choosing."""
    properties = {
        "correlation_id": uuid.uuid4().hex, "reply_to": "", "delivery_mode": 2, "priority": 0, "body_encoding": "base64",
        "delivery_info": {"exchange": "", "routing_key": "celery"}, "delivery_tag": uuid.uuid4().hex,
    }  # fmt: skip
    headers = {"lang": "py", "task": task, "id": uuid.uuid4().hex, "root_id": None, "parent_id": None, "group": None}
    return json.dumps(
        {
            "body": base64.b64encode(body).decode(), "content-encoding": "binary", "content-type": content_type,
            "headers": headers, "properties": properties,
        }
    )  # fmt: skip


@pytest.mark.attack("D7")
@pytest.mark.xdist_group("system")
def test_worker__pickles_and_unknown_names_on_the_broker__are_refused_and_do_nothing(
    running_system: RunningSystem, system_db: str, test_stores: TestStores, tmp_path: Path
) -> None:
    control, target = tmp_path / "control", tmp_path / "target"
    pickle.loads(pickle.dumps(Bomb(control)))  # noqa: S301 -- shows that the payload would work
    assert control.exists()
    bomb = pickle.dumps(((Bomb(target),), {}, None))
    plain = json.dumps([[], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]).encode()
    log = running_system.running.places.log / "worker.log"
    before = log.stat().st_size
    with app.connection() as broker:
        queue = broker.default_channel.client
        for kind in ("application/x-python-serialize", "application/data", "application/x-yaml"):
            queue.lpush("celery", envelope(bomb, content_type=kind, task="core.heartbeat_beat"))
        for body in (b"5", b"null", b'"args"', b"[]", b'{"args": 1}', b"{", b"[[],{},{},{}]"):
            queue.lpush("celery", envelope(body, content_type="application/json", task="core.heartbeat_beat"))
        for name in (
            "os.system",
            "builtins.eval",
            "celery.backend_cleanup.__class__",
            "tickets.services.replies.withdraw",
        ):
            queue.lpush("celery", envelope(plain, content_type="application/json", task=name))
        wait_for(lambda: queue.llen("celery") == 0, "the worker to take every message")

    def said() -> str:
        return log.read_bytes()[before:].decode("utf-8", "replace")

    wait_for(lambda: "tickets.services.replies.withdraw" in said(), "the worker to refuse the last one")
    assert not target.exists()
    assert "Unrecoverable" not in said()
    assert running_system.processes["worker"].poll() is None
    running_system.wait_until_ready()
