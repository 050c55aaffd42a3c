"""Events, durable and exactly once, and the sums over them."""
