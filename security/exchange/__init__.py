"""Speaking with the exchange: our keys, the signed back channel, and what its tokens must say."""
