"""Tells one case: from a scenario, a customer and a moment to a ticket with its whole timeline."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from helpdesk.demo import letters, rhythm, voice
from helpdesk.demo.cast import STAFF
from helpdesk.demo.documents import attach
from helpdesk.demo.script import Scenario, Turn, Variant
from helpdesk.demo.slots import fill_values
from helpdesk.demo.world import DemoCustomer, DemoDelivery, DemoMessage, DemoParticipant, DemoStaff, DemoTicket

_CHANNELS = {"phone": "phone", "handle": "social"}
_AUTO_CLOSE = timedelta(days=8)
_STAFF = {person.key: person for person in STAFF}
_BOUNCES = (
    "550 5.1.1 The email account that you tried to reach does not exist",
    "552 5.2.2 Mailbox full",
    "550 5.7.1 Message refused by the recipient's policy",
)
_FAILURES = (
    "421 4.7.0 Try again later; gave up after 5 attempts in 24 hours",
    "Connection refused by mail.example.com:25; gave up after 5 attempts",
)
_CALL = {"en": "Phone call, {m} min {s} s, transcript:", "zh": "电话 {m} 分 {s} 秒，语音转写："}
_STRANGERS = (("Daniel R.", "d.r.brother@webmail.test"), ("R. Consulting", "office@consulting.example.net"))


@dataclass(frozen=True, slots=True)
class Casting:
    """What one telling starts from; `subject` and `opener` are indexes into the scenario's variants."""

    scenario: Scenario
    customer: DemoCustomer
    assignee: DemoStaff
    mailbox: str
    mailbox_address: str
    subject: int
    opener: int
    at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class _Beat:
    """One turn that has happened."""

    turn: Turn
    at: datetime


