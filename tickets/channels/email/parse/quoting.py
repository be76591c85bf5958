"""New text told from quoted history, for the mail clients our customers use; the history is kept, never dropped.

Own line rules instead of a library: the kept reply parsers know no Chinese client, drop what they fold, and their
patterns take exponential time on crafted lines. Every rule here looks at one line, or at a few lines cut to a length.
"""

import re
from dataclasses import dataclass
from typing import Final

from tickets.channels.email.parse.html_text import BLOCK_END, BLOCK_START, QUOTE_MARK, without_marks

_MAX_LINE: Final = 500
_MAX_LINES: Final = 50_000
_ATTRIBUTION_LINES: Final = 4
_MARKS: Final = frozenset({QUOTE_MARK, BLOCK_START, BLOCK_END})

# "---- Original Message ----" and its kin; everything below is history.
_SEPARATOR: Final = re.compile(
    r"[-_=*\s]{2,60}\s?(?:original message|original email|original|replied message|"
    r"ursprüngliche nachricht|originalnachricht|message d'origine|"
    r"mensaje original|mensagem original|messaggio originale|исходное сообщение|оригинальное сообщение|"
    r"원본 메시지|원본 메일|元のメッセージ|original appointment|reply message|"
    r"原始邮件|原始郵件|原邮件|原始信件|回复的原邮件|回复邮件|已回复邮件|邮件原文|邮件原件|原始消息)\s?[-_=*\s]{2,60}",
    re.IGNORECASE,
)
_FORWARD: Final = re.compile(
    r"(?:[-_\s]{2,60}(?:forwarded (?:message|mail|by[^\n]{0,100})|转发(?:的)?邮件(?:信息)?|轉寄郵件|"
    r"weitergeleitete nachricht|"
    r"message transféré|mensaje reenviado|пересылаемое сообщение)[-_\s]{0,60}|"
    r"begin forwarded message:|开始转发邮件[:\uff1a]|開始轉寄郵件[:\uff1a])",
    re.IGNORECASE,
)
# Attribution lines: "On …, X wrote:". Matched on one to four joined lines.
_ATTRIBUTION: Final = re.compile(
    r"(?:On\b.{4,400}\bwrote|.{4,400}\bwrote|Am\b.{4,400}\bschrieb.{0,120}|Le\b.{4,400}\ba écrit|"
    r"El\b.{4,400}\bescribió|"
    r"Em\b.{4,400}\bescreveu|Il\b.{4,400}\bha scritto|Op\b.{4,400}\bschreef.{0,120}|W dniu.{4,400}\bpisze|"
    r".{4,400}\b(?:пишет|написал(?:а|\(а\))?)|Vào.{4,400}đã viết|.{4,300}tarihinde.{2,100}şunu yazdı|"
    r".{4,300}님이 작성|.{4,300}(?:さんは書きました|のメール)|"
    r"(?:在|于|於)?\s?.{4,300}(?:写道|寫道|写到|来信写道|寫到))\s?[:\uff1a]\s?",
    re.IGNORECASE,
)
_ATTRIBUTION_END: Final = re.compile(
    r"(?:wrote|schrieb.{0,120}|écrit|escribió|escreveu|scritto|schreef.{0,120}|pisze|пишет|написал\S{0,4}|viết|yazdı|작성|"
    r"書きました|のメール|写道|寫道|写到|寫到)\s?[:\uff1a]\s?$",
    re.IGNORECASE,
)
_HAS_DATE_OR_ADDRESS: Final = re.compile(r"\d{1,4}[-/.年\s]|\d{1,2}:\d\d|@|<[^<>]{3,200}>")
# Header lines of an Outlook, Foxmail, QQ or NetEase history block.
_FROM_LINE: Final = re.compile(
    r"[*_\s|]{0,4}(?:From|Von|De|Da|Van|От|От кого|Od|Kimden|보낸 사람|差出人|发件人|發件人|寄件者|寄件人|"
    r"发送人|Sender)"
    r"[*_\s]{0,3}[:\uff1a][*_\s]{0,3}\S.{0,400}",
    re.IGNORECASE,
)
_MORE_LINE: Final = re.compile(
    r"[*_\s|]{0,4}(?:Sent|Date|To|Cc|Subject|Gesendet|Datum|An|Betreff|Envoyé|Date|À|Objet|Enviado(?: el)?|Fecha|Para|"
    r"Asunto|"
    r"Inviato|Oggetto|Отправлено|Дата|Кому|Тема|Копия|보낸 날짜|받는 사람|제목|送信日時|宛先|件名|"
    r"发送时间|发送日期|发件时间|收件人|抄送|主题|日期|时间|傳送時間|寄件日期|收件者|副本|主旨|主題)[*_\s]{0,3}[:\uff1a].{0,400}",
    re.IGNORECASE,
)
_RULE_LINE: Final = re.compile(r"\s{0,4}(?:[_-]{10,}|[—─]{5,})\s{0,4}")
_QUOTED_LINE: Final = re.compile(r"\s{0,3}[>\uff1e]")
_FORWARD_SUBJECT: Final = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|i|转发|轉寄|轉發|пересл)\s*[:\uff1a]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Folded:
    """A text split in two: what was written now, and the history under it."""

    text: str
    quoted: str


