"""Everything that comes from outside, fed with what nobody would send: see CONTRIBUTING.md."""
