"""Surveys by mail: after how long, how often, and which are due."""

import django.core.validators
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_exchange_accounts"),
        ("tickets", "0016_satisfaction_surveys"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="mailbox",
            name="survey_after_h",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="So long after a resolution a mail asks a proven customer for a rating. Empty: nobody is asked.",
                null=True,
                validators=[django.core.validators.MaxValueValidator(168)],
                verbose_name="survey after hours",
            ),
        ),
        migrations.AddField(
            model_name="mailbox",
            name="survey_every_days",
            field=models.PositiveSmallIntegerField(
                db_default=30,
                default=30,
                help_text="For each customer, over all of their tickets.",
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)],
                verbose_name="survey once in so many days",
            ),
        ),
        migrations.AddField(
            model_name="survey",
            name="mail_due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="survey",
            name="mailed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="survey",
            index=models.Index(
                condition=models.Q(("mailed_at__isnull", True)), fields=["mail_due_at"], name="tickets_survey_due"
            ),
        ),
        migrations.AddIndex(
            model_name="survey",
            index=models.Index(
                condition=models.Q(("mail_due_at__isnull", False)),
                fields=["customer", "-asked_at"],
                name="tickets_survey_by_mail",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="survey",
            trigger=pgtrigger.compiler.Trigger(
                name="tickets_survey_mailed_seldom",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.mail_due_at IS NOT NULL)",
                    func="\n    PERFORM pg_advisory_xact_lock(hashtextextended('survey mail to customer ' || NEW.customer_id, 0));\n    PERFORM FROM tickets_ticket AS ticket JOIN tickets_mailbox AS mailbox ON mailbox.id = ticket.mailbox_id\n      WHERE ticket.id = NEW.ticket_id AND mailbox.survey_after_h IS NOT NULL AND ticket.is_requester_proven\n        AND NOT EXISTS (\n          SELECT FROM tickets_survey AS other\n           WHERE other.customer_id = NEW.customer_id AND other.mail_due_at IS NOT NULL\n             AND other.asked_at > core.clock() - mailbox.survey_every_days * interval '1 day');\n    IF NOT FOUND THEN\n        RAISE EXCEPTION 'this customer is not to be mailed a survey about this ticket'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'tickets_survey_mailed_seldom';\n    END IF;\n    RETURN NEW;\n",
                    hash="466c537157d031eb3ae5d2d624e7b3b6d6dd9d9b",
                    operation="INSERT",
                    pgid="pgtrigger_tickets_survey_mailed_seldom_f9c92",
                    table="tickets_survey",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="mailbox",
            constraint=models.CheckConstraint(
                condition=models.Q(("survey_after_h__isnull", True), ("survey_after_h__lte", 168), _connector="OR"),
                name="tickets_mailbox_survey_bounded",
            ),
        ),
    ]
