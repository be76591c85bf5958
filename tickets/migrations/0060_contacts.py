"""Notes about customers, and senders whose mail is put aside as spam."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_staff_phones"),
        ("tickets", "0059_saved_views"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BlockedSender",
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
                    "kind",
                    models.CharField(
                        choices=[("address", "Address"), ("domain", "Domain")], max_length=7, verbose_name="kind"
                    ),
                ),
                ("value", models.CharField(max_length=320, verbose_name="address or domain")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("lifted_at", models.DateTimeField(null=True)),
                (
                    "blocked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "blocked sender",
                "verbose_name_plural": "blocked senders",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at__isnull", True)),
                        fields=("value",),
                        name="tickets_blockedsender_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lifted_at__isnull", True), ("lifted_by__isnull", False), _connector="XOR"),
                        name="tickets_blockedsender_lifted_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="tickets_blockedsender_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "address"), ("value__contains", "@")),
                            models.Q(("kind", "domain"), models.Q(("value__contains", "@"), _negated=True)),
                            _connector="OR",
                        ),
                        name="tickets_blockedsender_kind_fits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomerNote",
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
                ("text", models.TextField(max_length=2000, verbose_name="text")),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="accounts.customer",
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
                    "written_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "note about a customer",
                "verbose_name_plural": "notes about customers",
                "indexes": [
                    models.Index(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=["customer", "-created_at", "-id"],
                        name="tickets_customernote_kept",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("removed_at__isnull", True), ("removed_by__isnull", False), _connector="XOR"
                        ),
                        name="tickets_customernote_removed_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="tickets_customernote_says_something"
                    ),
                ],
            },
        ),
    ]
