"""Documents of manual reviews, each with a key of its own, and who looked at them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.crypto
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("security", "0013_fund_steps"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReviewDocument",
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
                        choices=[("identity", "Identity document"), ("face", "Picture of you with today's date")],
                        max_length=10,
                    ),
                ),
                ("storage_name", models.CharField(editable=False, max_length=80, unique=True)),
                ("key", core.crypto.EncryptedTextField(blank=True)),
                ("size", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "review",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="security.manualreview",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReviewDocumentView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("viewed_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="views", to="security.reviewdocument"
                    ),
                ),
                (
                    "viewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="reviewdocument",
            index=models.Index(
                condition=models.Q(("removed_at__isnull", True)), fields=["review"], name="security_reviewdocument_kept"
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewdocument",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["identity", "face"])), name="security_reviewdocument_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewdocument",
            constraint=models.CheckConstraint(
                condition=models.Q(("removed_at__isnull", True), ("key", ""), _connector="OR"),
                name="security_reviewdocument_removed_has_no_key",
            ),
        ),
        migrations.AddIndex(
            model_name="reviewdocumentview",
            index=models.Index(fields=["viewer", "viewed_at"], name="security_reviewview_of_person"),
        ),
    ]
