"""What runs the sessions of the docs sees when a page is wrong."""

import pytest

from docs.sessions import check, plain, steps

PAGE = """
A page.

```python
number = 6
```

```python
print(number * 7)
```

```text
42
```

```console
$ make serve
$ echo "a \\
b"
a b
$ pip install this
```

```json
{"not": "run"}
```

```python
```
"""


def test_a_page_is_one_session() -> None:
    assert [step.language for step in steps(PAGE)] == ["python", "python", "console", "python"]
    assert check(PAGE, {}) == 4


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("42\n", "43\n"),
        ("print(number * 7)", "print(unknown)"),
        ("print(number * 7)", "raise SystemExit"),
        ("number = 6", "number = 6; print(number)"),
        ("number = 6", "import warnings; warnings.warn('old')"),
        ("\na b\n", "\na c\n"),
        ("```text", "And then:\n\n```text"),
    ],
)
def test_a_page_that_says_something_else_is_wrong(right: str, wrong: str) -> None:
    assert right in PAGE
    with pytest.raises(AssertionError, match="printed"):
        check(PAGE.replace(right, wrong), {})


def test_only_the_lines_of_a_machine_may_differ() -> None:
    assert plain("  seconds   0.2\nknown since 2026-11-25T00:06:19Z") == (
        plain("  seconds  12.7\nknown since 2027-01-01T00:00:00Z")
    )
    assert plain("  rows  200") != plain("  rows  201")
