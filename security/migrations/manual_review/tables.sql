-- Manual review: where a factor is lost, two people who look at documents take the place of the customer's factor.
-- docs/security.md explains it. The technique is the rule's: each row repeats what it stands on, keys keep it equal.

-- ── what a policy may name ─────────────────────────────────────────────────────────────────────────────────────────
-- As before, a passkey alone where the risk is high; and beside it a review, where a factor is what was lost.
CREATE FUNCTION core.fund_methods_fit(p_kind text, p_risk text, p_methods text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT cardinality(array_remove(p_methods, 'manual')) > 0
       AND array_remove(p_methods, 'manual') <@ ARRAY['totp', 'webauthn']
       AND (p_risk <> 'high' OR array_remove(p_methods, 'manual') = ARRAY['webauthn'])
       AND ('manual' <> ALL (p_methods) OR p_kind IN ('mfa_reset', 'factor_change'))
$$;

ALTER TABLE security_fundpolicychange
    DROP CONSTRAINT security_policychange_methods,
    ADD CONSTRAINT security_policychange_methods CHECK (core.fund_methods_fit(kind, risk, methods)),
    ADD CONSTRAINT security_policychange_review_waits CHECK (
        'manual' <> ALL (methods) OR (needs_approval AND cooling_off_s >= 72 * 3600));
ALTER TABLE security_fundpolicy
    DROP CONSTRAINT security_fundpolicy_methods,
    ADD CONSTRAINT security_fundpolicy_methods CHECK (core.fund_methods_fit(kind, risk, methods)),
    ADD CONSTRAINT security_fundpolicy_review_waits CHECK (
        'manual' <> ALL (methods) OR (needs_approval AND cooling_off_s >= 72 * 3600));
DROP FUNCTION core.fund_methods_fit(text, text[]);

-- What a new installation begins with. A policy that two people have made since stays in front of it.
ALTER TABLE security_fundpolicy DISABLE TRIGGER a_stands;
INSERT INTO security_fundpolicy
    (kind, is_guarded, asset, above, risk, methods, needs_approval, cooling_off_s, valid_from)
SELECT name, is_guarded, '', 0, 'high', ARRAY['webauthn', 'manual'], true, 72 * 3600, '-infinity'
  FROM security_fundkind WHERE name IN ('mfa_reset', 'factor_change');
ALTER TABLE security_fundpolicy ENABLE ALWAYS TRIGGER a_stands;

-- ── what a reviewer proves themselves for ──────────────────────────────────────────────────────────────────────────
ALTER TABLE security_stepup
    DROP CONSTRAINT security_stepup_purpose_check,
    ADD CONSTRAINT security_stepup_purpose_check CHECK (
        purpose IN ('action.request', 'action.approve', 'action.review', 'policy.propose', 'policy.confirm'));

-- What is signed: the action, and what is said of it.
CREATE FUNCTION core.fund_review_hash(
    p_action_hash bytea, p_decision text, p_is_readable boolean, p_is_in_date boolean, p_name_matches boolean,
    p_face_matches boolean, p_reason text
) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        'pharos manual review 1', encode(p_action_hash, 'hex'), p_decision, p_is_readable::text, p_is_in_date::text,
        p_name_matches::text, p_face_matches::text, p_reason)::text, 'UTF8'))
$$;

-- ── the review ─────────────────────────────────────────────────────────────────────────────────────────────────────
-- One for an action, from its asking on. After a refusal the same customer has one more: their appeal's.
CREATE TABLE security_manualreview (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id text NOT NULL UNIQUE CHECK (public_id <> ''),
    action_id bigint NOT NULL UNIQUE,
    hash bytea NOT NULL,
    kind text NOT NULL,
    customer_id bigint NOT NULL,
    requester_id bigint NOT NULL,
    methods text[] NOT NULL,
    needs_approval boolean NOT NULL,
    cooling_off_s integer NOT NULL,
    action_created_at timestamptz NOT NULL,
    -- The refused review that this one is the appeal of.
    appeal_of_id bigint UNIQUE,
    is_appeal boolean NOT NULL GENERATED ALWAYS AS (appeal_of_id IS NOT NULL) STORED,
    opened_at timestamptz NOT NULL DEFAULT core.clock(),
    CONSTRAINT security_manualreview_method CHECK ('manual' = ANY (methods)),
    CONSTRAINT security_manualreview_action FOREIGN KEY
        (action_id, hash, kind, customer_id, requester_id, methods, needs_approval, cooling_off_s, action_created_at)
        REFERENCES security_fundaction
        (id, hash, kind, customer_id, requester_id, methods, needs_approval, cooling_off_s, created_at),
    CONSTRAINT security_manualreview_terms UNIQUE (id, action_id, hash, requester_id, cooling_off_s, action_created_at),
    CONSTRAINT security_manualreview_whose UNIQUE (id, customer_id, is_appeal)
);
-- a customer's reviews, the newest first
CREATE INDEX security_manualreview_customer ON security_manualreview (customer_id, id DESC);

