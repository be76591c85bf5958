"""What looks like an identity document, by the name of its file and the subject it came under. Hints, never proof."""

import re
import unicodedata

# As people call them in files and subjects; compared without accents and case.
WORDS = (
    "passport", "pasaporte", "passeport", "reisepass", "passaporto", "passaporte", "pasaport", "paspoort", "paszport",
    "паспорт", "护照", "護照", "パスポート", "旅券", "여권", "جواز",
    "id card", "idcard", "identity card", "identity document", "national id", "id front", "id back", "ausweis",
    "carte d'identite", "carte d identite", "carte identite", "carta d'identita", "carta d identita", "dni", "cedula",
    "documento de identidad", "bilhete de identidade", "kimlik", "dowod osobisty", "удостоверение личности", "身份证",
    "身份證", "身分證", "身分証", "신분증", "هوية",
    "driving licence", "driving license", "driver license", "drivers license", "driver's license", "drivers licence",
    "fuhrerschein", "permis de conduire", "licencia de conducir", "patente di guida", "carteira de motorista", "cnh",
    "ehliyet", "prawo jazdy", "водительск", "驾照", "駕照", "驾驶证", "駕駛證", "運転免許", "운전면허",
    "residence permit", "aufenthaltstitel", "titre de sejour", "居留证",
    "selfie", "selbstportrat", "селфи", "自拍", "手持身份", "セルフィー", "셀카", "proof of identity", "kyc",
)  # fmt: skip
# Shorter Latin ones are parts of other words, and several begin with the end of one.
WHOLE_BELOW = 6
# Inline pictures below are the logos of signatures.
LOGO_BYTES = 8 * 1024
PICTURE, PAPER = "image/", ("application/pdf", "image/heic", "image/heif")


def _plain(text: str) -> str:
    """Without accents, case and the signs that file names have for spaces."""
    bare = "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    return re.sub(r"[\s_.+\-]+", " ", bare)


def _pattern(word: str) -> str:
    plain = re.escape(_plain(word))
    if not word.isascii() or (len(word) >= WHOLE_BELOW and " " not in word):
        return plain
    return rf"(?<![a-z]){plain}" if " " in word else rf"(?<![a-z]){plain}(?![a-z])"


HINT = re.compile("|".join(_pattern(word) for word in WORDS))


def names_one(text: str) -> bool:
    """Whether a file name or a subject speaks of an identity document."""
    return HINT.search(_plain(text[:1_000])) is not None


def may_be_one(*, content_type: str, size: int, is_inline: bool) -> bool:
    """Whether a file could be a picture or a scan of one; the logo of a signature is none."""
    is_kind = content_type.startswith(PICTURE) or content_type in PAPER
    return is_kind and not (is_inline and size < LOGO_BYTES)


def looks_like_one(*, name: str, content_type: str, size: int, is_inline: bool, subject: str) -> bool:
    """Whether a file is to be proposed: its name says so, or it is a picture under a subject that does."""
    if not may_be_one(content_type=content_type, size=size, is_inline=is_inline):
        return False
    return names_one(name) or (content_type.startswith(PICTURE) and names_one(subject))
