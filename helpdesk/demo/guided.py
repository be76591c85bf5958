"""The demo's guided forms: what customers are asked at the portal and in the public web form, by topic."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tickets.models import CannedReply, GuidedForm, GuidedKind, GuidedQuestion, Topic

Kind, Need = GuidedKind, GuidedQuestion.Need


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question; texts in English and in Chinese."""

    kind: GuidedKind
    label: tuple[str, str]
    hint: tuple[str, str] = ("", "")
    need: GuidedQuestion.Need = Need.WANTED
    choices: tuple[list[str], list[str]] = field(default_factory=lambda: ([], []))


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form; texts in English and in Chinese."""

    topic: str
    name: tuple[str, str]
    lead: tuple[str, str]
    matter: tuple[str, str]
    outcome: tuple[str, str] = ("", "")
    is_urgent: bool = False
    questions: tuple[Question, ...]


ASSET = Question(kind=Kind.ASSET, label=("Asset and network", "资产和网络"), need=Need.REQUIRED)
AMOUNT = Question(
    kind=Kind.AMOUNT, label=("Amount", "数量"), hint=("In digits, like 1250.5.", "用数字填写，例如 1250.5。")
)
HASH = Question(
    kind=Kind.TX_HASH,
    label=("Transaction hash", "交易哈希"),
    hint=(
        "In your wallet beside the transfer, also called TxID. It is public and safe to send.",
        "在钱包的转账记录旁，也称为 TxID。它是公开的，可以放心发送。",
    ),
)
FROM = Question(kind=Kind.FROM_ADDRESS, label=("Address it was sent from", "转出地址"), need=Need.OPTIONAL)
TO = Question(kind=Kind.TO_ADDRESS, label=("Address it was sent to", "收款地址"))
TAG = Question(
    kind=Kind.TAG,
    label=("Tag, memo or comment", "标签、备注（memo）或附言"),
    hint=("On XRP Ledger, Stellar and TON.", "适用于 XRP Ledger、Stellar 和 TON。"),
    need=Need.OPTIONAL,
)
SENT = Question(kind=Kind.TIME, label=("When was it sent?", "何时发送？"))
SINCE = Question(kind=Kind.TIME, label=("Since when?", "从什么时候开始？"))
SEEN = Question(
    kind=Kind.TEXT,
    label=("What do you see? Error text, if any", "您看到了什么？如有错误提示请填写"),
    need=Need.OPTIONAL,
)

FORMS = (
    Form(
        topic="security.takeover",
        name=("Somebody else is in my account", "有人动了我的账户"),
        lead=("Freeze first, write afterwards.", "请先冻结账户，再填写。"),
        matter=("suspected takeover of the account", "账户疑似被盗"),
        is_urgent=True,
        questions=(
            Question(
                kind=Kind.CHOICE,
                label=("What did you notice?", "您发现了什么？"),
                need=Need.REQUIRED,
                choices=(
                    [
                        "a withdrawal that is not mine",
                        "a sign-in that is not mine",
                        "changed sign-in data",
                        "a suspicious message",
                    ],
                    ["有一笔不是我操作的提现", "有一次不是我的登录", "登录信息被更改", "收到可疑消息"],
                ),
            ),
            SINCE,
            SEEN,
        ),
    ),
    Form(
        topic="deposits.missing",
        name=("My deposit has not arrived", "我的充值没有到账"),
        lead=(
            "Have your wallet or the other exchange at hand: what we need stands beside the transfer.",
            "请打开您的钱包或对方交易所：所需信息就在转账记录旁。",
        ),
        matter=("deposit", "充值"),
        outcome=("not credited", "未到账"),
        questions=(ASSET, AMOUNT, HASH, FROM, TO, TAG, SENT),
    ),
    Form(
        topic="withdrawals.pending",
        name=("My withdrawal is stuck", "我的提现卡住了"),
        lead=("You find all of it in your withdrawal history.", "所有信息都在您的提现记录中。"),
        matter=("withdrawal", "提现"),
        outcome=("not arrived", "未到账"),
        questions=(ASSET, AMOUNT, TO, TAG, HASH, SENT),
    ),
    Form(
        topic="deposits.wrong_network",
        name=("Wrong network, or tag or memo missing", "网络选错，或缺少标签、备注"),
        lead=(
            "Tell us how it was sent, and how it was meant. Not every mistake can be mended.",
            "请告诉我们实际如何发送，以及原本的意图。并非所有错误都能挽回。",
        ),
        matter=("deposit", "充值"),
        outcome=("not credited", "未到账"),
        questions=(
            ASSET,
            Question(kind=Kind.NETWORK, label=("Network it was meant for", "原本要用的网络"), need=Need.OPTIONAL),
            AMOUNT,
            HASH,
            TO,
            TAG,
            SENT,
        ),
    ),
    Form(
        topic="account.sign_in",
        name=("I cannot sign in, or lost my second factor", "我无法登录，或丢失了第二重验证"),
        lead=(
            "Never send a password, a code or a recovery phrase: we do not ask for them.",
            "切勿发送密码、验证码或恢复短语：我们不会索要这些信息。",
        ),
        matter=("cannot sign in", "无法登录"),
        questions=(
            Question(
                kind=Kind.CHOICE,
                label=("Where does it stop?", "卡在哪一步？"),
                need=Need.REQUIRED,
                choices=(
                    [
                        "the password is refused",
                        "the code is refused",
                        "the authenticator or passkey is lost",
                        "no mail arrives",
                    ],
                    ["密码被拒绝", "验证码被拒绝", "身份验证器或通行密钥丢失", "收不到邮件"],
                ),
            ),
            SINCE,
            SEEN,
        ),
    ),
    Form(
        topic="trading.fees",
        name=("Fees, or something else", "费用或其他问题"),
        lead=("One matter at a time is answered soonest.", "一次一个问题，答复最快。"),
        matter=("question", "咨询"),
        questions=(
            Question(kind=Kind.TEXT, label=("What do you want to know?", "您想了解什么？"), need=Need.REQUIRED),
            SEEN,
        ),
    ),
)
MISSING = (
    "missing",
    "Ask for what the form lacks",
    "Hello {customer}, to look into request {number} we still need:\n{missing}",
    "{customer}您好，为处理请求 {number}，我们还需要：\n{missing}",
)


def write(topics: Mapping[str, Topic]) -> None:
    """Offer the forms, and a reply that asks for what one lacks; what an administrator has set up stays as it is."""
    if GuidedForm.objects.exists():
        return
    for position, form in enumerate(FORMS, start=1):
        row = GuidedForm.objects.create(
            topic=topics[form.topic],
            name=form.name[0],
            name_zh_hans=form.name[1],
            lead=form.lead[0],
            lead_zh_hans=form.lead[1],
            matter=form.matter[0],
            matter_zh_hans=form.matter[1],
            outcome=form.outcome[0],
            outcome_zh_hans=form.outcome[1],
            is_urgent=form.is_urgent,
            position=position,
        )
        GuidedQuestion.objects.bulk_create(
            _question(row, one, place) for place, one in enumerate(form.questions, start=1)
        )
    shortcut, title, text, chinese = MISSING
    CannedReply.objects.get_or_create(
        shortcut=shortcut, team=None, owner=None, defaults={"title": title, "text": text, "text_zh_hans": chinese}
    )


def _question(form: GuidedForm, one: Question, place: int) -> GuidedQuestion:
    return GuidedQuestion(
        form=form,
        position=place,
        kind=one.kind,
        need=one.need,
        label=one.label[0],
        label_zh_hans=one.label[1],
        hint=one.hint[0],
        hint_zh_hans=one.hint[1],
        choices=one.choices[0],
        choices_zh_hans=one.choices[1],
    )
