-- Reveals: one field of one customer in full, for an open ticket that is assigned to whoever asks. The database decides,
-- counts and records; the app's role reads the rows and calls the functions, and writes neither.

CREATE TABLE security_reveal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id text NOT NULL UNIQUE CHECK (public_id <> ''),
    staff_id bigint NOT NULL REFERENCES accounts_staff,
    -- The session it was asked in.
    session_id bigint NOT NULL,
    customer_id bigint NOT NULL REFERENCES accounts_customer,
    ticket_id bigint NOT NULL,
    field text NOT NULL CHECK (field IN ('email', 'phone', 'handle', 'account')),
    -- Which address; none where the field is the account at the exchange.
    address_id bigint,
    reason text NOT NULL CHECK (reason IN ('call', 'write', 'compare', 'exchange', 'other')),
    words text NOT NULL CHECK (length(words) BETWEEN 1 AND 300),
    revealed_at timestamptz NOT NULL DEFAULT core.clock(),
    -- The transaction that spent from the budget: the value is told once it is committed, never within it.
    spent_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT security_reveal_names_one CHECK ((field = 'account') = (address_id IS NULL))
);
-- what is left of a budget; what one person saw
CREATE INDEX security_reveal_of_staff ON security_reveal (staff_id, revealed_at DESC);
-- who saw one customer
CREATE INDEX security_reveal_of_customer ON security_reveal (customer_id, id DESC);
-- what alarms look through
CREATE INDEX security_reveal_lately ON security_reveal (revealed_at DESC);

CREATE TABLE security_revealrefusal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    staff_id bigint NOT NULL REFERENCES accounts_staff,
    customer_id bigint REFERENCES accounts_customer,
    ticket_id bigint,
    why text NOT NULL CHECK (why IN ('foreign', 'unassigned', 'closed', 'hour', 'day')),
    refused_at timestamptz NOT NULL DEFAULT core.clock()
);
CREATE INDEX security_revealrefusal_lately ON security_revealrefusal (refused_at DESC);
CREATE INDEX security_revealrefusal_of_staff ON security_revealrefusal (staff_id, refused_at DESC);

