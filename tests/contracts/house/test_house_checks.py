"""Each house check is seen to fail on a planted fault and to pass on its repaired twin; `make check` runs it on this tree."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations.state import ProjectState
from pytest_django import Settings

from core.grants import ALL, Grant
from tools.checks import django_state
from tools.checks.house import sizes
from tools.checks.house.report import CHECKS
from tools.checks.tree import Tree

ROOT = Path(__file__).resolve().parents[3]
DOC = '"""Planted."""\n'
OUTSIDE = "sha{}".format("red")  # the whole word would be found right here
RANDOM = "q7Zp3vN8xK2mR5tY9wB4cD6fG1hJ0sLe"


@dataclass(frozen=True)
class Plant:
    """One fault: where it goes, what it says, what the check must answer, and the same file without the fault."""

    check: str
    path: str
    fault: str
    answer: str
    repaired: str
    beside: tuple[tuple[str, str], ...] = ()


def lines(count: int, line: str = "    a = 1\n") -> str:
    return line * count


PLANTS = [
    Plant(
        "orm_writes",
        "tickets/views/ticket.py",
        "def close(t):\n    Ticket.objects.filter(pk=t).update(status='closed')\n",
        "writes rows outside services/",
        "def close(t):\n    seen.update({t: 1})\n    digest.update(b'x')\n    cache.delete('k')\n    pic.save(f)\n",
    ),
    Plant(
        "orm_writes",
        "tickets/effects.py",
        "Ticket.objects.create(subject='x')\n",
        "`create`",
        "status.close(ticket=1)\n",
    ),
    Plant("orm_writes", "tickets/api/intake.py", "row.delete()\n", "`delete`", "intake.drop(row=row)\n"),
    Plant(
        "orm_writes",
        "tickets/views/draft.py",
        "from tickets.models import drafts\ndrafts.save()\n",
        "`save`",
        "from tickets.services import drafts\ndrafts.save(ticket=1)\n",
    ),
    Plant("orm_writes", "tickets/consumers.py", "await row.asave()\n", "`asave`", "await act(row)\n"),
    Plant("orm_writes", "tickets/admin.py", "Tag.objects.bulk_create(rows)\n", "`bulk_create`", "tagging.add(rows)\n"),
    Plant(
        "orm_writes",
        "accounts/selectors.py",
        "Team.objects.get_or_create(name='x')\n",
        "`get_or_create`",
        "Team.objects.get()\n",
    ),
    Plant("orm_writes", "tickets/views/form.py", "form.save()\n", "`save`", "form.save(commit=False)\n"),
    Plant(
        "orm_writes",
        "tickets/realtime.py",
        "cursor.execute('UPDATE tickets_ticket SET a = 1')\n",
        "`execute`",
        "cursor.execute('SELECT 1')\n",
    ),
    Plant(
        "orm_writes",
        "tickets/views/tags.py",
        "ticket.tags.add(tag)\n",
        "`add`",
        "ticket.seen.add(tag)\n",
        beside=(("tickets/models/ticket.py", "class Ticket:\n    tags = models.ManyToManyField('Tag')\n"),),
    ),
    Plant("orm_writes", "tickets/services/replies.py", "", "", "Message.objects.create(seq=1)\n"),
    Plant(
        "on_commit",
        "tickets/effects.py",
        "transaction.on_commit(ring)\n",
        "after_commit",
        "after_commit('ring', ring)\n",
    ),
    Plant("on_commit", "tickets/services/x.py", "deliver.delay_on_commit(1)\n", "delay_on_commit", "effects.sent(1)\n"),
    Plant("on_commit", "core/after_commit.py", "", "", "transaction.on_commit(run)\n"),
    Plant(
        "inline_imports",
        "tickets/services/status.py",
        "def close():\n    from tickets import effects\n",
        "imports tickets in its body",
        "from tickets import effects\n\ndef close():\n    import json\n",
    ),
    Plant(
        "inline_imports",
        "core/clock.py",
        "def now():\n    return import_module('tickets.models')\n",
        "tickets.models",
        "def now():\n    return import_module(name)\n",
    ),
    Plant(
        "query_counts",
        "tests/integration/tickets/test_queue.py",
        "def test_queue(django_assert_num_queries):\n    django_assert_num_queries(3)\n",
        "without `with`",
        "def test_queue(django_assert_num_queries):\n    with django_assert_num_queries(3):\n        pass\n",
    ),
    Plant(
        "query_counts",
        "tests/unit/test_a.py",
        "class A:\n    def test(self):\n        self.assertNumQueries(1)\n",
        "asserts nothing",
        "class A:\n    def test(self):\n        self.assertNumQueries(1, f)\n",
    ),
    Plant(
        "lock_strength",
        "tickets/services/replies.py",
        "Ticket.objects.select_for_update().get(pk=1)\n",
        "stated strength",
        "Ticket.objects.select_for_update(no_key=True, of=('self',)).get(pk=1)\n",
    ),
    Plant(
        "update_fields",
        "tickets/services/status.py",
        "def close(ticket):\n    ticket.status = 'closed'\n    ticket.save()\n",
        "update_fields",
        "def close(row):\n    row.save(update_fields=['status'])\n    new = Ticket()\n    new.save()\n    p.save(f)\n",
    ),
    Plant(
        "database_clock",
        "tickets/models/a.py",
        "at = DateTimeField(auto_now=True)\n",
        "db_default",
        "at = DateTimeField()\n",
    ),
    Plant(
        "database_clock",
        "tickets/selectors/a.py",
        "late = filter(due__lt=Now())\n",
        "DatabaseNow",
        "late = DatabaseNow()\n",
    ),
    Plant("database_clock", "tickets/services/a.py", "at = timezone.now()\n", "host's clock", "at = clock.now()\n"),
    Plant(
        "database_clock",
        "tickets/migrations/0002_sla.py",
        "SQL = 'CREATE FUNCTION late() AS $$ SELECT now() $$'\n",
        "through core.clock()",
        "SQL = 'CREATE FUNCTION late() AS $$ SELECT core.clock() $$'\n",
    ),
    Plant("signals", "tickets/apps.py", "post_save.connect(ring)\n", "post_save", "request_started.connect(ring)\n"),
    Plant("signals", "tickets/a.py", "closed = Signal()\n", "of our own", "closed = signal_name()\n"),
    Plant(
        "signals",
        "tickets/models/a.py",
        "class Tag:\n    def save(self):\n        pass\n",
        "no logic in save()",
        "class Tag:\n    def label(self):\n        pass\n",
    ),
    Plant(
        "keyword_only",
        "tickets/services/status.py",
        "def close(ticket, reason):\n    pass\n",
        "begin the arguments with *",
        "def close(*, ticket, reason):\n    pass\ndef _step(ticket):\n    pass\n",
    ),
    Plant("names", "tickets/services/utils.py", DOC, "'utils' says nothing", DOC),
    Plant("names", "tickets/helpers/mail.py", DOC, "'helpers' says nothing", DOC),
    Plant("names", "frontend/src/common.ts", "", "'common' says nothing", ""),
    Plant("names", "tickets/migrations/0002_auto_20260101_1200.py", DOC, "named after what it does", DOC),
    Plant(
        "sizes",
        "tickets/services/long.py",
        "def act():\n" + lines(80),
        "81 lines, the cap is 80",
        "def act():\n" + lines(79),
    ),
    Plant("sizes", "tickets/services/file.py", "a = 1\n" * 801, "801 lines, the cap is 800", "a = 1\n" * 800),
    Plant("sizes", "templates/desk/list.html", "<p></p>\n" * 151, "the cap is 150", "<p></p>\n" * 150),
    Plant("sizes", "frontend/src/timeline.ts", "f();\n" * 151, "the cap is 150", "f();\n" * 150),
    Plant("docstrings", "tickets/services/tagging.py", "a = 1\n", "no module docstring", DOC + "a = 1\n"),
    Plant(
        "docstrings",
        "tickets/models/tag.py",
        DOC + "class Tag(models.Model):\n    pass\n",
        "what is a row?",
        DOC + 'class Tag(models.Model):\n    """One word."""\n',
    ),
    Plant(
        "docstrings",
        "tickets/services/tagging.py",
        DOC + "def add():\n    pass\n",
        "what it promises",
        DOC + 'def add():\n    """Add."""\ndef _step():\n    pass\n',
    ),
    Plant(
        "leftovers",
        "tickets/views/a.py",
        "# TODO speed this up\n",
        "without an owner",
        "# TODO(mira): measure with 10 000 rows\n",
    ),
    Plant("leftovers", "frontend/src/a.css", "/* FIXME later */\n", "without an owner", "/* later */\n"),
    Plant("leftovers", "templates/a.html", "{# <p>old</p> #}\n", "commented-out markup", "{# context: ticket #}\n"),
    Plant("leftovers", "templates/a.html", "<!-- hello -->\n", "commented-out markup", "<p></p>\n"),
    Plant("leftovers", "frontend/src/a.ts", "// const a = 1;\n", "commented-out code", "// constants are at the top\n"),
    Plant(
        "leftovers", "tickets/a.py", "import os  # noqa: F401\n", "says why", "import os  # noqa: F401 -- re-exported\n"
    ),
    Plant(
        "leftovers",
        "tickets/a.py",
        "f()  # type: ignore\n",
        "says why",
        "f()  # type: ignore[misc]\n",
    ),
    Plant("templates", "templates/a.html", '<p style="color:red"></p>', "inline style", '<p class="red"></p>'),
    Plant(
        "templates",
        "templates/a.html",
        "<script>let a</script>",
        "inline script",
        '<script src="{% static a %}"></script>',
    ),
    Plant("templates", "templates/a.html", '<a onclick="f()"></a>', "handler 'onclick'", '<a data-act="f"></a>'),
    Plant(
        "templates", "templates/a.html", '<a href="javascript:f()"></a>', "handler 'href'", '<a href="{{ url }}"></a>'
    ),
    Plant(
        "templates", "templates/a.html", "<p>Hello there</p>", "not translated", '<p>{% translate "Hello there" %}</p>'
    ),
    Plant(
        "templates",
        "templates/a.html",
        '<input placeholder="Search">',
        "placeholder='Search'",
        "<input placeholder=\"{% translate 'Search' %}\">{% blocktranslate %}Hi {{ name }} you{% endblocktranslate %}",
    ),
    Plant("templates", "templates/a.html", "{{ html|safe }}", "unescaped output", "{{ html }}"),
    Plant(
        "templates",
        "templates/a.html",
        '<form method="post"></form>',
        "csrf_token",
        '<form method="post">{% csrf_token %}</form>',
    ),
    Plant(
        "templates", "templates/a.html", '<a target="_blank"></a>', "noopener", '<a target="_blank" rel="noopener"></a>'
    ),
    Plant("foreign_words", "docs/install.md", "pip install --index-url x\n", "installer's own setting", "make run\n"),
    Plant(
        "foreign_words", ".npmrc", "registry=https://registry.npmjs.org/\n", "installer's own setting", "fund=false\n"
    ),
    Plant("foreign_words", "docs/a.md", "cd /root/pharos\n", "one machine", "cd pharos\n"),
    Plant(
        "foreign_words",
        "docs/a.md",
        f"see ../{OUTSIDE}/design/ui.md\n",
        "outside the project",
        "see docs/architecture.md\n",
    ),
    Plant(
        "foreign_words",
        "docs/a.md",
        f"built in issue {len(OUTSIDE)}\n",
        "workshop",
        "the first issue of the magazine\n",
    ),
    Plant(
        "secrets", "helpdesk/a.py", f"API_TOKEN = '{RANDOM}'\n", "a random secret", "API_TOKEN = environ['API_TOKEN']\n"
    ),
    Plant("secrets", "docs/a.md", "-----BEGIN PRIVATE KEY-----\n", "a private key", "a PEM file\n"),
    Plant(
        "secrets", "docs/a.md", "postgres://app:hunter2hunter2@db/x\n", "a URL with a password", "postgres://app@db/x\n"
    ),
    Plant(
        "tasks",
        "tickets/outbound_tasks.py",
        "@shared_task(name='tickets.deliver')\ndef deliver(mail: dict) -> None: ...\n",
        "ids only",
        "@shared_task(name='tickets.deliver')\ndef deliver(pk: int, token: str) -> None: ...\n",
    ),
    Plant(
        "tasks",
        "tickets/outbound_tasks.py",
        "@shared_task(name='a', acks_late=False)\ndef deliver(pk: int) -> None: ...\n",
        "turns acks_late off",
        "@shared_task(name='a', time_limit=30)\ndef deliver(pk: int) -> None: ...\n",
    ),
    Plant(
        "tasks",
        "tickets/views/ticket.py",
        "@shared_task(name='a')\ndef deliver(pk: int) -> None: ...\n",
        "belongs in inbound_tasks",
        "def deliver(pk: int) -> None: ...\n",
    ),
    Plant(
        "tasks",
        "tickets/inbound_tasks.py",
        "@shared_task\ndef ingest(pk: int) -> None: ...\n",
        "no name=",
        "@shared_task(name='tickets.ingest')\ndef ingest(pk: int) -> None: ...\n",
    ),
    Plant(
        "tasks",
        "helpdesk/settings/base.py",
        "CELERY_TASK_ACKS_LATE = True\nCELERY_TASK_TIME_LIMIT = 120\n",
        "CELERY_TASK_SOFT_TIME_LIMIT must be set",
        "CELERY_TASK_ACKS_LATE = True\nCELERY_TASK_TIME_LIMIT = 120\nCELERY_TASK_SOFT_TIME_LIMIT = 90\n",
    ),
    Plant(
        "settings_known",
        "helpdesk/settings/base.py",
        "SESION_COOKIE_AGE = 1\n",
        "read by nobody",
        "SESSION_COOKIE_AGE = 1\nCELERY_TIMEZONE = 'UTC'\nAXES_FAILURE_LIMIT = 3\n",
    ),
    Plant(
        "settings_known",
        "helpdesk/settings/base.py",
        "REST_FRAMEWORK = {'DEFAULT_PERMISSIONS': []}\n",
        "unknown to that library",
        "REST_FRAMEWORK = {'DEFAULT_PERMISSION_CLASSES': []}\n",
    ),
    Plant(
        "settings_known",
        "tickets/services/undo.py",
        "limit = settings.UNDO_SEND_SECONDS\n",
        "set in no environment",
        "limit = settings.UNDO_SEND_S\n",
        beside=(("helpdesk/settings/base.py", "TIME_ZONE = 'UTC'\nUNDO_SEND_S = 10\n_ = UNDO_SEND_S\n"),),
    ),
    Plant(
        "settings_known",
        "tickets/channels/small/client.py",
        'VENDOR = Vendor("SMAL_API_URL", "Small")\n',
        "set in no environment",
        'VENDOR = Vendor("SMALL_API_URL", "Small")\n',
        beside=(("helpdesk/settings/base.py", "TIME_ZONE = 'UTC'\nSMALL_API_URL = 'https://api.example.com'\n"),),
    ),
    Plant("locks", "requirements/a.txt", "django==5.2\n", "no sha256 hash", "django==5.2 \\\n    --hash=sha256:00\n"),
    Plant("locks", "requirements/a.txt", "django>=5\n", "not pinned", "django==5.2 \\\n    --hash=sha256:00\n"),
    Plant("locks", "requirements/a.txt", "a==1 @ https://h/a --hash=sha256:0\n", "no host", "a==1 --hash=sha256:0\n"),
    Plant(
        "locks",
        "frontend/package-lock.json",
        '{"packages": {"node_modules/a": {"resolved": "https://host/a", "integrity": "x"}}}',
        "names a host",
        '{"packages": {"": {}, "node_modules/a": {"integrity": "x"}}}',
    ),
    Plant(
        "locks",
        "frontend/package-lock.json",
        '{"packages": {"node_modules/a": {}}}',
        "no integrity",
        '{"packages": {}}',
    ),
    Plant(
        "floors_listed",
        "billing/__init__.py",
        DOC,
        "stands on no floor",
        DOC,
        beside=(("pyproject.toml", "[tool.importlinter]\nroot_packages = ['core']\n"),),
    ),
    Plant(
        "translations",
        "templates/a.html",
        "{% load i18n %}{% translate 'New text' %}",
        "'New text' is not in",
        "{% load i18n %}{% translate 'Open' %}",
        beside=(("locale/zh_Hans/LC_MESSAGES/django.po", 'msgid "Open"\nmsgstr "打开"\n'),),
    ),
    Plant(
        "translations",
        "tickets/views/a.py",
        "_(f'Hello {name}')\n",
        "translate a constant",
        "_('Hello %(name)s') % {'name': name}\n",
        beside=(("locale/zh_Hans/LC_MESSAGES/django.po", 'msgid "Hello %(name)s"\nmsgstr "你好 %(name)s"\n'),),
    ),
]
WHOLE_FILE_IS_THE_FAULT = {"names", "floors_listed"}


def write(root: Path, files: dict[str, str]) -> Tree:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return Tree(root)


def found(tree: Tree, check: str) -> list[str]:
    return [str(finding) for finding in CHECKS[check](tree)]


@pytest.mark.parametrize("plant", [p for p in PLANTS if p.answer], ids=lambda p: f"{p.check}-{p.answer[:24]}-{p.path}")
def test_house_check__planted_fault__is_found(plant: Plant, tmp_path: Path) -> None:
    answers = found(write(tmp_path, {**dict(plant.beside), plant.path: plant.fault}), plant.check)

    assert any(plant.answer in answer for answer in answers), answers


@pytest.mark.parametrize(
    "plant",
    [p for p in PLANTS if p.check not in WHOLE_FILE_IS_THE_FAULT],
    ids=lambda p: f"{p.check}-{p.answer[:24]}-{p.path}",
)
def test_house_check__repaired_twin__passes(plant: Plant, tmp_path: Path) -> None:
    files = {**dict(plant.beside), plant.path: plant.repaired}

    assert found(write(tmp_path, files), plant.check) == []


def test_house_checks__every_check__has_a_planted_fault() -> None:
    assert {plant.check for plant in PLANTS} == set(CHECKS)


CATALOGUE_FAULTS = {
    'msgid "%(n)s file"\nmsgid_plural "%(n)s files"\nmsgstr[0] ""\n': "not every plural form",
    '#, fuzzy\nmsgid "%(n)s file"\nmsgid_plural "%(n)s files"\nmsgstr[0] "%(n)s 个文件"\n': "fuzzy",
    'msgid "%(n)s file"\nmsgid_plural "%(n)s files"\nmsgstr[0] "个文件"\n': "placeholders differ",
    'msgid "%(n)s file"\nmsgstr "%(n)s 个文件"\n': "the plural differs",
    'msgid "%(n)s file"\nmsgid_plural "%(n)s files"\nmsgstr[0] "%(n)s"\n\nmsgid "Old"\nmsgstr "旧"\n': "used nowhere",
}


@pytest.mark.parametrize("catalogue", CATALOGUE_FAULTS)
def test_translations__faulty_catalogue__is_found(catalogue: str, tmp_path: Path) -> None:
    tree = write(
        tmp_path,
        {
            "tickets/views/a.py": "ngettext('%(n)s file', '%(n)s files', n)\n",
            "locale/zh_Hans/LC_MESSAGES/django.po": catalogue,
        },
    )

    answers = found(tree, "translations")

    assert any(CATALOGUE_FAULTS[catalogue] in answer for answer in answers), answers


def test_translations__block_with_plural__is_extracted_with_both_forms(tmp_path: Path) -> None:
    tree = write(
        tmp_path,
        {
            "templates/a.html": "{% load i18n %}{% blocktranslate count n=n %}one file{% plural %}{{ n }} files"
            "{% endblocktranslate %}\n{% translate 'Open' context 'verb' %}",
            "locale/zh_Hans/LC_MESSAGES/django.po": 'msgid "one file"\nmsgid_plural "%(n)s files"\n'
            'msgstr[0] "%(n)s 个"\n\nmsgctxt "verb"\nmsgid "Open"\nmsgstr "打开"\n',
        },
    )

    assert found(tree, "translations") == []


def test_allow_list__entry_that_excuses_nothing__is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sizes.ALLOWED, "tickets/services/gone.py::act", 90)

    answers = found(write(tmp_path, {"tickets/a.py": DOC}), "sizes")

    assert any("excuses nothing any more" in answer for answer in answers)


def test_sizes__entry_above_what_is_needed__must_be_lowered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sizes.ALLOWED, "tickets/a.py::act", 99)

    answers = found(write(tmp_path, {"tickets/a.py": "def act():\n" + lines(89)}), "sizes")

    assert any("lower its entry" in answer for answer in answers)


def test_ungranted__model_without_entry__is_found() -> None:
    faults = list(django_state.ungranted({"tickets.ticket", "tickets.tag"}, {"tickets.ticket", "tickets.old"}))

    assert [fault.split(":")[0] for fault in faults] == ["tickets.tag", "tickets.old"]


def test_unknown_columns__misspelt_column__is_found() -> None:
    grant = Grant(insert=ALL, update=("name", "nmae"))

    faults = list(django_state.unknown_columns({"accounts.Team": grant}))

    assert faults == ["accounts.Team: the grant names columns that are not there: nmae"]


def test_unmigrated__model_changed_without_migration__is_found() -> None:
    state = ProjectState.from_apps(apps)
    state.remove_field("accounts", "team", "name")

    assert any("accounts" in fault for fault in django_state.unmigrated(state))


def test_deployment_faults__weak_setting__is_found(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = False

    assert any("security.W008" in fault for fault in django_state.deployment_faults())
