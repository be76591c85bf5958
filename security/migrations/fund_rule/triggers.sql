-- What nobody may choose, and what nobody may change. Every trigger here is ENABLE ALWAYS; none grants anything.

CREATE FUNCTION core.fund_action_terms() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    NEW.created_at := core.clock();
    SELECT has_amount, has_destination, has_subject, has_operation
      INTO NEW.has_amount, NEW.has_destination, NEW.has_subject, NEW.has_operation
      FROM security_fundkind WHERE name = NEW.kind;
    -- The asset's own rows before those for any; the highest threshold reached; the newest.
    SELECT id, risk, methods, needs_approval, cooling_off_s
      INTO NEW.policy_id, NEW.risk, NEW.methods, NEW.needs_approval, NEW.cooling_off_s
      FROM security_fundpolicy
     WHERE kind = NEW.kind AND asset IN (NEW.asset, '') AND above <= NEW.amount AND valid_from <= NEW.created_at
     ORDER BY asset DESC, above DESC, valid_from DESC, id DESC LIMIT 1;
    INSERT INTO security_freeze (customer_id) VALUES (NEW.customer_id) ON CONFLICT DO NOTHING;
    RETURN NEW;
END $$;

-- Who may be a second person to somebody: a lead or compliance, active, of a team, and of none of theirs. Nobody is to
-- somebody without a team: they share none with anybody.
CREATE FUNCTION core.fund_second_person(p_person bigint, p_first bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, core, pg_temp AS $$
    SELECT p_person <> p_first
       AND EXISTS (SELECT FROM accounts_staff
                    WHERE id = p_person AND is_active AND role IN ('lead', 'compliance'))
       AND EXISTS (SELECT FROM accounts_teammembership WHERE staff_id = p_person)
       AND EXISTS (SELECT FROM accounts_teammembership WHERE staff_id = p_first)
       AND NOT EXISTS (
           SELECT FROM accounts_teammembership theirs JOIN accounts_teammembership mine USING (team_id)
            WHERE theirs.staff_id = p_person AND mine.staff_id = p_first)
$$;

-- By a lot that the requester's step-up holds, so that drawing once more, or undoing it, finds the same person.
CREATE FUNCTION core.fund_draw_approver() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
DECLARE
    v_requester bigint;
    v_lot bytea;
    v_last timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('approver of action ' || NEW.action_id, 0));
    SELECT action.requester_id, stepup.lot INTO v_requester, v_lot
      FROM security_fundaction action JOIN security_stepup stepup ON stepup.id = action.requester_stepup_id
     WHERE action.id = NEW.action_id;
    SELECT count(*) + 1, max(drawn_at) INTO NEW.place, v_last
      FROM security_approverdraw WHERE action_id = NEW.action_id;
    NEW.drawn_at := core.clock();
    IF v_last > NEW.drawn_at - interval '15 minutes' THEN
        RAISE EXCEPTION 'somebody has been drawn already; another can be after 15 minutes' USING errcode = '23514';
    END IF;
    SELECT person.id INTO NEW.approver_id FROM accounts_staff person
     WHERE core.fund_second_person(person.id, v_requester)
       AND NOT EXISTS (
           SELECT FROM security_approverdraw drawn
            WHERE drawn.action_id = NEW.action_id AND drawn.approver_id = person.id)
     ORDER BY sha256(v_lot || convert_to(person.public_id, 'UTF8')) LIMIT 1;
    IF NEW.approver_id IS NULL THEN
        RAISE EXCEPTION 'nobody of another team may approve this' USING errcode = '23514';
    END IF;
    RETURN NEW;
END $$;

-- Checks, approvals and executions repeat their action, whatever they were given.
CREATE FUNCTION core.fund_copy_action() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    SELECT hash, kind, customer_id, requester_id, methods, needs_approval, cooling_off_s, created_at
      INTO NEW.hash, NEW.kind, NEW.customer_id, NEW.requester_id, NEW.methods, NEW.needs_approval, NEW.cooling_off_s,
           NEW.action_created_at
      FROM security_fundaction WHERE id = NEW.action_id;
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_approve_now() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    -- Who was drawn and has changed team or role since is not that person any more.
    IF core.fund_second_person(NEW.approver_id, NEW.requester_id) IS NOT TRUE THEN
        RAISE EXCEPTION 'who approves must be of another team, and in a role that may' USING errcode = '23514';
    END IF;
    NEW.approved_at := core.clock();
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_execute_now() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
DECLARE
    v_is_frozen boolean;
