"""Selectors: which requests a price of one's own is for, and which of two is the closer one."""

import re

import msgspec

from tallybook.pricing.cards import Traits

_WILD = re.compile(r"[*?]")

# Conditions that a selector may have beside the model and the provider, all exact.
CONDITIONS = ("kind", "batch", "service_tier", "size", "quality", "context_level")


class Selector(msgspec.Struct, frozen=True, kw_only=True):
    """Requests whose traits match; what is null matches any.

    ``model`` and ``provider`` are names, or patterns with ``*`` for any text
    and ``?`` for any one character; neither minds upper and lower case.
    Without ``batch = true`` or a ``service_tier`` the standard price is meant.
    """

    model: str | None = None
    provider: str | None = None
    kind: str | None = None
    batch: bool | None = None
    service_tier: str | None = None
    size: str | None = None
    quality: str | None = None
    context_level: str | None = None

    def matches(self, traits: Traits) -> bool:
        """Whether requests with these traits are meant, whatever their tier and batch."""
        return (
            (self.model is None or pattern_fits(self.model, traits.model))
            and (self.provider is None or pattern_fits(self.provider, traits.provider))
            and all(
                wanted is None or wanted == getattr(traits, name)
                for name in ("kind", "size", "quality", "context_level")
                if (wanted := getattr(self, name)) is not None
            )
        )

    @property
    def meant_batch(self) -> bool | None:
        """Whether batch requests are meant; null for both. A tier's price is not one for batch."""
        return False if self.batch is None and self.service_tier else self.batch

    def admits_tier(self, traits: Traits) -> bool:
        """Whether the tier and batch of requests with these traits are not excluded."""
        return self.meant_batch in (None, traits.is_batch) and self.service_tier in (
            None,
            traits.service_tier,
        )

    @property
    def is_variant(self) -> bool:
        """Whether only batch requests or only those of a tier are meant."""
        return bool(self.batch) or self.service_tier is not None

    @property
    def closeness(self) -> tuple[int, ...]:
        """Compares selectors that match one request: the larger one is about less.

        An exact model before a pattern, a pattern with more letters before one
        with fewer; then the same for the provider; then more conditions.
        """
        conditions = sum(getattr(self, name) is not None for name in CONDITIONS)
        return (*_closeness(self.model), *_closeness(self.provider), conditions)

    def may_meet(self, other: "Selector") -> bool:
        """Whether some request could match both."""
        conditions = [
            (getattr(self, name), getattr(other, name)) for name in CONDITIONS if name != "batch"
        ]
        return (
            _meet(self.model or "*", other.model or "*")
            and _meet(self.provider or "*", other.provider or "*")
            and all(
                None in pair or pair[0] == pair[1]
                for pair in (*conditions, (self.meant_batch, other.meant_batch))
            )
        )

    def __str__(self) -> str:
        """For people: ``model = "gpt-*", batch = true``."""
        shown = [
            f"{name} = {str(value).lower() if isinstance(value, bool) else f'{value!r}'}"
            for name in ("model", "provider", *CONDITIONS)
            if (value := getattr(self, name)) is not None
        ]
        return ", ".join(shown).replace("'", '"') or "any model"


def pattern_fits(pattern: str, text: str | None) -> bool:
    """Whether a name is the one, or of the pattern, that is meant.

    Each star takes as little as it can, and more only when what follows does
    not fit: no pattern takes longer than its length times the name's.
    """
    if text is None:
        return False
    wanted, name = pattern.lower(), text.lower()
    at = there = 0
    star, resume = -1, 0
    while there < len(name):
        if at < len(wanted) and wanted[at] == "*":
            star, resume = at, there
            at += 1
        elif at < len(wanted) and wanted[at] in ("?", name[there]):
            at += 1
            there += 1
        elif star >= 0:
            resume += 1
            at, there = star + 1, resume
        else:
            return False
    return not wanted[at:].strip("*")


def _closeness(pattern: str | None) -> tuple[int, int]:
    if pattern is None:
        return (0, 0)
    return (1 if _WILD.search(pattern) else 2, len(_WILD.sub("", pattern)))


def _meet(one: str, other: str) -> bool:
    """Whether some text matches both patterns."""
    theirs = other.lower()
    # meets[there]: whether the part of one so far and the first ``there`` of other have a text
    # in common. A star stands for nothing, or for what is next in the other as well.
    meets = [not theirs[:there].strip("*") for there in range(len(theirs) + 1)]
    for ours in one.lower():
        before, meets = meets, [meets[0] and ours == "*"]
        for there, their in enumerate(theirs):
            if "*" in (ours, their):
                meets.append(before[there + 1] or meets[there])
            else:
                same = ours == their or "?" in (ours, their)
                meets.append(same and before[there])
    return meets[-1]
