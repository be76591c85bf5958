-- The rule: no fund-related action without a fresh, MFA-verified, action-bound identity check. docs/security.md explains
-- it. What holds here holds whoever asks: a page, a task, a shell with the application's role, or the owner's own DML.
--
-- An action says what is to be done and carries the policy that held when it was asked for. A check is one challenge
-- for one action. An approval is a second person's, who was drawn. That an execution exists is the permission to act.
-- Each row repeats what it stands on; composite foreign keys keep the copies equal to the originals, and CHECKs compare
-- them. Triggers fill in what nobody may choose and refuse changes; none of them decides, the freeze aside.

-- ── what is signed ─────────────────────────────────────────────────────────────────────────────────────────────────
-- Canonical: a JSON array of texts, the format's name first, in UTF-8, hashed by SHA-256.
CREATE FUNCTION core.fund_action_hash(
    p_public_id text, p_kind text, p_operation text, p_subject text, p_customer_id bigint, p_asset text,
    p_network text, p_amount numeric, p_destination text, p_tag text, p_requester_id bigint
) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        'pharos fund action 1', p_public_id, p_kind, p_operation, p_subject, p_customer_id::text, p_asset, p_network,
        p_amount::text, p_destination, p_tag, p_requester_id::text)::text, 'UTF8'))
$$;

CREATE FUNCTION core.fund_policy_hash(
    p_public_id text, p_kind text, p_asset text, p_above numeric, p_risk text, p_methods text[],
    p_needs_approval boolean, p_cooling_off_s integer
) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        'pharos fund policy 1', p_public_id, p_kind, p_asset, p_above::text, p_risk, array_to_string(p_methods, ','),
        p_needs_approval::text, p_cooling_off_s::text)::text, 'UTF8'))
$$;

-- What a level may ask of the customer: a passkey alone where the risk is high.
CREATE FUNCTION core.fund_methods_fit(p_risk text, p_methods text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT cardinality(p_methods) > 0 AND p_methods <@ ARRAY['totp', 'webauthn']
       AND (p_risk <> 'high' OR p_methods = ARRAY['webauthn'])
$$;

-- ── staff prove themselves for one act ─────────────────────────────────────────────────────────────────────────────
-- Written by the verifier alone. `bound_to` is the hash of the very action or policy it was made for.
CREATE TABLE security_stepup (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id text NOT NULL UNIQUE CHECK (public_id <> ''),
    staff_id bigint NOT NULL REFERENCES accounts_staff,
    purpose text NOT NULL
        CHECK (purpose IN ('action.request', 'action.approve', 'policy.propose', 'policy.confirm')),
    bound_to bytea NOT NULL CHECK (length(bound_to) = 32),
    method text NOT NULL CHECK (method IN ('totp', 'webauthn')),
    issued_at timestamptz NOT NULL DEFAULT core.clock(),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 5),
    attempted_in xid8,
    is_verified boolean NOT NULL DEFAULT false,
    verified_at timestamptz,
    -- Decides who is drawn for what was stepped up for: made when the content is fixed.
    lot bytea,
    CONSTRAINT security_stepup_verified CHECK (is_verified = (verified_at IS NOT NULL) AND (NOT is_verified OR attempts > 0)),
    CONSTRAINT security_stepup_prompt CHECK (verified_at BETWEEN issued_at AND issued_at + interval '5 minutes'),
    CONSTRAINT security_stepup_proof UNIQUE (id, staff_id, purpose, bound_to, is_verified, verified_at)
);

