"""The hand that sends mail: claims a row, writes the letter, hands it to a transport, settles the row."""
