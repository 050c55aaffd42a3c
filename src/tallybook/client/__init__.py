"""The caller's side: asking a ledger, recording events, watching the calls of provider SDKs."""