-- ── kinds and limits ───────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE security_fundkind (
    name text PRIMARY KEY,
    has_amount boolean NOT NULL,
    has_destination boolean NOT NULL,
    has_subject boolean NOT NULL,
    has_operation boolean NOT NULL,
    -- What changes who can act: never without a second person, never at once, whatever a policy says.
    is_guarded boolean NOT NULL,
    UNIQUE (name, is_guarded),
    UNIQUE (name, has_amount, has_destination, has_subject, has_operation)
);
INSERT INTO security_fundkind (name, has_amount, has_destination, has_subject, has_operation, is_guarded) VALUES
    ('withdrawal_release', true, true, true, false, false), ('address_change', false, true, false, false, true),
    ('allow_list_change', false, true, false, true, true), ('deposit_recovery', true, true, true, false, false),
    ('mfa_reset', false, false, false, false, true), ('factor_change', false, false, true, true, true),
    ('email_change', false, true, false, false, true), ('phone_change', false, true, false, false, true),
    ('unfreeze', false, false, false, false, true), ('limit_raise', true, false, false, false, true),
    ('refund', true, true, true, false, false), ('balance_adjustment', true, false, true, true, false);

-- A change is asked for by one person and confirmed by another, each with a step-up for its content, and waits a day.
CREATE TABLE security_fundpolicychange (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id text NOT NULL UNIQUE CHECK (public_id <> ''),
    kind text NOT NULL,
    is_guarded boolean NOT NULL,
    asset text NOT NULL CHECK (asset ~ '^[A-Z0-9]{0,20}$'),
    above numeric(38, 18) NOT NULL CHECK (above >= 0 AND above <> 'NaN'),
    risk text NOT NULL CHECK (risk IN ('normal', 'high')),
    methods text[] NOT NULL,
    needs_approval boolean NOT NULL,
    cooling_off_s integer NOT NULL CHECK (cooling_off_s >= 0),
    hash bytea NOT NULL GENERATED ALWAYS AS (core.fund_policy_hash(
        public_id, kind, asset, above, risk, methods, needs_approval, cooling_off_s)) STORED,
    proposer_id bigint NOT NULL REFERENCES accounts_staff,
    proposer_stepup_id bigint NOT NULL UNIQUE,
    proposer_verified_at timestamptz NOT NULL,
    proposed_at timestamptz NOT NULL DEFAULT core.clock(),
    confirmer_id bigint REFERENCES accounts_staff,
    confirmer_stepup_id bigint UNIQUE,
    confirmer_verified_at timestamptz,
    confirmed_at timestamptz,
    stepped_up boolean NOT NULL DEFAULT true CHECK (stepped_up),
    proposing text NOT NULL DEFAULT 'policy.propose' CHECK (proposing = 'policy.propose'),
    confirming text NOT NULL DEFAULT 'policy.confirm' CHECK (confirming = 'policy.confirm'),
    CONSTRAINT security_policychange_kind FOREIGN KEY (kind, is_guarded) REFERENCES security_fundkind (name, is_guarded),
    CONSTRAINT security_policychange_floor CHECK (NOT is_guarded OR (needs_approval AND cooling_off_s >= 86400)),
    CONSTRAINT security_policychange_methods CHECK (core.fund_methods_fit(risk, methods)),
    CONSTRAINT security_policychange_fresh CHECK (
        proposed_at BETWEEN proposer_verified_at AND proposer_verified_at + interval '5 minutes'),
    CONSTRAINT security_policychange_two CHECK (confirmer_id <> proposer_id),
    CONSTRAINT security_policychange_whole CHECK (
        num_nulls(confirmer_id, confirmer_stepup_id, confirmer_verified_at, confirmed_at) IN (0, 4)),
    CONSTRAINT security_policychange_confirmed_fresh CHECK (
        confirmed_at BETWEEN confirmer_verified_at AND confirmer_verified_at + interval '5 minutes'),
    CONSTRAINT security_policychange_proposer FOREIGN KEY
        (proposer_stepup_id, proposer_id, proposing, hash, stepped_up, proposer_verified_at)
        REFERENCES security_stepup (id, staff_id, purpose, bound_to, is_verified, verified_at),
    CONSTRAINT security_policychange_confirmer FOREIGN KEY
        (confirmer_stepup_id, confirmer_id, confirming, hash, stepped_up, confirmer_verified_at)
        REFERENCES security_stepup (id, staff_id, purpose, bound_to, is_verified, verified_at),
    CONSTRAINT security_policychange_content UNIQUE
        (id, kind, asset, above, risk, methods, needs_approval, cooling_off_s, confirmed_at)
);

