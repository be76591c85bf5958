-- What people prove themselves with. The verifier alone writes here, and alone reads what is secret.

-- A factor of a member of staff. `is_device_bound`: a key that cannot leave its device (WebAuthn, BE = 0).
CREATE TABLE security_stafffactor (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id text NOT NULL UNIQUE CHECK (public_id <> ''),
    staff_id bigint NOT NULL REFERENCES accounts_staff,
    method text NOT NULL CHECK (method IN ('totp', 'webauthn')),
    label text NOT NULL DEFAULT '' CHECK (length(label) <= 60),
    is_device_bound boolean NOT NULL,
    enrolled_at timestamptz NOT NULL DEFAULT core.clock(),
    -- At once for the first of all and for what another one vouched for; a day later for a new start.
    counts_from timestamptz NOT NULL DEFAULT core.clock(),
    CONSTRAINT security_stafffactor_device CHECK (method = 'webauthn' OR NOT is_device_bound),
    CONSTRAINT security_stafffactor_terms UNIQUE (id, staff_id, method, is_device_bound)
);
-- whose factors live
CREATE INDEX security_stafffactor_staff ON security_stafffactor (staff_id);

CREATE TABLE security_stafffactorend (
    factor_id bigint PRIMARY KEY REFERENCES security_stafffactor,
    ended_at timestamptz NOT NULL DEFAULT core.clock()
);

-- A TOTP secret, sealed with the verifier's own key, or a public key; of one factor.
CREATE TABLE security_factorsecret (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    staff_factor_id bigint UNIQUE REFERENCES security_stafffactor,
    customer_factor_id bigint UNIQUE REFERENCES security_customerfactor,
    secret text NOT NULL DEFAULT '',
    last_step bigint NOT NULL DEFAULT -1,
    credential_id bytea UNIQUE,
    public_key bytea,
    sign_count bigint NOT NULL DEFAULT 0 CHECK (sign_count >= 0),
    -- BE of WebAuthn; it never changes for a credential.
    may_be_copied boolean,
    CONSTRAINT security_factorsecret_of_one CHECK (num_nonnulls(staff_factor_id, customer_factor_id) = 1),
    CONSTRAINT security_factorsecret_kind CHECK (
        num_nonnulls(credential_id, public_key, may_be_copied) = CASE WHEN secret = '' THEN 3 ELSE 0 END)
);

-- Wrong answers of one person, over all their factors and checks: five, then nothing is compared for a while.
CREATE TABLE security_prooflock (
    person text PRIMARY KEY CHECK (person ~ '^(staff|customer):[0-9]+$'),
    failures integer NOT NULL DEFAULT 0 CHECK (failures BETWEEN 0 AND 5),
    locked_until timestamptz
);

-- What was begun and is not finished: enrolments and sign-ins, ten minutes each. `secret` is a TOTP secret, sealed.
CREATE TABLE security_ceremony (
    public_id text PRIMARY KEY CHECK (public_id <> ''),
    person text NOT NULL CHECK (person ~ '^(staff|customer):[0-9]+$'),
    purpose text NOT NULL CHECK (purpose IN ('enrol', 'sign_in')),
    secret text NOT NULL DEFAULT '',
    challenge bytea,
    begun_at timestamptz NOT NULL DEFAULT core.clock(),
    proven_at timestamptz
);
-- what is left lying is swept
CREATE INDEX security_ceremony_begun ON security_ceremony (begun_at);

-- A step-up is by a factor that the person has; what lets others act needs a key that cannot leave its device.
ALTER TABLE security_stepup
    ADD COLUMN factor_id bigint,
    ADD COLUMN is_device_bound boolean,
    ADD COLUMN nonce bytea NOT NULL DEFAULT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
    ADD COLUMN evidence jsonb,
    ADD CONSTRAINT security_stepup_whole CHECK (
        num_nulls(factor_id, is_device_bound, evidence) = CASE WHEN is_verified THEN 0 ELSE 3 END),
    ADD CONSTRAINT security_stepup_device CHECK (purpose = 'action.request' OR is_device_bound IS NOT FALSE),
    ADD CONSTRAINT security_stepup_factor FOREIGN KEY (factor_id, staff_id, method, is_device_bound)
        REFERENCES security_stafffactor (id, staff_id, method, is_device_bound);