def fold(text: str, *, subject: str = "") -> Folded:
    """Split ``text`` into the new words and the quoted history; together they hold every line of it.

    Answers written between quoted lines keep the quotes, because they make no sense without them; a forwarded message
    is content, not history; and a mail that would be left without words keeps all of them.
    """
    lines = text.split("\n")
    if len(lines) > _MAX_LINES:
        return Folded(without_marks(text).strip("\n"), "")
    is_forward = bool(_FORWARD_SUBJECT.match(subject))
    cut = _history_start(lines, is_forward=is_forward)
    below = _answers_below(lines, cut)
    if below is None:
        return Folded("\n".join(_clean(lines)).strip("\n"), "")
    head, history = _clean(lines[:cut] + lines[below:]), _clean(lines[cut:below])
    new, leading = _fold_marked(head)
    quoted = leading + history
    folded = Folded("\n".join(new).strip("\n"), "\n".join(quoted).strip("\n"))
    if folded.text.strip():
        return folded
    return Folded("\n".join(_clean(lines)).strip("\n"), "")


def _clean(lines: list[str]) -> list[str]:
    return [line for line in lines if line.strip() not in _MARKS]


def _answers_below(lines: list[str], cut: int) -> int | None:
    """Where new words go on below a history of HTML blockquotes: the number of lines for nowhere, None for in between.

    Only for a mark with an attribution at most in front of the blockquote: in other histories a blockquote is older.
    """
    history = [line.strip() for line in lines[cut:]]
    start = history.index(BLOCK_START) if BLOCK_START in history else 0
    lead = [line for line in history[:start] if line and line not in _MARKS]
    if not start or history[0] != QUOTE_MARK or len(lead) > _ATTRIBUTION_LINES - 1:
        return len(lines)
    depth, is_below, found = 0, False, len(lines)
    for index, line in enumerate(history[start:], start=cut + start):
        if line == BLOCK_START:
            if is_below:
                return None
            depth, found = depth + 1, len(lines)
        elif line == BLOCK_END:
            depth = max(depth - 1, 0)
            found = index if not depth else found
        elif line and not depth and line != QUOTE_MARK:
            is_below = True
    return found if is_below else len(lines)


def _seen(line: str) -> str:
    """The beginning of a line as a reader takes it; QQ Mail writes its blanks out as entities in plain text."""
    return line[:_MAX_LINE].replace("&nbsp;", " ").strip()