-- What holds: of the rows for an action's kind, asset and amount that are valid, the one that says most precisely what.
-- `asset` '' stands for every asset without rows of its own.
CREATE TABLE security_fundpolicy (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    is_guarded boolean NOT NULL,
    asset text NOT NULL CHECK (asset ~ '^[A-Z0-9]{0,20}$'),
    above numeric(38, 18) NOT NULL CHECK (above >= 0 AND above <> 'NaN'),
    risk text NOT NULL CHECK (risk IN ('normal', 'high')),
    methods text[] NOT NULL,
    needs_approval boolean NOT NULL,
    cooling_off_s integer NOT NULL CHECK (cooling_off_s >= 0),
    change_id bigint UNIQUE,
    confirmed_at timestamptz,
    valid_from timestamptz NOT NULL,
    CONSTRAINT security_fundpolicy_kind FOREIGN KEY (kind, is_guarded) REFERENCES security_fundkind (name, is_guarded),
    CONSTRAINT security_fundpolicy_floor CHECK (NOT is_guarded OR (needs_approval AND cooling_off_s >= 86400)),
    CONSTRAINT security_fundpolicy_methods CHECK (core.fund_methods_fit(risk, methods)),
    CONSTRAINT security_fundpolicy_waits CHECK (valid_from >= confirmed_at + interval '24 hours'),
    CONSTRAINT security_fundpolicy_change FOREIGN KEY
        (change_id, kind, asset, above, risk, methods, needs_approval, cooling_off_s, confirmed_at)
        REFERENCES security_fundpolicychange
        (id, kind, asset, above, risk, methods, needs_approval, cooling_off_s, confirmed_at),
    CONSTRAINT security_fundpolicy_terms UNIQUE
        (id, kind, risk, methods, needs_approval, cooling_off_s)
);
-- What a new installation begins with: everything needs two people, and a passkey where much or everything is at stake.
INSERT INTO security_fundpolicy
    (kind, is_guarded, asset, above, risk, methods, needs_approval, cooling_off_s, valid_from)
SELECT name, is_guarded, '', 0, 'high', ARRAY['webauthn'], true,
       CASE WHEN name IN ('mfa_reset', 'factor_change', 'email_change', 'phone_change') THEN 72 * 3600
            WHEN is_guarded THEN 24 * 3600 ELSE 0 END,
       '-infinity'
  FROM security_fundkind;
-- From here on a row stands on a change.
ALTER TABLE security_fundpolicy ADD CONSTRAINT security_fundpolicy_two_people
    CHECK (valid_from = '-infinity' OR (change_id IS NOT NULL AND confirmed_at IS NOT NULL));

