-- Training: who asks for, approves or reviews a fund-related action has shown within the last year that they know how.
-- Somebody else records it; the database says until when it counts, and which certificate an act stands on.

-- That a person took the course. A year and it is taken again: nothing here is changed.
CREATE TABLE security_trainingcertificate (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id text NOT NULL UNIQUE CHECK (public_id <> ''),
    person_id bigint NOT NULL REFERENCES accounts_staff,
    course text NOT NULL DEFAULT 'fund-actions' CHECK (course = 'fund-actions'),
    recorded_by_id bigint NOT NULL REFERENCES accounts_staff,
    recorded_at timestamptz NOT NULL DEFAULT core.clock(),
    valid_until timestamptz NOT NULL,
    CONSTRAINT security_trainingcertificate_two CHECK (recorded_by_id <> person_id),
    -- In hours: a day is longer or shorter where clocks are changed.
    CONSTRAINT security_trainingcertificate_year CHECK (valid_until = recorded_at + interval '8760 hours'),
    CONSTRAINT security_trainingcertificate_terms UNIQUE (id, person_id, course, valid_until)
);
-- whose counts, and for how long
CREATE INDEX security_trainingcertificate_person ON security_trainingcertificate (person_id, valid_until DESC);

-- From then on a certificate stands for nothing new.
CREATE TABLE security_trainingwithdrawal (
    certificate_id bigint PRIMARY KEY REFERENCES security_trainingcertificate,
    withdrawn_by_id bigint NOT NULL REFERENCES accounts_staff,
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 300),
    withdrawn_at timestamptz NOT NULL DEFAULT core.clock()
);

-- The certificate of a person that counts now, the longest; nothing where there is none.
CREATE FUNCTION core.fund_training_of(p_person bigint) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, public, core, pg_temp AS $$
    SELECT certificate.id FROM security_trainingcertificate certificate
     WHERE certificate.person_id = p_person AND certificate.valid_until > core.clock()
       AND NOT EXISTS (SELECT FROM security_trainingwithdrawal gone WHERE gone.certificate_id = certificate.id)
     ORDER BY certificate.valid_until DESC, certificate.id DESC LIMIT 1
$$;

-- The certificate that an act of this person stands on. Waits for whoever is withdrawing it.
CREATE FUNCTION core.fund_training_needed(p_person bigint, OUT p_id bigint, OUT p_until timestamptz)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, core, pg_temp AS $$
DECLARE
    v_ran_out timestamptz;
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'training is read as it is now, not as it was' USING errcode = '42501';
    END IF;
    LOOP
        p_id := core.fund_training_of(p_person);
        EXIT WHEN p_id IS NULL;
        SELECT valid_until INTO p_until FROM security_trainingcertificate WHERE id = p_id FOR SHARE;
        IF NOT EXISTS (SELECT FROM security_trainingwithdrawal WHERE certificate_id = p_id) THEN
            RETURN;
        END IF;
    END LOOP;
    SELECT max(certificate.valid_until) INTO v_ran_out FROM security_trainingcertificate certificate
     WHERE certificate.person_id = p_person
       AND NOT EXISTS (SELECT FROM security_trainingwithdrawal gone WHERE gone.certificate_id = certificate.id);
    IF v_ran_out IS NULL THEN
        RAISE EXCEPTION 'no training is on record for this person'
            USING errcode = '23514', constraint = 'training_missing';
    END IF;
    RAISE EXCEPTION 'the training of this person has run out'
        USING errcode = '23514', constraint = 'training_ran_out',
              detail = to_char(v_ran_out AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"');
END $$;

CREATE FUNCTION core.fund_training_begins() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM accounts_staff
                    WHERE id = NEW.recorded_by_id AND is_active AND role = 'admin') THEN
        RAISE EXCEPTION 'training is recorded by an administrator' USING errcode = '23514';
    END IF;
    NEW.recorded_at := core.clock();
    NEW.valid_until := NEW.recorded_at + interval '8760 hours';
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_training_ends() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    PERFORM FROM security_trainingcertificate WHERE id = NEW.certificate_id FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM accounts_staff
                    WHERE id = NEW.withdrawn_by_id AND is_active AND role = 'admin') THEN
        RAISE EXCEPTION 'training is withdrawn by an administrator' USING errcode = '23514';
    END IF;
    NEW.withdrawn_at := core.clock();
    RETURN NEW;
END $$;

-- ── what each act stands on ────────────────────────────────────────────────────────────────────────────────────────
-- What was asked, approved and decided before stays as it was: the CHECKs hold for what comes.
ALTER TABLE security_fundaction
    ADD COLUMN requester_certificate_id bigint,
    ADD COLUMN requester_trained_until timestamptz,
    ADD COLUMN course text NOT NULL DEFAULT 'fund-actions' CHECK (course = 'fund-actions'),
    ADD CONSTRAINT security_fundaction_trained CHECK (
        num_nulls(requester_certificate_id, requester_trained_until) = 0 AND created_at < requester_trained_until)
        NOT VALID,
    ADD CONSTRAINT security_fundaction_training FOREIGN KEY
        (requester_certificate_id, requester_id, course, requester_trained_until)
        REFERENCES security_trainingcertificate (id, person_id, course, valid_until);
