-- The index of the search: what a message, or a ticket's head, is found by. Written by triggers, whatever door it came by.

-- Each character of Chinese, Japanese and Korean runs with the one behind it, at its place in the text; the last of a
-- run for itself. Not by the stock parser, whose idea of a letter depends on the locale.
CREATE FUNCTION core.search_pairs(p_text text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(string_agg(btrim(one || coalesce(next, '')) || ':' || least(place, 16383), ' '), '')::tsvector
      FROM (SELECT one, place, lead(one) OVER (ORDER BY place) AS next
              FROM unnest(string_to_array(
                   left(regexp_replace(p_text, '[^\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+', ' ', 'g'), 40000),
                   NULL)) WITH ORDINALITY AS split (one, place)) AS neighbours
     WHERE one <> ' '
$$;

-- Mail addresses, hashes, numbers and what looks like them, in small letters behind a mark of their own.
CREATE FUNCTION core.search_identifiers(p_text text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_to_tsvector(array(
        SELECT '=' || left(lower(found[1]), 200) FROM regexp_matches(p_text, '([A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+)', 'g') AS found
        UNION
        SELECT '=' || left(lower(found[1]), 200) FROM regexp_matches(p_text, '([A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)+)', 'g') AS found
         WHERE length(found[1]) >= 6 AND found[1] ~ '[0-9]'
        UNION
        SELECT '=' || left(lower(found[1]), 200) FROM regexp_matches(p_text, '([A-Za-z0-9]{6,})', 'g') AS found
         WHERE length(found[1]) >= 16 OR found[1] ~ '[0-9]'))
$$;

-- What the stock parser gets to read: no runs that have no spaces, and nothing that it takes for markup, whose words it
-- leaves out (all of them behind <script>), or for a path, which it takes for one word.
CREATE FUNCTION core.search_words(p_text text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT regexp_replace(translate(p_text, '<>/\=', '     '),
                          '[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+', ' ', 'g')
$$;

-- Of the longest texts the beginning: a vector has its own greatest size, and no message may fail for it.
CREATE FUNCTION core.search_vector(p_text text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, core, pg_temp AS $$
    SELECT to_tsvector('english', core.search_words(given))
        || core.search_pairs(given) || core.search_identifiers(given)
      FROM (SELECT normalize(left(p_text, 100000), NFKC) AS given) AS text
$$;

-- A word or a phrase that somebody asked for, read as texts are. Six characters of an identifier find all of it.
CREATE FUNCTION core.search_query(p_text text, p_is_phrase boolean) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE STRICT
PARALLEL SAFE SET search_path = pg_catalog, core, pg_temp AS $$
DECLARE
    v_text text := normalize(p_text, NFKC);
    v_latin text := core.search_words(v_text);
    v_query tsquery := CASE WHEN p_is_phrase THEN phraseto_tsquery('english', v_latin)
                            ELSE plainto_tsquery('english', v_latin) END;
    v_run text;
BEGIN
    IF NOT p_is_phrase AND v_text ~ '^[A-Za-z0-9._%+@-]{6,}$' THEN
        v_query := v_query || ('''=' || lower(v_text) || ''':*')::tsquery;
    END IF;
    FOR v_run IN SELECT run[1] FROM regexp_matches(
        v_text, '([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+)', 'g') AS run
    LOOP
        v_query := v_query && CASE WHEN length(v_run) = 1 THEN (v_run || ':*')::tsquery ELSE (
            SELECT string_agg(substr(v_run, place, 2), CASE WHEN p_is_phrase THEN ' <-> ' ELSE ' & ' END ORDER BY place)
              FROM generate_series(1, length(v_run) - 1) AS place)::tsquery END;
    END LOOP;
    RETURN v_query;
END $$;

-- Whose message it is, or for whom: the beginning of an address is enough.
CREATE FUNCTION core.search_mark(p_mark text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT ('''' || replace(replace(lower(p_mark), '\', '\\'), '''', '''''') || ''':*')::tsquery
$$;

CREATE FUNCTION core.search_index_message() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    PERFORM core.search_write_message(NEW);
    RETURN NULL;
END $$;

CREATE FUNCTION core.search_write_message(p_message tickets_message) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    IF p_message.withdrawn_at IS NOT NULL OR p_message.kind = 'event' THEN
        DELETE FROM tickets_searchentry WHERE message_id = p_message.id;
        RETURN;
    END IF;
    INSERT INTO tickets_searchentry (ticket_id, message_id, at, vector)
    SELECT p_message.ticket_id, p_message.id, p_message.created_at,
           core.search_vector(p_message.text) || array_to_tsvector(array(
               SELECT DISTINCT left(lower(mark), 400) FROM (
                   SELECT 'has:note' AS mark WHERE p_message.kind = 'note'
                   UNION ALL SELECT 'from:' || p_message.sender_address WHERE p_message.sender_address <> ''
                   UNION ALL SELECT 'from:' || substring(p_message.sender_address FROM '@.*$')
                   UNION ALL SELECT 'to:' || address FROM unnest(p_message.copied_addresses) AS address WHERE address <> ''
                   UNION ALL SELECT 'to:' || substring(address FROM '@.*$') FROM unnest(p_message.copied_addresses) AS address
                   UNION ALL SELECT 'to:' || requester_address FROM tickets_ticket
                    WHERE id = p_message.ticket_id AND p_message.kind = 'reply' AND p_message.direction = 'out' AND requester_address <> ''
               ) AS marks WHERE mark IS NOT NULL))
    ON CONFLICT (message_id) DO UPDATE SET ticket_id = excluded.ticket_id, vector = excluded.vector;
END $$;

CREATE FUNCTION core.search_index_ticket() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    PERFORM core.search_write_ticket(NEW);
    RETURN NULL;
END $$;

CREATE FUNCTION core.search_write_ticket(p_ticket tickets_ticket) RETURNS void LANGUAGE sql
SET search_path = pg_catalog, public, core, pg_temp AS $$
    INSERT INTO tickets_searchentry (ticket_id, at, vector)
    SELECT p_ticket.id, p_ticket.created_at, core.search_vector(concat_ws(
               ' ', p_ticket.subject, p_ticket.number, name, p_ticket.requester_address))
      FROM accounts_customer WHERE id = p_ticket.requester_id
    ON CONFLICT (ticket_id) WHERE message_id IS NULL DO UPDATE SET vector = excluded.vector
$$;

-- A name that is mended or erased. Locked first: what is changed of a ticket meanwhile is not written back.
CREATE FUNCTION core.search_index_customer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    PERFORM core.search_write_ticket(ticket)
       FROM (SELECT ticket FROM tickets_ticket AS ticket WHERE requester_id = NEW.id ORDER BY id FOR SHARE) AS locked;
    RETURN NULL;
END $$;

REVOKE ALL ON FUNCTION core.search_pairs, core.search_identifiers, core.search_vector, core.search_words, core.search_query, core.search_mark,
    core.search_index_message, core.search_write_message, core.search_index_ticket, core.search_write_ticket,
    core.search_index_customer FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.search_words, core.search_query, core.search_mark TO pharos_app;

CREATE TRIGGER search_index AFTER INSERT OR UPDATE OF ticket_id, kind, text, withdrawn_at, sender_address, copied_addresses
    ON tickets_message FOR EACH ROW EXECUTE FUNCTION core.search_index_message();
CREATE TRIGGER search_index AFTER INSERT OR UPDATE OF subject, number, requester_id, requester_address
    ON tickets_ticket FOR EACH ROW EXECUTE FUNCTION core.search_index_ticket();
CREATE TRIGGER search_index AFTER UPDATE OF name ON accounts_customer
    FOR EACH ROW WHEN (NEW.name <> OLD.name) EXECUTE FUNCTION core.search_index_customer();