BEGIN
    SELECT verified_at INTO NEW.verified_at FROM security_identitycheck WHERE id = NEW.check_id;
    SELECT approved_at INTO NEW.approved_at FROM security_approval
     WHERE action_id = NEW.action_id AND approver_id = NEW.approver_id;
    -- Waits for whoever is freezing. Whoever comes after waits for us, and the exchange asks again before it acts.
    SELECT is_frozen INTO v_is_frozen FROM security_freeze WHERE customer_id = NEW.customer_id FOR SHARE;
    IF v_is_frozen IS DISTINCT FROM false AND NEW.kind <> 'unfreeze' THEN
        RAISE EXCEPTION 'the customer is frozen' USING errcode = '23514', constraint = 'security_execution_frozen';
    END IF;
    NEW.executed_at := core.clock();
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_unfreeze() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    UPDATE security_freeze
       SET unfreeze_action_id = NEW.action_id, unfreeze_asked_at = NEW.action_created_at, unfrozen_at = NEW.executed_at
     WHERE customer_id = NEW.customer_id;
    RETURN NULL;
END $$;

-- Anybody of ours may freeze, at once.
CREATE FUNCTION core.fund_freeze(p_customer_id bigint, p_reason text) RETURNS timestamptz
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
    INSERT INTO security_freeze (customer_id, frozen_at, reason)
    VALUES (p_customer_id, core.clock(), coalesce(p_reason, ''))
    ON CONFLICT (customer_id) DO UPDATE SET frozen_at = core.clock(), reason = EXCLUDED.reason
    RETURNING frozen_at
$$;

-- A freeze only ever moves forward, and takes its time from the clock.
CREATE FUNCTION core.fund_freeze_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    IF NEW.frozen_at IS DISTINCT FROM OLD.frozen_at THEN
        -- A clock that has stepped back since does not let it fail in silence.
        NEW.frozen_at := greatest(core.clock(), OLD.frozen_at, OLD.unfreeze_asked_at);
    END IF;
    IF NEW.customer_id <> OLD.customer_id OR NEW.unfrozen_at < OLD.unfrozen_at
       OR (OLD.unfrozen_at IS NOT NULL AND NEW.unfrozen_at IS NULL)
       OR (OLD.frozen_at IS NOT NULL AND NEW.frozen_at IS NULL) THEN
        RAISE EXCEPTION 'a freeze is not taken back' USING errcode = '42501';
    END IF;
    RETURN NEW;
END $$;

-- Only who signed in as the verifier says that somebody proved something; the owner's own statements do not.
CREATE FUNCTION core.fund_by_verifier() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF session_user <> 'pharos_verifier' THEN
        RAISE EXCEPTION 'proofs are recorded by the verifier alone' USING errcode = '42501';
    END IF;
    RETURN NEW;
END $$;

-- Step-ups and checks: born unproven; an attempt is committed before its answer is compared; proven once, now.
CREATE FUNCTION core.fund_proof_begins() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    NEW.issued_at := core.clock();
    NEW.attempts := 0;
    NEW.attempted_in := NULL;
    NEW.is_verified := false;
    NEW.verified_at := NULL;
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_proof_moves() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, core, pg_temp AS $$
DECLARE
    v_moving text[] := ARRAY['attempts', 'attempted_in', 'is_verified', 'verified_at', 'factor_id',
                             'factor_counts_from', 'evidence', 'lot'];
BEGIN
    IF OLD.is_verified OR to_jsonb(OLD) - v_moving <> to_jsonb(NEW) - v_moving THEN
        RAISE EXCEPTION 'a proof is not changed' USING errcode = '42501';
    END IF;
    NEW.attempted_in := OLD.attempted_in;
    NEW.verified_at := NULL;
    IF NEW.is_verified THEN
        IF NEW.attempts <> OLD.attempts OR OLD.attempted_in IS NULL OR OLD.attempted_in = pg_current_xact_id() THEN
            RAISE EXCEPTION 'an attempt is counted and committed before its answer is compared'
                USING errcode = '42501';
        END IF;
        NEW.verified_at := core.clock();
    ELSIF NEW.attempts = OLD.attempts + 1 THEN
        NEW.attempted_in := pg_current_xact_id();
    ELSE
        RAISE EXCEPTION 'attempts are counted one by one' USING errcode = '42501';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_stepup_lot() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.lot := CASE WHEN NEW.is_verified
                    THEN sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) END;
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_check_place() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    SELECT count(*) + 1 INTO NEW.place FROM security_identitycheck WHERE action_id = NEW.action_id;
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_factor_lives() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    -- Waits for whoever is ending it.
    PERFORM FROM security_customerfactor WHERE id = NEW.factor_id FOR SHARE;
    IF EXISTS (SELECT FROM security_factorend WHERE factor_id = NEW.factor_id) THEN
        RAISE EXCEPTION 'this factor has ended' USING errcode = '23514';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_factor_ends() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    PERFORM FROM security_customerfactor WHERE id = NEW.factor_id FOR UPDATE;
    NEW.ended_at := core.clock();
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_policy_change_moves() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, core, pg_temp AS $$
DECLARE
    -- `hash` is not there yet: it is generated from the rest.
    v_moving text[] := ARRAY['confirmer_id', 'confirmer_stepup_id', 'confirmer_verified_at', 'confirmed_at', 'hash'];
