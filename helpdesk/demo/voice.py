"""How people write: choices filled in, greetings and closings of each language, haste and habits."""

import re
import unicodedata
from collections.abc import Mapping
from random import Random

_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
_SLOT = re.compile(r"\{([a-z0-9_]+)\}")
_ADDRESSES_FIRST = re.compile(
    r"(hi\b|hello|hey|dear|good (day|morning|evening)|你好|您好|客服|请问|bom dia|السلام|お世話)", re.IGNORECASE
)

# Written without a choice of words that would need a name where none is known.
_GREETINGS = {
    "en": ("Hi,", "Hello,", "Hi there,", "Hello Pharos team,", "Good morning,", "Hey,", "Dear support,", "Hello,"),
    "zh": ("你好，", "您好：", "客服您好，", "你好！"),
    "es": ("Hola,", "Buenas tardes,", "Buenos días,", "Hola:"),
    "de": ("Guten Tag,", "Hallo,", "Sehr geehrte Damen und Herren,", "Moin,"),
    "pt": ("Olá,", "Boa tarde,", "Bom dia,", "Oi,"),
    "ru": ("Здравствуйте,", "Добрый день,", "Добрый вечер,"),
    "tr": ("Merhaba,", "İyi günler,", "Selamlar,"),
    "vi": ("Chào ad,", "Xin chào,", "Chào bạn,"),
    "ja": ("はじめまして。", "お世話になります。", "サポートご担当者様"),
    "ko": ("안녕하세요.", "안녕하세요, 문의드립니다."),
    "ar": ("السلام عليكم،", "مرحباً،", "تحية طيبة،"),
}
_CLOSINGS = {
    "en": (
        "Thanks,\n{first}",
        "Thank you\n{name}",
        "Best regards,\n{name}",
        "Cheers",
        "{first}",
        "Thanks in advance!",
        "Kind regards\n\n{name}",
        "Sent from my iPhone",
        "Sent from my phone, excuse typos",
    ),
    "zh": ("谢谢！", "谢谢\n{name}", "麻烦了", "{name}", "发自我的手机"),
    "es": ("Gracias,\n{name}", "Un saludo,\n{first}", "Gracias de antemano", "Enviado desde mi iPhone"),
    "de": ("Mit freundlichen Grüßen\n{name}", "Viele Grüße\n{first}", "MfG\n{name}", "Von meinem iPhone gesendet"),
    "pt": ("Obrigado,\n{first}", "Att,\n{name}", "Aguardo retorno"),
    "ru": ("Спасибо,\n{first}", "С уважением,\n{name}", "Отправлено с телефона"),
    "tr": ("Teşekkürler,\n{first}", "İyi çalışmalar", "Saygılarımla\n{name}"),
    "vi": ("Cảm ơn ạ", "Cảm ơn,\n{name}"),
    "ja": ("よろしくお願いいたします。\n\n{name}", "よろしくお願いします。", "{name}"),
    "ko": ("감사합니다.\n{name} 드림", "빠른 확인 부탁드립니다.", "감사합니다."),
    "ar": ("وشكراً\n{name}", "شكراً لكم", "مع التحية،\n{name}"),
}
_AGENT_GREETINGS = {
    "en": ("Hi {first},", "Hello {first},", "Hi {first},"),
    "zh": ("{name}，您好：", "您好，"),
    "es": ("Hola, {first}:", "Hola {first},"),
    "de": ("Guten Tag {name},", "Hallo {first},"),
    "pt": ("Olá, {first},", "Oi {first},"),
    "ru": ("Здравствуйте, {first},", "{first}, добрый день,"),
    "tr": ("Merhaba {first},",),
    "vi": ("Chào {first},",),
    "ja": ("{name}様",),
    "ko": ("{name} 고객님, 안녕하세요.",),
    "ar": ("مرحباً {first}،",),
}
_AGENT_CLOSINGS = {
    "en": ("Kind regards,\n{agent}", "Best wishes,\n{agent}", "{agent}"),
    "zh": ("{agent}",),
    "es": ("Un saludo,\n{agent}",),
    "de": ("Freundliche Grüße\n{agent}",),
    "pt": ("Um abraço,\n{agent}",),
    "ru": ("С уважением,\n{agent}",),
    "tr": ("Saygılarımla,\n{agent}",),
    "vi": ("Trân trọng,\n{agent}",),
    "ja": ("Pharosサポート {agent}",),
    "ko": ("{agent} 드림",),
    "ar": ("مع التحية،\n{agent}",),
}
_NAMELESS = {
    "en": "Hello,",
    "zh": "您好，",
    "ja": "お客様",
    "ko": "고객님, 안녕하세요.",
    "de": "Guten Tag,",
    "ar": "مرحباً،",
}
_AWAY = {
    "en": "I'm out of the office until {date_later} with limited access to email. For anything urgent please call the switchboard.",
    "zh": "您好，我正在休假，{date_later}返回，邮件可能无法及时回复。",
    "de": "vielen Dank für Ihre Nachricht. Ich bin bis {date_later} nicht im Büro und lese meine Mails nur gelegentlich.",
    "es": "Estoy fuera de la oficina hasta el {date_later}. Responderé a mi regreso.",
}
_SLIPS = (
    ("the ", "teh "),
    ("please", "plese"),
    ("received", "recieved"),
    ("account", "acount"),
    ("withdrawal", "withdrawl"),
    ("because", "becuase"),
    ("address", "adress"),
)


