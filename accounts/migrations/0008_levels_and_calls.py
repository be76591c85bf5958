"""Levels of languages, and calls at once."""

import django.core.validators
import django.db.models.lookups
from django.db import migrations, models

import accounts.models.presence


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_absences_and_swaps"),
    ]

    operations = [
        migrations.AddField(
            model_name="presence",
            name="language_levels",
            field=models.JSONField(blank=True, db_default={}, default=dict, verbose_name="levels of languages"),
        ),
        migrations.AddField(
            model_name="presence",
            name="phone_capacity",
            field=models.PositiveSmallIntegerField(
                db_default=1,
                default=1,
                help_text="How many new and open tickets of the phone are assigned by themselves at most; 0: none.",
                validators=[django.core.validators.MaxValueValidator(20)],
                verbose_name="calls at once",
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="language_level",
            field=models.PositiveSmallIntegerField(
                db_default=1,
                default=1,
                help_text="How well a ticket's or chat's language is to be had, from 1 (at all) to 5.",
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)],
                verbose_name="level of the language at least",
            ),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.CheckConstraint(
                condition=models.Q(("phone_capacity__lte", 20)), name="accounts_presence_calls_bounded"
            ),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.Exact(
                        models.Func(
                            models.F("language_levels"), function="jsonb_typeof", output_field=models.TextField()
                        ),
                        "object",
                    ),
                    models.Q(accounts.models.presence.AnyOutOfBounds(models.F("language_levels")), _negated=True),
                ),
                name="accounts_presence_levels_bounded",
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(
                condition=models.Q(("language_level__gte", 1), ("language_level__lte", 5)),
                name="accounts_team_language_level_bounded",
            ),
        ),
    ]
