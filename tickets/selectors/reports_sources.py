"""Where the figures of reports come from: one row for each thing that is counted, in plain SQL with a moment "as of".

Parameters: `start` and `until` (the period), `as_of` (nothing written down later counts), `zone`. Each source returns
`fact_id`, `ticket_id`, `at`, `figure` and columns of its own; what a case is asked for besides (team, priority, topic,
spam) is told by `reports_facts`.
"""

from dataclasses import dataclass

DONE = "('resolved', 'closed')"
# Merging closes a case and undoing it opens it again: nothing was resolved, and nobody came back.
BY_WORK = "message.event_data ->> 'why' IS DISTINCT FROM 'merged'"
RESOLVES = (
    f"message.event = 'status_changed' AND {BY_WORK} AND message.event_data ->> 'to' IN {DONE}"
    f" AND message.event_data ->> 'from' NOT IN {DONE}"
)
REOPENS = (
    f"message.event = 'status_changed' AND {BY_WORK} AND message.event_data ->> 'from' IN {DONE}"
    f" AND message.event_data ->> 'to' NOT IN {DONE}"
)
STANDS = "(said.withdrawn_at IS NULL OR said.withdrawn_at > %(as_of)s)"
# An answer of a person, and what a customer said themselves.
ANSWERS = f"said.kind = 'reply' AND said.sender_role = 'staff' AND NOT said.is_automatic AND {STANDS}"
ASKS = "said.kind = 'reply' AND said.sender_role IN ('requester', 'participant') AND NOT said.is_automatic"
# The newest resolutions of a period: enough for shares and averages, and read within seconds.
MOST_TOLD = 20_000


@dataclass(frozen=True, slots=True)
class Source:
    """Rows that are counted; those of promises say by themselves under which team, priority and policy they were."""

    sql: str
    is_promise: bool = False
    # Those of a state are told as of its moment, those of a period as of the report's.
    then: str = "as_of"
    columns: tuple[str, ...] = ()


