"""The version of the package, read by the build and by the server."""

__version__ = "0.1.0"
