"""F14: the disk for files, the one for uploads on their way, and the database's are full; then there is room again.

The database's disk is that of a copy with a server of its own: `database_full`.
"""

import http.client
import os
import secrets
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import partial

from core import files, heartbeat
from core.models import StoredFile
from tests.cast import open_session
from tests.factories.accounts import StaffFactory
from tests.factories.tickets import MailboxFactory, mail_ticket
from tests.faults import database_full, results
from tests.faults.ground import Ground
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.support.small_disk import SmallDisk, in_place_of, small_disk
from tickets.models import Alarm, Attachment, InboundMail, Mailbox, Message, Ticket, Upload
from tickets.selectors import troubles
from tickets.services import alarms

MAILS = 3
BOUNDARY = "a-boundary-that-no-random-file-contains"
FILE_BYTES, SPOOLED_BYTES = 100_000, 3_000_000
# After this long a mail that found no room is tried again, and a report of a full disk is no news any more.
AGAIN_S, NEWS_S = 25.0, 125.0
ALARM_S = 30.0


@dataclass
class Desk:
    """The people, the mailbox and the case of this fault, and a browser of the agent's."""

    ground: Ground
    recorder: Recorder
    box: Mailbox
    case: Ticket
    cookies: str
    csrf: str
    # Names of uploads that were there and have been taken off the disk.
    kept: list[str] = field(default_factory=list)

    def upload(self, size: int) -> tuple[int, str]:
        """Put a file into the composer; return the status and what was said."""
        number = self.recorder.invoke("upload")
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="'
            f'f14-{self.recorder.run}-{number:05d}.bin"\r\nContent-Type: application/octet-stream\r\n\r\n'
        )
        body = head.encode() + os.urandom(size) + f"\r\n--{BOUNDARY}--\r\n".encode()
        client = http.client.HTTPConnection("127.0.0.1", int(self.ground.system.running.values["PORT"]), timeout=30)
        try:
            headers = {
                "Cookie": self.cookies, "X-CSRFToken": self.csrf, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
                "Host": f"localhost:{self.ground.system.running.values['PORT']}",
            }  # fmt: skip
            client.request("POST", f"/desk/tickets/{self.case.public_id}/uploads/", body, headers)
            answer = client.getresponse()
            status, said = answer.status, answer.read().decode("utf-8", "replace")
        except OSError as error:
            self.recorder.unknown(number, type(error).__name__)
            return 0, type(error).__name__
        finally:
            client.close()
        if status < 300:
            self.recorder.ok(number)
        else:
            self.recorder.fail(number, str(status))
        return status, said

    def mail(self) -> None:
        """Send a mail with a file; it is acknowledged although there is no room for the file."""
        number = self.recorder.invoke("mail with a file")
        mail = EmailMessage()
        mail["From"] = sender = f"f14-{self.recorder.run}-{number}@example.com"
        mail["To"], mail["Subject"] = self.box.address, "A file"
        mail["Message-ID"] = f"<{sender}>"
        mail.set_content(f"The file is attached. {self.recorder.mark(number)}")
        mail.add_attachment(os.urandom(FILE_BYTES), maintype="application", subtype="octet-stream", filename="a.bin")
        self.ground.mail_until_taken(self.recorder, number, mail.as_bytes(), sender=sender, to=self.box.address)


def run(ground: Ground) -> Result:
    """Fill, work, make room, look what is there; each disk in each round."""
    recorder = Recorder("F14")
    desk = _desk(ground, recorder)
    var_dir = ground.system.running.places.var_dir
    slowest = 0.0
    with (
        small_disk(64) as disk,
        in_place_of(var_dir / "media", disk, "media"),
        in_place_of(var_dir / "spool", disk, "spool"),
    ):
        for _ in range(ground.rounds):
            slowest = max(slowest, _files_have_no_room(ground, desk, disk))
            _uploads_have_no_room(ground, desk, disk)
        _nothing_is_left_behind(ground, disk)
        stored = _stored(recorder, desk)
        for place in ("media", "temporary"):
            heartbeat.forget(f"{heartbeat.FULL}{place}")
        _tidy(desk)
    on_files = results.judge(
        ground, recorder, recorder.tally(stored), [f"files: mail read within {slowest:.1f} s of having room"]
    )
    return results.merged(on_files, database_full.run(ground))


def _desk(ground: Ground, recorder: Recorder) -> Desk:
    name = f"f14-{recorder.run}"
    box: Mailbox = MailboxFactory.create(slug=name, address=f"{name}@pharos.test")
    agent = StaffFactory.create(role="agent", email=f"{name}@cast.test")
    csrf = secrets.token_hex(16)
    port = ground.system.running.values["PORT"]
    cookies = f"pharos_session_{port}={open_session(agent)[0]}; pharos_csrf_{port}={csrf}"
    case = mail_ticket(mailbox=box, address=f"{name}@example.com")
    return Desk(ground, recorder, box, case, cookies, csrf)


