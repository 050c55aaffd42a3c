"""``python -m tallybook``: the same as the ``tallybook`` command."""

from tallybook.cli.main import main

main()
