-- Declines: whoever was drawn may say no, for good. An action is declined or executed, never both: either takes the one
-- row that says what became of it, and its key fits no other. Whoever comes second waits for the first's commit, in any
-- isolation, because a unique key is compared with what is committed and not with what a snapshot sees.

CREATE TABLE security_fundoutcome (
    action_id bigint PRIMARY KEY REFERENCES security_fundaction,
    outcome text NOT NULL CHECK (outcome IN ('executed', 'declined')),
    came_at timestamptz NOT NULL DEFAULT core.clock(),
    CONSTRAINT security_fundoutcome_which UNIQUE (action_id, outcome)
);
INSERT INTO security_fundoutcome (action_id, outcome, came_at)
SELECT action_id, 'executed', executed_at FROM security_execution;
INSERT INTO security_fundoutcome (action_id, outcome, came_at)
SELECT action_id, 'declined', at FROM security_funddecline ON CONFLICT DO NOTHING;

ALTER TABLE security_execution
    ADD COLUMN outcome text NOT NULL DEFAULT 'executed' CHECK (outcome = 'executed'),
    ADD CONSTRAINT security_execution_declined FOREIGN KEY (action_id, outcome)
        REFERENCES security_fundoutcome (action_id, outcome);
-- Whose no it is: of somebody who was drawn for this very action.
ALTER TABLE security_funddecline
    ADD COLUMN outcome text NOT NULL DEFAULT 'declined' CHECK (outcome = 'declined'),
    ADD CONSTRAINT security_funddecline_executed FOREIGN KEY (action_id, outcome)
        REFERENCES security_fundoutcome (action_id, outcome),
    ADD CONSTRAINT security_funddecline_drawn FOREIGN KEY (action_id, staff_id)
        REFERENCES security_approverdraw (action_id, approver_id);

-- What became of an action is written by what became of it, never by a statement of its own.
CREATE FUNCTION core.fund_outcome_by_trigger() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'what became of an action is not said, it happens' USING errcode = '42501';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_outcome_taken() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    -- The key says the rest: what is there already and says something else fits neither.
    INSERT INTO security_fundoutcome (action_id, outcome, came_at)
    VALUES (NEW.action_id, TG_ARGV[0], core.clock()) ON CONFLICT (action_id) DO NOTHING;
    RETURN NEW;
END $$;

-- An approval waits for whoever is declining, and the other way round.
CREATE FUNCTION core.fund_decline_now() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    PERFORM FROM security_fundaction WHERE id = NEW.action_id FOR NO KEY UPDATE;
    NEW.at := core.clock();
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_decline_holds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    PERFORM FROM security_fundaction WHERE id = NEW.action_id FOR SHARE;
    IF EXISTS (SELECT FROM security_funddecline WHERE action_id = NEW.action_id) THEN
        RAISE EXCEPTION 'who was drawn has declined this'
            USING errcode = '23514', constraint = 'security_approval_declined';
    END IF;
    RETURN NEW;
END $$;

REVOKE ALL ON FUNCTION core.fund_outcome_by_trigger, core.fund_outcome_taken, core.fund_decline_now,
    core.fund_decline_holds FROM PUBLIC;

CREATE TRIGGER a_by_trigger BEFORE INSERT ON security_fundoutcome
    FOR EACH ROW EXECUTE FUNCTION core.fund_outcome_by_trigger();
CREATE TRIGGER a_now BEFORE INSERT ON security_funddecline FOR EACH ROW EXECUTE FUNCTION core.fund_decline_now();
CREATE TRIGGER b_outcome BEFORE INSERT ON security_funddecline
    FOR EACH ROW EXECUTE FUNCTION core.fund_outcome_taken('declined');
CREATE TRIGGER c_declined BEFORE INSERT ON security_approval
    FOR EACH ROW EXECUTE FUNCTION core.fund_decline_holds();
-- Behind everything that may refuse the execution for a better reason.
CREATE TRIGGER f_outcome BEFORE INSERT ON security_execution
    FOR EACH ROW EXECUTE FUNCTION core.fund_outcome_taken('executed');
ALTER TABLE security_approval ENABLE ALWAYS TRIGGER c_declined;
ALTER TABLE security_execution ENABLE ALWAYS TRIGGER f_outcome;

DO $$
DECLARE
    v_table text;
    v_trigger record;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['security_fundoutcome', 'security_funddecline'] LOOP
        EXECUTE format('CREATE TRIGGER z_no_update BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION core.deny()', v_table);
        EXECUTE format('CREATE TRIGGER z_no_delete BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION core.deny()', v_table);
        EXECUTE format('CREATE TRIGGER z_no_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION core.deny()', v_table);
        FOR v_trigger IN SELECT tgname FROM pg_trigger WHERE tgrelid = v_table::regclass AND NOT tgisinternal LOOP
            EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', v_table, v_trigger.tgname);
        END LOOP;
    END LOOP;
END $$;
