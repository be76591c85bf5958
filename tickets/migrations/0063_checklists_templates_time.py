"""Checklists, ticket templates and time spent."""

from datetime import timedelta

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_staff_phones"),
        ("tickets", "0062_custom_fields"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChecklistTemplate",
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
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("archived_at", models.DateTimeField(editable=False, null=True)),
                ("name_zh_hans", models.CharField(blank=True, max_length=60, verbose_name="name in Chinese")),
                (
                    "items",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), size=50, verbose_name="items"
                    ),
                ),
                (
                    "items_zh_hans",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        default=list,
                        size=50,
                        verbose_name="items in Chinese",
                    ),
                ),
                (
                    "is_needed",
                    models.BooleanField(db_default=False, default=False, verbose_name="must be done to resolve"),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "verbose_name": "checklist",
                "verbose_name_plural": "checklists",
                "ordering": ["name", "pk"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ChecklistItem",
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
                ("text", models.CharField(max_length=200)),
                ("text_zh_hans", models.CharField(blank=True, max_length=200)),
                ("position", models.PositiveSmallIntegerField()),
                ("is_needed", models.BooleanField(db_default=False, default=False)),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("done_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
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
                        related_name="checklist",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.checklisttemplate",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "pk"],
            },
        ),
        migrations.AddField(
            model_name="topic",
            name="checklist",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Put on tickets of this topic by itself.",
                limit_choices_to={"archived_at": None, "is_shared": True},
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.checklisttemplate",
                verbose_name="checklist",
            ),
        ),
        migrations.CreateModel(
            name="TicketTemplate",
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
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("archived_at", models.DateTimeField(editable=False, null=True)),
                ("subject", models.CharField(blank=True, max_length=250, verbose_name="subject")),
                ("text", models.TextField(blank=True, max_length=10000, verbose_name="text")),
                (
                    "priority",
                    models.CharField(
                        choices=[("low", "Low"), ("normal", "Normal"), ("high", "High"), ("urgent", "Urgent")],
                        default="normal",
                        max_length=6,
                        verbose_name="priority",
                    ),
                ),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=20,
                        verbose_name="tags",
                    ),
                ),
                (
                    "checklist",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.checklisttemplate",
                        verbose_name="checklist",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="team",
                    ),
                ),
                (
                    "to_team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="team of the ticket",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.topic",
                        verbose_name="topic",
                    ),
                ),
            ],
            options={
                "verbose_name": "ticket template",
                "verbose_name_plural": "ticket templates",
                "ordering": ["name", "pk"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TicketTemplateValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", models.CharField(max_length=2000)),
                (
                    "field",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tickets.customfield"
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="values",
                        to="tickets.tickettemplate",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TimeEntry",
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
                ("minutes", models.PositiveSmallIntegerField()),
                ("day", models.DateField()),
                ("note", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("taken_back_at", models.DateTimeField(null=True)),
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
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="time_entries",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="checklisttemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("team__isnull", True), ("is_shared", True), _connector="OR"),
                name="tickets_checklisttemplate_team_is_shared",
            ),
        ),
        migrations.AddConstraint(
            model_name="checklisttemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="tickets_checklisttemplate_named"
            ),
        ),
        migrations.AddConstraint(
            model_name="checklisttemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("items__len__gte", 1)), name="tickets_checklisttemplate_has_items"
            ),
        ),
        migrations.AddConstraint(
            model_name="checklisttemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("items_zh_hans__len", 0), ("items_zh_hans__len", models.F("items__len")), _connector="OR"
                ),
                name="tickets_checklisttemplate_items_match",
            ),
        ),
        migrations.AddIndex(
            model_name="checklistitem",
            index=models.Index(
                condition=models.Q(("removed_at__isnull", True)),
                fields=["ticket", "position"],
                name="tickets_checklistitem_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="tickets_checklistitem_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at__isnull", True), ("done_by__isnull", True)),
                    models.Q(("done_at__isnull", False), ("done_by__isnull", False)),
                    _connector="OR",
                ),
                name="tickets_checklistitem_done_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("removed_at__isnull", True), ("removed_by__isnull", True)),
                    models.Q(("removed_at__isnull", False), ("removed_by__isnull", False)),
                    _connector="OR",
                ),
                name="tickets_checklistitem_removed_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="tickettemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("team__isnull", True), ("is_shared", True), _connector="OR"),
                name="tickets_tickettemplate_team_is_shared",
            ),
        ),
        migrations.AddConstraint(
            model_name="tickettemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="tickets_tickettemplate_named"
            ),
        ),
        migrations.AddConstraint(
            model_name="tickettemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__in", ["low", "normal", "high", "urgent"])),
                name="tickets_tickettemplate_priority_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="tickettemplatevalue",
            constraint=models.UniqueConstraint(fields=("template", "field"), name="tickets_tickettemplatevalue_once"),
        ),
        migrations.AddConstraint(
            model_name="tickettemplatevalue",
            constraint=models.CheckConstraint(
                condition=models.Q(("value", ""), _negated=True), name="tickets_tickettemplatevalue_says_something"
            ),
        ),
        migrations.AddIndex(
            model_name="timeentry",
            index=models.Index(fields=["ticket", "-created_at"], name="tickets_timeentry_of_ticket"),
        ),
        migrations.AddIndex(
            model_name="timeentry",
            index=models.Index(
                condition=models.Q(("taken_back_at__isnull", True)), fields=["day"], name="tickets_timeentry_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="timeentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__gte", 1), ("minutes__lte", 1440)), name="tickets_timeentry_within_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="timeentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("taken_back_at__isnull", True),
                    (
                        "taken_back_at__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("created_at"),
                            "+",
                            models.Value(timedelta(days=1), output_field=models.DurationField()),
                        ),
                    ),
                    _connector="OR",
                ),
                name="tickets_timeentry_taken_back_in_time",
            ),
        ),
    ]