def fill(template: str, slots: Mapping[str, str], random: Random) -> str:
    """Return `template` with its choices made and its slots filled; raises KeyError for an unknown slot."""
    text = template
    while found := _CHOICE.search(text):
        text = text[: found.start()] + random.choice(found.group(1).split("|")) + text[found.end() :]
    return _SLOT.sub(lambda slot: slots[slot.group(1)], text)


def hasty(template: str, language: str, random: Random) -> str:
    """Return the template as somebody in a hurry would type it: small letters, or a slip or two. Mostly unchanged."""
    chance = random.random()
    if language in {"ja", "ko", "zh", "ar", "de"} or chance > 0.2:
        return template
    if chance < 0.08:
        return template.replace("'", "").lower()
    if language == "en":
        for right, wrong in random.sample(_SLIPS, 3):
            template = template.replace(right, wrong, 1)
        return template
    return _without_accents(template) if language in {"es", "pt"} else template


def _without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


def customer_says(body: str, slots: Mapping[str, str], language: str, random: Random, *, is_first: bool) -> str:
    """Return a customer's message with the greeting and closing they may or may not bother with."""
    parts = [body]
    greets = random.random() < (0.72 if is_first else 0.06)
    if language == "de" and is_first and body[:1].islower():
        greets = True
    if greets and not _ADDRESSES_FIRST.match(body):
        parts.insert(0, random.choice(_GREETINGS[language] if is_first else _GREETINGS[language][:2]))
    elif body[:1].islower() and (language == "de" or (language != "en" and random.random() < 0.5)):
        parts = [body[:1].upper() + body[1:]]
    if random.random() < (0.62 if is_first else 0.22):
        parts.append(random.choice(_CLOSINGS[language]).format(**slots))
    return "\n\n".join(part for part in parts if part.strip())


def agent_says(body: str, slots: Mapping[str, str], language: str, random: Random, *, is_first: bool) -> str:
    """Return an agent's reply: greeted the first time, always signed."""
    if language != "de":
        body = body[:1].upper() + body[1:]
    if is_first or language == "de":
        greeting = random.choice(_AGENT_GREETINGS[language]) if slots["name"] else _NAMELESS.get(language, "")
        opened = [greeting.format(**slots), body] if greeting else [body]
    else:
        opened = [body]
    return "\n\n".join([*opened, random.choice(_AGENT_CLOSINGS[language]).format(**slots)])


def away(slots: Mapping[str, str], language: str) -> str:
    """Return an out-of-office text."""
    return _AWAY.get(language, _AWAY["en"]).format(**slots)


def answers_automatically(language: str) -> bool:
    """Whether the demo knows an out-of-office text in this language."""
    return language in _AWAY