BEGIN
    IF OLD.confirmed_at IS NOT NULL OR to_jsonb(OLD) - v_moving <> to_jsonb(NEW) - v_moving THEN
        RAISE EXCEPTION 'a change of policy is not changed' USING errcode = '42501';
    END IF;
    IF core.fund_second_person(NEW.confirmer_id, NEW.proposer_id) IS NOT TRUE THEN
        RAISE EXCEPTION 'who confirms must be of another team, and in a role that may' USING errcode = '23514';
    END IF;
    NEW.confirmed_at := core.clock();
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_policy_change_begins() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    SELECT is_guarded INTO NEW.is_guarded FROM security_fundkind WHERE name = NEW.kind;
    IF NOT EXISTS (SELECT FROM accounts_staff
                    WHERE id = NEW.proposer_id AND is_active AND role IN ('lead', 'compliance', 'admin')) THEN
        RAISE EXCEPTION 'a change of policy is proposed by a lead, compliance or an administrator'
            USING errcode = '23514';
    END IF;
    NEW.proposed_at := core.clock();
    NEW.confirmer_id := NULL;
    NEW.confirmer_stepup_id := NULL;
    NEW.confirmer_verified_at := NULL;
    NEW.confirmed_at := NULL;
    RETURN NEW;
END $$;

-- A confirmed change becomes a row of the policy, valid a day later.
CREATE FUNCTION core.fund_policy_change_confirmed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    INSERT INTO security_fundpolicy
        (kind, is_guarded, asset, above, risk, methods, needs_approval, cooling_off_s, change_id, confirmed_at,
         valid_from)
    VALUES (NEW.kind, NEW.is_guarded, NEW.asset, NEW.above, NEW.risk, NEW.methods, NEW.needs_approval, NEW.cooling_off_s, NEW.id,
            NEW.confirmed_at, NEW.confirmed_at + interval '24 hours');
    RETURN NULL;
END $$;

CREATE FUNCTION core.fund_policy_stands_on_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    IF num_nulls(NEW.change_id, NEW.confirmed_at) > 0 THEN
        RAISE EXCEPTION 'a policy needs a change that two people have made' USING errcode = '42501';
    END IF;
    RETURN NEW;
END $$;

-- Factors are replaced by enrolling another: what counts from when is not moved.
CREATE FUNCTION core.fund_factor_begins() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    NEW.enrolled_at := core.clock();
    NEW.counts_from := greatest(NEW.counts_from, NEW.enrolled_at + interval '72 hours');
    RETURN NEW;
END $$;

CREATE TRIGGER a_now BEFORE INSERT ON security_stepup FOR EACH ROW EXECUTE FUNCTION core.fund_proof_begins();
CREATE TRIGGER a_moves BEFORE UPDATE ON security_stepup FOR EACH ROW EXECUTE FUNCTION core.fund_proof_moves();
CREATE TRIGGER b_lot BEFORE INSERT OR UPDATE ON security_stepup FOR EACH ROW EXECUTE FUNCTION core.fund_stepup_lot();
CREATE TRIGGER v_verifier BEFORE INSERT OR UPDATE ON security_stepup
    FOR EACH ROW EXECUTE FUNCTION core.fund_by_verifier();
CREATE TRIGGER v_verifier BEFORE UPDATE ON security_identitycheck
    FOR EACH ROW EXECUTE FUNCTION core.fund_by_verifier();
CREATE TRIGGER v_verifier BEFORE INSERT ON security_customerfactor
    FOR EACH ROW EXECUTE FUNCTION core.fund_by_verifier();
CREATE TRIGGER v_verifier BEFORE INSERT ON security_factorend FOR EACH ROW EXECUTE FUNCTION core.fund_by_verifier();
CREATE TRIGGER a_ends BEFORE INSERT ON security_factorend FOR EACH ROW EXECUTE FUNCTION core.fund_factor_ends();
CREATE TRIGGER b_lives BEFORE UPDATE ON security_identitycheck FOR EACH ROW WHEN (NEW.is_verified)
    EXECUTE FUNCTION core.fund_factor_lives();
CREATE TRIGGER c_place BEFORE INSERT ON security_identitycheck
    FOR EACH ROW EXECUTE FUNCTION core.fund_check_place();
CREATE TRIGGER a_now BEFORE INSERT ON security_fundpolicychange
    FOR EACH ROW EXECUTE FUNCTION core.fund_policy_change_begins();
