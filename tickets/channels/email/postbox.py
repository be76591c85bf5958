"""The demo's transport: every outgoing mail is a file, shown on the postbox page."""

import os
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings

from tickets.channels.email.transport import Envelope, Outcome


class Postbox:
    """Writes one mail; the name depends only on the message, so that sending again replaces the same file."""

    def __init__(self, *, created_at: datetime, public_id: str) -> None:
        self.name = f"{created_at:%Y%m%dT%H%M%S}-{public_id}.eml"

    def __call__(
        self, envelope: Envelope, raw: bytes, *, still_ours: Callable[[], bool], hand_over: Callable[[], bool]
    ) -> Outcome:
        """Write atomically; a full disk is a retry. Nothing is handed over: writing again replaces the same file."""
        del hand_over
        if not still_ours():
            return Outcome("retry", "Another worker has taken over.")
        folder = Path(settings.POSTBOX_DIR)
        lines = [f"Return-Path: <{envelope.sender}>", *(f"X-Original-To: {address}" for address in envelope.recipients)]
        temporary = ""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=folder, suffix=".part")
            with os.fdopen(handle, "wb") as file:
                file.write("".join(f"{line}\r\n" for line in lines).encode() + raw)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).rename(folder / self.name)
        except OSError as error:
            if temporary:
                Path(temporary).unlink(missing_ok=True)
            return Outcome("retry", f"The postbox folder cannot be written ({type(error).__name__}).")
        return Outcome("sent", "Kept in the demo postbox.")
