"""The bulk loader: many believable tickets in seconds, under every constraint of the schema.

Rows are made by the server itself. They have no audit entries: the chain is a log of acts, and nobody acted.
"""

from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql

# Opaque ids as core.ids makes them: 20 characters of lower-case base32, here from a hash.
PUBLIC_ID = "substr(translate(md5(random()::text || {key}), '0189', 'ghij'), 1, 20)"
SENDERS_SHARE = 3
TEAMS, TAGS = 4, 12
# Each batch commits by itself: progress can be shown, and a million tickets need no transaction of gigabytes.
BATCH = 10_000

GROUND = """
INSERT INTO accounts_team (public_id, name, slug, is_restricted)
SELECT {pid:i}, 'Load team ' || i, 'load-' || i, false FROM generate_series(1, {teams}) i ON CONFLICT DO NOTHING;
INSERT INTO tickets_tag (name) SELECT 'load-' || i FROM generate_series(1, {tags}) i ON CONFLICT DO NOTHING;
CREATE TEMPORARY TABLE load_customer (customer_id bigint, value text, place bigint PRIMARY KEY);
CREATE TEMPORARY TABLE load_ticket (LIKE tickets_ticket);
CREATE TEMPORARY TABLE load_message (
    id bigint, ticket_id bigint, kind text, direction text, sender_address text, message_id_header text,
    created_at timestamptz);
WITH made AS (
    INSERT INTO accounts_customer (public_id, name, locale, time_zone)
    SELECT {pid:i}, n.first[1 + i % 12] || ' ' || n.last[1 + i / 12 % 12], '', ''
      FROM generate_series(1, {customers}) i CROSS JOIN (SELECT
           '{{Kim,Ana,Jonas,Mina,Tomás,Lena,Omar,Yuki,Ivan,Sofia,Wei,Maya}}'::text[] AS first,
           '{{Park,Silva,Berg,Novak,Reyes,Haas,Said,Mori,Petrov,Costa,Lin,Cohen}}'::text[] AS last) n
    RETURNING id)
INSERT INTO load_customer
SELECT id, 'load' || id || '@example.com', row_number() OVER (ORDER BY id) - 1 FROM made;
ANALYZE load_customer;
INSERT INTO accounts_customeraddress (customer_id, kind, value, proof, proven_at, is_bouncing)
SELECT customer_id, 'email', value, 'dkim', core.clock(), false FROM load_customer;
"""
# Every fourth case with three messages or more has a note among them: its place is the third.
TICKETS = """
WITH made AS (
    INSERT INTO tickets_ticket (
        public_id, subject, status, priority, channel, requester_id, requester_address, is_requester_proven,
        assignee_id, team_id, mailbox_id, language, is_spam, version, last_seq, last_public_seq, last_line,
        last_direction, created_at, updated_at, resolved_at)
    SELECT {pid:i},
           (ARRAY['Withdrawal ' || i || ' is still pending after two days', 'I cannot sign in since this morning',
                  'Where is deposit ' || i || '?', 'Please close my account', 'Wrong fee on order ' || i,
                  'My second factor is on a lost phone', 'How long does verification take?'])[1 + i % 7],
           s.status, (ARRAY['low', 'normal', 'normal', 'normal', 'high', 'urgent'])[1 + i % 6], 'email',
           a.customer_id, a.value, true, CASE WHEN s.status <> 'new' THEN p.staff[1 + i % array_length(p.staff, 1)] END,
           CASE WHEN i % 5 = 0 THEN NULL ELSE p.teams[1 + i % array_length(p.teams, 1)] END,
           {mailbox}, (ARRAY['en', 'en', 'en', 'zh-hans', 'es'])[1 + i % 5], i % 97 = 0, c.messages, c.messages,
           c.messages - c.notes,
           CASE WHEN (c.messages - c.notes) % 2 = 1 THEN 'I have waited for two days and nothing has arrived yet.'
                ELSE 'We have looked into it and your withdrawal is on its way.' END,
           CASE WHEN (c.messages - c.notes) % 2 = 1 THEN 'in' ELSE 'out' END,
           t.updated_at - make_interval(hours => c.messages), t.updated_at,
           CASE WHEN s.status IN ('resolved', 'closed') THEN t.updated_at END
      FROM generate_series({first}, {last}) i
      CROSS JOIN LATERAL (SELECT CASE
           WHEN i % 100 < 3 THEN 'new' WHEN i % 100 < 8 THEN 'open' WHEN i % 100 < 12 THEN 'pending'
           WHEN i % 100 < 13 THEN 'on_hold' WHEN i % 100 < 20 THEN 'resolved' ELSE 'closed' END AS status) s
      CROSS JOIN LATERAL (SELECT CASE WHEN s.status = 'new' THEN 1
           ELSE (ARRAY[2, 2, 2, 2, 3, 3, 4, 5, 6, 10])[1 + i / 7 % 10] END AS messages) m
      CROSS JOIN LATERAL (SELECT m.messages, CASE WHEN m.messages > 2 AND i % 4 = 0 THEN 1 ELSE 0 END AS notes) c
      CROSS JOIN LATERAL (SELECT core.clock() - make_interval(secs => ({tickets} - i) * 60) AS updated_at) t
      CROSS JOIN (SELECT array(SELECT id FROM accounts_staff ORDER BY id) AS staff,
                         array(SELECT id FROM accounts_team WHERE slug LIKE 'load-%' ORDER BY id) AS teams) p
      JOIN load_customer a ON a.place = i % {customers}
    RETURNING *)
INSERT INTO load_ticket SELECT * FROM made;
ANALYZE load_ticket;
INSERT INTO tickets_tickettag (ticket_id, tag_id)
SELECT t.id, g.id FROM load_ticket t
  JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM tickets_tag WHERE name LIKE 'load-%') g
    ON g.place = t.id % ({tags} * 2);
"""
MESSAGES = """
WITH made AS (
    INSERT INTO tickets_message (
        public_id, ticket_id, seq, public_seq, kind, direction, channel, staff_id, customer_id, sender_role,
        sender_name, sender_address, reply_to_address, is_sender_proven, proof, is_automatic, text, quoted_text,
        html, language, redactions, event, event_data, client_key, message_id_header, in_reply_to_header, created_at)
    SELECT {pid:t.id}, t.id, n, CASE WHEN w.is_note THEN NULL WHEN n > 3 THEN n - w.notes ELSE n END,
           CASE WHEN w.is_note THEN 'note' ELSE 'reply' END, CASE WHEN w.is_in THEN 'in' ELSE 'out' END, 'email',
           CASE WHEN NOT w.is_in THEN coalesce(t.assignee_id, (SELECT min(id) FROM accounts_staff)) END,
           CASE WHEN w.is_in THEN t.requester_id END, CASE WHEN w.is_in THEN 'requester' ELSE 'staff' END,
           coalesce(CASE WHEN w.is_in THEN u.name END, ''), CASE WHEN w.is_in THEN t.requester_address ELSE '' END, '',
           true, CASE WHEN w.is_in THEN 'dkim' ELSE 'session' END, false,
           CASE WHEN w.is_note THEN 'The transaction is confirmed; payments has it.'
                ELSE repeat('I have waited for two days and nothing has arrived yet. ', 2 + (t.id + n)::int % 5) END,
           '', '', t.language, '[]', '', '{{}}', '',
           CASE WHEN w.is_note THEN '' ELSE '<load-' || t.id || '-' || n || '@example.com>' END, '',
           t.created_at + make_interval(mins => 50 * (n - 1))
      FROM load_ticket t JOIN accounts_customer u ON u.id = t.requester_id
      CROSS JOIN LATERAL generate_series(1, t.last_seq) n
      CROSS JOIN LATERAL (SELECT t.last_seq - t.last_public_seq AS notes) k
      CROSS JOIN LATERAL (SELECT k.notes, k.notes = 1 AND n = 3 AS is_note,
           NOT (k.notes = 1 AND n = 3) AND (n - CASE WHEN n > 3 THEN k.notes ELSE 0 END) % 2 = 1 AS is_in) w
    RETURNING id, ticket_id, kind, direction, sender_address, message_id_header, created_at)
INSERT INTO load_message SELECT * FROM made;
ANALYZE load_message;
INSERT INTO tickets_outboundmail (
    message_id, mailbox_id, to_address, cc_addresses, message_id_header, in_reply_to_header, references_header,
    includes_history, is_automatic, state, detail, is_reported, attempts, last_error, next_attempt_at, created_at,
    sent_at)
SELECT m.id, {mailbox}, t.requester_address, '{{}}', m.message_id_header, '', '', true, false, 'sent', '', true, 1, '',
       m.created_at, m.created_at, m.created_at
  FROM load_message m JOIN load_ticket t ON t.id = m.ticket_id WHERE m.direction = 'out' AND m.kind = 'reply';
INSERT INTO tickets_inboundmail (
    public_id, mailbox_id, source, is_from_trusted_mx, identity, envelope_from, envelope_to, raw, size, state, attempts,
    last_error, reason, explanation, preview, ticket_id, message_id, handled_at, received_at)
SELECT {pid:m.id}, {mailbox}, 'smtp', true, md5(m.id::text) || md5('x' || m.id), m.sender_address,
       'support@pharos.test', convert_to(repeat(md5(m.id::text), 30), 'UTF8'), 960, 'processed', 1, '', '', '', '',
       m.ticket_id, m.id, m.created_at, m.created_at
  FROM load_message m WHERE m.direction = 'in';
"""


