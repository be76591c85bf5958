"""The clock of test databases: `core.clock()` plus an offset that only the owner can set."""

from datetime import timedelta
from typing import Any

import psycopg

OWNER = "pharos_owner"
INSTALL = """
SET ROLE pharos_owner;
CREATE TABLE core.test_clock (ahead interval NOT NULL);
INSERT INTO core.test_clock VALUES (interval '0');
GRANT SELECT ON core.test_clock TO pharos_app, pharos_verifier, pharos_auditor;
CREATE OR REPLACE FUNCTION core.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT clock_timestamp() + (SELECT ahead FROM core.test_clock) $$;
RESET ROLE;
"""
REAL = """
CREATE OR REPLACE FUNCTION core.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT clock_timestamp() $$;
"""


def install(connection: "psycopg.Connection[Any]") -> None:
    """Give the clock of this (template) database an offset, zero for now."""
    connection.execute(INSTALL)


def set_ahead(connection: "psycopg.Connection[Any]", ahead: timedelta) -> None:
    """Set how far the clock is ahead of the machine's; needs the owner."""
    connection.execute("UPDATE core.test_clock SET ahead = %s", [ahead])