-- ── the action ─────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE security_fundaction (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id text NOT NULL UNIQUE CHECK (public_id <> ''),
    kind text NOT NULL,
    operation text NOT NULL DEFAULT '' CHECK (operation IN ('', 'add', 'remove', 'credit', 'debit')),
    -- What it is about at the exchange: the withdrawal, the payment, the deposit, the factor.
    subject text NOT NULL DEFAULT '',
    customer_id bigint NOT NULL REFERENCES accounts_customer,
    ticket_id bigint,
    asset text NOT NULL DEFAULT '' CHECK (asset ~ '^[A-Z0-9]{0,20}$'),
    network text NOT NULL DEFAULT '',
    amount numeric(38, 18) NOT NULL DEFAULT 0 CHECK (amount >= 0 AND amount < 1e20),
    destination text NOT NULL DEFAULT '',
    tag text NOT NULL DEFAULT '',
    requester_id bigint NOT NULL REFERENCES accounts_staff,
    requester_stepup_id bigint NOT NULL UNIQUE,
    requester_verified_at timestamptz NOT NULL,
    hash bytea NOT NULL GENERATED ALWAYS AS (core.fund_action_hash(
        public_id, kind, operation, subject, customer_id, asset, network, amount, destination, tag,
        requester_id)) STORED,
    created_at timestamptz NOT NULL DEFAULT core.clock(),
    -- Filled in from the policy that holds; the key to its row keeps it so.
    policy_id bigint NOT NULL,
    has_amount boolean NOT NULL,
    has_destination boolean NOT NULL,
    has_subject boolean NOT NULL,
    has_operation boolean NOT NULL,
    risk text NOT NULL,
    methods text[] NOT NULL,
    needs_approval boolean NOT NULL,
    cooling_off_s integer NOT NULL,
    stepped_up boolean NOT NULL DEFAULT true CHECK (stepped_up),
    requesting text NOT NULL DEFAULT 'action.request' CHECK (requesting = 'action.request'),
    CONSTRAINT security_fundaction_kind FOREIGN KEY (kind, has_amount, has_destination, has_subject, has_operation)
        REFERENCES security_fundkind (name, has_amount, has_destination, has_subject, has_operation),
    CONSTRAINT security_fundaction_amount CHECK (has_amount = (amount > 0) AND has_amount <= (asset <> '')),
    CONSTRAINT security_fundaction_destination CHECK (has_destination = (destination <> '')),
    CONSTRAINT security_fundaction_subject CHECK (has_subject = (subject <> '')),
    CONSTRAINT security_fundaction_operation CHECK (has_operation = (operation <> '')),
    CONSTRAINT security_fundaction_policy FOREIGN KEY (policy_id, kind, risk, methods, needs_approval, cooling_off_s)
        REFERENCES security_fundpolicy (id, kind, risk, methods, needs_approval, cooling_off_s),
    CONSTRAINT security_fundaction_fresh CHECK (
        created_at BETWEEN requester_verified_at AND requester_verified_at + interval '5 minutes'),
    CONSTRAINT security_fundaction_requester FOREIGN KEY
        (requester_stepup_id, requester_id, requesting, hash, stepped_up, requester_verified_at)
        REFERENCES security_stepup (id, staff_id, purpose, bound_to, is_verified, verified_at),
    CONSTRAINT security_fundaction_terms UNIQUE
        (id, hash, kind, customer_id, requester_id, methods, needs_approval, cooling_off_s, created_at)
);

-- Who is to approve is drawn, once, from people of other teams than the requester's; nobody picks.
CREATE TABLE security_approverdraw (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action_id bigint NOT NULL REFERENCES security_fundaction,
    approver_id bigint NOT NULL REFERENCES accounts_staff,
    place integer NOT NULL CHECK (place BETWEEN 1 AND 3),
    drawn_at timestamptz NOT NULL DEFAULT core.clock(),
    CONSTRAINT security_approverdraw_once UNIQUE (action_id, approver_id),
    CONSTRAINT security_approverdraw_place UNIQUE (action_id, place)
);

-- ── the customer's check ───────────────────────────────────────────────────────────────────────────────────────────
-- A factor of the customer's. Written by the verifier alone; it counts for funds when its owner has had time to object.
CREATE TABLE security_customerfactor (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id text NOT NULL UNIQUE CHECK (public_id <> ''),
    customer_id bigint NOT NULL REFERENCES accounts_customer,
    method text NOT NULL CHECK (method IN ('totp', 'webauthn')),
    enrolled_at timestamptz NOT NULL DEFAULT core.clock(),
    counts_from timestamptz NOT NULL,
    CONSTRAINT security_customerfactor_waits CHECK (counts_from >= enrolled_at + interval '72 hours'),
    CONSTRAINT security_customerfactor_terms UNIQUE (id, customer_id, method, counts_from)
);

-- A factor that is lost or replaced proves nothing any more. Written by the verifier alone.
CREATE TABLE security_factorend (
    factor_id bigint PRIMARY KEY REFERENCES security_customerfactor,
    ended_at timestamptz NOT NULL DEFAULT core.clock()
);

