"""Attachments that were taken for identity documents leave their place behind: the file is in restricted storage."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

TO_MOVE = models.Q(("file__isnull", False), ("restricted_at__isnull", False))
HAS_FILE, NO_FILE = "tickets_attachment_has_its_file", "tickets_attachment_document_has_no_file"
SQL = (Path(__file__).parent / "restricted_attachments.sql").read_text("utf-8")
KEY = "tickets_attachment_restricted_by"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("core", "0004_notice_unanswered"),
        ("tickets", "0012_sent_fingerprints"),
    ]

    operations = [
        # Django would check every row for the foreign key while nobody may write.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    model_name="attachment", name="restricted_at", field=models.DateTimeField(null=True)
                ),
                migrations.AddField(
                    model_name="attachment",
                    name="restricted_by",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="attachment",
                    name="document",
                    field=models.CharField(blank=True, db_default="", max_length=20),
                ),
                migrations.AlterField(
                    model_name="attachment",
                    name="file",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.storedfile",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="attachment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("file__isnull", False), ("restricted_at__isnull", False), _connector="OR"),
                        name=HAS_FILE,
                    ),
                ),
                migrations.AddConstraint(
                    model_name="attachment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("document", ""), ("file__isnull", True), _connector="OR"), name=NO_FILE
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE tickets_attachment ADD COLUMN restricted_at timestamptz,"
                    " ADD COLUMN restricted_by_id bigint, ADD COLUMN document varchar(20) NOT NULL DEFAULT '',"
                    " ALTER COLUMN file_id DROP NOT NULL,"
                    f" ADD CONSTRAINT {KEY} FOREIGN KEY (restricted_by_id) REFERENCES accounts_staff (id)"
                    " DEFERRABLE INITIALLY DEFERRED NOT VALID,"
                    f" ADD CONSTRAINT {HAS_FILE} CHECK (file_id IS NOT NULL OR restricted_at IS NOT NULL) NOT VALID,"
                    f" ADD CONSTRAINT {NO_FILE} CHECK (document = '' OR file_id IS NULL) NOT VALID"
                ),
                *[
                    migrations.RunSQL(f"ALTER TABLE tickets_attachment VALIDATE CONSTRAINT {name}")
                    for name in (KEY, HAS_FILE, NO_FILE)
                ],
            ],
        ),
        migrations.RunSQL(SQL),
        AddIndexConcurrently(
            model_name="attachment",
            index=models.Index(fields=["restricted_at"], condition=TO_MOVE, name="tickets_attachment_to_move"),
        ),
    ]
