"""The words of Tallybook, pure: kinds, events, buckets, queries, errors. No I/O, no clock."""