# Kept counts unless it was taken back; what is missed stays missed.
DECIDED = """
SELECT step.id AS fact_id, step.ticket_id, step.at, step.what AS figure, step.metric, step.version_id, step.team_id,
       step.priority
  FROM tickets_slastep AS step
 WHERE step.what IN ('kept', 'missed') AND step.at >= %(start)s AND step.at < %(until)s
   AND step.recorded_at <= %(as_of)s
   AND (step.what = 'missed' OR (
        SELECT next.what FROM tickets_slastep AS next
         WHERE next.clock_id = step.clock_id AND next.id > step.id AND next.recorded_at <= %(as_of)s
           AND next.what IN ('kept', 'late', 'ended', 'undone')
         ORDER BY next.id LIMIT 1) IS DISTINCT FROM 'undone')
"""
# How the clocks stood that are open now, or were then.
RUNNING = """
SELECT last.id AS fact_id, last.ticket_id, last.at,
       CASE WHEN last.is_missed THEN 'overdue' ELSE 'running' END AS figure,
       last.metric, last.version_id, last.team_id, last.priority
  FROM (SELECT id FROM tickets_slaclock WHERE met_at IS NULL AND ended_at IS NULL
        UNION SELECT clock_id FROM tickets_slastep WHERE recorded_at > %(until)s) AS clock
 CROSS JOIN LATERAL (
        SELECT step.* FROM tickets_slastep AS step
         WHERE step.clock_id = clock.id AND step.recorded_at <= %(until)s
         ORDER BY step.recorded_at DESC, step.id DESC LIMIT 1) AS last
 WHERE NOT last.is_over
"""
OPENED = """
SELECT message.id AS fact_id, message.ticket_id, message.created_at AS at, 'opened' AS figure
  FROM tickets_message AS message
 WHERE message.seq = 1 AND message.created_at >= %(start)s AND message.created_at < %(until)s
"""
MOVED = f"""
SELECT message.id AS fact_id, message.ticket_id, message.created_at AS at,
       CASE WHEN message.event_data ->> 'to' IN {DONE} THEN 'resolved' ELSE 'reopened' END AS figure,
       extract(epoch FROM message.created_at - ticket.created_at)::float8 AS seconds
  FROM tickets_message AS message JOIN tickets_ticket AS ticket ON ticket.id = message.ticket_id
 WHERE message.event = 'status_changed' AND message.created_at >= %(start)s AND message.created_at < %(until)s
   AND (message.event_data ->> 'to' IN {DONE}) <> (message.event_data ->> 'from' IN {DONE}) AND {BY_WORK}
"""  # noqa: S608 -- constants of this module
# Cases that stood open at the end of the period; `was` undoes what happened to them since.
BACKLOG = """
SELECT ticket.id AS fact_id, ticket.id AS ticket_id, ticket.created_at AS at, 'backlog' AS figure,
       extract(epoch FROM %(until)s - ticket.created_at)::float8 AS seconds
  FROM tickets_ticket AS ticket LEFT JOIN was ON was.ticket_id = ticket.id
 WHERE (ticket.status IN ('new', 'open', 'pending', 'on_hold') OR ticket.id IN (SELECT ticket_id FROM was))
   AND ticket.created_at <= %(until)s
   AND coalesce(was.status, ticket.status) IN ('new', 'open', 'pending', 'on_hold')
"""
ANSWERED = f"""
SELECT opened.id AS fact_id, opened.ticket_id, answer.created_at AS at, 'answered' AS figure,
       extract(epoch FROM answer.created_at - asked.created_at)::float8 AS seconds
  FROM tickets_message AS opened
 CROSS JOIN LATERAL (SELECT said.seq, said.created_at FROM tickets_message AS said
        WHERE said.ticket_id = opened.ticket_id AND {ANSWERS} AND said.created_at <= %(as_of)s
        ORDER BY said.seq LIMIT 1) AS answer
 CROSS JOIN LATERAL (SELECT said.seq, said.created_at FROM tickets_message AS said
        WHERE said.ticket_id = opened.ticket_id AND {ASKS} ORDER BY said.seq LIMIT 1) AS asked
 WHERE opened.seq = 1 AND opened.created_at >= %(start)s AND opened.created_at < %(until)s AND asked.seq < answer.seq
"""  # noqa: S608 -- constants of this module
# The last resolution of each case in the period.
LAST = f"""
SELECT * FROM (
    SELECT DISTINCT ON (message.ticket_id) message.id, message.ticket_id, message.created_at, message.seq
      FROM tickets_message AS message
     WHERE {RESOLVES} AND message.created_at >= %(start)s AND message.created_at < %(until)s
     ORDER BY message.ticket_id, message.seq DESC) AS newest
"""  # noqa: S608 -- constants of this module
CONTACT = f"""
SELECT last.id AS fact_id, last.ticket_id, last.created_at AS at,
       CASE WHEN NOT EXISTS (SELECT FROM tickets_message AS message
                              WHERE message.ticket_id = last.ticket_id AND {REOPENS}
                                AND message.created_at <= %(as_of)s)
             AND NOT EXISTS (SELECT FROM tickets_ticket AS later
                              WHERE later.follow_up_of_id = last.ticket_id AND later.created_at <= %(as_of)s)
             AND (ticket.channel = 'chat'
                  OR (SELECT count(*) FROM tickets_message AS said
                       WHERE said.ticket_id = last.ticket_id AND said.seq < last.seq AND {ANSWERS}) <= 1)
            THEN 'first_contact' ELSE 'more_contacts' END AS figure
  FROM ({LAST}) AS last JOIN tickets_ticket AS ticket ON ticket.id = last.ticket_id
"""  # noqa: S608 -- constants of this module
# Each stretch of a case's life, from one thing that happened to the next, belongs to one of four; see docs/reports.md.
SPLIT = f"""
SELECT stretch.fact_id, stretch.ticket_id, stretch.ended_at AS at, 'split' AS figure,
       coalesce(sum(stretch.seconds) FILTER (WHERE stretch.whose = 'bot'), 0)::float8 AS bot,
       coalesce(sum(stretch.seconds) FILTER (WHERE stretch.whose = 'queue'), 0)::float8 AS queue,
       coalesce(sum(stretch.seconds) FILTER (WHERE stretch.whose = 'agent'), 0)::float8 AS agent,
       coalesce(sum(stretch.seconds) FILTER (WHERE stretch.whose = 'customer'), 0)::float8 AS customer
  FROM (
    SELECT filled.fact_id, filled.ticket_id, filled.ended_at,
           extract(epoch FROM lead(filled.at, 1, filled.ended_at) OVER line - filled.at) AS seconds,
           CASE WHEN filled.by_bot AND NOT filled.by_people THEN 'bot'
                WHEN filled.status IN {DONE} THEN NULL
                WHEN filled.status = 'pending' OR (filled.side = 'out' AND filled.status <> 'on_hold') THEN 'customer'
                WHEN filled.assignee = '' THEN 'queue' ELSE 'agent' END AS whose
      FROM (
        SELECT step.fact_id, step.ticket_id, step.ended_at, step.seq, step.at,
               coalesce((max(step.status) OVER line)[2], 'new') AS status,
               coalesce((max(step.assignee) OVER line)[2], '') AS assignee,
               coalesce((max(step.side) OVER line)[2], 'in') AS side,
               bool_or(step.is_bot) OVER (PARTITION BY step.fact_id) AS by_bot,
               bool_or(step.is_people) OVER line AS by_people
          FROM (
            SELECT last.id AS fact_id, last.ticket_id, last.created_at AS ended_at, said.seq, said.created_at AS at,
                   CASE WHEN said.event = 'status_changed'
                        THEN ARRAY[lpad(said.seq::text, 10, '0'), said.event_data ->> 'to'] END AS status,
                   CASE WHEN said.event = 'assignee_changed'
                        THEN ARRAY[lpad(said.seq::text, 10, '0'), coalesce(said.event_data ->> 'to', '')]
                   END AS assignee,
                   CASE WHEN {ASKS} THEN ARRAY[lpad(said.seq::text, 10, '0'), 'in']
                        WHEN {ANSWERS} THEN ARRAY[lpad(said.seq::text, 10, '0'), 'out'] END AS side,
                   said.sender_role = 'bot' AND {STANDS} AS is_bot,
                   ({ANSWERS}) OR said.event IN ('chat_bot_handed_over', 'chat_accepted', 'assignee_changed')
                       AS is_people
              FROM ({LAST} ORDER BY newest.created_at DESC, newest.id DESC LIMIT {MOST_TOLD}) AS last
              JOIN tickets_message AS said ON said.ticket_id = last.ticket_id AND said.seq < last.seq
          ) AS step
        WINDOW line AS (PARTITION BY step.fact_id ORDER BY step.seq)
      ) AS filled
    WINDOW line AS (PARTITION BY filled.fact_id ORDER BY filled.seq)
  ) AS stretch
 GROUP BY stretch.fact_id, stretch.ticket_id, stretch.ended_at
"""  # noqa: S608 -- constants of this module
# Tags that a case had as of the report: those it has, without what was put on since and with what was taken off.
TAGGED = """
SELECT message.id AS fact_id, message.ticket_id, message.created_at AS at, 'tagged' AS figure, tag.name AS tag
  FROM tickets_message AS message
 CROSS JOIN LATERAL (
    SELECT found.name
      FROM (SELECT tag.name, true AS has
              FROM tickets_tickettag AS tagged JOIN tickets_tag AS tag ON tag.id = tagged.tag_id
             WHERE tagged.ticket_id = message.ticket_id
             UNION ALL SELECT since.name, since.has FROM retagged AS since WHERE since.ticket_id = message.ticket_id
           ) AS found
     WHERE found.name <> ''
     GROUP BY found.name
    HAVING coalesce((SELECT since.has FROM retagged AS since
                      WHERE since.ticket_id = message.ticket_id AND since.name = found.name), true)) AS tag
 WHERE message.seq = 1 AND message.created_at >= %(start)s AND message.created_at < %(until)s
"""
RETAGGED = """
retagged AS MATERIALIZED (
    SELECT DISTINCT ON (message.ticket_id, named.name) message.ticket_id, named.name, named.has
      FROM tickets_message AS message
     CROSS JOIN LATERAL (
        SELECT name, false AS has FROM string_to_table(message.event_data ->> 'added', ',') AS name
         UNION ALL SELECT name, true FROM string_to_table(message.event_data ->> 'removed', ',') AS name) AS named
     WHERE message.event = 'tags_changed' AND message.created_at > %(as_of)s
     ORDER BY message.ticket_id, named.name, message.seq)
"""

_SPLIT = ("bot", "queue", "agent", "customer")
SOURCES: dict[str, Source] = {
    "kept": Source(DECIDED, is_promise=True),
    "missed": Source(DECIDED, is_promise=True),
    "running": Source(RUNNING, is_promise=True, then="until"),
    "overdue": Source(RUNNING, is_promise=True, then="until"),
    "opened": Source(OPENED),
    "resolved": Source(MOVED, columns=("seconds",)),
    "reopened": Source(MOVED, columns=("seconds",)),
    "backlog": Source(BACKLOG, then="until", columns=("seconds",)),
    "answered": Source(ANSWERED, columns=("seconds",)),
    "first_contact": Source(CONTACT),
    "more_contacts": Source(CONTACT),
    "split": Source(SPLIT, columns=_SPLIT),
    "tagged": Source(TAGGED, columns=("tag",)),
}
