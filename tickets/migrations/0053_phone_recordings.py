"""Recordings of talks: agreed to, kept for a time, written down, deleted."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_staff_phones"),
        ("core", "0004_notice_unanswered"),
        ("tickets", "0052_phone_callbacks"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="phonerecording",
            name="tickets_phonerecording_state_known",
        ),
        migrations.RemoveIndex(
            model_name="phonerecording",
            name="tickets_phonerecording_waiting",
        ),
        migrations.AddField(
            model_name="phonecall",
            name="recording_agreed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="phoneline",
            name="consent_words",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="Empty: our own words. Which key agrees is said after it.",
                max_length=300,
                verbose_name="question before recording, in English",
            ),
        ),
        migrations.AddField(
            model_name="phoneline",
            name="consent_words_zh_hans",
            field=models.CharField(
                blank=True, db_default="", max_length=300, verbose_name="question before recording, in Chinese"
            ),
        ),
        migrations.AddField(
            model_name="phoneline",
            name="keep_recordings_days",
            field=models.PositiveSmallIntegerField(
                db_default=90,
                default=90,
                help_text="Afterwards they are deleted here and at the provider.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(3650),
                ],
                verbose_name="days that recordings are kept",
            ),
        ),
        migrations.AddField(
            model_name="phoneline",
            name="records_calls",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Only those of callers who have pressed 1 to agree.",
                verbose_name="records calls",
            ),
        ),
        migrations.AddField(
            model_name="phonerecording",
            name="agreed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="phonerecording",
            name="expires_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="phonerecording",
            name="file",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.storedfile"
            ),
        ),
        migrations.AddField(
            model_name="phonerecording",
            name="kind",
            field=models.CharField(
                choices=[("message", "Voice message"), ("talk", "Recorded call")],
                db_default="message",
                default="message",
                max_length=7,
            ),
        ),
        migrations.AlterField(
            model_name="phonerecording",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("fetched", "To be written down"),
                    ("kept", "Kept"),
                    ("expired", "To be deleted"),
                    ("deleted", "Deleted"),
                    ("failed", "Failed"),
                ],
                default="waiting",
                max_length=8,
                verbose_name="state",
            ),
        ),
        migrations.AddIndex(
            model_name="phonerecording",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "fetched", "expired"])),
                fields=["next_attempt_at"],
                name="tickets_phonerecording_due",
            ),
        ),
        migrations.AddIndex(
            model_name="phonerecording",
            index=models.Index(
                condition=models.Q(("state", "kept")), fields=["expires_at"], name="tickets_phonerecording_ends"
            ),
        ),
        migrations.AddConstraint(
            model_name="phoneline",
            constraint=models.CheckConstraint(
                condition=models.Q(("keep_recordings_days__gte", 1), ("keep_recordings_days__lte", 3650)),
                name="tickets_phoneline_keeps_for_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonerecording",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "fetched", "kept", "expired", "deleted", "failed"])),
                name="tickets_phonerecording_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonerecording",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["message", "talk"])), name="tickets_phonerecording_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="phonerecording",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "message"), ("agreed_at__isnull", False), _connector="OR"),
                name="tickets_phonerecording_talk_was_agreed",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonerecording",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "deleted"), _negated=True), ("file__isnull", True), _connector="OR"
                ),
                name="tickets_phonerecording_deleted_has_no_file",
            ),
        ),
    ]
