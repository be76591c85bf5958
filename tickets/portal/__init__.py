"""The customer portal: doors for customers who come by the exchange's hand-off; docs/portal.md shows it whole."""
