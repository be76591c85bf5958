"""Second factors sent to us: `otpauth` URIs, labelled authenticator secrets, labelled one-time codes."""

import re
from collections.abc import Iterator

from security.redaction.findings import Finding, Kind
from security.redaction.folding import caseless

_URI = re.compile(r"otpauth(?:-migration)?(?::|%3a)(?://|%2f%2f)[^\s\"'<>⟦⟧]{1,4096}", re.IGNORECASE)
_SECRET_LABEL = re.compile(
    r"(?:(?:2fa|totp|mfa|otp|authenticat(?:or|ion)|google auth|two[- ]?factor|set-?up|manual(?: entry)?|base-?32)"
    r"(?: app)?[\s_-]{0,2}(?:secret(?:[\s_-]key)?|(?:set-?up |recovery |backup )?key|seed)|"
    r"secret(?:[\s_-]key)?\s?\((?:2fa|totp|otp|base-?32)\)|(?:谷歌|双重|二次|两步|2fa)?\s?(?:验证器?|驗證器?|认证器?)\s?(?:密钥|金鑰|密鑰|秘钥)|"
    r"(?:密钥|金鑰|密鑰|秘钥)|otp[\s_-]?secret)"
    r"(?:[\"']?\s{0,2}(?:is|was|[:=：]|是|为|為))?[\s\"'`]{0,4}",
    re.IGNORECASE,
)
# Some part of every label above.
_PARTS_OF_SECRETS = ("secret", "key", "seed", *["密钥", "金鑰", "密鑰", "秘钥"])
_BASE32 = re.compile(
    r"(?:[A-Z2-7]{4}[ -]){3,15}[A-Z2-7]{2,8}(?!\w)|(?:[a-z2-7]{4}[ -]){3,15}[a-z2-7]{2,8}(?!\w)|"
    r"[A-Za-z2-7]{16,128}={0,6}(?!\w)"
)