-- One row a person, locked while one reveal is decided: two at once never both take the last.
CREATE TABLE security_revealbudget (
    staff_id bigint PRIMARY KEY REFERENCES accounts_staff,
    asked bigint NOT NULL DEFAULT 0
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON security_reveal
    FOR EACH ROW EXECUTE FUNCTION core.deny();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON security_reveal
    FOR EACH STATEMENT EXECUTE FUNCTION core.deny();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON security_revealrefusal
    FOR EACH ROW EXECUTE FUNCTION core.deny();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON security_revealrefusal
    FOR EACH STATEMENT EXECUTE FUNCTION core.deny();
ALTER TABLE security_reveal ENABLE ALWAYS TRIGGER append_only, ENABLE ALWAYS TRIGGER never_truncated;
ALTER TABLE security_revealrefusal ENABLE ALWAYS TRIGGER append_only, ENABLE ALWAYS TRIGGER never_truncated;

-- What stands against it: nothing, or why. Waits for whoever is changing the ticket.
CREATE FUNCTION core.reveal_stands_against(p_staff bigint, p_customer bigint, p_ticket bigint) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, core, pg_temp AS $$
DECLARE
    v_requester bigint;
    v_assignee bigint;
    v_status text;
    v_is_spam boolean;
    v_hour integer;
    v_day integer;
BEGIN
    SELECT requester_id, assignee_id, status, is_spam INTO v_requester, v_assignee, v_status, v_is_spam
      FROM tickets_ticket WHERE id = p_ticket FOR SHARE;
    IF p_customer IS NULL OR v_requester IS DISTINCT FROM p_customer THEN
        RETURN 'foreign';
    END IF;
    IF v_assignee IS DISTINCT FROM p_staff THEN
        RETURN 'unassigned';
    END IF;
    IF v_is_spam OR v_status NOT IN ('new', 'open', 'pending', 'on_hold') THEN
        RETURN 'closed';
    END IF;
    SELECT count(*) FILTER (WHERE revealed_at > core.clock() - interval '1 hour'), count(*) INTO v_hour, v_day
      FROM security_reveal WHERE staff_id = p_staff AND revealed_at > core.clock() - interval '24 hours';
    RETURN CASE WHEN v_hour >= 5 THEN 'hour' WHEN v_day >= 25 THEN 'day' ELSE '' END;
END $$;

-- Decide, count and record one reveal; returns why not, or nothing. `p_address` is none for the account at the exchange.
CREATE FUNCTION core.reveal(
    p_public_id text, p_staff bigint, p_session bigint, p_ticket text, p_address bigint,
    p_reason text, p_words text, p_request_id text
) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
DECLARE
    v_staff text;
    v_ticket bigint;
    v_customer bigint;
    v_customer_public text;
    v_field text;
    v_why text;
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'a budget is read as it is now, not as it was' USING errcode = '42501';
    END IF;
    SELECT public_id INTO v_staff FROM accounts_staff WHERE id = p_staff AND is_active;
    IF v_staff IS NULL THEN
        RETURN 'foreign';
    END IF;
    INSERT INTO security_revealbudget (staff_id, asked) VALUES (p_staff, 1)
        ON CONFLICT (staff_id) DO UPDATE SET asked = security_revealbudget.asked + 1;
    SELECT id INTO v_ticket FROM tickets_ticket WHERE public_id = p_ticket;
    IF p_address IS NULL THEN
        v_field := 'account';
        SELECT account.customer_id INTO v_customer FROM accounts_exchangeaccount account
          JOIN tickets_ticket ticket ON ticket.requester_id = account.customer_id WHERE ticket.id = v_ticket;
    ELSE
        SELECT customer_id, kind INTO v_customer, v_field FROM accounts_customeraddress WHERE id = p_address;
    END IF;
    SELECT public_id INTO v_customer_public FROM accounts_customer WHERE id = v_customer;
    v_why := core.reveal_stands_against(p_staff, v_customer, v_ticket);
    IF v_why = '' THEN
        INSERT INTO security_reveal
            (public_id, staff_id, session_id, customer_id, ticket_id, field, address_id, reason, words)
        VALUES (p_public_id, p_staff, p_session, v_customer, v_ticket, v_field, p_address, p_reason, p_words);
        PERFORM core.audit_append('staff', v_staff, 'customer.revealed', 'customer', v_customer_public, ARRAY[v_field],
            jsonb_build_object('reveal', p_public_id, 'ticket', p_ticket, 'reason', p_reason), p_request_id);
    ELSE
        INSERT INTO security_revealrefusal (staff_id, customer_id, ticket_id, why)
        VALUES (p_staff, v_customer, v_ticket, v_why);
        PERFORM core.audit_append('staff', v_staff, 'customer.reveal_refused',
            CASE WHEN v_customer IS NULL THEN 'ticket' ELSE 'customer' END, coalesce(v_customer_public, p_ticket),
            CASE WHEN v_field IS NULL THEN '{}' ELSE ARRAY[v_field] END,
            jsonb_build_object('ticket', p_ticket, 'why', v_why), p_request_id);
    END IF;
    RETURN v_why;
END $$;

-- What was revealed: to whom asked, within a minute, and never in the transaction that spent from the budget, which
-- could be rolled back afterwards.
CREATE FUNCTION core.revealed_value(p_public_id text, p_staff bigint) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, core, pg_temp AS $$
DECLARE
    v_customer bigint;
    v_address bigint;
    v_spent_in xid8;
BEGIN
    SELECT customer_id, address_id, spent_in INTO v_customer, v_address, v_spent_in FROM security_reveal
     WHERE public_id = p_public_id AND staff_id = p_staff AND revealed_at > core.clock() - interval '1 minute';
    IF v_customer IS NULL OR v_spent_in = pg_current_xact_id_if_assigned()
       OR pg_xact_status(v_spent_in) IS DISTINCT FROM 'committed' THEN
        RETURN NULL;
    END IF;
    IF v_address IS NULL THEN
        RETURN (SELECT account_id FROM accounts_exchangeaccount WHERE customer_id = v_customer);
    END IF;
    RETURN (SELECT value FROM accounts_customeraddress WHERE id = v_address);
END $$;

REVOKE ALL ON FUNCTION core.reveal_stands_against, core.reveal, core.revealed_value FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.reveal, core.revealed_value TO pharos_app;
