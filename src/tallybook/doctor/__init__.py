"""The doctor: what is found at an installation, and what it means."""
