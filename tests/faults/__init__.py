"""Tests that break things, each with a model beside it."""
