"""The hand that reaches out of the chat: asks, and says what was answered."""