class _Telling:
    """One case while it is told."""

    def __init__(self, casting: Casting, random: Random) -> None:
        self.casting = casting
        self.random = random
        # A web form proves nobody, so a known customer never comes by it.
        by_form = not casting.customer.is_proven and random.random() < 0.5
        self.channel = _CHANNELS.get(casting.customer.kind, "web" if by_form else "email")
        self.priority = random.choice(casting.scenario.priorities)
        self.slots = self._slots()
        self.messages: list[DemoMessage] = []
        self.participants: list[DemoParticipant] = []

    def _slots(self) -> dict[str, str]:
        casting, scenario = self.casting, self.casting.scenario
        values = fill_values(
            self.random, topic=scenario.topic, assets=scenario.assets, language=scenario.language, at=casting.at
        )
        name = casting.customer.name
        first = name.split()[-1 if scenario.language == "vi" else 0] if name else ""
        people = {"name": name, "first": first, "agent": casting.assignee.first_name, "lead": _STAFF["lead"].first_name}
        return values | people | {"country": casting.customer.country}

    @property
    def language(self) -> str:
        return self.casting.scenario.language

    def fill(self, template: str) -> str:
        return voice.fill(template, self.slots, self.random)

    # ------------------------------------------------------------- the beats
    def beats(self) -> list[_Beat]:
        """Return the turns that have happened by now; quiet customers and slow answers cut the script short."""
        found: list[_Beat] = []
        at = self.casting.at
        for turn in self.casting.scenario.turns:
            if found:
                at += turn.wait or self._wait(
                    found[-1].turn.speaker, turn.speaker, answered=any(b.turn.speaker in "AL" for b in found)
                )
            if at > self.casting.now - timedelta(seconds=40):
                break
            found.append(_Beat(turn, at))
        return self._cut(found)

    def _wait(self, before: str, speaker: str, *, answered: bool) -> timedelta:
        if before == "H":
            return rhythm.hold_wait(self.random)
        if speaker in "CX":
            return rhythm.customer_wait(self.random)
        if not answered and speaker in "ALNMH":
            return rhythm.first_response(self.random, self.priority)
        return rhythm.staff_wait(self.random, is_note=speaker in "NMH")

    def _cut(self, beats: list[_Beat]) -> list[_Beat]:
        """End some cases early. Old ones end with our word only: nobody leaves a customer waiting for weeks."""
        age = self.casting.now - self.casting.at
        holds = [place for place, beat in enumerate(beats) if beat.turn.speaker == "H"]
        if holds and age < timedelta(days=12) and self.random.random() < 0.75:
            return beats[: holds[-1] + 1]
        chance = 0.7 if age < timedelta(days=4) else 0.5 if age < timedelta(days=10) else 0.09
        if len(beats) < 2 or self.random.random() > chance:
            return beats
        if age > timedelta(days=9):
            ends = [place for place, beat in enumerate(beats) if beat.turn.speaker in "ALH" and place > 0]
        else:
            ends = [place for place, _ in enumerate(beats[:-1]) if place > 0 or age < timedelta(hours=40)]
        return beats[: self.random.choice(ends) + 1] if ends else beats

    # ---------------------------------------------------------- the messages
    def say(self, beat: _Beat) -> None:
        """Append what one beat says."""
        speaker = beat.turn.speaker
        variant = self._variant(beat.turn)
        if speaker in "CX":
            self._customer(variant, beat.at, is_stranger=speaker == "X")
        elif speaker in "AL":
            self._reply(variant, beat.at, self.casting.assignee if speaker == "A" else _STAFF["lead"])
        else:
            person = _STAFF["lead"] if speaker == "M" else self.casting.assignee
            text = self.fill(variant.text)
            self.messages.append(DemoMessage("note", "out", "staff", beat.at, self.channel, text, staff=person.key))
            if speaker == "H":
                self.event(beat.at + timedelta(seconds=4), "status_changed", person.key, to="on_hold")

    def _variant(self, turn: Turn) -> Variant:
        if turn.follows_opener or not self.messages:
            return turn.variants[self.casting.opener % len(turn.variants)]
        return self.random.choice(turn.variants)

    def _customer(self, variant: Variant, at: datetime, *, is_stranger: bool) -> None:
        is_first = not any(message.kind == "reply" for message in self.messages)
        customer = self.casting.customer
        text = self._words(variant, is_first=is_first, plain=is_stranger)
        files = [attach(kind, self.slots, self.random, at) for kind in variant.files]
        inline = [attach(kind, self.slots, self.random, at, inline=self.channel == "email") for kind in variant.inline]
        quoted = self._quotation(variant, is_first=is_first or is_stranger)
        html = ""
        if variant.forward:
            text, html = letters.forwarded_bait(text, self.slots, self.language, self.random, at - timedelta(hours=3))
        elif self.channel == "email" and "secret" not in variant.flags and (inline or self.random.random() < 0.45):
            html = letters.page(text, self.random, pictures=tuple(file.content_id for file in inline), quoted=quoted)
        name, address, proof, role = customer.name, customer.address, customer.proof, "requester"
        if is_stranger:
            name, address = self.random.choice(_STRANGERS)
            proof, role = "", "third_party"
            self.participants.append(DemoParticipant(address, name, "third_party", is_proven=False))
        self.messages.append(
            DemoMessage(
                "reply", "in", role, at, self.channel, text,
                html=html,
                quoted_text=quoted,
                sender_name=name,
                sender_address=address,
                proof=proof,
                has_secret="secret" in variant.flags,
                files=(*files, *inline),
            )
        )  # fmt: skip

    def _words(self, variant: Variant, *, is_first: bool, plain: bool) -> str:
        body = self.fill(voice.hasty(variant.text, self.language, self.random))
        if plain or "raw" in variant.flags or self.channel == "social":
            return body
        if self.channel == "phone":
            length = {"m": self.random.randint(1, 9), "s": self.random.randint(10, 59)}
            return (_CALL.get(self.language, _CALL["en"]).format(**length) + "\n\n" + body) if is_first else body
        return voice.customer_says(body, self.slots, self.language, self.random, is_first=is_first)

    def _quotation(self, variant: Variant, *, is_first: bool) -> str:
        earlier = [message for message in self.messages if message.kind == "reply" and message.direction == "out"]
        wanted = "quote" in variant.flags or self.random.random() < 0.35
        if is_first or not earlier or not wanted or self.channel != "email":
            return ""
        return letters.quotation(earlier[-1].text, earlier[-1].at, self.language, self.casting.mailbox_address)

    def _reply(self, variant: Variant, at: datetime, person: DemoStaff) -> None:
        answered = any(message.kind == "reply" and message.direction == "out" for message in self.messages)
        slots = self.slots | {"agent": person.first_name}
        text = voice.agent_says(self.fill(variant.text), slots, self.language, self.random, is_first=not answered)
        if not answered:
            self._assignment(at)
        channel = "social" if self.channel == "social" else self.channel if self.channel == "phone" else "email"
        files = tuple(attach(kind, self.slots, self.random, at) for kind in variant.files)
        delivery = DemoDelivery("sent") if channel == "email" else None
        self.messages.append(
            DemoMessage("reply", "out", "staff", at, channel, text, staff=person.key, files=files, delivery=delivery)
        )
        if channel == "email" and self.random.random() < 0.04 and voice.answers_automatically(self.language):
            self._away(at + timedelta(seconds=self.random.randint(20, 90)))

    def _away(self, at: datetime) -> None:
        customer = self.casting.customer
        if at < self.casting.now:
            self.messages.append(
                DemoMessage(
                    "reply", "in", "requester", at, "email", voice.away(self.slots, self.language),
                    sender_name=customer.name,
                    sender_address=customer.address,
                    proof=customer.proof,
                    is_automatic=True,
                )
            )  # fmt: skip

    def _assignment(self, at: datetime) -> None:
        before = max(self.messages[-1].at + timedelta(seconds=1), at - timedelta(minutes=self.random.randint(2, 12)))
        key = self.casting.assignee.key
        if self.priority in {"high", "urgent"} and self.random.random() < 0.4:
            self.event(before, "priority_changed", key, **{"from": "normal", "to": self.priority})
        self.event(before, "assignee_changed", key, to=key)

    def event(self, at: datetime, name: str, staff: str, **data: str) -> None:
        """Append something done; without `staff` the system did it."""
        role = "staff" if staff else "system"
        self.messages.append(
            DemoMessage("event", "out", role, at, self.channel, staff=staff, event=name, event_data=tuple(data.items()))
        )


