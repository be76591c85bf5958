"""The limits on automatic mail as one function: counted under locks, in one round trip."""

from django.db import migrations

# Every statement of a VOLATILE PL/pgSQL function sees what has committed until then: what is counted behind a lock is
# what those who held it have written. Both locks end with the transaction, so that it is still true when the row is
# there. They are taken in one order, first for the address, then for all.
ALLOWED = """
CREATE FUNCTION tickets_automatic_mail_allowed(
    p_address text, p_per_minute integer, p_address_per_hour integer, p_address_per_day integer
) RETURNS boolean LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    -- in a flood nobody waits for anybody
    IF tickets_automatic_mails_since(interval '1 minute', p_per_minute) >= p_per_minute THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('automatic mail to ' || p_address, 0));
    IF (SELECT count(*) FROM (
            SELECT FROM tickets_outboundmail
             WHERE is_automatic AND lower(to_address) = p_address AND created_at > core.clock() - interval '1 hour'
             LIMIT p_address_per_hour) AS mails) >= p_address_per_hour
        OR (SELECT count(*) FROM (
            SELECT FROM tickets_outboundmail
             WHERE is_automatic AND lower(to_address) = p_address AND created_at > core.clock() - interval '1 day'
             LIMIT p_address_per_day) AS mails) >= p_address_per_day
    THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('automatic mail', 0));
    RETURN tickets_automatic_mails_since(interval '1 minute', p_per_minute) < p_per_minute;
END $$;
"""
SINCE = """
CREATE FUNCTION tickets_automatic_mails_since(p_span interval, p_limit integer) RETURNS bigint
LANGUAGE sql VOLATILE SET search_path = pg_catalog, public, core, pg_temp AS $$
    SELECT count(*) FROM (
        SELECT FROM tickets_outboundmail WHERE is_automatic AND created_at > core.clock() - p_span LIMIT p_limit
    ) AS mails
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0005_counted_views")]

    operations = [
        migrations.RunSQL(SINCE, "DROP FUNCTION tickets_automatic_mails_since"),
        migrations.RunSQL(ALLOWED, "DROP FUNCTION tickets_automatic_mail_allowed"),
    ]
