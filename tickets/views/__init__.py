"""Doors of the desk: pages and fragments. Each authorises, calls one service and presents."""