def tell(casting: Casting, random: Random) -> DemoTicket:
    """Return the case as it stands at `casting.now`."""
    telling = _Telling(casting, random)
    beats = telling.beats()
    for beat in beats:
        telling.say(beat)
    if not any(message.event == "assignee_changed" for message in telling.messages) and _is_taken(
        casting, random, beats
    ):
        telling.event(
            telling.messages[-1].at + timedelta(seconds=30),
            "assignee_changed",
            casting.assignee.key,
            to=casting.assignee.key,
        )
    status, resolved_at = _outcome(telling, beats)
    _spoil_delivery(telling, status)
    scenario = casting.scenario
    assignee = casting.assignee.key if any(message.event == "assignee_changed" for message in telling.messages) else ""
    if status == "new" and assignee:
        status = "open"
    if scenario.team == "vip" and casting.customer.kind == "email":
        copy = f"finance@{casting.customer.address.partition('@')[2]}"
        telling.participants.append(DemoParticipant(copy, "Finance", "cc", is_proven=True))
    messages = _ordered(telling.messages)
    return DemoTicket(
        scenario=f"{scenario.language}.{scenario.key}",
        subject=telling.fill(scenario.subjects[casting.subject % len(scenario.subjects)]),
        status=status,
        priority=telling.priority,
        channel=telling.channel,
        language=scenario.language,
        topic=scenario.topic,
        requester=casting.customer.key,
        mailbox=casting.mailbox,
        team=scenario.team,
        assignee=assignee,
        tags=tuple(dict.fromkeys(telling.fill(tag).lower().replace("/", "-") for tag in scenario.tags)),
        created_at=casting.at,
        updated_at=messages[-1].at,
        resolved_at=resolved_at,
        is_spam="spam" in scenario.tags,
        messages=messages,
        participants=tuple({one.address: one for one in telling.participants}.values()),
    )


