"""How often a system mail was sent whole without an answer; the default lets running code go on inserting."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0003_audit_functions")]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="unanswered",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="sent without an answer"),
        ),
    ]
