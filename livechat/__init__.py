"""Floor 5, live chat: the widget's sockets and the agents' console."""