_WORDS = (
    r"(?:(?:verification|verify|security|authenticat(?:or|ion)|auth|login|log-?in|sign-?in|sms|text|email|e-mail|"
    r"confirmation|one[\s-]?time|access|2fa|otp|mfa|totp|withdrawal|google|ga|2-?step|two[\s-]?factor|"
    r"6[\s-]?digit)[\s-]{1,2}){1,3}"
    r"(?:code|pass(?:code|word)|pin|otp|number)s?|(?:passcode|otp|totp|2fa|mfa)(?:[\s-](?:code|pin|number|token))?|"
    r"(?:短信|邮箱|郵箱|手机|手機|谷歌|动态|動態|登录|登錄|安全|确认|確認|一次性|简讯|簡訊)?(?:验证码|驗證碼|验证碼|动态码|動態碼|校验码|校驗碼|动态密码|動態密碼|驗證代碼|验证代码)|"
    r"код\w{0,2} (?:подтвержд\w+|безопасн\w+|авториз\w+|из (?:смс|sms|письма)|2fa|доступа|входа)|одноразов\w+ "
    r"(?:код|парол)\w{0,2}|смс-?код\w{0,2}|"
    r"c[óo]digo (?:de )?(?:verifica\w+|seguri?d?an?[çdz]a?\w*|confirma\w+|sms|acceso|acesso|2fa|otp)|"
    r"code (?:de )?(?:v[ée]rification|s[ée]curit[ée]|confirmation|sms|2fa)|codice (?:di )?(?:verifica|"
    r"sicurezza|conferma|sms|otp)|"
    r"(?:ov[ěe][řr]ovac[íi]|bezpe[čc]nostn[íi]) k[óo]d\w{0,2}|do[ğg]rulama kod\w{0,3}|(?:best[äa]tigungs|"
    r"sicherheits|verifizierungs)code|"
    r"인증\s?(?:번호|코드)|보안\s?코드|(?:認証|確認|ワンタイム)(?:コード|番号|パスワード)|"
    r"m[ãa] (?:x[áa]c (?:minh|nh[ậa]n|th[ựu]c)|otp)"
)
_LINK = (
    r"(?:\s(?:that\s)?(?:i|we|you)\s(?:(?:have|just)\s)?(?:got|received|receive|sent|see|entered|used|"
    r"typed)(?:\s(?:by\s\w{2,6}|from\s\w{2,8}|in\s\w{3,6}|now))?|"
    r"\s(?:shown|received|sent)|我?收到的|上面的)?"
    r"\s{0,2}[\"'`]?[\s(（\[]{0,2}(?:[:：=#>-]{1,2}|(?:is|was|are|es|est|is now|ist|é|è|это|to|je|below|now|です|"
    r"は|が|는|은|是|为|為|如下|：)\s?[:：]?)?[\s\"'`*]{0,4}(?:G-)?"
)
_DIGITS = r"(?P<code>\d{4,8}|\d{3}[ -]\d{3,4}|\d{4}[ -]\d{4})"
_NOT_FOLLOWED = (
    r"(?![A-Za-z0-9_%])(?![.,:/-]\d)(?!\s{0,2}(?:usdt|usdc|usd|btc|eth|trx|sol|eur|cny|rub|dollars?|euros?|times|"
    r"minutes?|mins?|hours?|hrs?|"
    r"seconds?|secs?|days?|years?|users?|people|attempts?|characters?|digits?|次|分钟|秒|小时|天|位|个|元))"
)
_LABELLED = re.compile(
    rf"(?:(?<![^\W\d_])|(?<=[^\x00-\x7f]))(?:{_WORDS}){_LINK}(?<![\d.,/]){_DIGITS}{_NOT_FOLLOWED}", re.IGNORECASE
)
_REVERSED = re.compile(
    rf"(?<![\w.,:/-]){_DIGITS}[\"'`*]{{0,3}}\s?(?:(?:is|was|－|-|—|=|是)\s?(?:your|my|the|our|his|her|我的|您的|你的)?|"
    rf"[（(])\s?(?:\w{{2,12}}\s)?(?:{_WORDS}|code(?!\w))",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    rf"(?<![\w-])(?P<before>(?:\w{{2,12}}[\s-]{{1,2}})?)(?:codes?|k[óo]d(?:u|as)?|código|codice|код|コード|코드|"
    rf"代码)(?P<link>{_LINK})(?<![\d.,/]){_DIGITS}{_NOT_FOLLOWED}",
    re.IGNORECASE,
)
_OTHER_CODES = re.compile(
    r"(?:error|errors|err|status|postal|post|zip|area|country|dial(?:ing)?|promo|promotion|referral|refer|"
    r"invite|invitation|discount|"
    r"coupon|voucher|gift|bar|qr|source|exit|response|reason|product|item|sort|swift|bic|bank|branch|tax|http|"
    r"return|result|"
    r"ошибки|ошибка|индекс|erreur|postale?|hata|chyby|fehler|color|colour|hex|unicode|dress|airport|asset|"
    r"currency|event|op|system|api|rejection|failure|reject|"
    r"tracking|order|case|ticket|department|industry|mcc|security incident|iso|of|the same|same)[\s-]{1,2}$",
    re.IGNORECASE,
)
_SOME_DIGITS = re.compile(r"\d{3,}")
# Some part of every label above: found quickly, and without one near there is nothing to look for.
_PARTS_OF_LABELS = (
    "code", "pass", "pin", "otp", "number", "2fa", "mfa", "码", "碼", "код", "парол", "digo", "codic", "kód", "kod",
    "인증", "보안", "코드", "コード", "番号", "パスワード", "xác", "xac",
)  # fmt: skip
# Beside "code" and its kin an ASCII label has one of these, or is one.
_ASCII_QUALIFIERS = (
    "verif", "secur", "auth", "log", "sign", "sms", "text", "mail", "confirm", "one", "access", "2fa", "otp", "mfa",
    "withdrawal", "google", "ga", "step", "factor", "digit", "passcode", "kod", "codigo", "codice", "tigungs",
    "sicherheit", "xac",
)  # fmt: skip
_PART_OF_LABEL = re.compile("|".join(_PARTS_OF_LABELS), re.IGNORECASE)
_LONGEST_PART = max(map(len, _PARTS_OF_LABELS))
_LABEL_REACH = 120
_USUAL_LENGTH = 6
_YEAR = re.compile(r"(?:19|20)\d\d")
_YEAR_LENGTH = 4