def _history_start(lines: list[str], *, is_forward: bool) -> int:
    """The index of the first line from which everything is history, or the number of lines."""
    for index, full_line in enumerate(lines):
        line = _seen(full_line)
        if not line or _QUOTED_LINE.match(line) or line in (BLOCK_START, BLOCK_END):
            continue
        if _FORWARD.fullmatch(line):
            return len(lines)
        if line == QUOTE_MARK:
            # A forward in HTML has the same wrapper as a reply.
            following = next(
                (
                    other.strip()
                    for other in lines[index + 1 : index + 8]
                    if other.strip() and other.strip() not in _MARKS
                ),
                "",
            )
            if is_forward or _FORWARD.fullmatch(following[:_MAX_LINE]):
                return len(lines)
            return index
        if is_forward:
            continue
        if _SEPARATOR.fullmatch(line) or _is_header_block(lines, index):
            return index - 1 if index and _RULE_LINE.fullmatch(lines[index - 1][:_MAX_LINE]) else index
        length = _attribution_length(lines, index)
        if length and not _is_followed_by_marks(lines, index + length):
            return index
    return len(lines)


def _is_header_block(lines: list[str], index: int) -> bool:
    """Whether a "From:" line with at least two companions ("Sent:", "To:", "Subject:") starts at ``index``."""
    if not _FROM_LINE.fullmatch(_seen(lines[index])):
        return False
    companions = 0
    for line in lines[index + 1 : index + 9]:
        if _MORE_LINE.fullmatch(_seen(line)):
            companions += 1
    return companions >= 2


def _attribution_length(lines: list[str], index: int) -> int:
    """How many lines an attribution ("On …, X wrote:") starting at ``index`` takes, 0 when none starts there."""
    joined = ""
    for length, line in enumerate(lines[index : index + _ATTRIBUTION_LINES], start=1):
        part = line[:_MAX_LINE].strip()
        if not part or _QUOTED_LINE.match(part):
            return 0
        joined = f"{joined} {part}".strip()
        if part.endswith((":", "\uff1a")) and _ATTRIBUTION_END.search(part[-150:]):
            is_one = _ATTRIBUTION.fullmatch(joined) and _HAS_DATE_OR_ADDRESS.search(joined)
            return length if is_one else 0
    return 0


def _is_followed_by_marks(lines: list[str], index: int) -> bool:
    """Whether the next written line is marked with ``>``."""
    following = next((line for line in lines[index : index + 6] if line.strip() and line.strip() not in _MARKS), "")
    return bool(_QUOTED_LINE.match(following))


def _fold_marked(lines: list[str]) -> tuple[list[str], list[str]]:
    """Fold ``>`` blocks together with their attribution when they stand before or after the new text, not within it."""
    blocks = _marked_blocks(lines)
    if not blocks:
        return lines, []
    folded = {i for start, end in blocks for i in range(start, end)}
    signature = next((i for i, line in enumerate(lines) if line.rstrip() == "--" and i not in folded), len(lines))
    written = [i for i, line in enumerate(lines) if line.strip() and i not in folded]
    if not written:
        return lines, []
    last = max((i for i in written if i < signature), default=written[-1])
    between = [block for block in blocks if written[0] < block[0] and block[1] <= last]
    if between:
        return lines, []
    return (
        [line for i, line in enumerate(lines) if i not in folded],
        [line for i, line in enumerate(lines) if i in folded],
    )


def _marked_blocks(lines: list[str]) -> list[tuple[int, int]]:
    """Half-open ranges of ``>`` lines, each stretched over its attribution above and blank lines inside."""
    blocks: list[tuple[int, int]] = []
    index = 0
    while index < len(lines):
        length = _attribution_length(lines, index)
        start = index
        index += length
        if length:
            while index < len(lines) and not lines[index].strip():
                index += 1
        if index < len(lines) and _QUOTED_LINE.match(lines[index][:_MAX_LINE]):
            end = index
            while index < len(lines) and (not lines[index].strip() or _QUOTED_LINE.match(lines[index][:_MAX_LINE])):
                index += 1
                end = index if lines[index - 1].strip() else end
            if blocks and not any(line.strip() for line in lines[blocks[-1][1] : start]):
                blocks[-1] = (blocks[-1][0], end)
            else:
                blocks.append((start, end))
            index = end
        elif not length:
            index += 1
    return blocks
