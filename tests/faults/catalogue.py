"""Which faults there are, by the ids of docs/reliability.md: what is done, and what must come of it."""

from typing import NamedTuple

# Nothing of the product is imported here: the command line names faults before any settings are read.


class Fault(NamedTuple):
    """One line of the table; `module` (in this folder) has `run(ground) -> Result`."""

    module: str
    what: str
    expected: str
    # Measures seconds: run by `make faults` only, never by `make test`.
    is_timed: bool = False
    # Breaks stores that other tests share: gets a copy with its own.
    has_own_server: bool = False


# They run in this order. A new fault is one entry here and one module beside.
FAULTS = {
    "F1": Fault(
        "web_worker",
        "a web worker is killed 0 to 200 ms after a POST; the client asks again with its key",
        "lost 0, duplicated 0",
    ),
    "F2": Fault(
        "socket_server_killed",
        "the socket server is killed (-9) with 200 chats open, in the middle of messages; all come back at once",
        "no gap, nothing lost or doubled; p95 caught up within 3 s of its return",
    ),
    "F11": Fault(
        "hints_disordered",
        "in 200 chats of two tabs each, hints come late, twice, out of order or never, answers are old or lost; a quarter"
        " is offline for an hour",
        "the same transcript in every tab and in the database",
    ),
    "F12": Fault(
        "stalled_reader",
        "500 messages without a pause into one chat, whose reader stands still; 200 other chats beside",
        "the reader has all of them once it goes on, in order; the others notice nothing",
    ),
    "F3": Fault(
        "celery_child",
        "Celery children and the Celery parent are killed while mail is taken in and sent",
        "goes on within 60 s; mail once, or twice under one Message-ID; missed promises told once",
    ),
    "F29": Fault(
        "escalation_killed",
        "Celery children and parents are killed in the middle of steps of escalation that several sweep at once, while"
        " beat stands still",
        "every step once and in order, nobody told twice or not at all",
    ),
    "F7": Fault(
        "webhook_again",
        "the same webhook and the same keyed requests ten times at once, and again the next day and month",
        "one effect, the same answer",
    ),
    "F8": Fault(
        "same_mail",
        "the same mail twice; another under the same Message-ID; the same to two boxes",
        "one; two; one in each box, linked",
    ),
    "A7": Fault(
        "relay_flood",
        "a thousand anonymous mails in the names of a thousand victims (50 a round)",
        "every mail is a ticket, no victim gets a mail of ours",
    ),
    "B8": Fault(
        "blow_ups",
        "texts and HTML of a megabyte that are meant to be slow to read, mask and show",
        "less than 2 s each, bounded memory, every mail kept",
        is_timed=True,
    ),
    "E4": Fault(
        "enumeration",
        "sign-in, reset, invitation and API are asked 500 times about what is known and what is not",
        "the same answer; medians less than 5 ms apart",
        is_timed=True,
    ),
    "F9": Fault(
        "imap_cut",
        "the IMAP connection is cut at random bytes, UIDVALIDITY changes, UIDs go stale, the mail process is killed",
        "every mail exactly once, and flagged",
    ),
    "F10": Fault(
        "outgoing_server",
        "the outgoing server answers 4xx, 5xx, hangs after DATA, drops before and after its 250",
        "tried again with growing pauses; failures and bounces on the message; a second copy after a lost answer at most",
    ),
    "F16": Fault(
        "malformed",
        "34,000 mails, well-formed in every way and damaged in every way; 6,800 of them through the whole product",
        "0 crashes; raw bytes kept of all; 99 % of well-formed ones as they were meant; the rest before a reviewer",
    ),
    "F14": Fault(
        "disks_full",
        "the disk for files and the one for uploads on their way are full, 64 MB each; then PostgreSQL's, under load",
        "clear 507, no orphan row or file, mail waits, alarm, heals",
    ),
    "F22": Fault(
        "lost_machine",
        "a backup follows under load, is cut off at a random moment, and is restored on an empty machine",
        "lost: nothing older than 1 minute; back within 10 minutes, chain verified, files readable",
    ),
    "F27": Fault(
        "secret_missing",
        "a secret is missing, broken, rotated away or of another pair when a process starts",
        "it ends at once with one sentence that names the variable and what to do",
    ),
    "F28": Fault(
        "soak",
        "30 minutes at 5 times the demo's load, a random fault every minute",
        "lost 0; each process's memory at the end at most 1.1 times that of minutes 5 to 10",
    ),
    "F5": Fault(
        "postgres_away",
        "PostgreSQL is restarted at once (-m immediate) or its postmaster killed (-9) under load",
        "what was acknowledged is there; 503 with Retry-After meanwhile; heals by itself",
        has_own_server=True,
    ),
    "F6": Fault(
        "database_jammed",
        "all connections are taken by others; a lock is held on a ticket, on all tickets",
        "bounded wait, clear 503 with Retry-After, the rest goes on, heals by itself",
        has_own_server=True,
    ),
    "F20": Fault(
        "slow_clients",
        "500 half-open connections on the web, the socket and the mail server: silent, half a head, a dripping body",
        "everybody is served; p95 of normal users below twice what it was",
    ),
    "F21": Fault(
        "deploy",
        "every process is restarted one after the other while migrations run, under load",
        "0 failed acknowledged writes",
    ),
    "F13": Fault(
        "clock_moves",
        "the database's clock jumps ten minutes on and back, over a leap day and the turns of summer time",
        "no negative age, ends by the database's clock, order by number; missed promises told once",
    ),
    "F23": Fault(
        "ticket_races",
        "two agents reply, assign, resolve and merge at once on the same two tickets, while their customer writes; 10 races"
        " a round",
        "one state, told the same by rows and timelines; no text lost or doubled; whoever is too late is told why",
    ),
    "F24": Fault(
        "fund_races",
        "freeze against release, the same release four times at once, approval against the end of the customer's check;"
        " 12 races a round",
        "executed once at most, at the exchange too; never after a freeze, never on an old check",
    ),
    "F25": Fault(
        "proof_attempts",
        "wrong answers to a customer's check eight at once by callers who roll back; the verifier is killed between"
        " counting an answer and recording it",
        "five answers at most, each counted; no proof without an answer; a restarted verifier goes on",
    ),
    "F26": Fault(
        "audit_killed",
        "writers of the audit log are killed in their transactions and its sealer in its own; the anchors' place is away"
        " for an hour",
        "no fork, no gap, no half of a change; the anchors catch up; an alarm meanwhile",
    ),
    "F17": Fault(
        "bombs_by_mail",
        "zip, XML and pixel bombs, 10,000 parts, 1,000 levels, a header of 2 MB, by mail",
        "at most 5 s and 256 MB, a listed reason",
    ),
    "F18": Fault(
        "large_mail",
        "mails of 100 MB and 30 MB, many at once by SMTP and HTTP, while others write",
        "each process below 300 MB; stored, or refused with notice; others' mail within 10 s",
    ),
    "F19": Fault(
        "poison_mail",
        "the reader of certain mails is killed or stopped while it reads them",
        "three tries in an isolated child, put aside with the reason, other mail within 10 s",
    ),
    # The last one: the workers take a while to find their broker again.
    "F4": Fault(
        "redis_away",
        "Redis is killed, emptied, full or 2 s slow under load and 200 chats, while web workers and Celery children are"
        " killed too",
        "lost 0, no 500 on ticket writes, delay at most 60 s, and a lease more for what a killed child held;"
        " missed promises told once",
    ),
}
ROUNDS = 20
CHOSEN_NAME = "PHAROS_FAULTS"
ROUNDS_NAME = "PHAROS_FAULT_ROUNDS"
SEED_NAME = "PHAROS_FAULT_SEED"
FOLDER_NAME = "PHAROS_FAULTS_DIR"