def fill(
    owner: "psycopg.Connection[Any]", tickets: int, *, batch: int = BATCH, say: Callable[[str], object] = len
) -> None:
    """Make tickets with messages, notes, people, tags and mail of both directions; then analyse.

    `owner` commits each statement. Only the wait for the disk is left out: a power cut may take the last
    batch with it. Every index and constraint is in force all the time. `say` is told after each batch.
    """
    mailbox = _mailbox(owner)
    _staff(owner)
    numbers = {"tickets": tickets, "customers": max(1, tickets // SENDERS_SHARE), "teams": TEAMS, "tags": TAGS}
    numbers["mailbox"] = mailbox
    owner.execute("SET synchronous_commit = off")
    try:
        owner.execute(_statement(GROUND, **numbers))
        for first in range(1, tickets + 1, batch):
            last = min(first + batch - 1, tickets)
            for script in (TICKETS, MESSAGES):
                owner.execute(_statement(script, first=first, last=last, **numbers))
            owner.execute("TRUNCATE load_ticket, load_message")
            say(f"{last:,} of {tickets:,} tickets")
    finally:
        _drop(owner, "load_ticket", "load_message", "load_customer")
        owner.execute("RESET synchronous_commit")
    # What autovacuum has done to rows of some age: statistics, and the map of pages that every transaction sees.
    owner.execute("VACUUM (ANALYZE)")


def _drop(owner: "psycopg.Connection[Any]", *tables: str) -> None:
    for table in tables:
        owner.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier("pg_temp", table)))


def _statement(script: str, **numbers: int) -> sql.SQL:
    """Fill in numbers of ours and the id expression; there is no outside input here."""

    class Key:
        def __format__(self, key: str) -> str:
            return PUBLIC_ID.format(key=key)

    return sql.SQL(script.format(pid=Key(), **numbers))


def _mailbox(owner: "psycopg.Connection[Any]") -> int:
    found = owner.execute("SELECT id FROM tickets_mailbox WHERE slug = 'support'").fetchone()
    if found is None:
        message = "The mailbox `support` has to be there before tickets are loaded."
        raise LookupError(message)
    return int(found[0])


def _staff(owner: "psycopg.Connection[Any]") -> None:
    found = owner.execute("SELECT count(*) FROM accounts_staff").fetchone()
    if found is None or not found[0]:
        message = "At least one staff member has to be there before tickets are loaded."
        raise LookupError(message)
