"""Satisfaction surveys: one for each resolution, and one answer to each."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_exchange_accounts"),
        ("tickets", "0014_mail_route"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Survey",
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
                ("asked_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("answer_until", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("skipped_at", models.DateTimeField(null=True)),
                (
                    "assignee",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customer"
                    ),
                ),
                (
                    "resolution",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="survey", to="tickets.message"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="accounts.team"
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="surveys",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SurveyAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rating", models.PositiveSmallIntegerField()),
                ("comment", models.TextField(blank=True)),
                ("redactions", models.JSONField(default=list)),
                ("answered_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("changed_at", models.DateTimeField(null=True)),
                ("changeable_until", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "survey",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answer", to="tickets.survey"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="survey",
            index=models.Index(fields=["ticket", "-id"], name="tickets_survey_of_ticket"),
        ),
        migrations.AddIndex(
            model_name="survey",
            index=models.Index(fields=["asked_at"], name="tickets_survey_asked"),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer_until__gt", models.F("asked_at"))), name="tickets_survey_has_an_end"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="survey",
            trigger=pgtrigger.compiler.Trigger(
                name="tickets_survey_of_a_resolution",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    PERFORM FROM tickets_message AS event JOIN tickets_ticket AS ticket ON ticket.id = event.ticket_id\n      WHERE event.id = NEW.resolution_id AND event.ticket_id = NEW.ticket_id AND event.event = 'status_changed'\n        AND event.event_data ->> 'to' IN ('resolved', 'closed')\n        AND event.event_data ->> 'from' NOT IN ('resolved', 'closed')\n        AND ticket.requester_id = NEW.customer_id AND NOT ticket.is_spam;\n    IF NOT FOUND THEN\n        RAISE EXCEPTION 'a survey asks the requester of a resolved ticket about that resolution';\n    END IF;\n    NEW.asked_at := core.clock();\n    NEW.answer_until := core.clock() + interval '14 days';\n    RETURN NEW;\n",
                    hash="a2d732b4c12f2c29baa5d30cee4c5aa1690c38fe",
                    operation="INSERT",
                    pgid="pgtrigger_tickets_survey_of_a_resolution_2d4b7",
                    table="tickets_survey",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="surveyanswer",
            index=models.Index(fields=["answered_at"], name="tickets_surveyanswer_lately"),
        ),
        migrations.AddConstraint(
            model_name="surveyanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("rating__gte", 1), ("rating__lte", 5)), name="tickets_surveyanswer_one_to_five"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="surveyanswer",
            trigger=pgtrigger.compiler.Trigger(
                name="tickets_surveyanswer_in_time",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    PERFORM FROM tickets_survey WHERE id = NEW.survey_id AND answer_until > core.clock();\n    IF NOT FOUND THEN\n        RAISE EXCEPTION 'the time for an answer is over';\n    END IF;\n    NEW.answered_at := core.clock();\n    NEW.changeable_until := core.clock() + interval '1 day';\n    RETURN NEW;\n",
                    hash="1b1916cddb0300c9ce787ef6fde588c6eef6e700",
                    operation="INSERT",
                    pgid="pgtrigger_tickets_surveyanswer_in_time_82ed4",
                    table="tickets_surveyanswer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="surveyanswer",
            trigger=pgtrigger.compiler.Trigger(
                name="tickets_surveyanswer_fixed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.changeable_until <= core.clock())",
                    func="RAISE EXCEPTION 'an answer is changed for a day and then stays';",
                    hash="c268c423bd2c1840e299ed2fdb9010e710a73b4b",
                    operation="UPDATE",
                    pgid="pgtrigger_tickets_surveyanswer_fixed_0268b",
                    table="tickets_surveyanswer",
                    when="BEFORE",
                ),
            ),
        ),
    ]