-- Who is to look: drawn by lot, of another team than the requester's and than each other's; never who approves.
CREATE TABLE security_reviewerdraw (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    review_id bigint NOT NULL REFERENCES security_manualreview,
    reviewer_id bigint NOT NULL REFERENCES accounts_staff,
    place integer NOT NULL CHECK (place BETWEEN 1 AND 6),
    drawn_at timestamptz NOT NULL DEFAULT core.clock(),
    CONSTRAINT security_reviewerdraw_once UNIQUE (review_id, reviewer_id),
    CONSTRAINT security_reviewerdraw_place UNIQUE (review_id, place)
);
-- what a person has to look at
CREATE INDEX security_reviewerdraw_reviewer ON security_reviewerdraw (reviewer_id, id DESC);

-- What one of them says, with a step-up for saying exactly this. The second follows a first that confirmed: one
-- refusal is the end.
CREATE TABLE security_reviewdecision (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    review_id bigint NOT NULL,
    action_id bigint NOT NULL,
    hash bytea NOT NULL,
    requester_id bigint NOT NULL,
    cooling_off_s integer NOT NULL,
    action_created_at timestamptz NOT NULL,
    reviewer_id bigint NOT NULL,
    place integer NOT NULL CHECK (place BETWEEN 1 AND 2),
    follows integer,
    following text NOT NULL DEFAULT 'confirmed' CHECK (following = 'confirmed'),
    decision text NOT NULL CHECK (decision IN ('confirmed', 'refused')),
    is_readable boolean NOT NULL,
    is_in_date boolean NOT NULL,
    name_matches boolean NOT NULL,
    face_matches boolean NOT NULL,
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
    content bytea NOT NULL GENERATED ALWAYS AS (core.fund_review_hash(
        hash, decision, is_readable, is_in_date, name_matches, face_matches, reason)) STORED,
    reviewer_stepup_id bigint NOT NULL UNIQUE,
    reviewer_verified_at timestamptz NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT core.clock(),
    stepped_up boolean NOT NULL DEFAULT true CHECK (stepped_up),
    reviewing text NOT NULL DEFAULT 'action.review' CHECK (reviewing = 'action.review'),
    CONSTRAINT security_reviewdecision_two CHECK (reviewer_id <> requester_id),
    CONSTRAINT security_reviewdecision_fresh CHECK (
        decided_at BETWEEN reviewer_verified_at AND reviewer_verified_at + interval '5 minutes'),
    -- Who objects has the whole waiting time: nobody confirms before its end.
    CONSTRAINT security_reviewdecision_cooled CHECK (
        decision = 'refused' OR decided_at >= action_created_at + make_interval(secs => cooling_off_s)),
    CONSTRAINT security_reviewdecision_complete CHECK (
        decision = 'refused' OR (is_readable AND is_in_date AND name_matches AND face_matches)),
    CONSTRAINT security_reviewdecision_in_turn CHECK (
        CASE WHEN place = 1 THEN follows IS NULL ELSE follows IS NOT NULL AND follows = place - 1 END),
    CONSTRAINT security_reviewdecision_review FOREIGN KEY
        (review_id, action_id, hash, requester_id, cooling_off_s, action_created_at)
        REFERENCES security_manualreview (id, action_id, hash, requester_id, cooling_off_s, action_created_at),
    CONSTRAINT security_reviewdecision_drawn FOREIGN KEY (review_id, reviewer_id)
        REFERENCES security_reviewerdraw (review_id, reviewer_id),
    CONSTRAINT security_reviewdecision_stepup FOREIGN KEY
        (reviewer_stepup_id, reviewer_id, reviewing, content, stepped_up, reviewer_verified_at)
        REFERENCES security_stepup (id, staff_id, purpose, bound_to, is_verified, verified_at),
    CONSTRAINT security_reviewdecision_once UNIQUE (review_id, reviewer_id),
    CONSTRAINT security_reviewdecision_place UNIQUE (review_id, place, decision),
    CONSTRAINT security_reviewdecision_one_a_place UNIQUE (review_id, place),
    CONSTRAINT security_reviewdecision_proof UNIQUE (id, action_id, hash, place, decision),
    CONSTRAINT security_reviewdecision_end UNIQUE (id, review_id, decision, decided_at),
    CONSTRAINT security_reviewdecision_follows FOREIGN KEY (review_id, follows, following)
        REFERENCES security_reviewdecision (review_id, place, decision)
);

