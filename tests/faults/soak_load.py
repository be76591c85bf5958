"""The load of the soak: mails, replies and page views at the demo's rates times a factor, and agents' open sockets."""

import asyncio
import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.faults.ground import Ground
from tests.faults.recorder import Recorder
from tests.support.letters import letter

# What the demo desk has in a minute.
MAILS, REPLIES, VIEWS = 10, 20, 60
AT_ONCE = 32
VIEW_PATIENCE_S = 20
RECONNECT_S = 0.5
RECEIVE_S = 0.5
MOVE_ON_S = 45.0


@dataclass(frozen=True)
class Agent:
    """One person at the desk: a token for replies and a session for pages and sockets."""

    token: str
    cookie: str


@dataclass
class Tab:
    """One agent's open ticket: how far its hints have come; it moves on to another ticket now and then."""

    agent: Agent
    ticket: str = ""
    seen: int = 0
    reconnects: int = 0
    hints: int = 0


@dataclass
class Load:
    """Everything that the desk is asked for during the soak, and what came of it."""

    ground: Ground
    recorder: Recorder
    agents: list[Agent]
    mailbox: str
    factor: float
    random: Random
    tickets: list[str] = field(default_factory=list)
    pages: "Counter[str]" = field(default_factory=Counter)
    tabs: list[Tab] = field(default_factory=list)
    asked: int = 0
    left_out: int = 0
    _done: threading.Event = field(default_factory=threading.Event)
    _slots: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(AT_ONCE))

    @property
    def share(self) -> float:
        """How much of the load was really asked for: a machine out of breath cannot be given more."""
        return self.asked / max(1, self.asked + self.left_out)

    def run(self, length_s: float) -> None:
        """Ask at an even pace with some jitter, whatever the answers take; returns when all are in.

        With too many unanswered at once a turn is left out: catching up later would be another load.
        """
        per_s = {self._mail: MAILS, self._reply: REPLIES, self._view: VIEWS}
        schedule: list[tuple[float, Callable[[], None]]] = []
        for act, per_minute in per_s.items():
            pace_s = 60 / (per_minute * self.factor)
            count = max(1, int(length_s / pace_s))
            schedule += [((number + self.random.random()) * pace_s, act) for number in range(count)]
        schedule.sort(key=lambda entry: entry[0])
        began = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for at_s, act in schedule:
                time.sleep(max(0.0, began + at_s - time.monotonic()))
                if self._slots.acquire(blocking=False):
                    self.asked += 1
                    pool.submit(self._safely, act)
                else:
                    self.left_out += 1

    def learn_tickets(self) -> None:
        """Read the newest tickets, as the queue page does."""
        self._list()

    def watch(self) -> threading.Thread:
        """Open one tab for each agent in a thread of its own until `leave`."""
        self.tabs = [Tab(agent) for agent in self.agents]

        async def every() -> None:
            await asyncio.gather(*(self._tab(tab, Random(place)) for place, tab in enumerate(self.tabs)))  # noqa: S311 -- repeatable, protects nothing

        thread = threading.Thread(target=lambda: asyncio.run(every()))
        thread.start()
        return thread

    def leave(self) -> None:
        """Close the tabs."""
        self._done.set()

    def _safely(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 -- a fault of the load itself must show in the result
            self.ground.notes.append(f"the load failed: {type(error).__name__}: {error}")
        finally:
            self._slots.release()

    def _mail(self) -> None:
        number = self.recorder.invoke("SMTP mail")
        sender = f"soak-{self.recorder.run}-{number}@example.com"
        text = f"My deposit of yesterday is missing. Can you have a look, please? {self.recorder.mark(number)}"
        raw = letter(sender=sender, to=self.mailbox, text=text)
        self.ground.mail_until_taken(self.recorder, number, raw, sender=sender, to=self.mailbox)

    def _reply(self) -> None:
        if not self.tickets:
            return
        number = self.recorder.invoke("POST reply")
        agent, ticket = self.agents[number % len(self.agents)], self.random.choice(self.tickets)
        body = {"text": f"We are looking into it. {self.recorder.mark(number)}"}
        path = f"/api/v1/tickets/{ticket}/messages/"
        self.ground.post_until_answered(self.recorder, number, path, body, agent.token)

    def _view(self) -> None:
        place = self.random.random()
        if place < 0.2 or not self.tickets:
            self._list()
        elif place < 0.6:
            self._get("/desk/views/open/")
        else:
            self._get(f"/desk/tickets/{self.random.choice(self.tickets)}/")

    def _list(self) -> None:
        body = self._get("/api/v1/tickets/?page_size=25")
        if body:
            self.tickets = [one["id"] for one in json.loads(body)["results"]]

    def _get(self, path: str) -> bytes:
        """Ask for one page once, as a person clicks; the answer's kind is counted."""
        agent = self.random.choice(self.agents)
        port = int(self.ground.system.running.values["PORT"])
        client = http.client.HTTPConnection("localhost", port, timeout=VIEW_PATIENCE_S)
        try:
            client.request("GET", path, headers={"Cookie": agent.cookie})
            answer = client.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.pages[type(error).__name__] += 1
            return b""
        finally:
            client.close()
        self.pages[str(answer.status)] += 1
        return body if answer.status == 200 else b""

    async def _tab(self, tab: Tab, random: Random) -> None:
        """Stay connected as the page does: come back after every loss and say what was seen."""
        while not self._done.is_set():
            try:
                await self._connected(tab, random)
            except (OSError, WebSocketException, TimeoutError):
                tab.reconnects += 1
                await asyncio.sleep(RECONNECT_S * (1 + random.random()))

    async def _connected(self, tab: Tab, random: Random) -> None:
        system = self.ground.system
        origin = system.url
        async with connect(
            f"{system.socket_url}/ws/desk/",
            additional_headers={"Cookie": tab.agent.cookie},
            origin=origin,  # type: ignore[arg-type]
        ) as socket:
            since = 0.0
            while not self._done.is_set():
                if self.tickets and (not tab.ticket or (since and time.monotonic() - since > MOVE_ON_S)):
                    if tab.ticket:
                        await socket.send(json.dumps({"type": "unsubscribe", "ticket": tab.ticket}))
                    tab.ticket, tab.seen, since = random.choice(self.tickets), 0, 0.0
                if tab.ticket and not since:
                    await socket.send(json.dumps({"type": "subscribe", "ticket": tab.ticket, "since": tab.seen}))
                    since = time.monotonic()
                try:
                    frame = json.loads(await asyncio.wait_for(socket.recv(), RECEIVE_S))
                except TimeoutError:
                    continue
                if frame["type"] == "message.added" and frame["ticket"] == tab.ticket:
                    tab.seen = max(tab.seen, frame["seq"])
                    tab.hints += 1
