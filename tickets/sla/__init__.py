"""Service levels without rows: business time, what a policy promises, and how a clock goes; nothing reads or writes."""
