"""Texts with secrets, each with what must not survive, and innocent texts that must come through unchanged."""

import hashlib
from dataclasses import dataclass

import base58
from mnemonic import Mnemonic

from security.redaction import Kind


@dataclass(frozen=True)
class Planted:
    """One text, the kind that must be found, and the pieces of it that must be gone."""

    name: str
    text: str
    kind: Kind
    gone: tuple[str, ...]


def _bytes(seed: str, length: int) -> bytes:
    return hashlib.sha512(seed.encode()).digest()[:length]


def words(language: str, count: int, seed: str = "phrase") -> list[str]:
    """The words of a fixed phrase with a right checksum."""
    mnemonic = Mnemonic(language)
    phrase: str = mnemonic.to_mnemonic(_bytes(f"{seed} {language} {count}", count * 4 // 3))
    return phrase.split(mnemonic.delimiter)


def _phrase(name: str, text: str, parts: list[str]) -> Planted:
    # Words that are in the mask or the text around prove nothing when they are still there.
    around = text
    for part in parts:
        around = around.replace(part, "", 1)
    gone = tuple(part for part in parts if part not in around and part not in "removed seed phrase")
    return Planted(f"seed {name}", text, Kind.SEED_PHRASE, gone)


def _numbered(parts: list[str]) -> str:
    return "\n".join(f"{number}. {word}" for number, word in enumerate(parts, start=1))


def _columns(parts: list[str]) -> str:
    rows = len(parts) // 3
    return "\n".join(
        "   ".join(f"{number + 1:2}. {parts[number]:10}" for number in range(row, len(parts), rows))
        for row in range(rows)
    )


def _seed_phrases() -> list[Planted]:
    planted = []
    for language in sorted(Mnemonic.list_languages()):
        for count in (12, 24):
            parts = words(language, count)
            separator = "\u3000" if language == "japanese" else " "
            planted.append(_phrase(f"{language} {count}", f"My wallet: {separator.join(parts)}\nPlease help.", parts))
    english = words("english", 12, "forms")
    planted += [
        _phrase(f"english {count}", "It is " + " ".join(words("english", count)) + ".", words("english", count))
        for count in (15, 18, 21)
    ]
    planted += [
        _phrase("numbered", "Backup\n" + _numbered(english), english),
        _phrase("numbered inline", " ".join(f"{n}) {word}" for n, word in enumerate(english, 1)), english),
        _phrase("numbered as Word 1:", "\n".join(f"Word {n}: {word}" for n, word in enumerate(english, 1)), english),
        _phrase("ordinals", "\n".join(f"{n}th {word}" for n, word in enumerate(english, 1)), english),
        _phrase("columns", _columns(words("english", 24)), words("english", 24)),
        _phrase("commas", ", ".join(english), english),
        _phrase("line breaks", "\r\n".join(english), english),
        _phrase("quoted reply", "\n".join(f"> {word}" for word in english), english),
        _phrase("capitals", " ".join(english).upper(), [word.upper() for word in english]),
        _phrase(
            "title case in quotes",
            '"' + '" "'.join(word.title() for word in english) + '"',
            [w.title() for w in english],
        ),
        _phrase("hyphens", "-".join(english), english),
        _phrase("bars", " | ".join(english), english),
        _phrase("zero-width characters", " ".join(word[:2] + "\u200b" + word[2:] for word in english), english[:0]),
        _phrase("glued", "seed:" + "".join(english), ["".join(english)]),
        _phrase("glued japanese", "".join(words("japanese", 12)), ["".join(words("japanese", 12))]),
        _phrase("glued korean", "".join(words("korean", 24)), ["".join(words("korean", 24))]),
        _phrase("spanish without accents", "la frase abaco abdomen abeja abaco abdomen abeja", []),
        _phrase("published test phrase", "abandon " * 11 + "about", ["about"]),
        _phrase(
            "published test phrase, 24",
            "legal winner thank year wave sausage worth useful " * 2
            + "legal winner thank year wave sausage worth title",
            ["sausage"],
        ),
        _phrase("two phrases", " ".join(english) + "\n\n" + " ".join(words("english", 24)), [*english]),
    ]
    planted = [item for item in planted if item.name != "seed spanish without accents"]
    accents = words("spanish", 24, "accents")
    bare = [word.translate(str.maketrans("áéíóúñ", "aeioun")) for word in accents]
    planted.append(_phrase("spanish without accents", " ".join(bare), bare))
    for language in ("chinese_simplified", "chinese_traditional"):
        for count in (12, 24):
            parts = words(language, count, "glued")
            glued = "".join(parts)
            planted += [
                _phrase(f"{language} {count} glued", f"您好\n{glued}\n谢谢", [glued]),
                _phrase(f"{language} {count} after a label", f"请帮忙，我的助记词是{glued}，钱包打不开了", [glued]),
                _phrase(f"{language} {count} numbered", _numbered(parts), []),
                _phrase(f"{language} {count} commas", "、".join(parts), []),
            ]
    return planted


def _private_keys() -> list[Planted]:
    def extended(version: str) -> str:
        payload = bytes.fromhex(version) + bytes(9) + _bytes("chain", 32) + b"\0" + _bytes("key", 32)
        return base58.b58encode_check(payload).decode()

    planted = [
        Planted(f"extended {version}", f"Key {key} end", Kind.EXTENDED_PRIVATE_KEY, (key,))
        for version in ("0488ade4", "049d7878", "04b2430c", "04358394")
        for key in [extended(version)]
    ]
    for name, payload in (
        ("compressed", b"\x80" + _bytes("wif", 32) + b"\1"),
        ("uncompressed", b"\x80" + _bytes("wif", 32)),
        ("testnet", b"\xef" + _bytes("wif", 32) + b"\1"),
    ):
        key = base58.b58encode_check(payload).decode()
        planted.append(Planted(f"wif {name}", f"导入失败：{key}。", Kind.WIF, (key,)))
    digits = _bytes("hex", 32).hex()
    other = _bytes("other", 32).hex()
    planted += [
        Planted(f"hex {name}", text, Kind.HEX_PRIVATE_KEY, (digits,))
        for name, text in (
            ("english", f"my private key is {digits}"),
            ("prefixed", f"Private Key: 0x{digits}"),
            ("chinese", f"我的私钥：0x{digits}，帮我看看"),
            ("traditional", f"私鑰是 {digits}"),
            ("identifier", f'{{"privkey": "{digits}"}}'),
            ("environment", f"PRIVATE_KEY=0x{digits.upper()}".replace(digits.upper(), digits)),
            ("russian", f"Приватный ключ: {digits}"),
            ("spanish", f"mi clave privada es {digits}"),
            ("french", f"Ma clé privée : {digits}"),
            ("japanese", f"秘密鍵は {digits} です"),
            ("korean", f"개인키: {digits}"),
            ("turkish", f"Özel anahtar: {digits}"),
            ("secret key", f"secret key\n{digits}"),
            ("label behind", f"0x{digits} is my private key"),
            ("list", f"Private keys:\n1. {other}\n2. {digits}"),
            ("label after a hash", f"tx hash 0x{other} and the private key 0x{digits}"),
        )
    ]
    pem = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIBvh\n-----END EC PRIVATE KEY-----"
    planted.append(Planted("pem", f"key\n{pem}\nbye", Kind.API_SECRET, ("MHcCAQEEIBvh",)))
    return planted


_OTPAUTH = [
    ("uri", "otpauth://totp/Pharos:ana?secret=JBSWY3DPEHPK3PXP&issuer=Pharos", "JBSWY3DPEHPK3PXP"),
    (
        "uri encoded",
        "https://qr.example/?text=otpauth%3A%2F%2Ftotp%2Fx%3Fsecret%3DJBSWY3DPEHPK3PXP",
        "JBSWY3DPEHPK3PXP",
    ),
    ("migration", "otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8", "CjEKCkhlbGxvId6tvu8"),
    ("labelled", "My 2FA secret: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "JBSWY3DPEHPK3PXP"),
    ("grouped", "Authenticator key: jbsw y3dp ehpk 3pxp jbsw y3dp ehpk 3pxp", "y3dp"),
    ("setup key", "the setup key is JBSW Y3DP EHPK 3PXP", "EHPK"),
    ("chinese", "谷歌验证器密钥：JBSWY3DPEHPK3PXP", "JBSWY3DPEHPK3PXP"),
    ("json", '{"otp_secret": "JBSWY3DPEHPK3PXP"}', "JBSWY3DPEHPK3PXP"),
]

_CARDS = [
    ("visa", "card 4111111111111111 declined", "4111111111111111"),
    ("visa spaces", "4242 4242 4242 4242", "4242 4242"),
    ("visa hyphens", "My card: 4012-8888-8888-1881.", "4012-8888"),
    ("mastercard", "卡号5555555555554444被拒", "5555555555554444"),
    ("mastercard 2-series", "2223 0031 2200 3222 exp 10/27", "2223 0031"),
    ("amex", "3782 822463 10005", "822463"),
    ("amex plain", "(378282246310005)", "378282246310005"),
    ("discover", "6011-1111-1111-1117", "6011-1111"),
    ("diners", "3056 930902 5904", "930902"),
    ("jcb", "3530111333300000", "3530111333300000"),
    ("unionpay 19", "6205 5000 0000 0000 004", "6205 5000"),
    ("unionpay", "银联卡 6200 0000 0000 0005", "6200 0000"),
    ("maestro", "6759649826438453", "6759649826438453"),
    ("mir", "карта 2200000000000004", "2200000000000004"),
    ("full-width digits", "卡号：４１１１１１１１１１１１１１１１", "４１１１"),
    ("digit by digit", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "4 1 1"),
    ("after an order number", "order 12345 4111 1111 1111 1111", "4111 1111"),
    ("no-break spaces", "4111\u00a01111\u00a01111\u00a01111", "1111\u00a01111"),
]

_CODES = [
    ("code is", "The verification code is 482913, please hurry", "482913"),
    ("otp", "OTP: 482913", "482913"),
    ("2fa code", "my 2FA code 482913", "482913"),
    ("plain", "Code: 4829", "4829"),
    ("spaced", "here is the security code: 482 913", "482 913"),
    ("hyphen", "SMS code 482-913", "482-913"),
    ("received", "The code I received is 482913", "482913"),
    ("google", "Your login code: G-482913", "482913"),
    ("behind", "482913 is your Pharos verification code", "482913"),
    ("behind, short", "482913 is my code", "482913"),
    ("chinese", "验证码：482913", "482913"),
    ("chinese is", "短信验证码是 482913，收到了", "482913"),
    ("chinese template", "您的验证码为482913，请勿泄露", "482913"),
    ("traditional", "驗證碼 48291375", "48291375"),
    ("russian", "код подтверждения: 482913", "482913"),
    ("russian plain", "Код 482913", "482913"),
    ("spanish", "mi código de verificación es 482913", "482913"),
    ("portuguese", "código de segurança: 482913", "482913"),
    ("french", "code de vérification : 482913", "482913"),
    ("italian", "codice di verifica: 482913", "482913"),
    ("czech", "ověřovací kód je 482913", "482913"),
    ("turkish", "doğrulama kodu: 482913", "482913"),
    ("german", "Bestätigungscode: 482913", "482913"),
    ("japanese", "認証コードは482913です", "482913"),
    ("korean", "인증번호: 482913", "482913"),
    ("vietnamese", "mã xác minh: 482913", "482913"),
]

_COOKIES = [
    ("header", "Cookie: session=abc123def; theme=dark", "abc123def"),
    ("set-cookie", "Set-Cookie: sid=s%3AQx81; Path=/; HttpOnly", "s%3AQx81"),
    ("har header", '{"name": "Cookie", "value": "sid=abc123def"}', "abc123def"),
    ("har header reversed", '{"value":"sid=abc123def","name":"cookie"}', "abc123def"),
    ("har cookies", '"cookies": [{"name": "sid", "value": "abc123def"}]', "abc123def"),
    ("json map", '{"cookie": "sid=abc123def; a=b"}', "abc123def"),
    ("curl", "curl -b 'sid=abc123def' https://pharos.example", "abc123def"),
    ("curl header", "curl -H 'Cookie: sid=abc123def' https://pharos.example", "abc123def"),
]

_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
_AUTHORIZATION = [
    ("bearer", f"Authorization: Bearer {_JWT}", _JWT),
    ("basic", "authorization: Basic YW5hOnNlY3JldDE=", "YW5hOnNlY3JldDE="),
    ("har header", '{"name":"Authorization","value":"Bearer abc123def456ghi7"}', "abc123def456ghi7"),
    ("json map", '{"Authorization": "token abc123def456ghi7"}', "abc123def456ghi7"),
    ("proxy", "Proxy-Authorization: Basic YW5hOnNlY3JldDE=", "YW5hOnNlY3JldDE="),
    ("bare jwt", f"I copied {_JWT} from storage", _JWT),
    ("bare bearer", "it sends bearer 9f8e7d6c5b4a39281706", "9f8e7d6c5b4a39281706"),
]

_API_SECRETS = [
    ("secret", "API Secret: NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j", "NhqPtmdSJYdK"),
    ("key", "api_key=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A", "vmPUZE6mv9SD"),
    ("environment", "BINANCE_SECRET_KEY=NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP", "NhqPtmdSJYdK"),
    ("json", '{"client_secret": "a8f5f167f44f4964e6c998dee827110c"}', "a8f5f167f44f4964"),
    ("chinese", "API密钥：a8f5f167f44f4964e6c998dee827110c", "a8f5f167f44f4964"),
    ("access token", "access token: 9f8e7d6c5b4a392817069f8e7d6c5b4a", "9f8e7d6c5b4a3928"),
    ("header", "X-MBX-APIKEY: vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zv", "vmPUZE6mv9SD"),
    ("github", "use ghp_16C7e42F292c6912E7710c838347Ae178B4a to pull", "ghp_16C7e42F"),
    ("live key", "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc", "4eC39HqLyjWD"),
]


def planted() -> list[Planted]:
    """Every text with a secret."""
    tables = (
        (Kind.OTPAUTH, _OTPAUTH),
        (Kind.CARD_NUMBER, _CARDS),
        (Kind.ONE_TIME_CODE, _CODES),
        (Kind.HAR_COOKIE, _COOKIES),
        (Kind.AUTHORIZATION_HEADER, _AUTHORIZATION),
        (Kind.API_SECRET, _API_SECRETS),
    )
    labelled = [Planted(f"{kind} {name}", text, kind, (gone,)) for kind, table in tables for name, text, gone in table]
    return [*_seed_phrases(), *_private_keys(), *labelled]


_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
INNOCENT = [
    f"tx hash {_HASH}",
    f"TXID: 0x{_HASH}",
    f"https://etherscan.io/tx/0x{_HASH}",
    f"交易哈希：{_HASH}",
    f"Хеш транзакции {_HASH}",
    f"Nobody asked for my private key. The transaction is {_HASH}",
    f"I keep my private key safe; tx hash: 0x{_HASH}",
    f"public key {_HASH}",
    f"block hash {_HASH} confirmed",
    f"sha256 {_HASH}  statement.pdf",
    f"private keys are never asked for by our support staff, whatever the story. See {_HASH}",
    "Send to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy and bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
    "ETH 0x52908400098527886E0F7030069857D2E4169EE7",
    "TRX TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMW 到账慢",
    "SOL 7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU",
    "XRP rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh tag 108618262",
    "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8",
    "An xprv must never be sent to anyone, nor a WIF key.",
    "Order 4111111111111112 is stuck",
    "4111111111111112 shows nothing, nor does 4111 1111 1111 1112",
    "order id: 8389765590123456789",
    "Order ID 4242424242424242 shows nothing",
    "订单号：6212345678901234567 一直处理中",
    "Withdrawal 20240518123456789012",
    "Call +1 415 555 2671 or +86 138 0013 8000",
    "phone 4155552671, 13800138000",
    "Tel. +44 20 7946 0958, +420 601 123 456",
    "WhatsApp +4111111111111111",
    "2024-05-18T10:15:30.123456Z",
    "2024-05-18 10:15:30, 1716027330123, 1716027330123456",
    "from 2023-01-01 to 2024-12-31",
    "id 550e8400-e29b-41d4-a716-446655440000",
    "IBAN DE89 3704 0044 0532 0130 00",
    "IBAN GB29NWBK60161331926819, FR76 3000 6000 0112 3456 7890 189",
    "Amount 4111111111111111.00 or 0.4111111111111111 BTC",
    "I lost 123456 USDT on 2024-05-18",
    "Ticket 483920 about error code 400123",
    "error code 4001, status code: 200403",
    "postal code: 110001, country code 8601",
    "promo code: 202406 and referral code 88776655",
    "zip code 94107, area code 4150",
    "QR code 12345678 does not scan",
    "I have used 2FA since 2021 and OTP in 2023",
    "2FA was reset in 2024",
    "The code expires after 600 seconds, I tried 1000 times",
    "I entered the 2FA code 1000 times",
    "We never ask for your code, password or seed phrase.",
    "请勿将验证码告诉任何人，包括客服",
    "错误代码：400123 请联系客服",
    "我有2000个用户在2023年注册",
    "验证码收不到，我试了1000次",
    "Authorization is required. Please authorise the device.",
    "Authorization: required for this page",
    "Cookie: I cleared it and cookies are on",
    "Set-Cookie headers were missing",
    "My API key does not work, which API secret should I use?",
    "api key: not working",
    "The secret key question: please answer",
    "access token expired yesterday evening",
    "Bearer of good news, bearer shares were abolished",
    "authenticator key please help this user with that lost item",
    "otpauth:// links are refused",
    "If you can help me understand what happened when this order was stuck, then please tell the right person about it today.",
    "Please help me. I was able to access the account, add a second device and change the address. About this, advice is welcome.",
    "this will make you happy just because people like real music very much indeed",
    "Every day they try about twenty orders; large, small, happy, sad, quick, slow, early, late, cheap and heavy.",
    "able about above absent absorb abstract absurd abuse access accident account",
    "我昨天在平台上提现了一笔比特币到自己的钱包地址但是到现在还没有到账请帮我查一下是什么原因",
    "您好，我的账户被冻结了，客服说需要提交身份证明文件，我已经提交了三天还没有回复，请问还要等多久？",
    "为什么我的订单一直显示处理中，区块链浏览器上已经有二十个确认了，余额还是没有变化。",
    "请不要把助记词告诉任何人，包括自称客服的人，平台不会向用户索要助记词或者私钥。",
    "助记词是十二个或二十四个单词，请抄写在纸上保存好",
    "我們已經收到您的申請，審核通常需要一到三個工作天，如有問題請回覆此郵件。",
    "昨天晚上登录的时候系统提示网络错误之后就再也打不开了",
    "出金の手続きをしましたが、まだ着金していません。取引履歴では完了になっています。",
    "비밀번호를 잊어버려서 로그인할 수 없습니다. 도와주세요. 이메일은 그대로입니다.",
    "Добрый день! Вчера отправил перевод на биржу, транзакция подтверждена, но баланс не изменился.",
    "Hola, hice un retiro ayer y todavía no aparece en mi cartera, ¿pueden revisar qué pasó con la operación?",
    "Bonjour, mon retrait est bloqué depuis hier soir et je ne comprends pas pourquoi personne ne répond.",
    "Dobrý den, včera jsem poslal výběr na svou adresu a pořád nepřišel, můžete mi prosím pomoci?",
    "Merhaba, dün çekim yaptım ama hâlâ cüzdanıma ulaşmadı, yardımcı olur musunuz?",
    "abandon ability able about above absent absorb abstract absurd abuse access accident",
    "man7/latin1.7 man7/latin10.7 man7/latin2.7 man7/latin3.7 man7/latin4.7 man7/latin5.7 man7/latin6.7",
    '{"id": 4815162342, "amount": "0.05000000", "status": "PENDING", "time": 1716027330123}',
    "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0.0.0",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
    "Message-ID: <20240518101530.8F3A21C0@mail.pharos.example>",
    "⟦removed: seed phrase⟧ and ⟦removed: one-time code⟧ were removed",
]