-- One challenge, one action, one use.
CREATE TABLE security_identitycheck (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id text NOT NULL UNIQUE CHECK (public_id <> ''),
    action_id bigint NOT NULL,
    hash bytea NOT NULL,
    kind text NOT NULL,
    customer_id bigint NOT NULL,
    requester_id bigint NOT NULL,
    methods text[] NOT NULL,
    needs_approval boolean NOT NULL,
    cooling_off_s integer NOT NULL,
    action_created_at timestamptz NOT NULL,
    method text NOT NULL,
    place integer NOT NULL CHECK (place BETWEEN 1 AND 3),
    nonce bytea NOT NULL DEFAULT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
    issued_at timestamptz NOT NULL DEFAULT core.clock(),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 5),
    attempted_in xid8,
    is_verified boolean NOT NULL DEFAULT false,
    verified_at timestamptz,
    factor_id bigint,
    factor_counts_from timestamptz,
    evidence jsonb,
    CONSTRAINT security_identitycheck_method CHECK (method = ANY (methods)),
    CONSTRAINT security_identitycheck_whole CHECK (
        num_nulls(verified_at, factor_id, factor_counts_from, evidence) = CASE WHEN is_verified THEN 0 ELSE 4 END
        AND (NOT is_verified OR attempts > 0)),
    CONSTRAINT security_identitycheck_lives CHECK (verified_at BETWEEN issued_at AND issued_at + interval '10 minutes'),
    CONSTRAINT security_identitycheck_cooled CHECK (issued_at >= action_created_at + make_interval(secs => cooling_off_s)),
    CONSTRAINT security_identitycheck_factor_counts CHECK (verified_at >= factor_counts_from),
    CONSTRAINT security_identitycheck_factor FOREIGN KEY (factor_id, customer_id, method, factor_counts_from)
        REFERENCES security_customerfactor (id, customer_id, method, counts_from),
    CONSTRAINT security_identitycheck_action FOREIGN KEY
        (action_id, hash, kind, customer_id, requester_id, methods, needs_approval, cooling_off_s, action_created_at)
        REFERENCES security_fundaction
        (id, hash, kind, customer_id, requester_id, methods, needs_approval, cooling_off_s, created_at),
    CONSTRAINT security_identitycheck_place UNIQUE (action_id, place),
    CONSTRAINT security_identitycheck_proof UNIQUE (id, action_id, hash, is_verified, verified_at)
);

-- ── four eyes ──────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE security_approval (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action_id bigint NOT NULL,
    hash bytea NOT NULL,
    kind text NOT NULL,
    customer_id bigint NOT NULL,
    requester_id bigint NOT NULL,
    methods text[] NOT NULL,
    needs_approval boolean NOT NULL,
    cooling_off_s integer NOT NULL,
    action_created_at timestamptz NOT NULL,
    approver_id bigint NOT NULL,
    approver_stepup_id bigint NOT NULL UNIQUE,
    approver_verified_at timestamptz NOT NULL,
    approved_at timestamptz NOT NULL DEFAULT core.clock(),
    stepped_up boolean NOT NULL DEFAULT true CHECK (stepped_up),
    approving text NOT NULL DEFAULT 'action.approve' CHECK (approving = 'action.approve'),
    CONSTRAINT security_approval_two CHECK (approver_id <> requester_id),
    CONSTRAINT security_approval_fresh CHECK (
        approved_at BETWEEN approver_verified_at AND approver_verified_at + interval '5 minutes'),
    CONSTRAINT security_approval_cooled CHECK (
        approved_at >= action_created_at + make_interval(secs => cooling_off_s)),
    CONSTRAINT security_approval_drawn FOREIGN KEY (action_id, approver_id)
        REFERENCES security_approverdraw (action_id, approver_id),
    CONSTRAINT security_approval_stepup FOREIGN KEY
        (approver_stepup_id, approver_id, approving, hash, stepped_up, approver_verified_at)
        REFERENCES security_stepup (id, staff_id, purpose, bound_to, is_verified, verified_at),
    CONSTRAINT security_approval_action FOREIGN KEY
        (action_id, hash, kind, customer_id, requester_id, methods, needs_approval, cooling_off_s, action_created_at)
        REFERENCES security_fundaction
        (id, hash, kind, customer_id, requester_id, methods, needs_approval, cooling_off_s, created_at),
    CONSTRAINT security_approval_once UNIQUE (action_id, approver_id),
    CONSTRAINT security_approval_proof UNIQUE (action_id, hash, approver_id, approved_at)
);

