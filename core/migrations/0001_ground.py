"""The schema `core` with the clock; everything later defaults its times to it."""

from django.db import migrations

CLOCK = """
CREATE SCHEMA IF NOT EXISTS core;
CREATE FUNCTION core.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT clock_timestamp() $$;
COMMENT ON FUNCTION core.clock() IS 'The only clock that SQL reads.';
GRANT USAGE ON SCHEMA core TO pharos_app;
GRANT EXECUTE ON FUNCTION core.clock() TO pharos_app;
"""


class Migration(migrations.Migration):
    """Ground."""

    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [migrations.RunSQL(CLOCK, "DROP FUNCTION core.clock(); DROP SCHEMA core;")]
