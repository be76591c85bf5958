"""The bulk loader: many believable tickets in seconds, under every constraint of the schema.

Rows are made by the server itself. They have no audit entries: the chain is a log of acts, and nobody acted.
"""

from typing import Any

import psycopg
from psycopg import sql

# Opaque ids as core.ids makes them: 20 characters of lower-case base32, here from a hash.
PUBLIC_ID = "substr(translate(md5(random()::text || {key}), '0189', 'ghij'), 1, 20)"
SENDERS_SHARE = 3
TEAMS, TAGS = 4, 12

GROUND = """
INSERT INTO accounts_team (public_id, name, slug, is_restricted)
SELECT {pid:i}, 'Load team ' || i, 'load-' || i, false FROM generate_series(1, {teams}) i;
INSERT INTO tickets_tag (name) SELECT 'load-' || i FROM generate_series(1, {tags}) i;
INSERT INTO accounts_customer (public_id, name, locale, time_zone)
SELECT {pid:i}, 'Customer ' || i, '', '' FROM generate_series(1, {customers}) i;
INSERT INTO accounts_customeraddress (customer_id, kind, value, proof, proven_at, is_bouncing)
SELECT id, 'email', 'load' || row_number() OVER (ORDER BY id) || '@example.com', 'dkim', core.clock(), false
  FROM accounts_customer WHERE name LIKE 'Customer %';
"""
TICKETS = """
INSERT INTO tickets_ticket (
    public_id, subject, status, priority, channel, requester_id, requester_address, is_requester_proven, assignee_id,
    team_id, mailbox_id, language, is_spam, version, last_seq, last_public_seq, last_line, last_direction, created_at,
    updated_at, resolved_at)
SELECT {pid:i}, 'Withdrawal ' || i || ' is still pending after two days', s.status,
       (ARRAY['low', 'normal', 'normal', 'normal', 'high', 'urgent'])[1 + i % 6], 'email', a.customer_id, a.value, true,
       CASE WHEN s.status <> 'new' THEN p.staff[1 + i % array_length(p.staff, 1)] END,
       CASE WHEN i % 5 = 0 THEN NULL ELSE p.teams[1 + i % array_length(p.teams, 1)] END,
       {mailbox}, (ARRAY['en', 'en', 'en', 'zh-hans', 'es'])[1 + i % 5], i % 97 = 0, 2, 2, 2,
       'We have looked into it and your withdrawal is on its way.', CASE WHEN i % 3 = 0 THEN 'in' ELSE 'out' END,
       core.clock() - make_interval(secs => ({tickets} - i) * 60 + 30),
       core.clock() - make_interval(secs => ({tickets} - i) * 60),
       CASE WHEN s.status IN ('resolved', 'closed') THEN core.clock() END
  FROM generate_series(1, {tickets}) i
  CROSS JOIN LATERAL (SELECT CASE
       WHEN i % 100 < 3 THEN 'new' WHEN i % 100 < 8 THEN 'open' WHEN i % 100 < 12 THEN 'pending'
       WHEN i % 100 < 13 THEN 'on_hold' WHEN i % 100 < 20 THEN 'resolved' ELSE 'closed' END AS status) s
  CROSS JOIN (SELECT array(SELECT id FROM accounts_staff ORDER BY id) AS staff,
                     array(SELECT id FROM accounts_team WHERE slug LIKE 'load-%' ORDER BY id) AS teams) p
  JOIN (SELECT customer_id, value, row_number() OVER (ORDER BY id) - 1 AS place FROM accounts_customeraddress) a
    ON a.place = i % {customers};
INSERT INTO tickets_tickettag (ticket_id, tag_id)
SELECT t.id, g.id FROM tickets_ticket t
  JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM tickets_tag) g ON g.place = t.id % ({tags} * 2);
"""
MESSAGES = """
INSERT INTO tickets_message (
    public_id, ticket_id, seq, public_seq, kind, direction, channel, staff_id, customer_id, sender_role, sender_name,
    sender_address, reply_to_address, is_sender_proven, proof, is_automatic, text, quoted_text, html, language,
    redactions, event, event_data, client_key, message_id_header, in_reply_to_header, created_at)
SELECT {pid:t.id}, t.id, n, n, 'reply', CASE n WHEN 1 THEN 'in' ELSE 'out' END, 'email',
       CASE n WHEN 2 THEN coalesce(t.assignee_id, (SELECT min(id) FROM accounts_staff)) END,
       CASE n WHEN 1 THEN t.requester_id END, CASE n WHEN 1 THEN 'requester' ELSE 'staff' END, 'Kim',
       CASE n WHEN 1 THEN t.requester_address ELSE '' END, '', true, CASE n WHEN 1 THEN 'dkim' ELSE 'session' END,
       false, repeat('I have waited for two days and nothing has arrived yet. ', 4), '', '', t.language, '[]', '',
       '{{}}', '',
       '<load-' || t.id || '-' || n || '@example.com>', '', t.created_at + make_interval(secs => n * 10)
  FROM tickets_ticket t CROSS JOIN generate_series(1, 2) n;
INSERT INTO tickets_outboundmail (
    message_id, mailbox_id, to_address, cc_addresses, message_id_header, in_reply_to_header, references_header,
    includes_history, is_automatic, state, detail, is_reported, attempts, last_error, next_attempt_at, created_at,
    sent_at)
SELECT m.id, {mailbox}, t.requester_address, '{{}}', m.message_id_header, '', '', true, false, 'sent', '', true, 1, '',
       m.created_at, m.created_at, m.created_at
  FROM tickets_message m JOIN tickets_ticket t ON t.id = m.ticket_id WHERE m.direction = 'out';
INSERT INTO tickets_inboundmail (
    public_id, mailbox_id, source, is_from_trusted_mx, identity, envelope_from, envelope_to, raw, size, state, attempts,
    last_error, reason, explanation, preview, ticket_id, message_id, handled_at, received_at)
SELECT {pid:m.id}, {mailbox}, 'smtp', true, md5(m.id::text) || md5('x' || m.id), m.sender_address,
       'support@pharos.test', convert_to(repeat(md5(m.id::text), 30), 'UTF8'), 960, 'processed', 1, '', '', '', '',
       m.ticket_id, m.id, m.created_at, m.created_at
  FROM tickets_message m WHERE m.direction = 'in';
"""


def fill(owner: "psycopg.Connection[Any]", tickets: int) -> None:
    """Make `tickets` tickets of two messages each, with people, tags, outgoing and incoming mail; then analyse."""
    mailbox = _mailbox(owner)
    _staff(owner)
    counts = {"tickets": tickets, "customers": max(1, tickets // SENDERS_SHARE), "teams": TEAMS, "tags": TAGS}
    for script in (GROUND, TICKETS, MESSAGES):
        owner.execute(_statement(script, mailbox=mailbox, **counts))
    owner.execute("ANALYZE")


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
