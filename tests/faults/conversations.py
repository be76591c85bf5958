"""Two hundred conversations at once under a fault: visitors write and read by the widget's own modules, staff answer."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from accounts.models import Staff
from livechat.models import Chat
from tests.factories.accounts import StaffFactory
from tests.factories.livechat import ChatInboxFactory
from tests.faults.ground import Ground
from tests.faults.recorder import Recorder
from tests.support.crowd import Crowd, gathered
from tickets.models import Message
from tickets.models.channel import Channel
from tickets.services import replies
from tickets.services.senders import Sender

CHATS, CHATS_OF_A_MOMENT = 200, 30
PATIENCE_S = 120.0
LOOK_S = 0.1


@dataclass
class Conversations:
    """The crowd and its agent; what visitors write counts as acknowledged when their widget says so."""

    ground: Ground
    recorder: Recorder
    crowd: Crowd
    agent: Staff
    chats: list[str] = field(default_factory=list)
    _texts: dict[str, int] = field(default_factory=dict)

    def open(self, count: int, *, tabs: int = 1) -> None:
        """Begin as many conversations, each with a numbered text."""
        self.chats = self.crowd.open([self._numbered("first words") for _ in range(count)], tabs=tabs)

    def say(self, places: Sequence[tuple[int, int]]) -> None:
        """Let each (visitor, tab) write a numbered text."""
        self.crowd.say([(visitor, tab, self._numbered("visitor's words")) for visitor, tab in places])

    def answer(self, visitor: int) -> None:
        """Answer one conversation as the desk does; it is committed when this returns."""
        number = self.recorder.invoke("reply")
        chat = Chat.objects.select_related("ticket").get(public_id=self.chats[visitor])
        words = replies.Words(text=f"We are on it. {self.recorder.mark(number)}")
        replies.add(ticket=chat.ticket, sender=Sender.of_staff(self.agent), channel=Channel.CHAT, words=words)
        self.recorder.ok(number)

    def settle(self) -> dict[str, float]:
        """Wait until all that was written is acknowledged and every tab has all of it; return when, by chat."""
        give_up = time.monotonic() + PATIENCE_S
        while missing := set(self._texts) - self.crowd.journal().acknowledged.keys():
            if time.monotonic() > give_up:
                self.ground.notes.append(f"{len(missing)} texts were never acknowledged")
                break
            time.sleep(LOOK_S)
        for text in self._texts.keys() - missing:
            self.recorder.ok(self._texts[text])
        lasts = self._lasts()
        found = self.crowd.caught_up(lasts, patience_s=PATIENCE_S)
        if behind := set(self.chats) - found.keys():
            tabs = [
                f"{tab.chat or 'none'} {'live' if tab.is_live else 'not live'} {len(tab.messages)} of {lasts.get(tab.chat)}"
                for tab in self.crowd.tabs()
                if tab.chat in behind or tab.chat not in lasts
            ]
            self.ground.notes.append(f"{len(behind)} conversations never caught up: {tabs}")
        return found

    def found(self) -> "Counter[int]":
        """Compare every tab with the database, and count the marks of this run there."""
        stored: dict[str, list[tuple[int | None, str]]] = {chat: [] for chat in self.chats}
        rows = Message.objects.filter(ticket__chat__public_id__in=self.chats, public_seq__isnull=False)
        for chat, seq, text in rows.order_by("public_seq").values_list("ticket__chat__public_id", "public_seq", "text"):
            stored[chat].append((seq, text))
        for tab in self.crowd.tabs():
            if tab.messages != stored[tab.chat]:
                self.ground.notes.append(f"a tab of {tab.chat} shows {tab.messages}, stored is {stored[tab.chat]}")
            if tab.unsent:
                self.ground.notes.append(f"a tab of {tab.chat} still has {tab.unsent} texts to send")
        return self.recorder.found(text for one in stored.values() for _seq, text in one)

    def _lasts(self) -> dict[str, int]:
        rows = Chat.objects.filter(public_id__in=self.chats)
        return dict(rows.values_list("public_id", "ticket__last_public_seq"))

    def _numbered(self, what: str) -> str:
        number = self.recorder.invoke(what)
        text = f"Where is it? {self.recorder.mark(number)}"
        self._texts[text] = number
        return text


@contextmanager
def conversing(ground: Ground, recorder: Recorder, *, tabs: int = 1, chats: int = 0) -> Iterator[Conversations]:
    """As many conversations as the ground has patience for, or `chats`, each with its first words."""
    inbox = ChatInboxFactory.create(slug=f"{recorder.fault.lower()}-{recorder.run}")
    agent = StaffFactory.create(role="agent")
    with gathered(ground.system, inbox) as crowd:
        made = Conversations(ground, recorder, crowd, agent)
        made.open(chats or (CHATS if ground.is_patient else CHATS_OF_A_MOMENT), tabs=tabs)
        yield made


def percentile_95(seconds: Sequence[float]) -> float:
    """Return the value that 95 of 100 do not exceed; 0 for nothing."""
    ordered = sorted(seconds)
    return ordered[-(-len(ordered) * 95 // 100) - 1] if ordered else 0.0
