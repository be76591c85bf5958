"""Who asks for a secret or for a customer's screen, in English.

A sentence is read by its parts. A part asks when it holds a verb of giving, a wish of ours or a question, and no word
before that takes it back; what is asked for stands in it, or in what was said before and is meant by "it". What others
want, what was done, and what is typed into our own pages is no asking.
"""

import re

from security.outbound_guard.reading import Sentence

_CODE = (
    r"(?<!error )(?<!status )(?<!promo )(?<!referral )(?<!country )(?<!postal )(?<!post )(?<!zip )(?<!area )"
    r"(?<!source )(?<!currency )(?<!bank )(?<!sort )(?<!branch )(?<!voucher )(?<!coupon )(?<!discount )(?<!reason )"
    r"(?<!response )(?<!tracking )(?<!swift )(?<!bic )(?<!qr )(?<!qr-)(?<!-)\bcodes?\b(?! of conduct)"
)
SECRET = re.compile(
    r"\b(?:pass[- ]?words?|pass[- ]?phrases?|pass[- ]?codes?|pwd?|pins?|seed(?:[- ]?(?:phrases?|words?))?|mnemonics?"
    r"|private[- ]keys?|secret[- ]keys?|api[- ]secrets?|secret (?:under|below|beneath)|its secret"
    r"|(?:recovery|backup|wallet) (?:phrases?|words?|codes?|keys?|sheets?|cards?|files?)|otps?|cvv|cvc|key ?store"
    r"|wallet\.dat|security questions?|2fa(?! is| was| must)"
    r"|(?:12|24|twelve|twenty[- ]four|first (?:three|four|six)) ?-?words?"
    r"|words (?:of|on)[^.]{0,20} (?:wallet|card)|phrase that you (?:wrote|noted)"
    r"|(?:digit|factor)-? ?codes?)\b"
    rf"|{_CODE}"
)
# Secrets only beside what shows them.
_SHOWN = re.compile(r"\b(?:digits|numbers?|figures|qr[- ]?code)\b")
_SHOWS = re.compile(r"\b(?:authenticat\w+|sms|text message|two[- ]factor|2fa|on your (?:screen|phone)|codes?)\b")
_LAST = re.compile(r"\blast (?:four|three|4|3)\b")

