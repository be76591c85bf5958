"""The arithmetic of escalation: when which step is due, who is on call, when it is quiet. Knows no row."""
