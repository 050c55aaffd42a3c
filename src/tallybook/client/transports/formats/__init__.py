"""The answer formats of providers, one module each: typed structs that skip all content."""