def _files_have_no_room(ground: Ground, desk: Desk, disk: SmallDisk) -> float:
    """Mail is taken and waits, an upload is refused with 507, the alarm goes off; then both go on."""
    disk.fill(leave=ground.random.randrange(0, FILE_BYTES // 2))
    for _ in range(MAILS):
        desk.mail()
    status, said = desk.upload(FILE_BYTES)
    if status != 507:
        ground.notes.append(f"an upload without room got {status}: {said[:200]}")
    ground.wait(partial(_is_alarmed, "media"), "the alarm of a full disk", patience_s=ALARM_S)
    disk.make_room()
    ground.wait(partial(_is_all_clear, "media"), "the all clear", patience_s=ALARM_S)
    waited = ground.wait(partial(_is_handled, desk.box), "the mail to be read", lease_s=AGAIN_S)
    waiting = InboundMail.objects.filter(mailbox=desk.box, state="stored")
    ground.notes += [f"still waits after {row.attempts} attempts: {row.last_error}" for row in waiting.defer("raw")]
    status, said = desk.upload(FILE_BYTES)
    if status != 201:
        ground.notes.append(f"an upload with room got {status}: {said[:200]}")
    return waited


def _uploads_have_no_room(ground: Ground, desk: Desk, disk: SmallDisk) -> None:
    """An upload larger than memory takes is refused with 507 before anybody looks at it."""
    disk.fill(leave=ground.random.randrange(0, SPOOLED_BYTES // 2))
    status, said = desk.upload(SPOOLED_BYTES)
    if status != 507:
        ground.notes.append(f"a large upload without room got {status}: {said[:200]}")
    disk.make_room()
    status, said = desk.upload(SPOOLED_BYTES)
    if status != 201:
        ground.notes.append(f"a large upload with room got {status}: {said[:200]}")
    _tidy(desk)


def _is_alarmed(place: str) -> bool:
    alarms.look(judged=troubles.BY_THE_ROUNDS)
    return Alarm.objects.open().filter(kind="disk-full", about=place).exists()


def _is_all_clear(place: str) -> bool:
    """The next round's alarm must be its own: what was reported is no news, by those who come late with it neither."""
    heartbeat.forget(f"{heartbeat.FULL}{place}")
    return not _is_alarmed(place)


def _is_handled(box: Mailbox) -> bool:
    return not InboundMail.objects.filter(mailbox=box, state="stored").exists()


def _nothing_is_left_behind(ground: Ground, disk: SmallDisk) -> None:
    on_disk = {name.removeprefix("media/") for name in disk.files() if name.startswith("media/")}
    rows = set(StoredFile.objects.filter(storage_name__in=on_disk).values_list("storage_name", flat=True))
    if orphans := on_disk - rows:
        ground.notes.append(f"{len(orphans)} files without a row")
    named = Attachment.objects.filter(message__ticket__mailbox__slug__startswith="f14-").values("file")
    gone = [file for file in StoredFile.objects.filter(pk__in=named) if file.storage_name not in on_disk]
    if gone:
        ground.notes.append(f"{len(gone)} rows without a file")
    if spooled := [name for name in disk.files() if name.startswith("spool/")]:
        ground.notes.append(f"left in the spool: {spooled[:3]}")
    ground.pass_time(NEWS_S)
    ground.wait(lambda: not _is_alarmed("media"), "the all clear", patience_s=NEWS_S + ALARM_S)


def _stored(recorder: Recorder, desk: Desk) -> dict[int, int]:
    texts = list(Message.objects.filter(ticket__mailbox=desk.box).values_list("text", flat=True))
    waiting = StoredFile.objects.filter(name__startswith=f"f14-{recorder.run}-").values_list("name", flat=True)
    names = [*desk.kept, *waiting]
    found = recorder.found(texts)
    for number, what in recorder.outcomes().items():
        if any(f"-{number:05d}." in name for name in names) and what != "unknown":
            found[number] += 1
    return dict(found)


def _tidy(desk: Desk) -> None:
    """Take the composer's files out of it and off the disk, so that there is room for the next."""
    waiting = Upload.objects.filter(ticket=desk.case)
    kept = dict(StoredFile.objects.filter(pk__in=waiting.values("file")).values_list("pk", "name"))
    desk.kept += kept.values()
    waiting.delete()
    files.remove_unnamed(StoredFile.objects.filter(pk__in=kept))
