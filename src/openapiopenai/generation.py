"""Which generated package this one stands in for."""

# Of the package on the registry: the names of its usage part are those that are here.
VERSION = "1.3.0"
