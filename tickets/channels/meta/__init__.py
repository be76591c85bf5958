"""What Messenger and WhatsApp have in common: Meta's signature, its Graph API, its errors, its hosts of files."""
