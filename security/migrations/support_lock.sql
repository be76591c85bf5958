-- The support lock: a customer says until when support may change nothing for them. Nobody shortens it, the customer
-- and the owner's statements included: whoever holds the customer's session, or a bribed colleague, waits like all.

CREATE FUNCTION core.fund_support_lock_grows() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.id <> OLD.id OR NEW.customer_id <> OLD.customer_id OR NEW.until < OLD.until) THEN
        RAISE EXCEPTION 'a support lock is not shortened' USING errcode = '42501';
    END IF;
    -- Nor does a thief of a session make it last for ever.
    IF NEW.until > core.clock() + interval '366 days' THEN
        RAISE EXCEPTION 'a support lock lasts a year at most' USING errcode = '23514';
    END IF;
    NEW.set_at := core.clock();
    RETURN NEW;
END $$;

-- Whatever support asks for is refused while the lock holds, and what was asked for before is not carried out.
CREATE FUNCTION core.fund_support_lock_holds() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    PERFORM 1 FROM security_supportlock WHERE customer_id = NEW.customer_id AND until > core.clock() FOR SHARE;
    IF FOUND THEN
        RAISE EXCEPTION 'the customer has locked support out' USING errcode = '23514', constraint = 'support_lock';
    END IF;
    RETURN NEW;
END $$;

REVOKE ALL ON FUNCTION core.fund_support_lock_grows, core.fund_support_lock_holds FROM PUBLIC;

CREATE TRIGGER a_grows BEFORE INSERT OR UPDATE ON security_supportlock
    FOR EACH ROW EXECUTE FUNCTION core.fund_support_lock_grows();
CREATE TRIGGER z_no_delete BEFORE DELETE ON security_supportlock FOR EACH ROW EXECUTE FUNCTION core.deny();
CREATE TRIGGER z_no_truncate BEFORE TRUNCATE ON security_supportlock EXECUTE FUNCTION core.deny();
ALTER TABLE security_supportlock ENABLE ALWAYS TRIGGER a_grows;
ALTER TABLE security_supportlock ENABLE ALWAYS TRIGGER z_no_delete;
ALTER TABLE security_supportlock ENABLE ALWAYS TRIGGER z_no_truncate;

-- Behind those that fill in whose action it is.
CREATE TRIGGER d_support_lock BEFORE INSERT ON security_fundaction
    FOR EACH ROW EXECUTE FUNCTION core.fund_support_lock_holds();
CREATE TRIGGER d_support_lock BEFORE INSERT ON security_execution
    FOR EACH ROW EXECUTE FUNCTION core.fund_support_lock_holds();
ALTER TABLE security_fundaction ENABLE ALWAYS TRIGGER d_support_lock;
ALTER TABLE security_execution ENABLE ALWAYS TRIGGER d_support_lock;
