"""Names of channel groups."""


def ticket_group(public_id: str) -> str:
    """Group of processes with desks that look at one ticket."""
    return f"ticket.{public_id}.staff"


def public_ticket_group(public_id: str) -> str:
    """Group of sockets on the customer's side of one ticket: public events only, whose shapes name nothing private."""
    return f"ticket.{public_id}.public"


def staff_group(public_id: str) -> str:
    """Group of one person's own sockets at the desk, in each of their tabs."""
    return f"staff.{public_id}"


def queue_group(team_id: int | None) -> str:
    """Group of processes with desks that may see one team's queue; 0 is the queue of no team."""
    return f"queue.{team_id or 0}.rows"
