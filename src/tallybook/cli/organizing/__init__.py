"""The organization on the command line: keys, projects, people and the audit log."""
