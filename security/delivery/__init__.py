"""The hand that asks the exchange for what must happen: claims a row, asks, settles the row."""
