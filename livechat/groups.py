"""Names of channel groups."""


def visitor_group(public_id: str) -> str:
    """Group of one visitor's own sockets, in each of their tabs."""
    return f"visitor.{public_id}"
