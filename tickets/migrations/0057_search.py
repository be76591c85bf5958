"""The index of the search over tickets and messages, and what was there before it."""

from pathlib import Path
from typing import Any

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

SQL = (Path(__file__).parent / "search.sql").read_text("utf-8")
UNDO = """
DROP TRIGGER search_index ON tickets_message;
DROP TRIGGER search_index ON tickets_ticket;
DROP TRIGGER search_index ON accounts_customer;
DROP FUNCTION core.search_index_message, core.search_index_ticket, core.search_index_customer,
    core.search_write_message, core.search_write_ticket, core.search_vector, core.search_pairs,
    core.search_words, core.search_identifiers, core.search_query, core.search_mark
"""
BATCH = 2_000
# Locked before they are read: words that are withdrawn meanwhile are not written back.
HEADS = """
SELECT core.search_write_ticket(ticket)
  FROM (SELECT ticket FROM tickets_ticket AS ticket WHERE id > %s AND id <= %s ORDER BY id FOR SHARE) AS locked
"""
MESSAGES = """
SELECT core.search_write_message(message)
  FROM (SELECT message FROM tickets_message AS message
         WHERE id > %s AND id <= %s AND kind <> 'event' ORDER BY id FOR SHARE) AS locked
"""


def index_the_past(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401 -- as Django calls it
    """Index tickets and messages from before, in batches that commit by themselves; a second time does no harm."""
    with schema_editor.connection.cursor() as cursor:
        for model, statement in (("Ticket", HEADS), ("Message", MESSAGES)):
            rows = apps.get_model("tickets", model).objects.order_by("-pk").values_list("pk", flat=True)
            for first in range(0, rows.first() or 0, BATCH):
                cursor.execute(statement, [first, first + BATCH])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0056_later_answers")]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("vector", django.contrib.postgres.search.SearchVectorField()),
                (
                    "message",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tickets.message",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tickets.ticket"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("message__isnull", True)),
                        fields=("ticket",),
                        name="tickets_searchentry_one_head",
                    )
                ],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["vector"], name="tickets_searchentry_words")
                ],
            },
        ),
        migrations.RunSQL(SQL, UNDO),
        migrations.RunPython(index_the_past, migrations.RunPython.noop),
    ]
