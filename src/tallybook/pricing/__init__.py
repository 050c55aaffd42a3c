"""Price book and rate cards: an event's traits and time to unit prices with a source."""
