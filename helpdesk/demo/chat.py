"""The demo's chat: the inbox that the sandbox exchange embeds, what it asks first, and what agents say again and again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings

from accounts.models import Brand, Team
from helpdesk.demo import cast
from livechat.models import ChatInbox, ProactiveMessage, TopicForm, TopicQuestion
from tickets.models import CannedReply, Topic

Kind = TopicQuestion.Kind


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a form, in both languages."""

    label: str
    label_zh_hans: str
    kind: str = Kind.TEXT
    is_required: bool = False
    choices: list[str] = field(default_factory=list)


ASSET = Question("Which asset, on which network?", "哪种资产，哪个网络？", Kind.ASSET, is_required=True)
HASH = Question("Transaction hash", "交易哈希", Kind.TX_HASH)
# By topic: its name for visitors in both languages, and what is asked.
FORMS: dict[str, tuple[str, str, tuple[Question, ...]]] = {
    "deposits.missing": ("My deposit has not arrived", "我的充值没有到账", (ASSET, HASH)),
    "withdrawals.pending": ("My withdrawal is stuck", "我的提现卡住了", (ASSET, HASH)),
    "account.sign_in": (
        "I cannot sign in",
        "我无法登录",
        (Question("What do you see when you try?", "尝试登录时看到什么？", is_required=True),),
    ),
}
# Those that ask what the portal and the public form ask; their own questions are for when that form is switched off.
GUIDED = {"deposits.missing"}
# Shortcut, title, text, text in Chinese.
CANNED = (
    (
        "hello",
        "Greeting",
        "Hello {customer}, this is {agent}. I am looking at ticket {number} right now.",
        "{customer}您好，我是 {agent}。我正在查看工单 {number}。",
    ),
    (
        "hash",
        "Ask for the transaction hash",
        "Please send the transaction hash. You find it in your wallet next to the transfer; it is public and safe to send.",
        "请发送交易哈希。您可以在钱包的转账记录旁找到它；它是公开的，可以放心发送。",
    ),
    (
        "wait",
        "The network is slow",
        "Your transfer is on its way: the network has not confirmed it often enough yet. We write as soon as it has.",
        "您的转账正在途中：网络确认次数尚且不够。一旦确认，我们会立即通知您。",
    ),
)  # fmt: skip


def write(brand: Brand, team: Team, topics: Mapping[str, Topic]) -> None:
    """Open the chat, from both names that this machine has; what an administrator has set up stays as it is."""
    port = urlsplit(settings.EXCHANGE_SITE_URL).port
    others = [f"http://{host}:{port}" for host in ("localhost", "127.0.0.1")] if port else []
    inbox, is_new = ChatInbox.objects.get_or_create(
        slug=cast.CHAT,
        defaults={
            "name": cast.BRAND,
            "name_zh_hans": "Pharos 交易所",
            "brand": brand,
            "team": team,
            "allowed_origins": sorted({settings.EXCHANGE_SITE_URL, *others} - {""}),
        },
    )
    if is_new:
        _write_forms(inbox, topics)
        _write_proactive(inbox)
    for shortcut, title, text, chinese in () if CannedReply.objects.exists() else CANNED:
        CannedReply.objects.create(shortcut=shortcut, title=title, text=text, text_zh_hans=chinese)


def _write_forms(inbox: ChatInbox, topics: Mapping[str, Topic]) -> None:
    for position, (key, (name, chinese, questions)) in enumerate(FORMS.items(), start=1):
        form = TopicForm.objects.create(
            inbox=inbox,
            topic=topics[key],
            name=name,
            name_zh_hans=chinese,
            position=position,
            is_guided=key in GUIDED,
        )
        TopicQuestion.objects.bulk_create(
            TopicQuestion(
                form=form,
                position=place,
                kind=one.kind,
                label=one.label,
                label_zh_hans=one.label_zh_hans,
                choices=one.choices,
                is_required=one.is_required,
            )
            for place, one in enumerate(questions, start=1)
        )


def _write_proactive(inbox: ChatInbox) -> None:
    ProactiveMessage.objects.create(
        inbox=inbox,
        name="Without a second factor",
        text="Your account has no second factor yet. Shall we show you how to add one?",
        text_zh_hans="您的账户还没有第二重验证。需要我们教您如何添加吗？",
        paths=["/"],
        after_s=20,
        who=ProactiveMessage.Who.NO_MFA,
    )
