"""The emoji that the pickers of the chat and of the desk offer, with the names that screen readers say."""

import json

from django.utils.functional import Promise
from django.utils.translation import override, pgettext_lazy

# Eight of a group are a row of the grid.
GROUPS: tuple[tuple[Promise | str, tuple[tuple[str, Promise | str], ...]], ...] = (
    (
        pgettext_lazy("emoji", "Faces"),
        (
            ("🙂", pgettext_lazy("emoji", "smiling")),
            ("😊", pgettext_lazy("emoji", "happy")),
            ("😀", pgettext_lazy("emoji", "grinning")),
            ("😂", pgettext_lazy("emoji", "tears of joy")),
            ("😉", pgettext_lazy("emoji", "winking")),
            ("😅", pgettext_lazy("emoji", "relieved laugh")),
            ("🤔", pgettext_lazy("emoji", "thinking")),
            ("😐", pgettext_lazy("emoji", "neutral")),
        ),
    ),
    (
        pgettext_lazy("emoji", "Feelings"),
        (
            ("😕", pgettext_lazy("emoji", "confused")),
            ("😟", pgettext_lazy("emoji", "worried")),
            ("😢", pgettext_lazy("emoji", "crying")),
            ("😭", pgettext_lazy("emoji", "sobbing")),
            ("😠", pgettext_lazy("emoji", "angry")),
            ("😱", pgettext_lazy("emoji", "shocked")),
            ("😴", pgettext_lazy("emoji", "sleepy")),
            ("🥳", pgettext_lazy("emoji", "celebrating")),
        ),
    ),
    (
        pgettext_lazy("emoji", "Hands"),
        (
            ("👍", pgettext_lazy("emoji", "thumbs up")),
            ("👎", pgettext_lazy("emoji", "thumbs down")),
            ("👌", pgettext_lazy("emoji", "OK")),
            ("🙏", pgettext_lazy("emoji", "thank you")),
            ("👏", pgettext_lazy("emoji", "applause")),
            ("🤝", pgettext_lazy("emoji", "handshake")),
            ("👋", pgettext_lazy("emoji", "waving")),
            ("💪", pgettext_lazy("emoji", "strong")),
        ),
    ),
    (
        pgettext_lazy("emoji", "Signs"),
        (
            ("❤️", pgettext_lazy("emoji", "heart")),
            ("💔", pgettext_lazy("emoji", "broken heart")),
            ("🎉", pgettext_lazy("emoji", "party")),
            ("⭐", pgettext_lazy("emoji", "star")),
            ("🔥", pgettext_lazy("emoji", "fire")),
            ("💯", pgettext_lazy("emoji", "hundred")),
            ("✅", pgettext_lazy("emoji", "check mark")),
            ("❌", pgettext_lazy("emoji", "cross mark")),
        ),
    ),
    (
        pgettext_lazy("emoji", "Money"),
        (
            ("💰", pgettext_lazy("emoji", "money bag")),
            ("💳", pgettext_lazy("emoji", "card")),
            ("🪙", pgettext_lazy("emoji", "coin")),
            ("📈", pgettext_lazy("emoji", "rising chart")),
            ("📉", pgettext_lazy("emoji", "falling chart")),
            ("🏦", pgettext_lazy("emoji", "bank")),
            ("🧾", pgettext_lazy("emoji", "receipt")),
            ("💸", pgettext_lazy("emoji", "money flying away")),
        ),
    ),
    (
        pgettext_lazy("emoji", "Safety and time"),
        (
            ("🔒", pgettext_lazy("emoji", "locked")),
            ("🔑", pgettext_lazy("emoji", "key")),
            ("🛡️", pgettext_lazy("emoji", "shield")),
            ("⚠️", pgettext_lazy("emoji", "warning")),
            ("⏳", pgettext_lazy("emoji", "hourglass")),
            ("⏰", pgettext_lazy("emoji", "alarm clock")),
            ("📱", pgettext_lazy("emoji", "phone")),
            ("📎", pgettext_lazy("emoji", "paper clip")),
        ),
    ),
)


def offered() -> str:
    """Return the groups as JSON: the name in the present language, and the English one where it is another.

    Whoever writes Chinese finds "thumbs up" as well.
    """
    with override("en"):
        english = {sign: str(name) for _group, signs in GROUPS for sign, name in signs}
    groups = [
        {"name": str(group), "signs": [[sign, str(name), english[sign]] for sign, name in signs]}
        for group, signs in GROUPS
    ]
    return json.dumps(groups, ensure_ascii=False)
