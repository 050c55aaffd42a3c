"""What the projects do: one row for each sort of request, with its model and traits."""

import msgspec

from tallybook.demo.rhythm import Rhythm

_GPT = "gpt-5.5-2026-04-23"
_GPT_MINI = "gpt-5.5-mini-2026-04-23"
_GPT_NANO = "gpt-5.5-nano-2026-04-23"
_REALTIME = "gpt-realtime-2026-05-12"
_OPUS = "claude-opus-4-5-20251101"
_HAIKU = "claude-haiku-4-5-20251001"
_GEMINI_PRO = "gemini-2.5-pro"
_GEMINI_FLASH = "gemini-2.5-flash"
_EMBED_LARGE = "text-embedding-3-large"
_EMBED_SMALL = "text-embedding-3-small"
_MODERATION = "omni-moderation-latest"
_IMAGE = "gpt-image-1.5"
_SPEECH = "gpt-4o-mini-tts"
_TRANSCRIBE = "gpt-4o-transcribe"

# Every model that the organization uses, and who provides it.
MODELS: dict[str, str] = {
    **dict.fromkeys((_GPT, _GPT_MINI, _GPT_NANO, _REALTIME), "openai"),
    **dict.fromkeys((_OPUS, _HAIKU), "anthropic"),
    **dict.fromkeys((_GEMINI_PRO, _GEMINI_FLASH), "google"),
    **dict.fromkeys((_EMBED_LARGE, _EMBED_SMALL, _MODERATION), "openai"),
    **dict.fromkeys((_IMAGE, _SPEECH, _TRANSCRIBE), "openai"),
}


class Tokens(msgspec.Struct, frozen=True):
    """What a request to a text generation model looks like.

    ``input`` and ``output`` are medians; the rest are percentages: of the
    input that is cached, written to the cache (for 30 minutes, for 12 hours)
    or of an image, and of the output that is reasoning. Of an audio
    conversation most of the input and output is audio.
    """

    input: int
    output: int
    cached: int = 0
    write_30m: int = 0
    write_12h: int = 0
    image: int = 0
    reasoning: int = 0
    audio: bool = False


class Workload(msgspec.Struct, frozen=True):
    """One sort of request that a project makes.

    ``weight`` is its part of the month's requests, as against the other rows:
    about thousandths. ``keys`` is how many of the project's keys take part,
    the busiest first; 0 for all.
    """

    project_id: str
    kind: str
    model: str | None
    weight: int
    rhythm: Rhythm = Rhythm.OFFICE
    tokens: Tokens | None = None
    tier: str | None = None
    batch: bool = False
    api_source: str | None = None
    keys: int = 0


def _text(
    project_id: str,
    model: str,
    weight: int,
    tokens: Tokens,
    rhythm: Rhythm = Rhythm.OFFICE,
    *,
    tier: str = "default",
    api_source: str | None = None,
) -> Workload:
    """Text generation for people who wait for it."""
    return Workload(
        project_id, "completions", model, weight, rhythm, tokens, tier, api_source=api_source
    )


def _nightly(project_id: str, model: str, weight: int, tokens: Tokens) -> Workload:
    """Batch jobs at night, all by one or two keys."""
    return Workload(
        project_id,
        "completions",
        model,
        weight,
        Rhythm.NIGHT,
        tokens,
        "default",
        batch=True,
        keys=2,
    )


_ALWAYS = Rhythm.ALWAYS
_CHAT = Tokens(1_900, 260, cached=45)
_CHAT_WRITTEN = Tokens(2_400, 320, cached=50, write_30m=15)
_AGENT = Tokens(5_600, 700, cached=62, write_30m=6, write_12h=8, reasoning=45)
_SHORT = Tokens(420, 60)

