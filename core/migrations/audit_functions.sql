CREATE FUNCTION core.audit_append(
    p_actor_kind text, p_actor_id text, p_action text, p_object_kind text, p_object_id text,
    p_fields text[], p_detail jsonb, p_request_id text
) RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
    WITH entry AS (
        INSERT INTO core_auditentry
            (at, actor_kind, actor_id, action, object_kind, object_id, fields, detail, request_id)
        VALUES (core.clock(), p_actor_kind, p_actor_id, p_action, p_object_kind, p_object_id,
                p_fields, p_detail, p_request_id)
        RETURNING id
    )
    INSERT INTO core_auditpending (entry_id) SELECT id FROM entry RETURNING entry_id
$$;

CREATE FUNCTION core.audit_hash(p_seq bigint, p_prev bytea, p_entry core_auditentry) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, core, pg_temp AS $$
    SELECT sha256(p_prev || convert_to(jsonb_build_array(
        p_seq, (p_entry).id, extract(epoch FROM (p_entry).at)::text, (p_entry).actor_kind, (p_entry).actor_id,
        (p_entry).action, (p_entry).object_kind, (p_entry).object_id, to_jsonb((p_entry).fields),
        (p_entry).detail, (p_entry).request_id)::text, 'UTF8'))
$$;

-- One sealer at a time; entries in the order of their ids among those that have committed.
CREATE FUNCTION core.audit_seal(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
DECLARE
    v_seq bigint;
    v_prev bytea;
    v_entry core_auditentry;
    v_done bigint[] := '{}';
BEGIN
    IF NOT pg_try_advisory_xact_lock(7200101) THEN
        RETURN 0;
    END IF;
    SELECT seq, hash INTO v_seq, v_prev FROM core_auditseal ORDER BY seq DESC LIMIT 1;
    v_seq := coalesce(v_seq, 0);
    v_prev := coalesce(v_prev, decode(repeat('00', 32), 'hex'));
    FOR v_entry IN
        SELECT e.* FROM core_auditpending p JOIN core_auditentry e ON e.id = p.entry_id
        ORDER BY e.id LIMIT p_limit
    LOOP
        v_seq := v_seq + 1;
        INSERT INTO core_auditseal (seq, entry_id, prev, hash, sealed_at)
        VALUES (v_seq, v_entry.id, v_prev, core.audit_hash(v_seq, v_prev, v_entry), core.clock())
        RETURNING hash INTO v_prev;
        v_done := v_done || v_entry.id;
    END LOOP;
    DELETE FROM core_auditpending WHERE entry_id = ANY (v_done);
    RETURN cardinality(v_done);
END $$;

CREATE FUNCTION core.audit_verify() RETURNS TABLE (bad_seq bigint, bad_entry bigint, why text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
    WITH chain AS (
        SELECT s.seq, s.entry_id, s.prev, s.hash,
               lag(s.seq) OVER w AS seq_before, lag(s.hash) OVER w AS hash_before,
               e.id AS found_entry,
               core.audit_hash(s.seq, s.prev, e) AS hash_now
        FROM core_auditseal s LEFT JOIN core_auditentry e ON e.id = s.entry_id
        WINDOW w AS (ORDER BY s.seq)
    )
    SELECT seq, entry_id, CASE
        WHEN found_entry IS NULL THEN 'entry is missing'
        WHEN seq <> coalesce(seq_before, 0) + 1 THEN 'gap before this link'
        WHEN prev <> coalesce(hash_before, decode(repeat('00', 32), 'hex')) THEN 'link does not follow the one before'
        ELSE 'entry or hash was altered' END
    FROM chain
    WHERE found_entry IS NULL
       OR seq <> coalesce(seq_before, 0) + 1
       OR prev <> coalesce(hash_before, decode(repeat('00', 32), 'hex'))
       OR hash <> hash_now
    UNION ALL
    SELECT NULL::bigint, e.id, 'entry is neither sealed nor waiting'
    FROM core_auditentry e
    WHERE NOT EXISTS (SELECT FROM core_auditseal s WHERE s.entry_id = e.id)
      AND NOT EXISTS (SELECT FROM core_auditpending p WHERE p.entry_id = e.id)
    ORDER BY 1
$$;

CREATE FUNCTION core.deny() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is not allowed: it is append-only', tg_op, tg_table_name USING errcode = '42501';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION core.deny();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON core_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION core.deny();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON core_auditseal
    FOR EACH ROW EXECUTE FUNCTION core.deny();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON core_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION core.deny();
ALTER TABLE core_auditentry ENABLE ALWAYS TRIGGER append_only, ENABLE ALWAYS TRIGGER never_truncated;
ALTER TABLE core_auditseal ENABLE ALWAYS TRIGGER append_only, ENABLE ALWAYS TRIGGER never_truncated;

REVOKE ALL ON FUNCTION core.audit_append, core.audit_hash, core.audit_seal, core.audit_verify, core.deny FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.audit_append, core.audit_seal, core.audit_verify TO pharos_app;