_GIVE = (
    r"(?:send|tell|give?|share|provide|supply|paste|post|forward|confirm|submit|upload|attach|show|dictate|hand|pass"
    r"|drop|reply|respond|fill in|sharing|sending|giving|quote"
    r"|let (?:me|us) (?:have|know)|read (?:me|us|out|back|it (?:out|back|to (?:me|us)))"
    r"|(?:text|message|e-?mail|mail) (?:it|them|me|us)"
    r"|take a (?:picture|photo|screenshot) of"
    r"|if you (?:sent|gave|told|shared)"
    r"|(?:enter|type|write|put|input|key in)\b[^,]{0,60}?\b(?:here|chat|below|back|down))"
)
_WANT = (
    r"(?:\b(?:(?:i|we)(?:'d|'ll)?|compliance|support|security|our \w+|the (?:system|team|engineers?|technicians?))"
    r" (?:(?:will|shall|would|do|only|just|still|also|really|have|has|must|may|now) )*"
    r"(?:needs?|requires?|wants?|ask(?:s|ed)? for|(?:like|have|got) to (?:have|know|see)|must have)\b)"
)
_WAIT = (
    rf"(?:\b(?:waiting|wait) for (?:your|the) (?={SECRET.pattern})"
    r"|\b(?:given|sent|told|shown|handed|read) to (?:me|us)\b)"
)
_MAY = r"(?:\b(?:may|can|could|shall) (?:i|we)(?: (?:please|kindly))? (?:have|get|see|know|take|use)|\bif i had)"
_WHAT = rf"(?:\bwhat(?:'s| is| are| was| were| does)\b|\b(?:what|which) (?={SECRET.pattern}))"
_ASK = re.compile(rf"\b{_GIVE}\b|{_WANT}|{_MAY}|{_WHAT}|{_WAIT}")
# What a person may be told to do with a secret: to look after it, or to use it where it belongs.
_CARE = (
    r"(?:re-?set|change[sd]?|changing|set|choose|pick|use[sd]?|using|keeps?|store|save|hold|write down|make"
    r"|create|renew|rotate|end|check|look(?:ed)?(?: (?:at|for|up))?|try|wait(?: for)?|request"
    r"|receive[sd]?|got|get|ask(?:ed)? for|scan|add|remove|delete|open|see|seen|find|found|protect|hide"
    r"|guard|forget|forgot(?:ten)?|replace|revoke|lost|lose|knows?|need|test|turn|switch|print|note"
    r"|remember|put|restore|import|move|sign in|log in|read|treat(?:ed)?|copy|export|compare|belongs?"
    r"|masked|enter(?:ed)?|typed?|write|paste|input)"
)
_CARES = re.compile(rf"\b{_CARE}\b")
_MOOD = re.compile(
    r"\b(?:please|pls|plz|kindly|mandatory|required|must|just|simply|(?:could|can|would|will) (?:you|i|we)|i'd like"
    r"|let's)\b|\?\W*$"
)
_ORDER = re.compile(
    r"^\W*(?:(?:just|simply|then|now|kindly|next|first|please|to \w+,?) )*"
    r"(?!(?:if|when|once|because|that|is|was|are|were|has|have|had|does|did|do|after|before|with|without|for|from|in|on|at"
    r"|by|to|of|and|or|but|since|while|although|as|all|only|our|your|the|this|these|no|not|never|where|which|who|whose|what"
    r"|so|it|its|they|we|i|you|he|she|a|an|my|new|old|any|some|each|every|then|there|here|how|both|also|too|until|unless"
    rf"|wrong|about|like|than|{_CARE[3:-1]})\b)"
    r"[a-z]+(?: (?:me|us|over|in|out|up|back))? (?:me |us )?(?:your|the|all|that) "
)
_ONES = re.compile(r"\b(?:your|the)\b")
_OURS = re.compile(
    r"\b(?:page|app|site|form|field|portal|menu|program|device|manager|settings|phone's|paper|wallet app)\b"
)
# What stands for something named before.
_IT = re.compile(
    r"\b(?:it|them|this|that|this one|yours)\b(?! (?:is|was|were|are)\b)|\b(?:to|with) (?:me|us)\W*$"
    r"|\b(?:send|tell|give|reply with|type) (?:me|us|here)\W*$"
)
_WANTED = re.compile(rf"{_WANT}\W")
_SAYS = re.compile(r"\bwhat (?:does it (?:say|show)|is it|are they|is yours)\b")
_PLEASE = re.compile(rf"(?:{SECRET.pattern})\W{{0,3}}(?:please|pls|plz|now|asap)\b\W*$")
_BARE = re.compile(rf"^\W*(?:and )?(?:your |the )?(?:{SECRET.pattern})\W*\?\W*$")
_FIELD = re.compile(rf"(?:{SECRET.pattern})\s*:\s*(?:\.{{2,}}|_{{2,}}|…)")

# What only sounds like a "no".
_IDLE = re.compile(
    r"\b(?:never mind|no (?:problem|worries|worry|other way)|(?:do not|don't) (?:worry|be afraid|hesitate to)"
    r"|without (?:delay|hesitation)|not only|(?:why|how about) (?:do not|don't|not)"
    r"|(?:is|would|could|can|do|wo)n't (?:it|you)"
    r"|if you (?:do not|don't|cannot|can't|won't|will not))\b"
)
_NO = re.compile(
    r"\b(?:never|not|cannot|nobody|no one|none|no \w+ of (?:us|ours)|no (?:need|reason)|neither|nor|\w+n't|stop|avoid"
    r"|refuse|without|rather than|instead of)\b"
)
# "no code and no remote access"
_NONE = re.compile(r"\bno (?:\w+ )?(?:remote|screen)|\bneeds? none\b")
_DOES = re.compile(
    r"\b(?:please|install|download|open|start|run|use|get|let|allow|share|turn|accept|join|give|take|connect|need)\b"
)
_NO_SECRET = re.compile(rf"\bno (?:{SECRET.pattern})")
_BACK = re.compile(r"\b(?:unless|until|till)\b")
_BUT_US = re.compile(r"\b(?:but|except|only|other than) (?:to |with )?(?:me|us|here)\b")
# Somebody else asks, or it is over.
_OTHERS = re.compile(
    r"\b(?:any(?:one|body)|some(?:one|body)|whoever|who|callers?|strangers?|scammers?|fraudsters?|impostors?|they|he|she)\b"
    r"[^.]{0,40}\b(?:ask|want|need|tell|told|made?|demand|call|request)"
)
_PAST = re.compile(
    r"^\W*(?:and |so )?(?:did|have|has|had|were|was|when|where|how (?:many|often|long)|why did|which|who)\b"
    r"(?! (?:not|n't))(?=[^.]*\b(?:you|any(?:one|body)|they|caller)\b)"
)

