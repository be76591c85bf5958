"""What the demo's phones can do next, and their TwiML as lines of coloured parts."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from helpdesk.demo.phone_channel import NAMED_KEY, Phone

INDENT: Final = "  "


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line; `kind` is tag, name, value or text."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Deed:
    """A button: what is done, with which key."""

    do: str
    label: str
    key: str = ""
    is_first: bool = False


def deeds(phone: Phone) -> list[Deed]:
    """Return what may be done at a phone, as its page asks for it."""
    if phone.is_over:
        return []
    if phone.picked_up_url:
        return [Deed("pick_up", _("Pick up"), is_first=True), Deed("no_answer", _("Nobody answers"))]
    return _at_page(phone) + ([] if phone.is_talking and phone.is_caller else [Deed("hang_up", _("Hang up"))])


def _at_page(phone: Phone) -> list[Deed]:
    verb = phone.verb
    tag = verb.tag if verb is not None and verb.find("Conference") is None else ""
    if tag == "Gather":
        return [*_keys(phone), Deed("press", _("Press nothing"))]
    if tag == "Redirect":
        return [Deed("press", _("Go on"), is_first=True)]
    if tag == "Record":
        return [Deed("speak", _("Leave a message"), is_first=True)]
    if tag == "Dial" and phone.is_talking:
        return [Deed("talked", _("End the talk"), is_first=True)]
    if tag == "Dial":
        return [Deed("pick_up", _("Pick up over there"), is_first=True), Deed("nobody", _("Nobody answers there"))]
    return []


def digits_wanted(phone: Phone) -> int:
    """Return how many digits are to be typed; 0 when none, or a single key, is waited for."""
    gather = phone.root.find("Gather")
    wanted = int(gather.get("numDigits", "1")) if gather is not None and not phone.is_over else 0
    return wanted if wanted > 1 else 0


def lines(page: str) -> list[list[Part]]:
    """Return TwiML one tag a line, with its depth as spaces."""
    return _lines(ET.fromstring(page), 0) if page else []  # noqa: S314 -- what our own endpoint has written


def _keys(phone: Phone) -> list[Deed]:
    if digits_wanted(phone):
        return []
    named = {one.group(1) or one.group(2) for text in phone.words for one in NAMED_KEY.finditer(text)}
    return [Deed("press", _("Press %(key)s") % {"key": key}, key, is_first=True) for key in sorted(named)]


def _lines(element: ET.Element, depth: int) -> list[list[Part]]:
    begin = [Part("text", INDENT * depth), Part("tag", f"<{element.tag}")]
    for name, value in element.attrib.items():
        begin += [Part("name", f" {name}="), Part("value", f'"{value}"')]
    children = list(element)
    if not children and not element.text:
        return [[*begin, Part("tag", "/>")]]
    begin.append(Part("tag", ">"))
    end = Part("tag", f"</{element.tag}>")
    if not children:
        return [[*begin, Part("text", element.text or ""), end]]
    inside = [line for child in children for line in _lines(child, depth + 1)]
    return [begin, *inside, [Part("text", INDENT * depth), end]]
