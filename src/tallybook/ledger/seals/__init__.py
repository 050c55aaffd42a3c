"""Sealing: which sums are kept, which spans they stand for, and who may say so."""
