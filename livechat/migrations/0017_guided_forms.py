"""Chat forms that ask as the guided form of their topic does."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("livechat", "0016_presence_moves_out"),
    ]

    operations = [
        migrations.AddField(
            model_name="topicform",
            name="is_guided",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="The questions of the topic's guided form, if it is active, in place of those below.",
                verbose_name="asks as the guided form",
            ),
        ),
    ]
