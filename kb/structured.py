"""What search engines are told: schema.org as JSON-LD, and the site map.

A data block of JSON-LD is no script: browsers do not run it and the policy says nothing about it (HTML, 4.12.1.1).
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_ESCAPED = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def block(said: dict[str, Any]) -> SafeString:
    """Return the element that holds `said`; nothing in it can end it."""
    content = json.dumps({"@context": "https://schema.org", **said}, ensure_ascii=False).translate(_ESCAPED)
    return mark_safe(f'<script type="application/ld+json">{content}</script>')  # noqa: S308 -- escaped above


def article(
    *, title: str, summary: str, url: str, language: str, at: datetime | None, changed: datetime | None
) -> SafeString:
    """Return what is said of one article."""
    return block(
        {
            "@type": "TechArticle",
            "headline": title,
            "description": summary,
            "url": url,
            "inLanguage": language,
            **({"datePublished": at.isoformat()} if at else {}),
            **({"dateModified": changed.isoformat()} if changed else {}),
        }
    )


def questions(found: Iterable[tuple[str, str]]) -> SafeString:
    """Return what is said of the FAQ page."""
    told = [
        {"@type": "Question", "name": question, "acceptedAnswer": {"@type": "Answer", "text": answer}}
        for question, answer in found
        if answer
    ]
    return block({"@type": "FAQPage", "mainEntity": told})


def crumbs(found: Iterable[tuple[str, str]]) -> SafeString:
    """Return where a page stands: (name, address), the outermost first."""
    told = [
        {"@type": "ListItem", "position": place, "name": name, "item": url}
        for place, (name, url) in enumerate(found, 1)
    ]
    return block({"@type": "BreadcrumbList", "itemListElement": told})


def site_map(entries: Iterable[tuple[str, datetime | None, list[tuple[str, str]]]]) -> str:
    """Return a site map (sitemaps.org 0.9): (address, when changed, [(language, address)])."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">',
    ]
    for address, changed, others in entries:
        when = f"<lastmod>{changed.date().isoformat()}</lastmod>" if changed else ""
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang="{escape(code)}" href="{escape(url)}"/>' for code, url in others
        )
        lines.append(f"<url><loc>{escape(address)}</loc>{when}{links}</url>")
    return "\n".join([*lines, "</urlset>\n"])
