"""What a service refuses, in words a door can show."""

from collections.abc import Collection, Iterator, Mapping
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from security.outbound_guard import Danger
from tickets.models import Message


class Refused(Exception):
    """The wish cannot be granted; `message` says why and what to do, `code` is stable for API clients."""

    code = "refused"
    message = _("That is not possible.")

    def __init__(self, message: str | None = None) -> None:
        if message is not None:
            self.message = message  # type: ignore[assignment]
        super().__init__(str(self.message))


class StaleReply(Refused):
    """The customer wrote while the reply was being written; `missed` are the messages not seen."""

    code = "stale_reply"
    message = _("New messages came in while you wrote. Read them, then send anyway or change your reply.")

    def __init__(self, missed: list[Message]) -> None:
        super().__init__()
        self.missed = missed


class StaleChange(Refused):
    """Somebody else changed the ticket since it was read."""

    code = "stale_change"
    message = _("Somebody else changed this ticket meanwhile. The current values are shown; change again if needed.")


class IllegalMove(Refused):
    """A status cannot follow the present one."""

    code = "illegal_move"
    message = _("This status cannot follow the present one.")


class TopicNeeded(Refused):
    """A case is resolved or closed only with a contact reason."""

    code = "topic_needed"
    message = _("Choose a topic first: it says why the customer needed us.")


class TooManyTags(Refused):
    """As many as a ticket has at most."""

    code = "too_many_tags"
    message = _("A ticket has at most 20 tags.")


class CaseClosed(Refused):
    """Closed cases take no more messages or changes."""

    code = "case_closed"
    message = _("This ticket is closed. Open a follow-up instead.")


class TooLate(Refused):
    """The undo window is over."""

    code = "too_late"
    message = _("It has been sent already and cannot be taken back.")


class VendorSaysNo(Refused):
    """A vendor of a social channel refused, or gave no answer; its words are the message."""

    code = "vendor_says_no"


class WindowOver(Refused):
    """The vendor of a social channel takes no free answer any more: too long ago the customer wrote."""

    code = "window_over"
    message = _(
        "This customer last wrote more than 24 hours ago: the channel takes no answer until they write again. "
        "Nothing was sent."
    )


class WantsNoMessages(Refused):
    """The person has asked to get no more messages, as by STOP."""

    code = "wants_no_messages"
    message = _("This customer has asked to get no more messages here. Nothing was sent.")


class NoFilesThere(Refused):
    """The channel carries words alone."""

    code = "no_files_there"
    message = _("This channel carries no files. Take them out, or ask the customer to open the portal.")


class ValuesMissing(Refused):
    """A variable of an approved text was left empty."""

    code = "values_missing"
    message = _("Fill in each place of the template.")


class TooLateToCorrect(Refused):
    """The minutes within which customers change their own words are over, or the case is closed."""

    code = "too_late_to_correct"
    message = _("Only what you wrote in the last five minutes can be changed. Write another message instead.")


class EmptyMessage(Refused):
    """Nothing was written and nothing attached."""

    code = "empty_message"
    message = _("Write something or attach a file first.")


class TooManyFiles(Refused):
    """More or larger files than one message may carry."""

    code = "too_many_files"
    message = _("A message takes at most 20 files of at most 20 MB each.")


class TooLarge(TooManyFiles):
    """The files of one message are too large together for one mail."""

    code = "too_large"
    message = _("The files of one message may have 25 MB together. Send the rest in a second message.")


class TooMuchWaiting(TooManyFiles):
    """One person keeps too many files in unsent messages."""

    code = "too_much_waiting"
    message = _("Too many of your files wait in unsent messages. Send or remove some of them first.")


class TooManyRequests(Refused):
    """A customer has opened too many requests within the hour."""

    code = "too_many_requests"
    message = _("You have opened many requests within the hour. Add to one of them, or wait a little.")


class FilesVanished(Refused):
    """A file was removed or sent elsewhere while the message was being sent."""

    code = "files_vanished"
    message = _("A file was removed or sent meanwhile. Look at the attachments, then send again.")


class NotToBeSent(Refused):
    """What the outbound guard holds back; `dangers` says why."""

    code = "not_to_be_sent"
    sentences: ClassVar[Mapping[Danger, object]] = {
        Danger.SECRET: _("This asks for a password, a code or a recovery phrase. We never do: nobody may send it."),
        Danger.REMOTE_ACCESS: _("This speaks of remote access to the customer's device. We never use it."),
        Danger.LINK: _("There is a link in it that is not in the register of official channels. Take it out."),
        Danger.WALLET: _(
            "There is a wallet address in it. We name none in messages: show only its beginning and end, as in 0x12…9f."
        ),
    }

    def __init__(self, dangers: Collection[Danger]) -> None:
        super().__init__(" ".join(str(sentence) for one, sentence in self.sentences.items() if one in dangers))
        self.dangers = frozenset(dangers)


class NotInPublic(Refused):
    """What must not be said where everybody reads it; `found` says why, as codes."""

    code = "not_in_public"
    beginning = _("Everybody can read this conversation. Nothing was sent.")
    sentences: ClassVar[Mapping[str, object]] = {
        "file": _("Files are never sent here: take them out."),
        "secret": _("There is a code, a key or a card number in it: take it out."),
        "contact": _("There is an email address or a phone number in it: take it out."),
        "funds": _("There is an amount or a transaction in it: take it out."),
        "length": _("It is longer than 1,000 characters: say it shorter."),
    }
    end = _("Or choose “Move to private”, and go on there.")

    def __init__(self, found: Collection[str]) -> None:
        said = [str(sentence) for one, sentence in self.sentences.items() if one in found]
        super().__init__(" ".join([str(self.beginning), *said, str(self.end)]))
        self.found = frozenset(found)


class FileInfected(Refused):
    """The malware scanner refused the file."""

    code = "file_infected"
    message = _("The malware scanner refused this file.")


class RatingUnknown(Refused):
    """No rating from 1 to 5."""

    code = "rating_unknown"
    message = _("Choose a rating from 1 to 5.")


class CommentTooLong(Refused):
    """More words than a survey takes."""

    code = "comment_too_long"
    message = _("Your comment is too long: 2,000 characters at most.")


class SurveyIsOver(Refused):
    """Nobody is asked any more."""

    code = "survey_is_over"
    message = _("The time for a rating is over: it is 14 days from when we asked.")


class AnswerIsFixed(Refused):
    """The day within which an answer may be changed is over."""

    code = "answer_is_fixed"
    message = _("You have rated this already. A rating can be changed for 24 hours.")


def sentence_of(code: str) -> str:
    """Return what a code that was kept means, in the reader's language."""
    return str({kind.code: kind.message for kind in _kinds(Refused)}.get(code, Refused.message))


def _kinds(kind: type[Refused]) -> Iterator[type[Refused]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _kinds(one)
