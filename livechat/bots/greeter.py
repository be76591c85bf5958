"""Our own bot: greets, asks what it is about, and hands over. It answers no question itself."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from core.excerpts import cut
from livechat.bots.interface import Heard, TopicOffered


class Greeter:
    """Asks for the topic with buttons; words do as well."""

    def answer(self, heard: Heard) -> Mapping[str, Any]:
        """Greet at first and ask; then set the topic that was named, and hand over in any case."""
        summary = _("The customer wrote: “%(text)s”") % {"text": cut(self._first(heard), 500)}
        over = {"do": "hand_over", "summary": summary}
        chosen = None if heard.is_first else _named(heard)
        if chosen is not None:
            return {"actions": [{"do": "set_topic", "topic": chosen.slug}, over], "confidence": 1.0}
        if heard.topic or not heard.topics:
            return {"actions": [over], "confidence": 1.0}
        if not heard.is_first:
            # Nothing that was offered: people find out.
            return {"actions": [over], "confidence": 0.2}
        name = heard.customer.get("first_name", "")
        greeting = _("Hello %(name)s!") % {"name": name} if name else _("Hello!")
        asks = _("I am an automated assistant. What is it about? Choose below or write it; then a person answers.")
        offered = {"do": "offer_replies", "replies": [cut(one.name, 60) for one in heard.topics[:12]]}
        return {"messages": [f"{greeting} {asks}"], "actions": [offered], "confidence": 1.0}

    @staticmethod
    def _first(heard: Heard) -> str:
        return next((one.text for one in heard.before if one.who == "customer"), heard.text)


def _named(heard: Heard) -> TopicOffered | None:
    """Return the one topic whose name was said."""
    said = " ".join(heard.text.casefold().split())
    exact = [one for one in heard.topics if cut(one.name, 60).casefold() == said]
    within = [one for one in heard.topics if one.name.casefold() in said]
    found = exact or within
    return found[0] if len(found) == 1 else None
