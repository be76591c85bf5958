"""`{% emoji_offered %}`: what the emoji picker of a page shows, as JSON for one of its attributes."""

from django import template

from core import emoji

register = template.Library()
register.simple_tag(emoji.offered, name="emoji_offered")
