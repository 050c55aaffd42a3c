"""Data folders as released versions left them, and what must be found in them by today's."""