_TEXT: tuple[Workload, ...] = (
    _text("proj_atlas", _GPT_MINI, 135, _CHAT, _ALWAYS),
    _text("proj_atlas", _GPT, 55, Tokens(2_800, 420, cached=40, reasoning=35), _ALWAYS),
    _text("proj_atlas", _GPT_MINI, 14, _CHAT, _ALWAYS, tier="priority"),
    _text("proj_borealis", _GPT_MINI, 80, _CHAT_WRITTEN, _ALWAYS),
    _text("proj_borealis", _HAIKU, 45, _CHAT_WRITTEN, _ALWAYS),
    _text("proj_cobalt", _GPT, 60, _AGENT, api_source="agents_api"),
    _text("proj_cobalt", _OPUS, 40, Tokens(7_200, 650, cached=70, write_30m=12)),
    _text("proj_cobalt", _GPT, 10, _AGENT, api_source="unlabeled"),
    _text("proj_dune", _GEMINI_FLASH, 24, Tokens(900, 120)),
    _nightly("proj_dune", _GPT_NANO, 34, Tokens(1_200, 90, cached=20)),
    _text("proj_ember", _GPT, 22, Tokens(800, 520, cached=10)),
    _text("proj_ember", _GEMINI_FLASH, 14, Tokens(700, 380)),
    _text("proj_fjord", _REALTIME, 40, Tokens(1_400, 380, cached=55, audio=True), _ALWAYS),
    _text("proj_garnet", _GPT, 14, Tokens(4_200, 1_500, cached=15, reasoning=70), tier="flex"),
    _text("proj_garnet", _OPUS, 10, Tokens(6_000, 900, cached=25, write_30m=20)),
    _text("proj_garnet", _GEMINI_PRO, 14, Tokens(6_800, 1_200, reasoning=55)),
    _text("proj_harbor", _GPT_MINI, 30, Tokens(5_200, 340, cached=25)),
    _text("proj_harbor", _GEMINI_PRO, 8, Tokens(9_000, 420, cached=10)),
    _text("proj_iris", _GPT, 18, Tokens(2_200, 180, cached=10, image=65)),
    _text("proj_iris", _GEMINI_FLASH, 12, Tokens(1_900, 140, image=70)),
    _text("proj_juniper", _GPT_NANO, 26, _SHORT, _ALWAYS),
    _text("proj_kestrel", _HAIKU, 9, Tokens(1_000, 900)),
    _nightly("proj_kestrel", _GPT_MINI, 16, Tokens(1_400, 1_300)),
    _text("proj_lumen", _GPT_MINI, 14, _CHAT),
)


def _decisions(
    project_id: str, model: str, weight: int, tier: str, api_source: str | None = None
) -> Workload:
    tokens = Tokens(1_700, 64, cached=20, write_30m=4, write_12h=3)
    return Workload(
        project_id, "decisions", model, weight, _ALWAYS, tokens, tier, api_source=api_source
    )


_OTHERS: tuple[Workload, ...] = (
    Workload("proj_atlas", "embeddings", _EMBED_SMALL, 48, _ALWAYS),
    Workload("proj_harbor", "embeddings", _EMBED_LARGE, 30),
    Workload("proj_dune", "embeddings", _EMBED_SMALL, 14, Rhythm.NIGHT, batch=True, keys=2),
    Workload("proj_garnet", "embeddings", _EMBED_LARGE, 6),
    Workload("proj_juniper", "moderations", _MODERATION, 34, _ALWAYS),
    Workload("proj_borealis", "moderations", _MODERATION, 14, _ALWAYS, keys=12),
    Workload("proj_ember", "images", _IMAGE, 8, keys=12),
    Workload("proj_iris", "images", _IMAGE, 3),
    Workload("proj_fjord", "audio_speeches", _SPEECH, 9, _ALWAYS),
    Workload("proj_kestrel", "audio_speeches", _SPEECH, 3),
    Workload("proj_fjord", "audio_transcriptions", _TRANSCRIBE, 10, _ALWAYS),
    Workload("proj_lumen", "audio_transcriptions", _TRANSCRIBE, 6),
    Workload("proj_cobalt", "code_interpreter_sessions", None, 6),
    Workload("proj_garnet", "code_interpreter_sessions", None, 4),
    Workload("proj_atlas", "file_search_calls", None, 9, _ALWAYS),
    Workload("proj_borealis", "file_search_calls", None, 7, _ALWAYS),
    Workload("proj_harbor", "file_search_calls", None, 14),
    Workload("proj_atlas", "web_search_calls", _GPT, 12, _ALWAYS),
    Workload("proj_garnet", "web_search_calls", _GPT, 5),
    Workload("proj_cobalt", "web_search_calls", _GPT, 4, api_source="agents_api"),
    _decisions("proj_juniper", _GPT_MINI, 14, "default"),
    _decisions("proj_juniper", _GPT_MINI, 3, "priority"),
    _decisions("proj_cobalt", _GPT, 5, "default", "agents_api"),
)

WORKLOADS = _TEXT + _OTHERS
