"""Guided forms for tests."""

from tests.factories.tickets import TopicFactory
from tickets.models import GuidedForm, GuidedKind, GuidedQuestion

Kind, Need = GuidedKind, GuidedQuestion.Need


def deposit_form(slug: str = "deposit-missing") -> GuidedForm:
    """Return the form "My deposit has not arrived": all kinds of questions but another network."""
    form = GuidedForm.objects.create(
        topic=TopicFactory.create(slug=slug, name=f"Topic {slug}"),
        name="My deposit has not arrived",
        name_zh_hans="我的充值没有到账",
        matter="deposit",
        matter_zh_hans="充值",
        outcome="not credited",
        outcome_zh_hans="仍未到账",
    )
    for place, (kind, need, label, chinese) in enumerate(
        (
            (Kind.ASSET, Need.REQUIRED, "Asset and network", "资产和网络"),
            (Kind.AMOUNT, Need.WANTED, "Amount", "数量"),
            (Kind.TX_HASH, Need.WANTED, "Transaction hash", "交易哈希"),
            (Kind.TO_ADDRESS, Need.WANTED, "Address it was sent to", "收款地址"),
            (Kind.TAG, Need.OPTIONAL, "Tag or memo", "标签或备注"),
            (Kind.TIME, Need.WANTED, "When was it sent?", "何时发送？"),
            (Kind.CHOICE, Need.OPTIONAL, "Where from?", "从哪里转出？"),
            (Kind.TEXT, Need.OPTIONAL, "Error text", "错误信息"),
        ),
        start=1,
    ):
        choices = {"choices": ["Another exchange", "My wallet"], "choices_zh_hans": ["其他交易所", "我的钱包"]}
        GuidedQuestion.objects.create(
            form=form,
            position=place,
            kind=kind,
            need=need,
            label=label,
            label_zh_hans=chinese,
            **(choices if kind == Kind.CHOICE else {}),
        )
    return form


def ids_of(form: GuidedForm) -> dict[str, str]:
    """Return the public ids of a form's questions by their kinds."""
    return {question.kind: question.public_id for question in form.questions.all()}
