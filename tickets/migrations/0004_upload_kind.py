"""Uploads know whether they go out with a reply or stay in a note."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0003_automatic_mail_limits")]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="kind",
            field=models.CharField(
                choices=[("reply", "Reply"), ("note", "Note")], db_default="reply", default="reply", max_length=6
            ),
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["reply", "note"])), name="tickets_upload_kind_known"
            ),
        ),
    ]
