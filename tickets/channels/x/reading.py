"""Reading an event of X: a direct message, a post that mentions us, a deletion. Whatever is in it is a stranger's."""

from datetime import UTC, datetime
from typing import Any, Final

from tickets.channels.social.calling import json_object
from tickets.channels.social.shapes import AccountTrouble, Incoming, Nothing, Profile, RemoteFile, Unreadable
from tickets.channels.x.events import DELETED, DIRECT, POSTS, REVOKED, dig, number, only, text

# A post that names more people than this is sent to everybody, not to us.
MOST_MENTIONS: Final = 10
REVOKED_SENTENCE: Final = "The account has taken its permission back from the application at X."
ENDINGS: Final = {"photo": "jpg", "video": "mp4", "animated_gif": "mp4"}
LONGEST_URL: Final = 500


def parse(raw: bytes) -> Incoming | AccountTrouble | Nothing:
    """Read an event. Raises Unreadable for one without what X always gives."""
    said = json_object(raw)
    name, one = only(said)
    us = number(said.get("for_user_id"))
    if name == REVOKED:
        return _revoked(one)
    if name not in {DIRECT, POSTS, DELETED}:
        if not name:
            raise Unreadable("This is no event of X.")
        return Nothing("not_wanted")
    if not us:
        raise Unreadable("The event does not say for whom it is.")
    if name == DIRECT:
        return _direct(said, one, us)
    return _post(said, one, us) if name == POSTS else _deleted(one, us)


def _direct(said: dict[str, Any], one: object, us: str) -> Incoming | Nothing:
    if dig(one, "type") != "message_create":
        return Nothing("not_wanted")
    item, writer = number(dig(one, "id")), number(dig(one, "message_create", "sender_id"))
    data = dig(one, "message_create", "message_data")
    if not item or not writer or not isinstance(data, dict):
        raise Unreadable("The direct message has no number, no sender or no content.")
    if writer == us:
        return Nothing("our_own")
    media = dig(data, "attachment", "media")
    words = _words(text(data.get("text")), data, [media])
    files = _files([media])
    if not words and not files:
        return Nothing("service_message")
    return Incoming(
        act="message",
        chat_id=writer,
        item_id=item,
        writer=_profile(writer, dig(said, "users", writer)),
        text=words,
        files=files,
        said_at=_moment(dig(one, "created_timestamp")),
        said_to=us,
    )


def _post(said: dict[str, Any], one: object, us: str) -> Incoming | Nothing:
    post = one if isinstance(one, dict) else {}
    item, writer = number(post.get("id_str")), number(dig(post, "user", "id_str"))
    if not item or not writer:
        raise Unreadable("The post has no number or no writer.")
    whole = post.get("extended_tweet")
    whole = whole if isinstance(whole, dict) else post
    mentioned = [number(dig(each, "id_str")) for each in _listed(dig(whole, "entities", "user_mentions"))]
    if reason := _not_for_us(said, post, us, writer, mentioned):
        return Nothing(reason)
    media = _listed(dig(whole, "extended_entities", "media")) or _listed(dig(whole, "entities", "media"))
    answers = number(post.get("in_reply_to_status_id_str"))
    return Incoming(
        act="message",
        # Of one person below one post: nobody else's words count as theirs, whoever joins.
        chat_id=f"post:{answers or item}:{writer}",
        item_id=item,
        writer=_profile(writer, post.get("user")),
        text=_words(text(whole.get("full_text")) or text(post.get("text")), whole, media),
        files=_files(media),
        is_public=True,
        said_at=_moment(post.get("timestamp_ms")),
        said_to=us,
        answers=answers,
    )


def _not_for_us(said: dict[str, Any], post: dict[str, Any], us: str, writer: str, mentioned: list[str]) -> str:
    if writer == us:
        return "our_own"
    if "retweeted_status" in post:
        return "repost"
    if us not in mentioned and number(post.get("in_reply_to_user_id_str")) != us:
        return "not_mentioned"
    if said.get("user_has_blocked") is True:
        return "blocked"
    return "too_many_mentions" if len(set(mentioned)) > MOST_MENTIONS else ""


def _deleted(one: object, us: str) -> Incoming | Nothing:
    item, writer = number(dig(one, "status", "id")), number(dig(one, "status", "user_id"))
    if not item or not writer:
        raise Unreadable("The deletion names no post or no user.")
    if writer == us:
        return Nothing("our_own")
    return Incoming(
        act="deletion",
        chat_id="",
        item_id=item,
        writer=Profile(writer, ""),
        is_public=True,
        said_at=_moment(dig(one, "timestamp_ms")),
        said_to=us,
    )


def _revoked(one: object) -> AccountTrouble | Nothing:
    whose = number(dig(one, "revoke", "source", "user_id"))
    return AccountTrouble(REVOKED_SENTENCE, "revoked", said_to=whose) if whose else Nothing("not_wanted")


def _profile(writer: str, user: object) -> Profile:
    handle = text(dig(user, "screen_name"))
    name = " ".join(part for part in (text(dig(user, "name")), f"@{handle}" if handle else "") if part)
    return Profile(writer, name[:160], text(dig(user, "lang"))[:16])


def _words(said: str, whole: object, media: list[object]) -> str:
    """Show where links lead instead of X's short ones, leave out those of the pictures, and undo X's escaping."""
    for one in media:
        said = said.replace(_short(one), "") if _short(one) else said
    for link in _listed(dig(whole, "entities", "urls")):
        leads_to = text(dig(link, "expanded_url"))[:2000]
        said = said.replace(_short(link), leads_to) if _short(link) and leads_to else said
    for escaped, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        said = said.replace(escaped, sign)
    return said.strip()


def _short(link: object) -> str:
    url = text(dig(link, "url"))
    return url if url.startswith("https://t.co/") else ""


def _files(media: list[object]) -> tuple[RemoteFile, ...]:
    found = []
    for one in media:
        kind, name = text(dig(one, "type")), number(dig(one, "id_str"))
        url = text(dig(one, "media_url_https")) if kind == "photo" else _video(one)
        if kind in ENDINGS and name and 0 < len(url) <= LONGEST_URL:
            found.append(RemoteFile(url, f"{kind}-{name}.{ENDINGS[kind]}"))
    return tuple(found)


def _video(media: object) -> str:
    """A video comes in several sizes."""
    variants = [one for one in _listed(dig(media, "video_info", "variants")) if dig(one, "content_type") == "video/mp4"]
    return text(dig(max(variants, key=_rate, default=None), "url"))


def _rate(variant: object) -> int:
    rate = dig(variant, "bitrate")
    return rate if isinstance(rate, int) else 0


def _listed(found: object) -> list[object]:
    return found if isinstance(found, list) else []


def _moment(milliseconds: object) -> datetime | None:
    given = number(milliseconds)
    return datetime.fromtimestamp(int(given) / 1000, UTC) if given and len(given) == 13 else None
