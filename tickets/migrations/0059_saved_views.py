"""Saved views, snoozed cases, since when a customer waits, and what views are sorted by."""

from datetime import timedelta
from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

import core.clock
import core.ids

BATCH = 2_000
# Of those that are open and whose customer spoke last: the first word since our last one.
WAITING = """
UPDATE tickets_ticket AS ticket
   SET waiting_since = coalesce(
       (SELECT min(said.created_at) FROM tickets_message AS said
         WHERE said.ticket_id = ticket.id AND said.kind = 'reply' AND said.direction = 'in'
           AND said.seq > coalesce((SELECT max(ours.seq) FROM tickets_message AS ours
                                     WHERE ours.ticket_id = ticket.id AND ours.kind = 'reply'
                                       AND ours.direction = 'out'), 0)), ticket.updated_at)
 WHERE ticket.id > %s AND ticket.id <= %s AND ticket.waiting_since IS NULL
   AND ticket.last_direction = 'in' AND ticket.status NOT IN ('resolved', 'closed')
"""


def tell_who_waits(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401 -- as Django calls it
    """Write since when customers wait, in batches that commit by themselves; a second time does no harm."""
    last = apps.get_model("tickets", "Ticket").objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with schema_editor.connection.cursor() as cursor:
        for first in range(0, last, BATCH):
            cursor.execute(WAITING, [first, first + BATCH])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("tickets", "0058_links_and_merges"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=core.ids.new_public_id,
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("is_shared", models.BooleanField(db_default=False, default=False, verbose_name="shared")),
                ("query", models.CharField(blank=True, max_length=500, verbose_name="conditions")),
                (
                    "sort",
                    models.CharField(
                        choices=[
                            ("-updated", "Newest activity first"),
                            ("updated", "Oldest activity first"),
                            ("-created", "Newest cases first"),
                            ("created", "Oldest cases first"),
                            ("waiting", "Waiting longest first"),
                            ("-waiting", "Waiting shortest first"),
                            ("-priority", "Most urgent first"),
                            ("priority", "Least urgent first"),
                            ("due", "Due soonest first"),
                            ("-due", "Due latest first"),
                            ("-number", "Highest number first"),
                            ("number", "Lowest number first"),
                        ],
                        default="-updated",
                        max_length=10,
                        verbose_name="order",
                    ),
                ),
                (
                    "grouping",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Not grouped"),
                            ("status", "By status"),
                            ("priority", "By priority"),
                            ("assignee", "By assignee"),
                            ("team", "By team"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="grouping",
                    ),
                ),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("last_line", "Last line"),
                                ("number", "Number"),
                                ("due", "Due"),
                                ("status", "Status"),
                                ("priority", "Priority"),
                                ("tags", "Tags"),
                                ("assignee", "Assignee"),
                                ("team", "Team"),
                                ("topic", "Topic"),
                                ("language", "Language"),
                                ("created", "Created"),
                                ("waiting", "Waiting since"),
                            ],
                            max_length=12,
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("archived_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Snooze",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=core.ids.new_public_id,
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                ("until", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("started_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "woken_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("time", "Its time came"),
                            ("customer", "The customer wrote"),
                            ("colleague", "A colleague needs it"),
                            ("hand", "Woken by hand"),
                            ("done", "The case was resolved"),
                        ],
                        db_default="",
                        default="",
                        max_length=10,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="ticket",
            name="is_snoozed",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="ticket",
            name="waiting_since",
            field=models.DateTimeField(editable=False, null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticket",
            trigger=pgtrigger.compiler.Trigger(
                name="tickets_waiting_since",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF NEW.last_direction <> 'in' OR NEW.status IN ('resolved', 'closed') THEN\n    NEW.waiting_since := NULL;\nELSIF TG_OP = 'INSERT' OR OLD.waiting_since IS NULL THEN\n    NEW.waiting_since := core.clock();\nELSE\n    NEW.waiting_since := OLD.waiting_since;\nEND IF;\nRETURN NEW;\n",
                    hash="7e4f333333518a522f2c10f557d52d82e71fc032",
                    operation='INSERT OR UPDATE OF "last_direction", "status"',
                    pgid="pgtrigger_tickets_waiting_since_2936c",
                    table="tickets_ticket",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunPython(tell_who_waits, migrations.RunPython.noop),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(fields=["created_at", "id"], name="tickets_by_creation"),
        ),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("is_spam", False), ("waiting_since__isnull", False)),
                fields=["waiting_since", "id"],
                include=("team",),
                name="tickets_by_waiting",
            ),
        ),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                models.OrderBy(
                    models.Case(
                        models.When(priority="urgent", then=models.Value(0)),
                        models.When(priority="high", then=models.Value(1)),
                        models.When(priority="normal", then=models.Value(2)),
                        models.When(priority="low", then=models.Value(3)),
                        default=models.Value(4),
                        output_field=models.SmallIntegerField(),
                    )
                ),
                models.OrderBy(models.F("id")),
                condition=models.Q(("is_spam", False), ("status__in", ["new", "open", "pending", "on_hold"])),
                include=("team",),
                name="tickets_by_urgency",
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="team",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.team",
                verbose_name="team",
            ),
        ),
        migrations.AddField(
            model_name="snooze",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="snooze",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="snooze",
            name="ticket",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="snoozes", to="tickets.ticket"
            ),
        ),
        migrations.AddIndex(
            model_name="savedview",
            index=models.Index(
                condition=models.Q(("archived_at__isnull", True), ("is_shared", False)),
                fields=["owner", "position"],
                name="tickets_savedview_own",
            ),
        ),
        migrations.AddIndex(
            model_name="savedview",
            index=models.Index(
                condition=models.Q(("archived_at__isnull", True), ("is_shared", True)),
                fields=["team", "position"],
                name="tickets_savedview_shared",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(("team__isnull", True), ("is_shared", True), _connector="OR"),
                name="tickets_savedview_team_is_shared",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="tickets_savedview_named"
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "sort__in",
                        [
                            "-updated",
                            "updated",
                            "-created",
                            "created",
                            "waiting",
                            "-waiting",
                            "-priority",
                            "priority",
                            "due",
                            "-due",
                            "-number",
                            "number",
                        ],
                    )
                ),
                name="tickets_savedview_sort_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(("grouping__in", ["", "status", "priority", "assignee", "team"])),
                name="tickets_savedview_grouping_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "columns__contained_by",
                        [
                            "last_line",
                            "number",
                            "due",
                            "status",
                            "priority",
                            "tags",
                            "assignee",
                            "team",
                            "topic",
                            "language",
                            "created",
                            "waiting",
                        ],
                    )
                ),
                name="tickets_savedview_columns_known",
            ),
        ),
        migrations.AddIndex(
            model_name="snooze",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)), fields=["until"], name="tickets_snooze_due"
            ),
        ),
        migrations.AddIndex(
            model_name="snooze",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["owner", "ticket"],
                name="tickets_snooze_of_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="snooze",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("ticket",), name="tickets_snooze_one_sleeps"
            ),
        ),
        migrations.AddConstraint(
            model_name="snooze",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__gt", models.F("started_at")),
                    (
                        "until__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("started_at"),
                            "+",
                            models.Value(timedelta(days=366), output_field=models.DurationField()),
                        ),
                    ),
                ),
                name="tickets_snooze_at_most_a_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="snooze",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("woken_by", "")),
                    models.Q(
                        ("ended_at__isnull", False), ("woken_by__in", ["time", "customer", "colleague", "hand", "done"])
                    ),
                    _connector="OR",
                ),
                name="tickets_snooze_ended_says_why",
            ),
        ),
    ]
