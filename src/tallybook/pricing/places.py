"""Where in a TOML text a key stands, since the parser does not say."""

import re

_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_-]+)\s*\]\]?")
_KEY = re.compile(r"\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*=")


class Places:
    """The lines of a text's tables and keys, from 1."""

    def __init__(self, text: str) -> None:
        self._headers: dict[str, list[int]] = {}
        self._keys: dict[tuple[str, int, str], int] = {}
        table, index = "", 0
        for number, line in enumerate(text.splitlines(), start=1):
            if header := _HEADER.match(line):
                table = header[1]
                starts = self._headers.setdefault(table, [])
                index = len(starts)
                starts.append(number)
            elif key := _KEY.match(line):
                self._keys.setdefault((table, index, key[1]), number)

    def line(self, table: str, index: int, key: str | None = None) -> int:
        """The line of a key of the table's ``index``-th part, or of the part, or of the table."""
        if key is not None and (table, index, key) in self._keys:
            return self._keys[table, index, key]
        starts = self._headers.get(table, [])
        if index < len(starts):
            return starts[index]
        return self._keys.get(("", 0, table), 1)