def one_time_secrets(text: str) -> Iterator[Finding]:
    """Find them; labels and links have bounded lengths, so time is linear."""
    words = caseless(text)
    for match in _URI.finditer(text) if "otpauth" in words else ():
        yield Finding(Kind.OTPAUTH, *match.span(), "uri")
    for label in _SECRET_LABEL.finditer(text) if any(part in words for part in _PARTS_OF_SECRETS) else ():
        secret = _BASE32.match(text, label.end())
        if secret is not None and _looks_random(secret.group()):
            yield Finding(Kind.OTPAUTH, *secret.span(), "labelled_base32")
    if any(part in words for part in _PARTS_OF_LABELS):
        for start, end in _regions_with_digits(text):
            yield from _codes(text, start, end)


def _regions_with_digits(text: str) -> Iterator[tuple[int, int]]:
    """Stretches with digits near a part of a label: labels are looked for only there, which spares most texts."""
    for start, end in _around(_PART_OF_LABEL, text, 2 * _LABEL_REACH):
        if _SOME_DIGITS.search(text, start, end):
            yield start, end


def _around(pattern: re.Pattern[str], text: str, reach: int) -> Iterator[tuple[int, int]]:
    """Stretches that hold `reach` characters before and behind every match, merged where they touch.

    What lies within `reach` behind a match is not looked at: twice as much is taken instead, so that a text full of
    matches costs a few of them.
    """
    region: tuple[int, int] | None = None
    match = pattern.search(text)
    while match is not None:
        start, end = max(0, match.start() - reach), match.end() + 2 * reach
        if region is not None and start > region[1]:
            yield region
            region = None
        region = (region[0] if region else start, end)
        match = pattern.search(text, match.end() + reach - _LONGEST_PART)
    if region is not None:
        yield region


def _codes(text: str, start: int, end: int) -> Iterator[Finding]:
    region = text[start:end]
    is_qualified = not region.isascii() or any(part in region.lower() for part in _ASCII_QUALIFIERS)
    labels = ((_LABELLED, "label_before"), (_REVERSED, "label_after"))
    for pattern, reason in labels if is_qualified else labels[1:]:
        for match in pattern.finditer(text, start, end):
            if not _is_bare_year(text, match):
                yield Finding(Kind.ONE_TIME_CODE, *match.span("code"), reason)
    for match in _PLAIN.finditer(text, start, end):
        before, link, code = match.group("before", "link", "code")
        if len(code) != _USUAL_LENGTH and not link.strip():
            continue
        is_other = before != "" and _OTHER_CODES.search(before) is not None
        if not is_other and not _is_bare_year(text, match):
            yield Finding(Kind.ONE_TIME_CODE, *match.span("code"), "code")


def _looks_random(secret: str) -> bool:
    """A base32 secret has digits or is all capitals; a lower-case sentence is neither."""
    return any(character in "234567" for character in secret) or secret.rstrip("=").isupper()


def _is_bare_year(text: str, match: re.Match[str]) -> bool:
    """Whether the digits read as a year ("2FA since 2024") because nothing like `:` or "is" introduces them."""
    start, end = match.span("code")
    if end - start != _YEAR_LENGTH or not _YEAR.fullmatch(text, start, end):
        return False
    return not re.search(r"[:：=#是为為]|\bis\b|\bwas\b", text[max(match.start(), start - 8) : start])
