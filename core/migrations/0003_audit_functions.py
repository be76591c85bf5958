"""The functions that write and verify the audit chain, and the triggers that keep it append-only."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "audit_functions.sql").read_text("utf-8")
UNDO = """
DROP FUNCTION core.audit_append, core.audit_seal, core.audit_verify, core.audit_hash;
DROP FUNCTION core.deny CASCADE;
"""


class Migration(migrations.Migration):
    """Audit functions."""

    dependencies = [("core", "0002_rows")]
    operations = [migrations.RunSQL(SQL, UNDO)]
