"""Guided requests without a database: reading answers, and the sentence that is built from them."""
