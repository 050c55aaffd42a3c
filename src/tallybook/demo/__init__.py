"""A made-up organization and a month of its usage, the same for the same seed everywhere."""