def _is_taken(casting: Casting, random: Random, beats: list[_Beat]) -> bool:
    """Whether somebody has the case although nobody has answered: notes need an author, and some take before they read."""
    if any(beat.turn.speaker in "NMH" for beat in beats):
        return True
    waited = casting.now - beats[-1].at
    return waited > timedelta(hours=30) or (waited > timedelta(minutes=25) and random.random() < 0.3)


def _outcome(telling: _Telling, beats: list[_Beat]) -> tuple[str, datetime | None]:
    """Return (status, when resolved), adding the events that led there."""
    casting = telling.casting
    last = beats[-1]
    is_complete = len(beats) == len(casting.scenario.turns)
    answered = any(beat.turn.speaker in "AL" for beat in beats)
    if "spam" in casting.scenario.tags:
        return "new", None
    if last.turn.speaker == "H" and casting.now - last.at < timedelta(days=12):
        return "on_hold", None
    silent = casting.now - last.at > timedelta(days=7)
    if answered and (is_complete or silent or last.turn.speaker == "H"):
        wait = timedelta(days=7) if not is_complete else timedelta(minutes=telling.random.randint(2, 190))
        return _resolve(telling, last.at + wait, by_staff=is_complete)
    if not answered:
        return "new", None
    return ("pending" if last.turn.speaker in "AL" else "open"), None


def _resolve(telling: _Telling, at: datetime, *, by_staff: bool) -> tuple[str, datetime | None]:
    casting = telling.casting
    at = max(at, telling.messages[-1].at + timedelta(seconds=2))
    if at > casting.now:
        return ("pending" if telling.messages[-1].direction == "out" else "open"), None
    telling.event(at, "status_changed", casting.assignee.key if by_staff else "", to="resolved")
    if casting.now - at > _AUTO_CLOSE:
        telling.event(at + _AUTO_CLOSE, "status_changed", "", to="closed")
        return "closed", at
    return "resolved", at


def _spoil_delivery(telling: _Telling, status: str) -> None:
    """Let some last replies bounce or fail: the customers who then stay silent."""
    last = telling.messages[-1]
    if status != "pending" or last.delivery is None or telling.random.random() > 0.22:
        return
    bounced = telling.random.random() < 0.6
    detail = telling.random.choice(_BOUNCES if bounced else _FAILURES)
    telling.messages[-1] = replace(last, delivery=DemoDelivery("bounced" if bounced else "failed", detail))
    at = last.at + (timedelta(seconds=95) if bounced else timedelta(hours=24))
    if at < telling.casting.now:
        telling.event(at, "mail_bounced" if bounced else "mail_failed", "")


def _ordered(messages: list[DemoMessage]) -> tuple[DemoMessage, ...]:
    """Return the timeline in the order it happened, each change of status naming the one before."""
    found: list[DemoMessage] = []
    status = "new"
    for message in sorted(messages, key=lambda message: message.at):
        data = dict(message.event_data)
        if message.event == "status_changed":
            found.append(replace(message, event_data=(("from", status), ("to", data["to"]))))
            status = data["to"]
            continue
        found.append(message)
        if message.kind == "reply":
            status = "pending" if message.direction == "out" else "open" if status != "new" else status
        elif message.event == "assignee_changed" and status == "new":
            status = "open"
    return tuple(found)
