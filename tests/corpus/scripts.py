"""Words of the world and the charsets in which mailers write them: (Python codec, label in the mail)."""

from typing import NamedTuple


class Script(NamedTuple):
    """Phrases that every one of its charsets can hold; `gap` is what stands between two of them."""

    phrases: tuple[str, ...]
    charsets: tuple[tuple[str, str], ...]
    gap: str = " "


_UTF8 = (("utf-8", "utf-8"), ("utf-8", "UTF-8"))
SCRIPTS = {
    "english": Script(
        ("withdrawal", "is still pending", "please help", "since Monday", "0.25 BTC", "deposit", "account", "thanks",
         "the card was declined", "two days ago", "no answer yet"),
        (("ascii", "us-ascii"), *_UTF8, ("latin-1", "iso-8859-1"), ("cp1252", "Windows-1252"), ("gb18030", "GB2312")),
    ),
    "simplified": Script(
        ("您好", "我的提现一直没有到账", "请帮忙查询一下", "订单号", "已经等了三天", "谢谢", "账户被冻结", "充值金额不对",
         "验证没有通过", "什么时候可以处理"),
        (*_UTF8, ("gb18030", "GB18030"), ("gbk", "GBK"), ("gb2312", "gb2312"), ("gbk", "x-gbk"), ("gbk", "cp936"),
         ("hz", "hz-gb-2312")),
        "，",
    ),
    "rare_chinese": Script(("朱镕基", "陶喆", "𠮷野家", "㐂寿", "您好", "谢谢您"), (*_UTF8, ("gb18030", "gb18030")), "，"),
    "traditional": Script(
        ("您好", "我的提領一直沒有到帳", "請幫忙查詢一下", "訂單號碼", "謝謝", "帳戶被凍結", "儲值金額不對", "驗證沒有通過"),
        (*_UTF8, ("big5", "big5"), ("big5", "Big5"), ("big5hkscs", "big5-hkscs"), ("cp950", "cp950"),
         ("gb18030", "gb18030")),
        "，",
    ),
    "japanese": Script(
        ("出金がまだ届いていません", "確認をお願いします", "ありがとうございます", "入金", "アカウント", "本人確認", "三日前"),
        (*_UTF8, ("iso2022_jp", "ISO-2022-JP"), ("iso2022_jp", "iso-2022-jp"), ("cp932", "Shift_JIS"),
         ("cp932", "windows-31j"), ("euc_jp", "EUC-JP")),
        "、",
    ),
    "korean": Script(
        ("안녕하세요", "출금이 아직 도착하지 않았습니다", "확인 부탁드립니다", "감사합니다", "입금", "계정", "삼일 전"),
        (*_UTF8, ("euc_kr", "EUC-KR"), ("cp949", "ks_c_5601-1987"), ("iso2022_kr", "ISO-2022-KR")),
    ),
    "russian": Script(
        ("Здравствуйте", "вывод средств не пришёл", "помогите, пожалуйста", "уже три дня", "спасибо", "счёт заблокирован"),
        (*_UTF8, ("koi8-r", "KOI8-R"), ("cp1251", "windows-1251"), ("iso8859-5", "ISO-8859-5"), ("cp866", "cp866"),
         ("mac-cyrillic", "x-mac-cyrillic")),
    ),
    "ukrainian": Script(("Вітаю", "виведення коштів не надійшло", "допоможіть", "дякую", "вже три дні", "єдиний ґанок"),
                        (*_UTF8, ("koi8-u", "koi8-u"), ("cp1251", "windows-1251"))),
    "greek": Script(("Γεια σας", "η ανάληψη δεν έφτασε", "παρακαλώ βοηθήστε", "ευχαριστώ", "πριν από τρεις ημέρες"),
                    (*_UTF8, ("cp1253", "windows-1253"), ("iso8859-7", "iso-8859-7"))),
    "turkish": Script(("Merhaba", "çekim işlemi beklemede", "şikâyet", "yardım eder misiniz", "teşekkürler", "üç gündür"),
                      (*_UTF8, ("cp1254", "windows-1254"), ("iso8859-9", "ISO-8859-9"))),
    "hebrew": Script(("שלום", "המשיכה עדיין לא הגיעה", "אנא עזרו לי", "תודה", "לפני שלושה ימים"),
                     (*_UTF8, ("cp1255", "windows-1255"), ("iso8859-8", "iso-8859-8-i"))),
    "arabic": Script(("مرحبا", "لم يصل السحب بعد", "الرجاء المساعدة", "شكرا", "منذ ثلاثة أيام"),
                     (*_UTF8, ("cp1256", "windows-1256"), ("iso8859-6", "iso-8859-6"))),
    "baltic": Script(("Labdien", "izmaksa vēl nav saņemta", "lūdzu, palīdziet", "paldies", "ačiū, sąskaita"),
                     (*_UTF8, ("cp1257", "windows-1257"), ("iso8859-13", "iso-8859-13"))),
    "czech": Script(("Dobrý den", "výběr stále nepřišel", "prosím o pomoc", "děkuji", "žluťoučký kůň", "účet"),
                    (*_UTF8, ("cp1250", "windows-1250"), ("iso8859-2", "iso-8859-2"))),
    "german": Script(("Guten Tag", "die Auszahlung fehlt", "können Sie prüfen", "für drei Tage", "schöne Grüße", "Straße"),
                     (*_UTF8, ("latin-1", "ISO-8859-1"), ("cp1252", "windows-1252"), ("iso8859-15", "iso-8859-15"),
                      ("mac-roman", "macintosh"))),
    "vietnamese": Script(("Tôi chưa nhận được tiền", "xin giúp đỡ", "cảm ơn"), _UTF8),
    "thai": Script(("สวัสดีครับ", "ยังไม่ได้รับเงิน", "ช่วยตรวจสอบด้วย", "ขอบคุณ"),
                   (*_UTF8, ("cp874", "windows-874"), ("tis-620", "TIS-620"))),
    "emoji": Script(("thanks 👍", "nice 🎉", "日本 and 中国", "naïve café", "€ 20", "👩‍💻 here"), _UTF8),
    "wide": Script(("提现", "вывод", "withdrawal", "出金", "thanks"),
                   (("utf-16", "utf-16"), ("utf-16-le", "utf-16le"), ("utf-16-be", "UTF-16BE"), ("utf-32", "utf-32"))),
}  # fmt: skip
# Not to be put among 8-bit lines, nor into encoded words.
WIDE_CODECS = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32"})
# Keep a state from letter to letter: a word of theirs must not be cut in the middle.
STATEFUL_CODECS = frozenset({"iso2022_jp", "iso2022_kr", "hz"})
