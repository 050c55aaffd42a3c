"""Bytes to events: every way in, and every fault by index and field."""
