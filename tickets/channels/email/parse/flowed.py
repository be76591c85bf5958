"""format=flowed text put back into paragraphs (RFC 3676)."""


def unflow(text: str, *, delete_space: bool) -> str:
    """Join soft-wrapped lines of the same quote depth; undo space-stuffing. The signature separator stays a line."""
    paragraphs: list[str] = []
    parts: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        is_signature = content.rstrip("\r") in ("-- ", "--")
        is_soft = content.endswith(" ") and not is_signature
        if parts and (depth != open_depth or is_signature):
            paragraphs.append(_quoted(open_depth, "".join(parts)))
            parts = []
        open_depth = depth
        parts.append(content[:-1] if is_soft and delete_space else content)
        if not is_soft:
            paragraphs.append(_quoted(depth, "".join(parts)))
            parts = []
    if parts:
        paragraphs.append(_quoted(open_depth, "".join(parts)))
    return "\n".join(paragraphs)


def _quoted(depth: int, content: str) -> str:
    return f"{'>' * depth} {content}" if depth else content
