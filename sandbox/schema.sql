-- The sandbox exchange's own rows. Times are ISO 8601 in UTC, amounts are decimal texts, binary values base64url.
CREATE TABLE IF NOT EXISTS account (
    account_id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    locale TEXT NOT NULL,
    zoneinfo TEXT NOT NULL,
    phone TEXT NOT NULL DEFAULT '',
    password TEXT NOT NULL,
    must_reset_password INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'frozen', 'closed')),
    tier TEXT NOT NULL,
    kyc_level INTEGER NOT NULL,
    hold_reason TEXT NOT NULL DEFAULT '',
    frozen_at TEXT,
    frozen_by TEXT NOT NULL DEFAULT '',
    -- Whose account it is at Pharos; set by the first enrolment and never changed.
    pharos_customer TEXT UNIQUE,
    CHECK ((state = 'frozen') = (frozen_at IS NOT NULL))
) STRICT;
CREATE TABLE IF NOT EXISTS balance (
    account_id TEXT NOT NULL REFERENCES account,
    asset TEXT NOT NULL,
    amount TEXT NOT NULL,
    PRIMARY KEY (account_id, asset)
) STRICT;
-- What leaves the account in one action and in 24 hours at most.
CREATE TABLE IF NOT EXISTS ceiling (
    account_id TEXT NOT NULL REFERENCES account,
    asset TEXT NOT NULL,
    per_action TEXT NOT NULL,
    per_day TEXT NOT NULL,
    PRIMARY KEY (account_id, asset)
) STRICT;
CREATE TABLE IF NOT EXISTS movement (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account,
    kind TEXT NOT NULL CHECK (kind IN ('deposit', 'withdrawal')),
    asset TEXT NOT NULL,
    network TEXT NOT NULL,
    amount TEXT NOT NULL,
    hash TEXT NOT NULL DEFAULT '',
    confirmations INTEGER NOT NULL DEFAULT 0,
    needed INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL,
    hold_reason TEXT NOT NULL DEFAULT '',
    destination TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS payout_address (
    account_id TEXT NOT NULL REFERENCES account,
    asset TEXT NOT NULL,
    network TEXT NOT NULL,
    destination TEXT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (account_id, asset, network, destination, tag)
) STRICT;
CREATE TABLE IF NOT EXISTS factor (
    factor_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account,
    method TEXT NOT NULL,
    credential_id TEXT NOT NULL UNIQUE,
    public_key TEXT NOT NULL,
    sign_count INTEGER NOT NULL,
    aaguid TEXT NOT NULL,
    device_type TEXT NOT NULL,
    backed_up INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS registration (
    registration_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account,
    pharos_customer TEXT NOT NULL,
    challenge TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
-- The answer to an action, given once and kept: the idempotency record.
CREATE TABLE IF NOT EXISTS answer (
    action_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account,
    fingerprint TEXT NOT NULL,
    kind TEXT NOT NULL,
    operation TEXT NOT NULL,
    subject TEXT NOT NULL,
    asset TEXT NOT NULL,
    amount TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('executed', 'refused')),
    reference TEXT NOT NULL DEFAULT '',
    code TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    at TEXT NOT NULL,
    CHECK ((outcome = 'executed') = (code = '')),
    CHECK ((outcome = 'executed') = (reference <> ''))
) STRICT;
CREATE INDEX IF NOT EXISTS answer_of_a_day ON answer (account_id, asset, at);
-- What an executed action did to balances, so that a test can count effects.
CREATE TABLE IF NOT EXISTS entry (
    reference TEXT PRIMARY KEY,
    action_id TEXT NOT NULL UNIQUE REFERENCES answer,
    account_id TEXT NOT NULL REFERENCES account,
    asset TEXT NOT NULL,
    change TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS seen_request (
    jti TEXT PRIMARY KEY,
    expires_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS session (
    token_hash TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account,
    auth_time INTEGER NOT NULL,
    amr TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS hand_off (
    code_hash TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account,
    session_hash TEXT NOT NULL,
    nonce TEXT NOT NULL,
    code_challenge TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    auth_time INTEGER NOT NULL,
    amr TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS signing_key (
    kid TEXT PRIMARY KEY,
    private_pem TEXT NOT NULL,
    created_at TEXT NOT NULL,
    retired_at TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS event (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    sent_at TEXT
) STRICT;
-- What Pharos asked to notify an account of: that something is unread, never what.
CREATE TABLE IF NOT EXISTS notification (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account,
    kind TEXT NOT NULL CHECK (kind IN ('chat.unread')),
    conversation TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS failed_sign_in (
    email TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
