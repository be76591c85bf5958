"""Bots: automated participants of a chat. What one may hear, say and propose, and how it is kept in bounds.

`interface` is all that a bot has to know, `registry` names those there are, `asking` hands one a message and reads its
answer; `livechat.services.bots` decides what becomes of it.
"""
