-- What customers say of their own: how they call a factor, and that an action was none of theirs.

ALTER TABLE security_customerfactor
    ADD COLUMN label text NOT NULL DEFAULT '' CHECK (length(label) <= 60),
    -- What the exchange calls a passkey: the subject of an action that removes it.
    ADD COLUMN exchange_id text NOT NULL DEFAULT '' CHECK (length(exchange_id) <= 120);
-- whose factors live
CREATE INDEX security_customerfactor_customer ON security_customerfactor (customer_id);
-- the portal: what waits for a customer's word
CREATE INDEX security_fundaction_customer ON security_fundaction (customer_id, id DESC);
-- the sweep of what customers are told of: asked for lately
CREATE INDEX security_fundaction_created ON security_fundaction (created_at);

-- The customer has said that this action was none of theirs. Nobody takes it back: what was right is asked for again.
CREATE TABLE security_actiondenial (
    action_id bigint PRIMARY KEY REFERENCES security_fundaction,
    denied_at timestamptz NOT NULL DEFAULT core.clock()
);
-- the watch: what was said lately
CREATE INDEX security_actiondenial_denied ON security_actiondenial (denied_at);

CREATE FUNCTION core.fund_action_denied() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    NEW.denied_at := core.clock();
    RETURN NEW;
END $$;

-- Behind b_now, which waits for whoever is freezing: a denial freezes in its own transaction, so it is seen here.
CREATE FUNCTION core.fund_denial_holds() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM security_actiondenial WHERE action_id = NEW.action_id) THEN
        RAISE EXCEPTION 'the customer has said that this is not theirs'
            USING errcode = '23514', constraint = 'security_execution_denied';
    END IF;
    RETURN NEW;
END $$;

REVOKE ALL ON FUNCTION core.fund_action_denied, core.fund_denial_holds FROM PUBLIC;

CREATE TRIGGER a_now BEFORE INSERT ON security_actiondenial
    FOR EACH ROW EXECUTE FUNCTION core.fund_action_denied();
CREATE TRIGGER z_unchanged BEFORE UPDATE ON security_actiondenial FOR EACH ROW EXECUTE FUNCTION core.deny();
CREATE TRIGGER z_kept BEFORE DELETE ON security_actiondenial FOR EACH ROW EXECUTE FUNCTION core.deny();
CREATE TRIGGER z_not_truncated BEFORE TRUNCATE ON security_actiondenial EXECUTE FUNCTION core.deny();
CREATE TRIGGER e_denial BEFORE INSERT ON security_execution
    FOR EACH ROW EXECUTE FUNCTION core.fund_denial_holds();
ALTER TABLE security_actiondenial ENABLE ALWAYS TRIGGER a_now;
ALTER TABLE security_actiondenial ENABLE ALWAYS TRIGGER z_unchanged;
ALTER TABLE security_actiondenial ENABLE ALWAYS TRIGGER z_kept;
ALTER TABLE security_actiondenial ENABLE ALWAYS TRIGGER z_not_truncated;
ALTER TABLE security_execution ENABLE ALWAYS TRIGGER e_denial;
