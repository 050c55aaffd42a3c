"""The people side: for now, the keys that open the doors."""
