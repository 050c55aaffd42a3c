"""What the tests share: a real server in a process of its own, events, and the oracle."""
