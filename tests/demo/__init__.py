"""The made-up organization: what it promises, and the command that stores its month."""
