"""What processes wrote down, in the reader's words."""

from django.utils.translation import override

from tickets.selectors import wording


def test_reason__known_code__is_in_the_readers_language() -> None:
    with override("zh-hans"):
        assert wording.reason("from_twice", "The mail has more than one From header.") == "有多个发件人邮件头"


def test_reason__unknown_code__is_explained_as_it_was_written_down() -> None:
    assert wording.reason("new_kind", "The mail is odd.") == "The mail is odd."
    assert wording.reason("new_kind", "") == "new_kind"


def test_reason_detail__explanation_without_a_figure__is_left_out() -> None:
    assert wording.reason_detail("utf7", "The mail is written in UTF-7, which is not accepted.") == ""
    assert wording.reason_detail("too_large", "The mail is larger than 35 MB.") == "The mail is larger than 35 MB."
    assert wording.reason_detail("failed", "It failed (TypeError).") == "It failed (TypeError)."


def test_outcome__answer_of_a_server__is_shown_as_it_is() -> None:
    with override("zh-hans"):
        assert wording.outcome("552 5.2.2 Mailbox full") == "552 5.2.2 Mailbox full"
        assert wording.outcome("Kept in the demo postbox.") == "已存入演示发件箱。"
