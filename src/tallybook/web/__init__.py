"""HTTP: the app, its routes, who may call them, and what an error looks like."""