ALTER TABLE security_approval
    ADD COLUMN approver_certificate_id bigint,
    ADD COLUMN approver_trained_until timestamptz,
    ADD COLUMN course text NOT NULL DEFAULT 'fund-actions' CHECK (course = 'fund-actions'),
    ADD CONSTRAINT security_approval_trained CHECK (
        num_nulls(approver_certificate_id, approver_trained_until) = 0 AND approved_at < approver_trained_until)
        NOT VALID,
    ADD CONSTRAINT security_approval_training FOREIGN KEY
        (approver_certificate_id, approver_id, course, approver_trained_until)
        REFERENCES security_trainingcertificate (id, person_id, course, valid_until);
ALTER TABLE security_reviewdecision
    ADD COLUMN reviewer_certificate_id bigint,
    ADD COLUMN reviewer_trained_until timestamptz,
    ADD COLUMN course text NOT NULL DEFAULT 'fund-actions' CHECK (course = 'fund-actions'),
    ADD CONSTRAINT security_reviewdecision_trained CHECK (
        num_nulls(reviewer_certificate_id, reviewer_trained_until) = 0 AND decided_at < reviewer_trained_until)
        NOT VALID,
    ADD CONSTRAINT security_reviewdecision_training FOREIGN KEY
        (reviewer_certificate_id, reviewer_id, course, reviewer_trained_until)
        REFERENCES security_trainingcertificate (id, person_id, course, valid_until);

CREATE FUNCTION core.fund_requester_trained() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    SELECT p_id, p_until INTO NEW.requester_certificate_id, NEW.requester_trained_until
      FROM core.fund_training_needed(NEW.requester_id);
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_approver_trained() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    SELECT p_id, p_until INTO NEW.approver_certificate_id, NEW.approver_trained_until
      FROM core.fund_training_needed(NEW.approver_id);
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_reviewer_trained() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    SELECT p_id, p_until INTO NEW.reviewer_certificate_id, NEW.reviewer_trained_until
      FROM core.fund_training_needed(NEW.reviewer_id);
    RETURN NEW;
END $$;

-- ── the lots ───────────────────────────────────────────────────────────────────────────────────────────────────────
-- As before, from people whose training counts.
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
       AND core.fund_training_of(person.id) IS NOT NULL
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

CREATE OR REPLACE FUNCTION core.fund_draw_reviewer() RETURNS trigger
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
       AND core.fund_training_of(person.id) IS NOT NULL
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

REVOKE ALL ON FUNCTION core.fund_training_needed, core.fund_training_begins, core.fund_training_ends,
    core.fund_requester_trained, core.fund_approver_trained, core.fund_reviewer_trained FROM PUBLIC;

CREATE TRIGGER a_now BEFORE INSERT ON security_trainingcertificate
    FOR EACH ROW EXECUTE FUNCTION core.fund_training_begins();
CREATE TRIGGER a_now BEFORE INSERT ON security_trainingwithdrawal
    FOR EACH ROW EXECUTE FUNCTION core.fund_training_ends();
CREATE TRIGGER c_training BEFORE INSERT ON security_fundaction
    FOR EACH ROW EXECUTE FUNCTION core.fund_requester_trained();
CREATE TRIGGER d_training BEFORE INSERT ON security_approval
    FOR EACH ROW EXECUTE FUNCTION core.fund_approver_trained();
CREATE TRIGGER b_training BEFORE INSERT ON security_reviewdecision
    FOR EACH ROW EXECUTE FUNCTION core.fund_reviewer_trained();
ALTER TABLE security_fundaction ENABLE ALWAYS TRIGGER c_training;
ALTER TABLE security_approval ENABLE ALWAYS TRIGGER d_training;
ALTER TABLE security_reviewdecision ENABLE ALWAYS TRIGGER b_training;

DO $$
DECLARE
    v_table text;
    v_trigger record;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['security_trainingcertificate', 'security_trainingwithdrawal'] LOOP
        EXECUTE format('CREATE TRIGGER z_no_update BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION core.deny()', v_table);
        EXECUTE format('CREATE TRIGGER z_no_delete BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION core.deny()', v_table);
        EXECUTE format('CREATE TRIGGER z_no_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION core.deny()', v_table);
        FOR v_trigger IN SELECT tgname FROM pg_trigger WHERE tgrelid = v_table::regclass AND NOT tgisinternal LOOP
            EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', v_table, v_trigger.tgname);
        END LOOP;
    END LOOP;
END $$;
