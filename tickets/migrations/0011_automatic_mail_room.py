"""How much automatic mail may still go out, to several addresses in one round trip."""

from django.db import migrations

# Every statement of a VOLATILE PL/pgSQL function sees what has committed until then: what is counted behind a lock is
# what those who held it have written. The locks end with the transaction, so that it is still true when the rows are
# there. They are taken in one order, first those of the addresses by their names, then the one for all.
ROOM = """
CREATE FUNCTION tickets_automatic_mail_room(
    p_addresses text[], p_per_minute integer, p_address_per_hour integer, p_address_per_day integer
) RETURNS TABLE (address text, room bigint, room_for_all bigint)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, core, pg_temp AS $$
DECLARE
    v_address text;
    v_rooms bigint[] := '{}';
    v_for_all bigint := p_per_minute - tickets_automatic_mails_since(interval '1 minute', p_per_minute);
BEGIN
    -- in a flood nobody waits for anybody
    IF v_for_all <= 0 THEN
        RETURN QUERY SELECT asked, 0::bigint, 0::bigint FROM unnest(p_addresses) AS asked;
        RETURN;
    END IF;
    FOR v_address IN SELECT DISTINCT asked FROM unnest(p_addresses) AS asked ORDER BY asked LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended('automatic mail to ' || v_address, 0));
    END LOOP;
    SELECT array_agg(least(
        p_address_per_hour - (SELECT count(*) FROM (
            SELECT FROM tickets_outboundmail
             WHERE is_automatic AND lower(to_address) = asked AND created_at > core.clock() - interval '1 hour'
             LIMIT p_address_per_hour) AS mails),
        p_address_per_day - (SELECT count(*) FROM (
            SELECT FROM tickets_outboundmail
             WHERE is_automatic AND lower(to_address) = asked AND created_at > core.clock() - interval '1 day'
             LIMIT p_address_per_day) AS mails)) ORDER BY place)
      INTO v_rooms FROM unnest(p_addresses) WITH ORDINALITY AS one (asked, place);
    IF 0 < ANY (v_rooms) THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('automatic mail', 0));
        v_for_all := p_per_minute - tickets_automatic_mails_since(interval '1 minute', p_per_minute);
    END IF;
    RETURN QUERY SELECT one.asked, one.found, v_for_all FROM unnest(p_addresses, v_rooms) AS one (asked, found);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0010_views_count_by_index")]

    # `tickets_automatic_mail_allowed` stays for the processes of the release before, which go on during a deploy.
    operations = [migrations.RunSQL(ROOM, "DROP FUNCTION tickets_automatic_mail_room")]
