"""Commands that people give the bot: what there is, what a request asks, and answers that only the asker sees."""

import json
from typing import Any, Final

from tickets.channels.discord.events import dig, listed, text
from tickets.channels.social.calling import json_object
from tickets.channels.social.shapes import Asked

SUPPORT, VERIFY, OFFICIAL = "support", "verify", "official"
QUESTION: Final = "question"
LONGEST_QUESTION: Final = 2_000
LONGEST_ANSWER: Final = 2_000
# Kinds of requests and of answers, the flag that shows an answer to its asker alone, and an option that is text.
PING, COMMAND, PONG, MESSAGE, EPHEMERAL, STRING = 1, 2, 1, 4, 64, 3
# Discord shows each user these in their language, English where there is none.
COMMANDS: Final[list[dict[str, Any]]] = [
    {
        "name": SUPPORT,
        "type": 1,
        "description": "Ask our support in private",
        "description_localizations": {"zh-CN": "私下联系我们的客服"},
        "options": [
            {
                "name": QUESTION,
                "type": STRING,
                "description": "Your question. Never passwords, codes, keys or seed phrases",
                "description_localizations": {"zh-CN": "你的问题。切勿填写密码、验证码、密钥或助记词"},
                "required": True,
                "max_length": LONGEST_QUESTION,
            }
        ],
    },
    {
        "name": VERIFY,
        "type": 1,
        "description": "Prove that it is you: in the portal, never in chat",
        "description_localizations": {"zh-CN": "证明是你本人：在门户中进行，绝不在聊天里"},
    },
    {
        "name": OFFICIAL,
        "type": 1,
        "description": "Who is really from us, here and elsewhere",
        "description_localizations": {"zh-CN": "在这里和其他地方，谁才真正是我们的人"},
    },
]


def asked(raw: bytes) -> Asked:
    """Return what a request wants answered at once."""
    said = json_object(raw)
    return Asked(said.get("type") == PING, command_of(said), text(said.get("locale"))[:16])


def command_of(said: dict[str, Any]) -> str:
    """Return the command of a request, or ''."""
    return text(dig(said, "data", "name"))[:32] if said.get("type") == COMMAND else ""


def question_of(said: dict[str, Any]) -> str:
    """Return what somebody asks with the command `support`."""
    options = listed(dig(said, "data", "options"))
    return next((text(dig(one, "value")).strip() for one in options if dig(one, "name") == QUESTION), "")


def pong() -> bytes:
    """Return the answer to a sign of life."""
    return json.dumps({"type": PONG}).encode()


def told(words: str) -> bytes:
    """Return the answer that says `words` to whoever asked, and mentions nobody."""
    said = {"content": words[:LONGEST_ANSWER], "flags": EPHEMERAL, "allowed_mentions": {"parse": []}}
    return json.dumps({"type": MESSAGE, "data": said}).encode()