-- The customer does not agree with a refusal: once, within 30 days, and not with that of an appeal.
CREATE TABLE security_reviewappeal (
    review_id bigint PRIMARY KEY,
    customer_id bigint NOT NULL,
    is_appeal boolean NOT NULL DEFAULT false CHECK (NOT is_appeal),
    decision_id bigint NOT NULL,
    decision text NOT NULL DEFAULT 'refused' CHECK (decision = 'refused'),
    decided_at timestamptz NOT NULL,
    appealed_at timestamptz NOT NULL DEFAULT core.clock(),
    CONSTRAINT security_reviewappeal_timely CHECK (appealed_at BETWEEN decided_at AND decided_at + interval '30 days'),
    CONSTRAINT security_reviewappeal_review FOREIGN KEY (review_id, customer_id, is_appeal)
        REFERENCES security_manualreview (id, customer_id, is_appeal),
    CONSTRAINT security_reviewappeal_refusal FOREIGN KEY (decision_id, review_id, decision, decided_at)
        REFERENCES security_reviewdecision (id, review_id, decision, decided_at),
    CONSTRAINT security_reviewappeal_whose UNIQUE (review_id, customer_id)
);
ALTER TABLE security_manualreview ADD CONSTRAINT security_manualreview_appeal
    FOREIGN KEY (appeal_of_id, customer_id) REFERENCES security_reviewappeal (review_id, customer_id);

-- ── the check ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- By a factor, or by two decisions; never by neither, never by half of one.
ALTER TABLE security_identitycheck
    ADD COLUMN first_decision_id bigint,
    ADD COLUMN second_decision_id bigint,
    ADD COLUMN first_place integer NOT NULL DEFAULT 1 CHECK (first_place = 1),
    ADD COLUMN second_place integer NOT NULL DEFAULT 2 CHECK (second_place = 2),
    ADD COLUMN confirming text NOT NULL DEFAULT 'confirmed' CHECK (confirming = 'confirmed'),
    DROP CONSTRAINT security_identitycheck_whole,
    ADD CONSTRAINT security_identitycheck_whole CHECK (
        CASE WHEN NOT is_verified THEN num_nonnulls(
                 verified_at, factor_id, factor_counts_from, evidence, first_decision_id, second_decision_id) = 0
             WHEN method = 'manual' THEN num_nulls(verified_at, evidence, first_decision_id, second_decision_id) = 0
                 AND num_nonnulls(factor_id, factor_counts_from) = 0
             ELSE num_nulls(verified_at, factor_id, factor_counts_from, evidence) = 0
                 AND num_nonnulls(first_decision_id, second_decision_id) = 0 END
        AND (NOT is_verified OR attempts > 0)),
    ADD CONSTRAINT security_identitycheck_lost CHECK (method <> 'manual' OR kind IN ('mfa_reset', 'factor_change')),
    ADD CONSTRAINT security_identitycheck_first FOREIGN KEY
        (first_decision_id, action_id, hash, first_place, confirming)
        REFERENCES security_reviewdecision (id, action_id, hash, place, decision),
    ADD CONSTRAINT security_identitycheck_second FOREIGN KEY
        (second_decision_id, action_id, hash, second_place, confirming)
        REFERENCES security_reviewdecision (id, action_id, hash, place, decision);
