-- Manual review: what nobody may choose, and what nobody may change. Every trigger here is ENABLE ALWAYS.

-- Two people who share no team; nobody without a team is of another one.
CREATE FUNCTION core.fund_other_team(p_one bigint, p_other bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, core, pg_temp AS $$
    SELECT p_one <> p_other
       AND EXISTS (SELECT FROM accounts_teammembership WHERE staff_id = p_one)
       AND EXISTS (SELECT FROM accounts_teammembership WHERE staff_id = p_other)
       AND NOT EXISTS (
           SELECT FROM accounts_teammembership theirs JOIN accounts_teammembership mine USING (team_id)
            WHERE theirs.staff_id = p_one AND mine.staff_id = p_other)
$$;

-- Whoever was refused is not reviewed by others until somebody confirms: one appeal, or 30 days.
CREATE FUNCTION core.fund_review_begins() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
DECLARE
    v_refused bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('reviews of customer ' || NEW.customer_id, 0));
    NEW.opened_at := core.clock();
    SELECT said.review_id INTO v_refused
      FROM security_reviewdecision said JOIN security_manualreview review ON review.id = said.review_id
     WHERE review.customer_id = NEW.customer_id AND said.decision = 'refused'
       AND said.decided_at > NEW.opened_at - interval '30 days'
     ORDER BY said.decided_at DESC LIMIT 1;
    IF v_refused IS NOT NULL AND v_refused IS DISTINCT FROM NEW.appeal_of_id THEN
        RAISE EXCEPTION 'a review was refused: only the customer''s appeal opens another within 30 days'
            USING errcode = '23514';
    END IF;
    -- What is open is looked at to its end: two at once would be two tries.
    IF EXISTS (
        SELECT FROM security_manualreview review
         WHERE review.customer_id = NEW.customer_id
           AND NEW.opened_at <= review.action_created_at + make_interval(secs => review.cooling_off_s) + interval '24 hours'
           AND NOT EXISTS (SELECT FROM security_execution done WHERE done.action_id = review.action_id)
           AND NOT EXISTS (SELECT FROM security_reviewdecision said
                            WHERE said.review_id = review.id AND said.decision = 'refused'))
    THEN
        RAISE EXCEPTION 'another review of this customer is open' USING errcode = '23514';
    END IF;
    RETURN NEW;
END $$;

-- By the lot of the requester's step-up, as the approver is.
CREATE FUNCTION core.fund_draw_reviewer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
DECLARE
    v_review record;
    v_last timestamptz;
BEGIN
    SELECT review.action_id, review.appeal_of_id, review.requester_id, stepup.lot INTO v_review
      FROM security_manualreview review
      JOIN security_fundaction action ON action.id = review.action_id
      JOIN security_stepup stepup ON stepup.id = action.requester_stepup_id
     WHERE review.id = NEW.review_id;
    PERFORM pg_advisory_xact_lock(hashtextextended('approver of action ' || v_review.action_id, 0));
    SELECT count(*) + 1, max(drawn_at) INTO NEW.place, v_last
      FROM security_reviewerdraw WHERE review_id = NEW.review_id;
    NEW.drawn_at := core.clock();
    IF NEW.place > 2 AND v_last > NEW.drawn_at - interval '4 hours' THEN
        RAISE EXCEPTION 'two have been drawn already; another can be after four hours' USING errcode = '23514';
    END IF;
    SELECT person.id INTO NEW.reviewer_id FROM accounts_staff person
     WHERE core.fund_second_person(person.id, v_review.requester_id)
       AND NOT EXISTS (
           SELECT FROM security_approverdraw drawn
            WHERE drawn.action_id = v_review.action_id AND drawn.approver_id = person.id)
       AND NOT EXISTS (
           SELECT FROM security_reviewerdraw drawn
            WHERE drawn.review_id IN (NEW.review_id, v_review.appeal_of_id) AND drawn.reviewer_id = person.id)
       -- Of another team than the first; later, than whoever has confirmed.
       AND NOT EXISTS (
           SELECT FROM security_reviewerdraw drawn
            WHERE drawn.review_id = NEW.review_id AND NEW.place = 2
              AND NOT core.fund_other_team(person.id, drawn.reviewer_id))
       AND NOT EXISTS (
           SELECT FROM security_reviewdecision said
            WHERE said.review_id = NEW.review_id AND NOT core.fund_other_team(person.id, said.reviewer_id))
     ORDER BY sha256(v_review.lot || convert_to('reviewer ' || person.public_id, 'UTF8')) LIMIT 1;
    IF NEW.reviewer_id IS NULL THEN
        RAISE EXCEPTION 'nobody of another team may review this' USING errcode = '23514';
    END IF;
    RETURN NEW;
END $$;

