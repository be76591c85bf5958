-- What the exchange signals, and what follows for the rule: while a signal raises a customer's risk, whatever is asked
-- for them is of high risk, and what was asked for below that is not carried out. The application records signals; for
-- how long one counts is not its to say, and a signal only ever makes the rule stricter.

CREATE TABLE security_signalpolicy (
    kind text PRIMARY KEY CHECK (kind IN ('transfer.large', 'device.new', 'credential.changed')),
    raises_for_s integer NOT NULL CHECK (raises_for_s BETWEEN 0 AND 366 * 86400)
);
INSERT INTO security_signalpolicy (kind, raises_for_s) VALUES
    ('transfer.large', 24 * 3600), ('device.new', 72 * 3600), ('credential.changed', 72 * 3600);

CREATE TABLE security_exchangesignal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id text NOT NULL UNIQUE CHECK (public_id <> ''),
    event text NOT NULL UNIQUE CHECK (event <> ''),
    customer_id bigint NOT NULL REFERENCES accounts_customer,
    kind text NOT NULL REFERENCES security_signalpolicy,
    occurred_at timestamptz NOT NULL,
    asset text NOT NULL DEFAULT '' CHECK (asset ~ '^[A-Z0-9]{0,20}$'),
    reference text NOT NULL DEFAULT '' CHECK (reference ~ '^[A-Za-z0-9_.:-]{0,80}$'),
    received_at timestamptz NOT NULL DEFAULT core.clock(),
    raised_until timestamptz NOT NULL
);
-- The rule: what raises a customer's risk now. The pages: their latest signals.
CREATE INDEX security_exchangesignal_raised ON security_exchangesignal (customer_id, raised_until);

CREATE FUNCTION core.fund_signal_counts() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    NEW.received_at := core.clock();
    SELECT NEW.received_at + make_interval(secs => raises_for_s) INTO NEW.raised_until
      FROM security_signalpolicy WHERE kind = NEW.kind;
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_risk_is_raised(p_customer_id bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, core, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM security_exchangesignal WHERE customer_id = p_customer_id AND raised_until > core.clock())
$$;

-- Behind the trigger that has filled in the terms: those of high risk instead, in nothing weaker than the ones it found.
-- A policy without such terms lets nothing pass.
CREATE FUNCTION core.fund_raised_terms() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, core, pg_temp AS $$
DECLARE
    v_found security_fundpolicy;
BEGIN
    IF NEW.risk = 'high' OR NOT core.fund_risk_is_raised(NEW.customer_id) THEN
        RETURN NEW;
    END IF;
    SELECT * INTO v_found FROM security_fundpolicy
     WHERE kind = NEW.kind AND asset IN (NEW.asset, '') AND valid_from <= NEW.created_at AND risk = 'high'
       AND needs_approval >= NEW.needs_approval AND cooling_off_s >= NEW.cooling_off_s
     ORDER BY asset DESC, cooling_off_s, above DESC, valid_from DESC, id DESC LIMIT 1;
    IF v_found.id IS NULL THEN
        RAISE EXCEPTION 'the customer''s risk is raised, and no policy of high risk fits'
            USING errcode = '23514', constraint = 'raised_risk';
    END IF;
    NEW.policy_id := v_found.id;
    NEW.risk := v_found.risk;
    NEW.methods := v_found.methods;
    NEW.needs_approval := v_found.needs_approval;
    NEW.cooling_off_s := v_found.cooling_off_s;
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_raised_risk_holds() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    IF core.fund_risk_is_raised(NEW.customer_id)
       AND EXISTS (SELECT FROM security_fundaction WHERE id = NEW.action_id AND risk <> 'high') THEN
        RAISE EXCEPTION 'the customer''s risk was raised since this was asked for; it has to be asked for again'
            USING errcode = '23514', constraint = 'raised_risk';
    END IF;
    RETURN NEW;
END $$;

REVOKE ALL ON FUNCTION core.fund_signal_counts, core.fund_raised_terms, core.fund_raised_risk_holds FROM PUBLIC;

CREATE TRIGGER a_counts BEFORE INSERT ON security_exchangesignal
    FOR EACH ROW EXECUTE FUNCTION core.fund_signal_counts();
CREATE TRIGGER b_raised BEFORE INSERT ON security_fundaction
    FOR EACH ROW EXECUTE FUNCTION core.fund_raised_terms();
CREATE TRIGGER d_raised BEFORE INSERT ON security_execution
    FOR EACH ROW EXECUTE FUNCTION core.fund_raised_risk_holds();
ALTER TABLE security_fundaction ENABLE ALWAYS TRIGGER b_raised;
ALTER TABLE security_execution ENABLE ALWAYS TRIGGER d_raised;

DO $$
DECLARE
    v_table text;
    v_trigger record;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['security_signalpolicy', 'security_exchangesignal'] LOOP
        EXECUTE format('CREATE TRIGGER z_no_update BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION core.deny()', v_table);
        EXECUTE format('CREATE TRIGGER z_no_delete BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION core.deny()', v_table);
        EXECUTE format('CREATE TRIGGER z_no_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION core.deny()', v_table);
    END LOOP;
    -- No kind is added but by a migration.
    CREATE TRIGGER z_no_insert BEFORE INSERT ON security_signalpolicy FOR EACH ROW EXECUTE FUNCTION core.deny();
    FOREACH v_table IN ARRAY ARRAY['security_signalpolicy', 'security_exchangesignal'] LOOP
        FOR v_trigger IN SELECT tgname FROM pg_trigger WHERE tgrelid = v_table::regclass AND NOT tgisinternal LOOP
            EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', v_table, v_trigger.tgname);
        END LOOP;
    END LOOP;
END $$;
