"""What the provider is to do next, built by its own library: nothing is put together from strings."""

from collections.abc import Iterable
from dataclasses import dataclass

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

# Our languages → those of the voices.
VOICES = {"en": "en-US", "zh-hans": "cmn-CN"}
MOST_RECORDED_S = 180
LONGEST_CALL_S = 4 * 60 * 60
# After so long without a sound a voice message is over.
SILENCE_S = 8


@dataclass(frozen=True, slots=True)
class Said:
    """Words, and the language they are in."""

    text: str
    language: str


def ask(said: Iterable[Said], *, action: str, otherwise: str, wait_s: int = 6, digits: int = 1) -> str:
    """Say something, and wait for keys: `action` hears them, `otherwise` is next without any."""
    answer = VoiceResponse()
    gather = Gather(input="dtmf", num_digits=digits, timeout=wait_s, action=action, method="POST")
    _say(gather, said)
    answer.append(gather)
    answer.redirect(otherwise, method="POST")
    return str(answer)


def go(said: Iterable[Said], *, to: str) -> str:
    """Say something and go on."""
    answer = VoiceResponse()
    _say(answer, said)
    answer.redirect(to, method="POST")
    return str(answer)


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a person of ours is rung: on their own number, in their browser, or both at once."""

    number: str = ""
    client: str = ""


def ring(person: Reached, *, whisper: str, action: str, wait_s: int, caller_id: str, recorded_to: str = "") -> str:
    """Ring a person of ours, who hears `whisper` before they are joined with the caller; then `action` is asked.

    With `recorded_to` the talk is recorded, and that address hears of it.
    """
    answer = VoiceResponse()
    recorded = {
        "record": "record-from-answer-dual",
        "recording_status_callback": recorded_to,
        "recording_status_callback_method": "POST",
        "recording_status_callback_event": "completed",
    }
    dial = Dial(
        action=action,
        method="POST",
        timeout=wait_s,
        caller_id=caller_id,
        time_limit=LONGEST_CALL_S,
        **(recorded if recorded_to else {}),
    )
    if person.number:
        dial.number(person.number, url=whisper, method="POST")
    if person.client:
        dial.client(person.client, url=whisper, method="POST")
    answer.append(dial)
    return str(answer)


def call(number: str, *, action: str, caller_id: str) -> str:
    """Call somebody outside; then `action` is asked."""
    answer = VoiceResponse()
    dial = Dial(action=action, method="POST", caller_id=caller_id, time_limit=LONGEST_CALL_S)
    dial.number(number)
    answer.append(dial)
    return str(answer)


def meet(room: str, *, is_caller: bool) -> str:
    """Lead into a room where several talk; it closes when the caller leaves."""
    answer = VoiceResponse()
    dial = Dial(time_limit=LONGEST_CALL_S)
    dial.conference(room, start_conference_on_enter=True, end_conference_on_exit=is_caller, beep=False)
    answer.append(dial)
    return str(answer)


def record(said: Iterable[Said], *, action: str, callback: str) -> str:
    """Say something and take a message; `callback` hears when it can be fetched."""
    answer = VoiceResponse()
    _say(answer, said)
    answer.record(
        action=action,
        method="POST",
        max_length=MOST_RECORDED_S,
        timeout=SILENCE_S,
        play_beep=True,
        trim="trim-silence",
        finish_on_key="#",
        recording_status_callback=callback,
        recording_status_callback_method="POST",
        recording_status_callback_event="completed",
    )
    answer.hangup()
    return str(answer)


def hang_up(said: Iterable[Said] = ()) -> str:
    """Say something, and end the call."""
    answer = VoiceResponse()
    _say(answer, said)
    answer.hangup()
    return str(answer)


def nothing() -> str:
    """Do nothing more: what was going on goes on, or ends."""
    return str(VoiceResponse())


def _say(into: VoiceResponse | Gather, said: Iterable[Said]) -> None:
    for one in said:
        into.say(one.text, language=VOICES.get(one.language, VOICES["en"]))
