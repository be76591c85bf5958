"""The ground: audit chain, leased rows, stored files, notices, heartbeats, clock. Knows no other app."""