-- As before, and nobody approves what they review.
CREATE OR REPLACE FUNCTION core.fund_draw_approver() RETURNS trigger
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
       AND NOT EXISTS (
           SELECT FROM security_reviewerdraw drawn JOIN security_manualreview review ON review.id = drawn.review_id
            WHERE review.action_id = NEW.action_id AND drawn.reviewer_id = person.id)
     ORDER BY sha256(v_lot || convert_to(person.public_id, 'UTF8')) LIMIT 1;
    IF NEW.approver_id IS NULL THEN
        RAISE EXCEPTION 'nobody of another team may approve this' USING errcode = '23514';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_review_decided() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    SELECT action_id, hash, requester_id, cooling_off_s, action_created_at
      INTO NEW.action_id, NEW.hash, NEW.requester_id, NEW.cooling_off_s, NEW.action_created_at
      FROM security_manualreview WHERE id = NEW.review_id;
    -- One after another: who comes second reads what the first has said.
    PERFORM pg_advisory_xact_lock(hashtextextended('decisions on review ' || NEW.review_id, 0));
    SELECT count(*) + 1, nullif(count(*), 0) INTO NEW.place, NEW.follows
      FROM security_reviewdecision WHERE review_id = NEW.review_id;
    -- Who was drawn and has changed team or role since is not that person any more.
    IF core.fund_second_person(NEW.reviewer_id, NEW.requester_id) IS NOT TRUE
       OR EXISTS (SELECT FROM security_reviewdecision said WHERE said.review_id = NEW.review_id
                     AND NOT core.fund_other_team(said.reviewer_id, NEW.reviewer_id))
       OR EXISTS (SELECT FROM security_approverdraw drawn
                   WHERE drawn.action_id = NEW.action_id AND drawn.approver_id = NEW.reviewer_id)
    THEN
        RAISE EXCEPTION 'who reviews must be of another team, and in a role that may' USING errcode = '23514';
    END IF;
    NEW.decided_at := core.clock();
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_review_appealed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    SELECT customer_id, is_appeal INTO NEW.customer_id, NEW.is_appeal
      FROM security_manualreview WHERE id = NEW.review_id;
    SELECT id, decided_at INTO NEW.decision_id, NEW.decided_at
      FROM security_reviewdecision WHERE review_id = NEW.review_id AND decision = 'refused';
    NEW.appealed_at := core.clock();
    RETURN NEW;
END $$;

-- A check by review stands on the two decisions on its action, not older than a day, by people who still are whom they
-- were. The keys compare what is filled in here.
CREATE FUNCTION core.fund_check_reviewed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
DECLARE
    v_one record;
    v_other record;
BEGIN
    SELECT id, reviewer_id, decided_at INTO v_one FROM security_reviewdecision
     WHERE action_id = NEW.action_id AND place = 1 AND decision = 'confirmed';
    SELECT id, reviewer_id, decided_at INTO v_other FROM security_reviewdecision
     WHERE action_id = NEW.action_id AND place = 2 AND decision = 'confirmed';
    IF v_one.id IS NULL OR v_other.id IS NULL THEN
        RAISE EXCEPTION 'two reviewers have not confirmed this' USING errcode = '23514';
    END IF;
    IF least(v_one.decided_at, v_other.decided_at) < core.clock() - interval '24 hours' THEN
        RAISE EXCEPTION 'a decision on documents holds for a day' USING errcode = '23514';
    END IF;
    IF core.fund_second_person(v_one.reviewer_id, NEW.requester_id) IS NOT TRUE
       OR core.fund_second_person(v_other.reviewer_id, NEW.requester_id) IS NOT TRUE
       OR core.fund_other_team(v_one.reviewer_id, v_other.reviewer_id) IS NOT TRUE
       OR EXISTS (SELECT FROM security_approverdraw drawn WHERE drawn.action_id = NEW.action_id
                     AND drawn.approver_id IN (v_one.reviewer_id, v_other.reviewer_id))
    THEN
        RAISE EXCEPTION 'who reviewed must be of other teams, and in a role that may' USING errcode = '23514';
    END IF;
    NEW.first_decision_id := v_one.id;
    NEW.second_decision_id := v_other.id;
    RETURN NEW;
END $$;

CREATE TRIGGER a_copy BEFORE INSERT ON security_manualreview FOR EACH ROW EXECUTE FUNCTION core.fund_copy_action();
CREATE TRIGGER b_now BEFORE INSERT ON security_manualreview FOR EACH ROW EXECUTE FUNCTION core.fund_review_begins();
CREATE TRIGGER a_draw BEFORE INSERT ON security_reviewerdraw FOR EACH ROW EXECUTE FUNCTION core.fund_draw_reviewer();
CREATE TRIGGER a_now BEFORE INSERT ON security_reviewdecision
    FOR EACH ROW EXECUTE FUNCTION core.fund_review_decided();
CREATE TRIGGER a_now BEFORE INSERT ON security_reviewappeal
    FOR EACH ROW EXECUTE FUNCTION core.fund_review_appealed();
CREATE TRIGGER c_reviewed BEFORE UPDATE ON security_identitycheck
    FOR EACH ROW WHEN (NEW.is_verified AND NEW.method = 'manual') EXECUTE FUNCTION core.fund_check_reviewed();
ALTER TABLE security_identitycheck ENABLE ALWAYS TRIGGER c_reviewed;

DO $$
DECLARE
    v_table text;
    v_trigger record;
BEGIN
    FOREACH v_table IN ARRAY ARRAY[
        'security_manualreview', 'security_reviewerdraw', 'security_reviewdecision', 'security_reviewappeal']
    LOOP
        EXECUTE format('CREATE TRIGGER z_no_update BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION core.deny()', v_table);
        EXECUTE format('CREATE TRIGGER z_no_delete BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION core.deny()', v_table);
        EXECUTE format('CREATE TRIGGER z_no_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION core.deny()', v_table);
        FOR v_trigger IN SELECT tgname FROM pg_trigger WHERE tgrelid = v_table::regclass AND NOT tgisinternal LOOP
            EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', v_table, v_trigger.tgname);
        END LOOP;
    END LOOP;
END $$;

REVOKE ALL ON FUNCTION core.fund_review_begins, core.fund_draw_reviewer, core.fund_review_decided,
    core.fund_review_appealed, core.fund_check_reviewed FROM PUBLIC;
