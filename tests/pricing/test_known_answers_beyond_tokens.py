"""Known answers beyond tokens: images, tools, speech, and what nobody states a price for."""

from decimal import Decimal
from pathlib import Path

from support.bills import Bill, bill, rates, request
from support.events import event
from support.prices import source
from tallybook.pricing.cards import Standing

AFTER = "2026-10-20T09:00"


IMAGES = """
[[price]]
model = "dall-e-3"
size = "1024x1024"
quality = "standard"
images = "0.04 / image"

[[price]]
model = "dall-e-3"
size = "1024x1024"
quality = "hd"
images = "0.08 / image"

[[price]]
model = "dall-e-3"
size = "1792x1024"
quality = "hd"
images = "0.12 / image"
"""


def test_images_are_priced_by_size_and_quality(tmp_path: Path) -> None:
    prices = source(tmp_path, IMAGES)

    def picture(size: str, quality: str | None) -> Bill:
        fields = {"kind": "images", "images": 3, "size": size, "quality": quality}
        return bill(prices, request("dall-e-3", **fields))

    assert [
        picture("1024x1024", "standard"),
        picture("1024x1024", "hd"),
        picture("1792x1024", "hd"),
        picture("1792x1024", None),
    ] == [
        {"dall-e-3, images": 3 * Decimal("0.04")},
        {"dall-e-3, images": 3 * Decimal("0.08")},
        {"dall-e-3, images": 3 * Decimal("0.12")},
        {"dall-e-3, images, unpriced": None},
    ]


def test_tools_are_charged_by_the_call(tmp_path: Path) -> None:
    prices = source(tmp_path)
    fields = {"num_requests": 7, "num_model_requests": 2}
    # 10 and 2.50 per thousand calls; no tier changes that.
    assert bill(prices, request("gpt-5", AFTER, kind="web_search_calls", **fields)) == {
        "web search tool calls": 7 * Decimal("0.01")
    }
    assert bill(
        prices, request("gpt-5", AFTER, kind="file_search_calls", num_requests=8, batch=True)
    ) == {"file search tool calls": 8 * Decimal("0.0025")}


TOOLS = """
[[price]]
provider = "openai"
code_interpreter = "0.03 / session"

[[price]]
provider = "openai"
kind = "vector_stores"
storage = "0.10 / GiB day"
"""


def test_sessions_and_storage_are_charged_by_the_price_file(tmp_path: Path) -> None:
    prices = source(tmp_path, TOOLS)
    sessions = event("code_interpreter_sessions", num_sessions=5)
    stored = event("vector_stores", usage_bytes=3 * 2**30 + 2**29, vector_store_id="vs_1")
    assert bill(prices, sessions, stored | {"id": "req_2"}) == {
        "code interpreter sessions": 5 * Decimal("0.03"),
        "vector store storage": Decimal("3.5") * Decimal("0.10"),
    }
    # A byte's part of a GiB is not rounded.
    assert bill(prices, stored | {"usage_bytes": 1}) == {
        "vector store storage": Decimal("0.10") / 2**10 / 2**10 / 2**10
    }


def test_tools_without_a_price_are_unpriced(tmp_path: Path) -> None:
    assert bill(source(tmp_path), event("code_interpreter_sessions"), event("vector_stores")) == {
        "code interpreter sessions, unpriced": None,
        "vector store storage, unpriced": None,
    }


def test_speech_is_charged_by_the_character(tmp_path: Path) -> None:
    assert bill(source(tmp_path), request("tts-1", kind="audio_speeches", characters=4_096)) == {
        "tts-1, speech": 4_096 * Decimal("0.000015")
    }


def test_transcription_is_charged_by_the_second_from_a_price_by_the_hour(tmp_path: Path) -> None:
    prices = source(tmp_path)
    # 0.36 an hour is 0.0001 a second, 0.006 a minute.
    for seconds, amount in ((3_600, "0.36"), (60, "0.006"), (47.25, "0.004725")):
        spoken = request("whisper-1", kind="audio_transcriptions", seconds=seconds)
        assert bill(prices, spoken) == {"whisper-1, transcription": Decimal(amount)}


def test_a_free_model_is_free_and_not_unpriced(tmp_path: Path) -> None:
    checked = request("omni-moderation-latest", kind="moderations", input_tokens=77)
    prices = source(tmp_path)
    assert bill(prices, checked) == {"omni-moderation-latest, input": Decimal(0)}
    assert [rate.standing for rate in rates(prices, checked).values()] == [Standing.FREE]


def test_an_unknown_model_is_unpriced_and_never_free(tmp_path: Path) -> None:
    asked = request("acme-9000", provider="acme", input_tokens=10, output_tokens=5)
    prices = source(tmp_path)
    assert bill(prices, asked) == {
        "acme-9000, input, unpriced": None,
        "acme-9000, output, unpriced": None,
    }
    rate = rates(prices, asked)["input"]
    assert (rate.standing, rate.unit_price, rate.currency, rate.note) == (
        Standing.UNPRICED,
        None,
        None,
        "acme-9000 is not on the list of provider acme",
    )


def test_an_event_without_a_model_is_unpriced(tmp_path: Path) -> None:
    asked = request(None, input_tokens=10, output_tokens=5)
    prices = source(tmp_path)
    assert bill(prices, asked) == {
        "no model, input, unpriced": None,
        "no model, output, unpriced": None,
    }
    assert rates(prices, asked)["input"].note == (
        "the event names no model, and no price file has no price for input"
    )


def test_a_model_of_another_provider_is_unpriced_and_the_note_names_the_right_one(
    tmp_path: Path,
) -> None:
    asked = request("claude-opus-4-5", provider="openai", input_tokens=10, output_tokens=5)
    prices = source(tmp_path)
    assert bill(prices, asked) == {
        "claude-opus-4-5, input, unpriced": None,
        "claude-opus-4-5, output, unpriced": None,
    }
    note = rates(prices, asked)["input"].note
    before, _, providers = note.partition("; it is on the list of provider ")
    assert before == "claude-opus-4-5 is not on the list of provider openai"
    assert "anthropic" in providers.split(", ")
