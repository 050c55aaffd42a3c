"""What the doctor finds, and what it makes of it."""
