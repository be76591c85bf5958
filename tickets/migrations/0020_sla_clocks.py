"""Calendars, policies in versions and clocks of service levels; what the queue shows of them on each ticket."""

import datetime as dt

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.ids
import tickets.models.sla_calendar


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_exchange_accounts"),
        ("tickets", "0019_canned_replies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SlaPolicy",
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
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
            ],
            options={
                "verbose_name": "SLA policy",
                "verbose_name_plural": "SLA policies",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="SlaTeamCalendar",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "verbose_name": "team",
                "verbose_name_plural": "teams",
            },
        ),
        migrations.AddField(
            model_name="ticket",
            name="due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="ticket",
            name="due_metric",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
        migrations.AddField(
            model_name="ticket",
            name="is_awaiting_reply",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="ticket",
            name="warn_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="SlaCalendar",
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
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC",
                        max_length=64,
                        validators=[tickets.models.sla_calendar.check_zone],
                        verbose_name="time zone",
                    ),
                ),
                ("is_always", models.BooleanField(default=False, verbose_name="around the clock")),
                (
                    "weekly",
                    models.TextField(
                        blank=True,
                        help_text="A line for each day or range of days: “mon-fri 09:00-12:30 13:30-18:00”. A day without one is closed.",
                        max_length=2000,
                        validators=[tickets.models.sla_calendar.check_week],
                        verbose_name="week",
                    ),
                ),
                (
                    "country",
                    models.CharField(
                        blank=True,
                        help_text="A country's two letters, such as DE or SG; or nothing.",
                        max_length=2,
                        verbose_name="holidays of",
                    ),
                ),
                (
                    "part",
                    models.CharField(
                        blank=True,
                        help_text="Where its holidays differ: BY for Bavaria.",
                        max_length=20,
                        verbose_name="part of the country",
                    ),
                ),
                (
                    "dates",
                    models.TextField(
                        blank=True,
                        help_text="A line for each: “2026-12-24 09:00-12:00”; without hours it is closed. They count before holidays.",
                        max_length=8000,
                        validators=[tickets.models.sla_calendar.check_dates],
                        verbose_name="dates of their own",
                    ),
                ),
                ("is_default", models.BooleanField(default=False, verbose_name="where nothing else is said")),
            ],
            options={
                "verbose_name": "calendar",
                "verbose_name_plural": "calendars",
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("is_default",),
                        name="tickets_slacalendar_one_default",
                        violation_error_message="Another calendar holds where nothing else is said.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_always", True), models.Q(("weekly", ""), _negated=True), _connector="OR"
                        ),
                        name="tickets_slacalendar_has_hours",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("part", ""), models.Q(("country", ""), _negated=True), _connector="OR"),
                        name="tickets_slacalendar_part_of_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SlaPolicyVersion",
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
                    "position",
                    models.PositiveSmallIntegerField(
                        default=100,
                        help_text="Of several policies that fit a case, the lowest one holds.",
                        verbose_name="order",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Without this the policy fits no case any more.",
                        verbose_name="promises something",
                    ),
                ),
                (
                    "channels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="channels",
                    ),
                ),
                (
                    "priorities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="priorities",
                    ),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="languages",
                    ),
                ),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="any of these tags",
                    ),
                ),
                (
                    "teams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None, verbose_name="teams"
                    ),
                ),
                (
                    "is_risk_raised",
                    models.BooleanField(
                        default=False,
                        help_text="Those whose risk a signal of the exchange raises now.",
                        verbose_name="only customers at risk",
                    ),
                ),
                ("targets", models.JSONField(default=dict, verbose_name="targets")),
                (
                    "warn_percent",
                    models.PositiveSmallIntegerField(
                        default=75,
                        help_text="Of the time that is promised; 100: no warning.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="warn at percent",
                    ),
                ),
                (
                    "pauses_in",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        default=list,
                        help_text="No time counts in these statuses.",
                        size=None,
                        verbose_name="paused while",
                    ),
                ),
                (
                    "reopening",
                    models.CharField(
                        choices=[
                            ("continue", "The clock goes on; the time in between does not count"),
                            ("anew", "A new clock begins from nothing"),
                            ("leave", "No clock: what was resolved in time stays so"),
                        ],
                        default="continue",
                        max_length=8,
                        verbose_name="when opened again",
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("applies_from", models.DateTimeField(editable=False, null=True, verbose_name="applies from")),
                (
                    "calendar",
                    models.ForeignKey(
                        blank=True,
                        help_text="Without one, the case's team's; without that, the one for everything else, or around the clock.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.slacalendar",
                        verbose_name="calendar",
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="tickets.slapolicy",
                        verbose_name="SLA policy",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "version of an SLA policy",
                "verbose_name_plural": "versions of SLA policies",
                "ordering": ["policy", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="SlaClock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "metric",
                    models.CharField(
                        choices=[
                            ("first_response", "First response"),
                            ("next_response", "Next response"),
                            ("resolution", "Resolution"),
                            ("update_every", "Update every"),
                        ],
                        max_length=16,
                        verbose_name="promise",
                    ),
                ),
                (
                    "priority",
                    models.CharField(
                        choices=[("low", "Low"), ("normal", "Normal"), ("high", "High"), ("urgent", "Urgent")],
                        max_length=8,
                    ),
                ),
                ("target", models.DurationField()),
                ("started_at", models.DateTimeField()),
                ("used", models.DurationField(default=dt.timedelta)),
                ("runs_since", models.DateTimeField(null=True)),
                ("warn_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("fires_at", models.DateTimeField(null=True)),
                ("warned_at", models.DateTimeField(null=True)),
                ("breached_at", models.DateTimeField(null=True)),
                ("met_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("rounds", models.PositiveIntegerField(default=0)),
                ("undo", models.JSONField(null=True)),
                ("is_stale", models.BooleanField(default=False)),
                (
                    "calendar",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.slacalendar",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clocks",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.slapolicyversion",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="ticket",
            name="sla_version",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.slapolicyversion",
            ),
        ),
        migrations.AddField(
            model_name="slateamcalendar",
            name="calendar",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="teams",
                to="tickets.slacalendar",
                verbose_name="calendar",
            ),
        ),
        migrations.AddField(
            model_name="slateamcalendar",
            name="team",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.team", verbose_name="team"
            ),
        ),
        migrations.AddIndex(
            model_name="slapolicyversion",
            index=models.Index(
                condition=models.Q(("applies_from__isnull", False)),
                fields=["policy", "-applies_from", "-id"],
                name="tickets_slapolicy_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="slapolicyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("warn_percent__gte", 1), ("warn_percent__lte", 100)),
                name="tickets_slapolicyversion_warn_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="slapolicyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("reopening__in", ["continue", "anew", "leave"])),
                name="tickets_slapolicyversion_reopening_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="slapolicyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("applies_from__isnull", True), ("published_by__isnull", False), _connector="XOR"),
                name="tickets_slapolicyversion_published_by_one",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="slapolicyversion",
            trigger=pgtrigger.compiler.Trigger(
                name="tickets_slapolicyversion_fixed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.applies_from IS NOT NULL)",
                    func="RAISE EXCEPTION 'a version that was put into force is never changed: make another one';",
                    hash="2e9582ad1031b9cad6b609eda90dd822ee573c1a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_tickets_slapolicyversion_fixed_f5852",
                    table="tickets_slapolicyversion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="slapolicyversion",
            trigger=pgtrigger.compiler.Trigger(
                name="tickets_slapolicyversion_not_backdated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.applies_from IS NOT NULL)",
                    func="\n                    IF NEW.applies_from < core.clock() - interval '5 seconds' THEN\n                        RAISE EXCEPTION 'a version holds from now on or later';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="cb62c29de94082b5b9a2d6b046981fcc97b9557a",
                    operation="UPDATE OR INSERT",
                    pgid="pgtrigger_tickets_slapolicyversion_not_backdated_3f6dd",
                    table="tickets_slapolicyversion",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="slaclock",
            index=models.Index(
                condition=models.Q(("fires_at__isnull", False)), fields=["fires_at"], name="tickets_slaclock_fires"
            ),
        ),
        migrations.AddIndex(
            model_name="slaclock",
            index=models.Index(condition=models.Q(("is_stale", True)), fields=["id"], name="tickets_slaclock_stale"),
        ),
        migrations.AddIndex(
            model_name="slaclock",
            index=models.Index(fields=["ticket", "-id"], name="tickets_slaclock_of_ticket"),
        ),
        migrations.AddIndex(
            model_name="slaclock",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True), ("met_at__isnull", True)),
                fields=["calendar"],
                name="tickets_slaclock_by_calendar",
            ),
        ),
        migrations.AddConstraint(
            model_name="slaclock",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True), ("met_at__isnull", True)),
                fields=("ticket", "metric"),
                name="tickets_slaclock_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="slaclock",
            constraint=models.CheckConstraint(
                condition=models.Q(("metric__in", ["first_response", "next_response", "resolution", "update_every"])),
                name="tickets_slaclock_metric_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="slaclock",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__in", ["low", "normal", "high", "urgent"])),
                name="tickets_slaclock_priority_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="slaclock",
            constraint=models.CheckConstraint(
                condition=models.Q(("target__gt", dt.timedelta(0)), ("used__gte", dt.timedelta(0))),
                name="tickets_slaclock_promises",
            ),
        ),
        migrations.AddConstraint(
            model_name="slaclock",
            constraint=models.CheckConstraint(
                condition=models.Q(("met_at__isnull", True), ("ended_at__isnull", True), _connector="OR"),
                name="tickets_slaclock_over_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="slaclock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("met_at__isnull", True)),
                    models.Q(("due_at__isnull", True), ("fires_at__isnull", True), ("runs_since__isnull", True)),
                    _connector="OR",
                ),
                name="tickets_slaclock_still_when_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="slaclock",
            constraint=models.CheckConstraint(
                condition=models.Q(("fires_at__isnull", True), ("runs_since__isnull", False), _connector="OR"),
                name="tickets_slaclock_fires_while_running",
            ),
        ),
        migrations.AddConstraint(
            model_name="slaclock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("breached_at__isnull", True), ("breached_at__gte", models.F("started_at")), _connector="OR"
                ),
                name="tickets_slaclock_breach_after_start",
            ),
        ),
    ]
