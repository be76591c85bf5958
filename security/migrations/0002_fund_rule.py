"""The rule of fund-related actions: its tables, keys and triggers are SQL, the models only read them."""

from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent / "fund_rule"


class Migration(migrations.Migration):
    dependencies = [("security", "0001_rows"), ("accounts", "0001_rows"), ("core", "0003_audit_functions")]
    operations = [migrations.RunSQL((FOLDER / name).read_text("utf-8")) for name in ("tables.sql", "triggers.sql")]
