"""The people side: projects, people, service accounts, keys, and the log of every change."""
