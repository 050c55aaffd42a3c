"""Backups: a ledger, its organization and its prices as files that prove what they hold."""
