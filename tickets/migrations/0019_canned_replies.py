"""Canned replies."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_exchange_accounts"),
        ("tickets", "0018_bots_speak"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CannedReply",
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
                    "shortcut",
                    models.CharField(
                        help_text="Typed after a slash in the composer.",
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9][a-z0-9-]*$", "Small letters, digits and hyphens."
                            )
                        ],
                        verbose_name="shortcut",
                    ),
                ),
                ("title", models.CharField(max_length=80, verbose_name="title")),
                ("text", models.TextField(max_length=5000, verbose_name="text")),
                ("text_zh_hans", models.TextField(blank=True, max_length=5000, verbose_name="text in Chinese")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("used", models.PositiveIntegerField(default=0, editable=False, verbose_name="used")),
                ("used_at", models.DateTimeField(editable=False, null=True, verbose_name="last used")),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="added")),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
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
                "verbose_name": "canned reply",
                "verbose_name_plural": "canned replies",
                "ordering": ["shortcut", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("shortcut", "team", "owner"),
                        name="tickets_cannedreply_shortcut_once",
                        nulls_distinct=False,
                        violation_error_message="There is a canned reply with this shortcut already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("team__isnull", True), ("owner__isnull", True), _connector="OR"),
                        name="tickets_cannedreply_one_scope",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("shortcut__regex", "^[a-z0-9][a-z0-9-]*$")),
                        name="tickets_cannedreply_shortcut_plain",
                    ),
                ],
            },
        ),
    ]