_TOOLS = (
    r"any ?desk|team ?viewer|quick ?support|rust ?desk|ultra ?viewer|screen ?connect|connect ?wise|log ?me ?in"
    r"|quick assist|to ?desk|supremo|air ?droid|zoho assist|splashtop|aero ?admin|ammyy|dw ?service|get ?screen"
    r"|chrome remote|support tool"
)
REMOTE = re.compile(
    rf"\b(?:{_TOOLS}|remote(?:ly)? (?:desktop|access|control|support|help|assistance|sessions?|connection)|remotely"
    r"|control of your \w+"
    r"|(?:see|view|watch) your (?:screen|desktop)"
    r"|(?:access|open) (?:to )?your (?:computer|pc|phone|device|laptop|desktop)|start sharing"
    r"|shar(?:e|ing) (?:your |the |a )?screens?|screen[- ]?shar(?:e|ing)"
    r"|(?:take (?:over|control of)|connect to|log ?in to|control) your (?:computer|pc|phone|device|laptop|screen))\b"
)
_UNDO = re.compile(r"\b(?:uninstall|remove|delete|close|quit|end|leave)\b")


def asks_for_a_secret(said: Sentence) -> bool:
    """Whether this sentence asks for what only its owner may know."""
    text = _IDLE.sub(" ", said.text)
    is_named, was_named = _names(text), _names(said.before)
    if not (is_named or was_named) or _PAST.search(text):
        return False
    if is_named and (_PLEASE.search(text) or _BARE.search(text) or _FIELD.search(text)):
        return True
    if was_named and (_SAYS.search(text) or (_BUT_US.search(said.before) and _IT.search(text))):
        return True
    if is_named and _NO.search(text) and _BUT_US.search(text):
        return True
    if _OTHERS.search(text):
        return False
    return any(_part_asks(said, part) or _part_orders(part) for part in said.parts)


def asks_for_the_screen(said: Sentence) -> bool:
    """Whether this sentence wants to see or to steer a customer's device."""
    text = _IDLE.sub(" ", said.text)
    if _PAST.search(text) or _OTHERS.search(text):
        return False
    for part in map(_without_idle, said.parts):
        found = REMOTE.search(part)
        if found and not _is_taken_back(text, part, found):
            return True
    return False


def _is_taken_back(text: str, part: str, found: re.Match[str]) -> bool:
    """Whether a "no" before the words holds for them: in their part, or before a part that only goes on a list."""
    before = part[: found.start()]
    if _NO.search(before) or _UNDO.search(before) or _NONE.search(part):
        return True
    return not _DOES.search(part) and bool(_NO.search(text[: text.find(part.strip())]))


def _part_asks(said: Sentence, part: str) -> bool:
    part = _without_idle(part)
    # The first is enough: a "no" before it stands before all others, and what follows them follows it.
    ask = _ASK.search(part)
    if not ask or (_NO.search(part[: ask.start()]) and not _BACK.search(part[: ask.start()])):
        return False
    rest = part[ask.start() :]
    if _NO_SECRET.search(rest):
        return False
    return _names(rest, said.text) or bool(_IT.search(rest)) or _is_list(said.text, part.strip())


def _part_orders(part: str) -> bool:
    """Whether this part wants something done with a secret that is neither looking after it nor using it."""
    part = _without_idle(part)
    noun = SECRET.search(part)
    if not noun or _OURS.search(part):
        return False
    before = part[: noun.start()]
    if _NO.search(before) or _CARES.search(before):
        return False
    return bool(_ORDER.search(before) or (_MOOD.search(part) and _ONES.search(before)))


def _is_list(text: str, part: str) -> bool:
    """Whether what this part asks for is listed behind it."""
    at = text.find(part)
    behind = text[at + len(part) :]
    return (behind.startswith(":") or part.endswith(("form", "following"))) and bool(SECRET.search(behind))


def _names(text: str, context: str = "") -> bool:
    if SECRET.search(text):
        return True
    around = context or text
    return bool(_SHOWN.search(text) and _SHOWS.search(around) and not _LAST.search(text))


def _without_idle(part: str) -> str:
    return _IDLE.sub(" ", part)