CREATE OR REPLACE FUNCTION core.fund_proof_moves() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, core, pg_temp AS $$
DECLARE
    v_moving text[] := ARRAY['attempts', 'attempted_in', 'is_verified', 'verified_at', 'factor_id',
                             'factor_counts_from', 'is_device_bound', 'evidence', 'lot'];
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

CREATE FUNCTION core.fund_staff_factor_begins() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    NEW.enrolled_at := core.clock();
    -- One at a time for a person, so that two at once are not both the first.
    PERFORM pg_advisory_xact_lock(hashtextextended('factors of staff ' || NEW.staff_id, 0));
    NEW.counts_from := NEW.enrolled_at + CASE
        WHEN EXISTS (SELECT FROM security_stafffactor theirs WHERE theirs.staff_id = NEW.staff_id)
         AND NOT EXISTS (
             SELECT FROM security_stafffactor theirs WHERE theirs.staff_id = NEW.staff_id
                AND theirs.counts_from <= NEW.enrolled_at
                AND NOT EXISTS (SELECT FROM security_stafffactorend gone WHERE gone.factor_id = theirs.id))
        THEN interval '24 hours' ELSE interval '0' END;
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_staff_factor_lives() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    -- Waits for whoever is ending it.
    PERFORM FROM security_stafffactor WHERE id = NEW.factor_id FOR SHARE;
    IF EXISTS (SELECT FROM security_stafffactorend WHERE factor_id = NEW.factor_id) THEN
        RAISE EXCEPTION 'this factor has ended' USING errcode = '23514';
    END IF;
    IF EXISTS (SELECT FROM security_stafffactor WHERE id = NEW.factor_id AND counts_from > core.clock()) THEN
        RAISE EXCEPTION 'this factor does not count yet' USING errcode = '23514';
    END IF;
    IF NOT EXISTS (SELECT FROM accounts_staff WHERE id = NEW.staff_id AND is_active) THEN
        RAISE EXCEPTION 'this person is not active' USING errcode = '23514';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION core.fund_staff_factor_ends() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    PERFORM FROM security_stafffactor WHERE id = NEW.factor_id FOR UPDATE;
    NEW.ended_at := core.clock();
    RETURN NEW;
END $$;

CREATE TRIGGER a_now BEFORE INSERT ON security_stafffactor
    FOR EACH ROW EXECUTE FUNCTION core.fund_staff_factor_begins();
CREATE TRIGGER a_ends BEFORE INSERT ON security_stafffactorend
    FOR EACH ROW EXECUTE FUNCTION core.fund_staff_factor_ends();
CREATE TRIGGER c_lives BEFORE UPDATE ON security_stepup FOR EACH ROW WHEN (NEW.is_verified)
    EXECUTE FUNCTION core.fund_staff_factor_lives();

DO $$
DECLARE
    v_table text;
    v_trigger record;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['security_stafffactor', 'security_stafffactorend', 'security_factorsecret'] LOOP
        IF v_table <> 'security_factorsecret' THEN
            EXECUTE format('CREATE TRIGGER z_unchanged BEFORE UPDATE ON %I
                            FOR EACH ROW EXECUTE FUNCTION core.deny()', v_table);
        END IF;
        EXECUTE format('CREATE TRIGGER v_verifier BEFORE INSERT OR UPDATE ON %I
                        FOR EACH ROW EXECUTE FUNCTION core.fund_by_verifier()', v_table);
        EXECUTE format('CREATE TRIGGER z_kept BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION core.deny()', v_table);
        EXECUTE format('CREATE TRIGGER z_not_truncated BEFORE TRUNCATE ON %I
                        FOR EACH STATEMENT EXECUTE FUNCTION core.deny()', v_table);
    END LOOP;
    FOR v_trigger IN
        SELECT tgname, tgrelid::regclass AS place FROM pg_trigger
         WHERE tgrelid = ANY (ARRAY['security_stafffactor', 'security_stafffactorend', 'security_factorsecret',
                                    'security_stepup']::regclass[]) AND NOT tgisinternal
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', v_trigger.place, v_trigger.tgname);
    END LOOP;
END $$;

REVOKE ALL ON FUNCTION core.fund_staff_factor_begins, core.fund_staff_factor_lives, core.fund_staff_factor_ends FROM PUBLIC;
