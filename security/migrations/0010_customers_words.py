"""How customers call their factors, and that an action was none of theirs: which no execution comes after."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "customers" / "tables.sql").read_text("utf-8")


class Migration(migrations.Migration):
    dependencies = [("security", "0009_exchange_signals")]
    operations = [migrations.RunSQL(SQL)]
