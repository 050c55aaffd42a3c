"""The organization on the wire: projects, people, service accounts, keys, the audit log, names."""
