"""Reading Meta's events as its documentation shows them, and whatever else may be in them."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tickets.channels import messenger, whatsapp
from tickets.channels.social.cutting import pieces
from tickets.channels.social.shapes import Incoming, Nothing, Receipt, Unreadable

PAGE = {"sender": {"id": "6001"}, "recipient": {"id": "PAGE"}, "timestamp": 1458692752478}


def of_page(**what: Any) -> Incoming | Receipt | Nothing:
    raw = json.dumps({"object": "page", "entry": [{"id": "PAGE", "time": 1, "messaging": [{**PAGE, **what}]}]})
    (event,) = messenger.split(raw.encode())
    return messenger.parse(event)


def of_number(kind: str, **content: Any) -> Incoming | Receipt | Nothing:
    said = {"from": "16505551234", "id": "wamid.1", "timestamp": "1603059201", "type": kind, **content}
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, "messages": [said]}
    entry = [{"id": "1", "changes": [{"field": "messages", "value": value}]}]
    (event,) = whatsapp.split(json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode())
    return whatsapp.parse(event)


def text_of(read: Incoming | Receipt | Nothing) -> str:
    assert isinstance(read, Incoming)
    return read.text


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ({"message": {"mid": "m", "text": "hi", "quick_reply": {"payload": "RED"}}}, "hi"),
        ({"postback": {"mid": "m", "title": "Get Started", "payload": "X"}}, "Get Started"),
        (
            {"message": {"mid": "m", "attachments": [{"type": "image", "payload": {"url": "x", "sticker_id": 369239263222822}}]}},
            "[sticker]",
        ),
        (
            {"message": {"mid": "m", "attachments": [
                {"type": "location", "payload": {"coordinates": {"lat": 1.5, "long": -2.25}}}]}},
            "[location] 1.5, -2.25",
        ),
        ({"message": {"mid": "m", "attachments": [{"type": "fallback", "title": "A link", "url": "x"}]}}, "[fallback] A link"),
        ({"message": {"mid": "m", "is_unsupported": True}}, "[unsupported]"),
    ],
)  # fmt: skip
def test_messenger__each_kind__is_words(what: dict[str, Any], text: str) -> None:
    assert text_of(of_page(**what)) == text


def test_messenger__attachments__are_files_with_names() -> None:
    images = [{"type": "image", "payload": {"url": f"https://scontent.fbcdn.net/{place}"}} for place in range(2)]
    read = of_page(message={"mid": "m", "attachments": images})
    assert isinstance(read, Incoming)
    assert [file.name for file in read.files] == ["1-photo.jpg", "2-photo.jpg"]


def test_messenger__receipts__name_messages_and_moments() -> None:
    delivered = of_page(delivery={"mids": ["m_1"], "watermark": 1458668856253})
    assert isinstance(delivered, Receipt)
    assert (delivered.state, delivered.chat_id, delivered.item_ids) == ("delivered", "6001", ("m_1",))
    read = of_page(read={"watermark": 1458668856253})
    assert isinstance(read, Receipt)
    assert (read.state, read.until) == ("read", delivered.until)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ({"reaction": {"mid": "m", "action": "react", "emoji": "x"}}, "reaction"),
        ({"optin": {"type": "x"}}, "not_wanted"),
        ({"message": {"mid": "m", "is_echo": True, "text": "x"}}, "echo"),
        ({"message": {"mid": "m"}}, "empty"),
        ({"read": {}}, "not_wanted"),
    ],
)
def test_messenger__what_is_none_of_ours__is_nothing(what: dict[str, Any], reason: str) -> None:
    assert of_page(**what) == Nothing(reason)


@pytest.mark.parametrize(
    ("kind", "content", "text"),
    [
        ("text", {"text": {"body": "hi"}}, "hi"),
        ("button", {"button": {"text": "No", "payload": "No-Button"}}, "No"),
        (
            "interactive",
            {"interactive": {"type": "list_reply", "list_reply": {"id": "1", "title": "Card", "description": "Mine"}}},
            "Card\nMine",
        ),
        ("interactive", {"interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "Yes"}}}, "Yes"),
        ("location", {"location": {"latitude": 1.5, "longitude": -2, "name": "Main"}}, "[location] Main 1.5, -2"),
        ("contacts", {"contacts": [{"name": {"formatted_name": "Mina Park"}, "phones": []}]}, "[contacts] Mina Park"),
        ("sticker", {"sticker": {"mime_type": "image/webp", "id": "1"}}, "[sticker]"),
        ("unsupported", {"errors": [{"code": 131051}]}, "[unsupported]"),
        ("order", {"order": {"text": "Two", "product_items": []}}, "[order] Two"),
    ],
)
def test_whatsapp__each_kind__is_words(kind: str, content: dict[str, Any], text: str) -> None:
    assert text_of(of_number(kind, **content)) == text


@pytest.mark.parametrize(
    ("kind", "media", "name"),
    [
        ("image", {"mime_type": "image/jpeg"}, "photo.jpg"),
        ("audio", {"mime_type": "audio/ogg; codecs=opus", "voice": True}, "audio.ogg"),
        ("document", {"filename": "proof.pdf"}, "proof.pdf"),
        ("video", {"mime_type": "no/such"}, "video"),
    ],
)
def test_whatsapp__media__is_a_file_with_a_name(kind: str, media: dict[str, Any], name: str) -> None:
    read = of_number(kind, **{kind: {"id": "55", **media}})
    assert isinstance(read, Incoming)
    assert [(file.external_id, file.name) for file in read.files] == [("55", name)]


@pytest.mark.parametrize("kind", ["reaction", "system"])
def test_whatsapp__what_says_nothing__is_nothing(kind: str) -> None:
    assert of_number(kind, **{kind: {"emoji": "x"}}) == Nothing(kind)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            [
                "object", "entry", "id", "messaging", "changes", "message", "mid", "sender", "recipient", "value",
                "field", "messages", "statuses", "from", "type", "text", "read", "delivery", "watermark", "attachments",
            ]
        ),
        inner | st.sampled_from(["page", "whatsapp_business_account", "feed", "comment", "image"]),
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize("channel", [messenger, whatsapp])
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    said=JSON | st.fixed_dictionaries({"object": st.sampled_from(["page", "whatsapp_business_account"]), "entry": JSON})
)
def test_events__whatever_is_in_them__are_named_and_read_or_unreadable(channel: Any, said: Any) -> None:
    for event in channel.split(json.dumps(said).encode()):
        named = channel.envelope(event)
        assert 0 < len(named.event_id) <= 200
        assert len(named.stream) <= 80
        try:
            channel.parse(event)
        except Unreadable:
            continue


@settings(deadline=None)
@given(text=st.text(max_size=300), longest=st.integers(min_value=4, max_value=50))
def test_pieces__of_any_text__fit_and_lose_no_word(text: str, longest: int) -> None:
    found = pieces(text, longest)
    assert all(len(piece.encode("utf-16-le", "surrogatepass")) // 2 <= longest for piece in found)
    assert "".join("".join(found).split()) == "".join(text.split())
