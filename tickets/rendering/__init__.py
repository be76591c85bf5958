"""What customers wrote, made safe to show: HTML in a sandboxed frame, plain text with links."""

from tickets.rendering.html import SafeHtml, content_security_policy, frame_document, safe_html
from tickets.rendering.text import safe_text

__all__ = ["SafeHtml", "content_security_policy", "frame_document", "safe_html", "safe_text"]