CREATE TRIGGER a_moves BEFORE UPDATE ON security_fundpolicychange
    FOR EACH ROW EXECUTE FUNCTION core.fund_policy_change_moves();
CREATE TRIGGER b_confirmed AFTER UPDATE ON security_fundpolicychange
    FOR EACH ROW EXECUTE FUNCTION core.fund_policy_change_confirmed();
CREATE TRIGGER a_stands BEFORE INSERT ON security_fundpolicy
    FOR EACH ROW EXECUTE FUNCTION core.fund_policy_stands_on_change();
CREATE TRIGGER a_terms BEFORE INSERT ON security_fundaction FOR EACH ROW EXECUTE FUNCTION core.fund_action_terms();
CREATE TRIGGER a_draw BEFORE INSERT ON security_approverdraw
    FOR EACH ROW EXECUTE FUNCTION core.fund_draw_approver();
CREATE TRIGGER a_now BEFORE INSERT ON security_customerfactor
    FOR EACH ROW EXECUTE FUNCTION core.fund_factor_begins();
CREATE TRIGGER a_copy BEFORE INSERT ON security_identitycheck
    FOR EACH ROW EXECUTE FUNCTION core.fund_copy_action();
CREATE TRIGGER b_now BEFORE INSERT ON security_identitycheck
    FOR EACH ROW EXECUTE FUNCTION core.fund_proof_begins();
CREATE TRIGGER a_moves BEFORE UPDATE ON security_identitycheck
    FOR EACH ROW EXECUTE FUNCTION core.fund_proof_moves();
CREATE TRIGGER a_copy BEFORE INSERT ON security_approval FOR EACH ROW EXECUTE FUNCTION core.fund_copy_action();
CREATE TRIGGER b_now BEFORE INSERT ON security_approval FOR EACH ROW EXECUTE FUNCTION core.fund_approve_now();
CREATE TRIGGER a_copy BEFORE INSERT ON security_execution FOR EACH ROW EXECUTE FUNCTION core.fund_copy_action();
CREATE TRIGGER b_now BEFORE INSERT ON security_execution FOR EACH ROW EXECUTE FUNCTION core.fund_execute_now();
CREATE TRIGGER c_unfreeze AFTER INSERT ON security_execution FOR EACH ROW WHEN (NEW.kind = 'unfreeze')
    EXECUTE FUNCTION core.fund_unfreeze();
CREATE TRIGGER a_guard BEFORE UPDATE ON security_freeze FOR EACH ROW EXECUTE FUNCTION core.fund_freeze_guard();

DO $$
DECLARE
    v_table text;
    v_may_update text[] := ARRAY['security_stepup', 'security_fundpolicychange', 'security_identitycheck',
                                 'security_freeze'];
    v_trigger record;
BEGIN
    FOREACH v_table IN ARRAY ARRAY[
        'security_stepup', 'security_fundkind', 'security_fundpolicychange', 'security_fundpolicy',
        'security_fundaction', 'security_approverdraw', 'security_customerfactor', 'security_factorend',
        'security_identitycheck', 'security_approval', 'security_execution', 'security_freeze']
    LOOP
        EXECUTE format('CREATE TRIGGER z_no_delete BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION core.deny()', v_table);
        EXECUTE format('CREATE TRIGGER z_no_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION core.deny()', v_table);
        IF v_table <> ALL (v_may_update) THEN
            EXECUTE format('CREATE TRIGGER z_no_update BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION core.deny()', v_table);
        END IF;
        FOR v_trigger IN SELECT tgname FROM pg_trigger WHERE tgrelid = v_table::regclass AND NOT tgisinternal LOOP
            EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', v_table, v_trigger.tgname);
        END LOOP;
    END LOOP;
    -- No kind is added but by a migration.
    CREATE TRIGGER z_no_insert BEFORE INSERT ON security_fundkind FOR EACH ROW EXECUTE FUNCTION core.deny();
    ALTER TABLE security_fundkind ENABLE ALWAYS TRIGGER z_no_insert;
END $$;

-- Nobody calls these but their triggers.
DO $$
DECLARE
    v_function regprocedure;
BEGIN
    FOR v_function IN SELECT p.oid FROM pg_proc p
        WHERE pronamespace = 'core'::regnamespace AND proname LIKE 'fund\_%' AND prorettype = 'trigger'::regtype
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', v_function);
    END LOOP;
END $$;

-- The tables' grants are in grants.py; these stay when those are given anew.
GRANT USAGE ON SCHEMA core TO pharos_verifier, pharos_auditor;
REVOKE ALL ON FUNCTION core.fund_freeze FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.fund_freeze TO pharos_app, pharos_verifier;