-- ── the permission ─────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE security_execution (
    action_id bigint PRIMARY KEY,
    hash bytea NOT NULL,
    kind text NOT NULL,
    customer_id bigint NOT NULL,
    requester_id bigint NOT NULL,
    methods text[] NOT NULL,
    needs_approval boolean NOT NULL,
    cooling_off_s integer NOT NULL,
    action_created_at timestamptz NOT NULL,
    check_id bigint NOT NULL UNIQUE,
    is_verified boolean NOT NULL DEFAULT true CHECK (is_verified),
    verified_at timestamptz NOT NULL,
    approver_id bigint,
    approved_at timestamptz,
    executed_at timestamptz NOT NULL DEFAULT core.clock(),
    CONSTRAINT security_execution_fresh CHECK (executed_at BETWEEN verified_at AND verified_at + interval '5 minutes'),
    -- One NULL would switch a composite key off.
    CONSTRAINT security_execution_approval_whole CHECK (num_nulls(approver_id, approved_at) IN (0, 2)),
    CONSTRAINT security_execution_approved CHECK (NOT needs_approval OR num_nulls(approver_id, approved_at) = 0),
    CONSTRAINT security_execution_two CHECK (approver_id <> requester_id),
    CONSTRAINT security_execution_approved_lately CHECK (
        executed_at BETWEEN approved_at AND approved_at + interval '15 minutes'),
    CONSTRAINT security_execution_cooled CHECK (
        verified_at >= action_created_at + make_interval(secs => cooling_off_s)),
    -- What was asked for and left lying is asked for again, under the policy of then.
    CONSTRAINT security_execution_timely CHECK (
        executed_at <= action_created_at + make_interval(secs => cooling_off_s) + interval '24 hours'),
    CONSTRAINT security_execution_action FOREIGN KEY
        (action_id, hash, kind, customer_id, requester_id, methods, needs_approval, cooling_off_s, action_created_at)
        REFERENCES security_fundaction
        (id, hash, kind, customer_id, requester_id, methods, needs_approval, cooling_off_s, created_at),
    CONSTRAINT security_execution_check FOREIGN KEY (check_id, action_id, hash, is_verified, verified_at)
        REFERENCES security_identitycheck (id, action_id, hash, is_verified, verified_at),
    CONSTRAINT security_execution_approval FOREIGN KEY (action_id, hash, approver_id, approved_at)
        REFERENCES security_approval (action_id, hash, approver_id, approved_at),
    CONSTRAINT security_execution_proof UNIQUE (action_id, customer_id, kind, action_created_at, executed_at)
);

-- Little freezes, and only an executed `unfreeze` that was asked for later ends it. Every customer with an action has a
-- row.
CREATE TABLE security_freeze (
    customer_id bigint PRIMARY KEY REFERENCES accounts_customer,
    frozen_at timestamptz,
    reason text NOT NULL DEFAULT '',
    unfreezing text NOT NULL DEFAULT 'unfreeze' CHECK (unfreezing = 'unfreeze'),
    unfreeze_action_id bigint,
    unfreeze_asked_at timestamptz,
    unfrozen_at timestamptz,
    is_frozen boolean NOT NULL GENERATED ALWAYS AS (
        frozen_at IS NOT NULL AND (unfreeze_asked_at IS NULL OR unfreeze_asked_at <= frozen_at)) STORED,
    CONSTRAINT security_freeze_unfrozen CHECK (
        num_nulls(unfreeze_action_id, unfreeze_asked_at, unfrozen_at) IN (0, 3)),
    CONSTRAINT security_freeze_unfreeze FOREIGN KEY
        (unfreeze_action_id, customer_id, unfreezing, unfreeze_asked_at, unfrozen_at)
        REFERENCES security_execution (action_id, customer_id, kind, action_created_at, executed_at)
);
