"""Runs of chains: what happened on which ticket, whom it told, and who follows."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_quiet_hours"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("tickets", "0032_escalation"),
    ]

    operations = [
        migrations.CreateModel(
            name="EscalationRun",
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
                (
                    "cause",
                    models.CharField(
                        choices=[("warned", "A warning"), ("breached", "A breach"), ("customer", "The customer")],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("done", "All steps taken"),
                            ("acknowledged", "Acknowledged"),
                            ("cancelled", "Not needed any more"),
                        ],
                        default="running",
                        max_length=12,
                    ),
                ),
                ("steps", models.JSONField()),
                ("next_step", models.PositiveSmallIntegerField(default=0)),
                ("fires_at", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("warned_at", models.DateTimeField(null=True)),
                ("breached_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "chain",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="tickets.escalationchain",
                    ),
                ),
                (
                    "clock",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tickets.slaclock",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="escalations",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EscalationStepRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("page", "Page at the desk"),
                            ("mail", "Mail"),
                            ("hook", "Webhook or chat channel"),
                            ("on_call", "Call who is on call (page and mail)"),
                            ("priority", "Raise the priority"),
                            ("reassign", "Reassign"),
                            ("follow", "Add a follower"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("done", "Done"),
                            ("held", "Held until the quiet hours are over"),
                            ("gathered", "Gathered in one summary"),
                            ("skipped", "Nothing to do, or nobody to tell"),
                            ("failed", "Failed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("taken_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="records",
                        to="tickets.escalationrun",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EscalationStorm",
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
                ("began_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "chain",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="storms",
                        to="tickets.escalationchain",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="escalationrun",
            name="storm",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="runs",
                to="tickets.escalationstorm",
            ),
        ),
        migrations.CreateModel(
            name="EscalationNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
                (
                    "next_attempt_at",
                    models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="next attempt"),
                ),
                ("lease_token", models.UUIDField(editable=False, null=True)),
                ("lease_until", models.DateTimeField(editable=False, null=True)),
                ("last_error", models.CharField(blank=True, max_length=500, verbose_name="last error")),
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
                (
                    "kind",
                    models.CharField(choices=[("page", "Page"), ("mail", "Mail"), ("hook", "Hook")], max_length=4),
                ),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed"), ("dropped", "Dropped")],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "hook",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.escalationhook",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="tickets.escalationrun",
                    ),
                ),
                (
                    "storm",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="tickets.escalationstorm",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TicketFollower",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("added_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followers",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EscalationRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.customer",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="escalation_requests",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["ticket", "-asked_at"], name="tickets_escalationrequest_of")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="escalationrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="tickets_escalationrequest_once_a_day",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF EXISTS (\n        SELECT FROM tickets_escalationrequest AS other\n         WHERE other.ticket_id = NEW.ticket_id AND other.asked_at > core.clock() - interval '24 hours'\n    ) THEN\n        RAISE EXCEPTION 'this ticket was escalated within a day'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'tickets_escalationrequest_once_a_day';\n    END IF;\n    RETURN NEW;\n",
                    hash="3cdd569cc2eb3888513a4bd7c52627e802073b0c",
                    operation="INSERT",
                    pgid="pgtrigger_tickets_escalationrequest_once_a_day_a7e23",
                    table="tickets_escalationrequest",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationsteprecord",
            constraint=models.UniqueConstraint(fields=("run", "position"), name="tickets_escalationsteprecord_once"),
        ),
        migrations.AddConstraint(
            model_name="escalationsteprecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("action__in", ["page", "mail", "hook", "on_call", "priority", "reassign", "follow"]),
                    ("outcome__in", ["done", "held", "gathered", "skipped", "failed"]),
                ),
                name="tickets_escalationsteprecord_known",
            ),
        ),
        migrations.AddIndex(
            model_name="escalationstorm",
            index=models.Index(fields=["chain", "-began_at"], name="tickets_escalationstorm_last"),
        ),
        migrations.AddIndex(
            model_name="escalationrun",
            index=models.Index(
                condition=models.Q(("fires_at__isnull", False)), fields=["fires_at"], name="tickets_escalationrun_fires"
            ),
        ),
        migrations.AddIndex(
            model_name="escalationrun",
            index=models.Index(
                condition=models.Q(("state__in", ["running", "done"])),
                fields=["-started_at"],
                name="tickets_escalationrun_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="escalationrun",
            index=models.Index(fields=["ticket", "-id"], name="tickets_escalationrun_of_tick"),
        ),
        migrations.AddIndex(
            model_name="escalationrun",
            index=models.Index(fields=["chain", "started_at"], name="tickets_escalationrun_of_chain"),
        ),
        migrations.AddIndex(
            model_name="escalationrun",
            index=models.Index(
                condition=models.Q(("storm__isnull", False)), fields=["storm"], name="tickets_escalationrun_of_storm"
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("clock__isnull", False), ("state__in", ["running", "done"])),
                fields=("clock",),
                name="tickets_escalationrun_one_of_clock",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("clock__isnull", True), ("state__in", ["running", "done"])),
                fields=("ticket",),
                name="tickets_escalationrun_one_of_customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("cause__in", ["warned", "breached", "customer"])),
                name="tickets_escalationrun_cause_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["running", "done", "acknowledged", "cancelled"])),
                name="tickets_escalationrun_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cause", "customer"), ("clock__isnull", True)),
                    models.Q(models.Q(("cause", "customer"), _negated=True), ("clock__isnull", False)),
                    _connector="OR",
                ),
                name="tickets_escalationrun_customers_have_no_clock",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("fires_at__isnull", True), ("state", "running"), _connector="OR"),
                name="tickets_escalationrun_fires_while_running",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("acknowledged_at__isnull", False),
                        ("acknowledged_by__isnull", False),
                        ("state", "acknowledged"),
                    ),
                    models.Q(
                        models.Q(("state", "acknowledged"), _negated=True),
                        ("acknowledged_at__isnull", True),
                        ("acknowledged_by__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="tickets_escalationrun_acknowledged_by_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("state__in", ["running", "done"])),
                    models.Q(models.Q(("state__in", ["running", "done"]), _negated=True), ("ended_at__isnull", False)),
                    _connector="OR",
                ),
                name="tickets_escalationrun_over_has_ended",
            ),
        ),
        migrations.AddIndex(
            model_name="escalationnotice",
            index=models.Index(
                condition=models.Q(("state", "queued")),
                fields=["next_attempt_at"],
                name="tickets_escalationnotice_waits",
            ),
        ),
        migrations.AddIndex(
            model_name="escalationnotice",
            index=models.Index(
                condition=models.Q(("staff__isnull", False), ("state", "sent")),
                fields=["staff", "-created_at"],
                name="tickets_escalationnotice_of",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(("run__isnull", True), ("storm__isnull", True), _connector="XOR"),
                name="tickets_escalationnotice_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hook__isnull", False), ("kind", "hook"), ("staff__isnull", True)),
                    models.Q(("hook__isnull", True), ("kind__in", ["page", "mail"]), ("staff__isnull", False)),
                    _connector="OR",
                ),
                name="tickets_escalationnotice_to_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["queued", "sent", "failed", "dropped"])),
                name="tickets_escalationnotice_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationnotice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("run__isnull", False)),
                fields=("run", "position", "kind", "staff", "hook"),
                name="tickets_escalationnotice_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationnotice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("storm__isnull", False)),
                fields=("storm", "position", "kind", "staff", "hook"),
                name="tickets_escalationnotice_once_in_storm",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketfollower",
            constraint=models.UniqueConstraint(fields=("ticket", "staff"), name="tickets_ticketfollower_once"),
        ),
    ]
