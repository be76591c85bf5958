"""Documents that were moved out of a case: whose they are, and that a review takes them."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = (Path(__file__).parent / "moved_documents.sql").read_text("utf-8")
TABLE, KIND, SOMEBODYS = (
    "security_reviewdocument",
    "security_reviewdocument_kind_known",
    "security_reviewdocument_somebodys",
)
KNOWN = models.Q(("kind__in", ["identity", "face", "mailed"]))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_exchange_accounts"),
        ("security", "0017_training"),
    ]

    operations = [
        migrations.AddField(
            model_name="reviewdocument",
            name="customer",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customer"
            ),
        ),
        migrations.AddField(
            model_name="reviewdocument",
            name="is_picture",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="reviewdocument",
            name="is_sender_proven",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AlterField(
            model_name="reviewdocument",
            name="kind",
            field=models.CharField(
                choices=[
                    ("identity", "Identity document"),
                    ("face", "Picture of you with today's date"),
                    ("mailed", "Picture out of a message"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="reviewdocument",
            name="review",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="documents",
                to="security.manualreview",
            ),
        ),
        migrations.AddIndex(
            model_name="reviewdocument",
            index=models.Index(
                condition=models.Q(("removed_at__isnull", True), ("review__isnull", True)),
                fields=["customer"],
                name="security_reviewdocument_waits",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint(model_name="reviewdocument", name=KIND),
                migrations.AddConstraint(
                    model_name="reviewdocument", constraint=models.CheckConstraint(condition=KNOWN, name=KIND)
                ),
                migrations.AddConstraint(
                    model_name="reviewdocument",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("review__isnull", False), ("customer__isnull", False), _connector="OR"),
                        name=SOMEBODYS,
                    ),
                ),
            ],
            # Every row that is there satisfies both.
            database_operations=[
                migrations.RunSQL(f"ALTER TABLE {TABLE} DROP CONSTRAINT {KIND}"),
                migrations.RunSQL(
                    f"ALTER TABLE {TABLE} ADD CONSTRAINT {KIND}"
                    " CHECK (kind IN ('identity', 'face', 'mailed')) NOT VALID"
                ),
                migrations.RunSQL(f"ALTER TABLE {TABLE} VALIDATE CONSTRAINT {KIND}"),
                migrations.RunSQL(
                    f"ALTER TABLE {TABLE} ADD CONSTRAINT {SOMEBODYS}"
                    " CHECK (review_id IS NOT NULL OR customer_id IS NOT NULL) NOT VALID"
                ),
                migrations.RunSQL(f"ALTER TABLE {TABLE} VALIDATE CONSTRAINT {SOMEBODYS}"),
            ],
        ),
        migrations.RunSQL(SQL),
    ]
