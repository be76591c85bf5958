"""Guessing the language a text is written in, as the codes the desk uses; unsure is an empty string."""

import re
from functools import cache
from typing import Final

import structlog
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from core import memory

log = structlog.get_logger(__name__)

KNOWN: Final = ("en", "zh", "es", "de", "pt", "ru", "tr", "vi", "ja", "ko", "ar", "fr", "it", "id")
MIN_LETTERS: Final = 20
_MIN_EAST_ASIAN: Final = 4
_SAMPLE_CHARS: Final = 600
_NOISE: Final = re.compile(r"https?://\S+|\S+@\S+|⟦[^⟧]*⟧|0x[0-9a-fA-F]+|[\d\W_]+")
_EAST_ASIAN: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# Frequent characters that only one of the two scripts writes this way.
_TRADITIONAL: Final = frozenset("們個這來對時會國說為與請問還沒錢幣帳號無認證錄開關頁點嗎麼給後過")
_SIMPLIFIED: Final = frozenset("们个这来对时会国说为与请问还没钱币账号无认证录开关页点吗么给后过")


@cache
def _model() -> LanguageIdentifier:
    """Load the model (some 80 MB of memory), only in processes that really guess."""
    model = LanguageIdentifier.from_model_file(MODEL_FILE)
    model.set_languages(list(KNOWN))
    return model


def is_loaded() -> bool:
    """Load the model unless it is there; a process that forks does so before, and its children share it.

    False while no room is left for temporary files, where the model is unpacked.
    """
    try:
        _model()
    except OSError as error:
        log.warning("language_not_loaded", reason=error.strerror)
        return False
    return True


def forget() -> None:
    """Give the model's memory back, in a process that guesses now and then; the next guess loads it again."""
    _model.cache_clear()
    # Of its small blocks the C library would keep a third.
    memory.trim()


def guess(text: str) -> str:
    """Return a code such as `en` or `zh-hans`; '' when there is too little to go by.

    Also '' while no room is left for temporary files, where the model is unpacked: a mail does not wait for that.
    """
    words = _NOISE.sub(" ", text[:_SAMPLE_CHARS]).strip()
    east_asian = len(_EAST_ASIAN.findall(words))
    if len(words) < MIN_LETTERS and east_asian < _MIN_EAST_ASIAN:
        return ""
    if not is_loaded():
        return ""
    code = str(_model().classify(words)[0])
    return _script(words) if code == "zh" else code


def _script(text: str) -> str:
    traditional = sum(character in _TRADITIONAL and character not in _SIMPLIFIED for character in text)
    simplified = sum(character in _SIMPLIFIED and character not in _TRADITIONAL for character in text)
    return "zh-hant" if traditional > simplified else "zh-hans"
