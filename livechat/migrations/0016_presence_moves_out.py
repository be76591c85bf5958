"""Presence moves to the floor of people, in Django's eyes alone; the table stays as it is."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_presence_moves_in"), ("livechat", "0015_texts_per_language")]

    operations = [migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="Presence")])]
