"""The phone, in the shape of Twilio Voice: the provider's requests, our answers, calls to its API."""
