"""Known answers: what requests cost, worked out by hand from the providers' price lists.

Each test says its arithmetic; unit prices are those of one token, the list
price of a million divided by a million.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

from support.bills import BEFORE, Bill, bill, request
from support.prices import source

# When the catalogue begins to know the prices of tiers, and of batch.
TIERS_FROM, BATCH_FROM = "2026-10-12T00:00", "2026-10-14T00:00"
AFTER = "2026-10-20T09:00"


def test_cached_input_is_taken_out_of_input_that_includes_it(tmp_path: Path) -> None:
    # OpenAI reports prompt_tokens 50,000, of them 6,400 cached.
    found = bill(
        source(tmp_path),
        request("gpt-5.5", input_tokens=50_000, input_cached_tokens=6_400, output_tokens=1_200),
    )
    assert 50_000 - 6_400 == 43_600
    assert found == {
        "gpt-5.5, input": 43_600 * Decimal("0.000005"),
        "gpt-5.5, cached input": 6_400 * Decimal("0.0000005"),
        "gpt-5.5, output": 1_200 * Decimal("0.00003"),
    }
    assert found == {
        "gpt-5.5, input": Decimal("0.218"),
        "gpt-5.5, cached input": Decimal("0.0032"),
        "gpt-5.5, output": Decimal("0.036"),
    }


def test_cached_input_is_added_to_input_that_excludes_it(tmp_path: Path) -> None:
    # Anthropic reports input_tokens 2,000 beside cache_read_input_tokens 18,000 and
    # cache_creation_input_tokens 4,000; an event's input_tokens is the sum of the three.
    usage = {
        "input_tokens": 2_000 + 18_000 + 4_000,
        "input_cached_tokens": 18_000,
        "input_cache_write_tokens": 4_000,
        "output_tokens": 500,
    }
    found = bill(source(tmp_path), request("claude-opus-4-5", provider="anthropic", **usage))
    assert found == {
        "claude-opus-4-5, input": 2_000 * Decimal("0.000005"),
        "claude-opus-4-5, cached input": 18_000 * Decimal("0.0000005"),
        "claude-opus-4-5, cache write 30m": 4_000 * Decimal("0.00000625"),
        "claude-opus-4-5, output": 500 * Decimal("0.000025"),
    }
    assert sum(amount or 0 for amount in found.values()) == Decimal("0.0565")


def test_each_lifetime_of_a_cache_write_has_its_price(tmp_path: Path) -> None:
    usage = {
        "input_tokens": 10_000,
        "input_cache_write_30m_tokens": 6_000,
        "input_cache_write_12h_tokens": 4_000,
        "output_tokens": 0,
    }
    found = bill(source(tmp_path), request("claude-opus-4-5", provider="anthropic", **usage))
    assert found == {
        "claude-opus-4-5, cache write 30m": 6_000 * Decimal("0.00000625"),
        "claude-opus-4-5, cache write 12h": 4_000 * Decimal("0.00001"),
    }
    assert found == {
        "claude-opus-4-5, cache write 30m": Decimal("0.0375"),
        "claude-opus-4-5, cache write 12h": Decimal("0.04"),
    }


def opus_batch(folder: Path, moment: str, **fields: Any) -> Bill:
    usage = {"input_tokens": 100_000, "input_cached_tokens": 20_000, "output_tokens": 10_000}
    return bill(
        source(folder),
        request("claude-opus-4-5", moment, provider="anthropic", **usage, **fields),
    )


def test_batch_has_the_catalogue_s_batch_price_once_there_is_one(tmp_path: Path) -> None:
    expected = {
        "claude-opus-4-5, input": 80_000 * Decimal("0.0000025"),
        "claude-opus-4-5, cached input": 20_000 * Decimal("0.00000025"),
        "claude-opus-4-5, output": 10_000 * Decimal("0.0000125"),
    }
    assert opus_batch(tmp_path, BATCH_FROM, batch=True) == expected
    assert sum(expected.values()) == Decimal("0.33")
    # Anthropic calls it a tier.
    assert opus_batch(tmp_path, BATCH_FROM, service_tier="batch") == expected


def test_batch_is_estimated_at_half_before_there_is_a_batch_price(tmp_path: Path) -> None:
    found = opus_batch(tmp_path, "2026-10-13T23:59:59.999999", batch=True)
    assert found == {
        "claude-opus-4-5, input, estimated": 80_000 * Decimal("0.000005") / 2,
        "claude-opus-4-5, cached input, estimated": 20_000 * Decimal("0.0000005") / 2,
        "claude-opus-4-5, output, estimated": 10_000 * Decimal("0.000025") / 2,
    }
    assert sum(amount or 0 for amount in found.values()) == Decimal("0.33")


def test_batch_of_a_model_of_another_provider_s_list_is_estimated(tmp_path: Path) -> None:
    # Azure has gpt-5 by way of OpenAI's list, whose batch price nobody stated for Azure.
    usage = {"input_tokens": 8_000, "output_tokens": 1_000, "batch": True}
    found = bill(source(tmp_path), request("gpt-5", AFTER, provider="azure", **usage))
    assert found == {
        "gpt-5, input, estimated": 8_000 * Decimal("0.00000125") / 2,
        "gpt-5, output, estimated": 1_000 * Decimal("0.00001") / 2,
    }
    assert bill(source(tmp_path), request("gpt-5", AFTER, provider="openai", **usage)) == {
        "gpt-5, input": Decimal("0.005"),
        "gpt-5, output": Decimal("0.005"),
    }


def gpt_5(folder: Path, moment: str, tier: str, text: str | None = None) -> Bill:
    usage = {"input_tokens": 8_000, "input_cached_tokens": 4_000, "output_tokens": 1_000}
    return bill(source(folder, text), request("gpt-5", moment, service_tier=tier, **usage))


def test_flex_has_the_catalogue_s_price_once_there_is_one(tmp_path: Path) -> None:
    assert gpt_5(tmp_path, TIERS_FROM, "flex") == {
        "gpt-5, input": 4_000 * Decimal("0.000000625"),
        "gpt-5, cached input": 4_000 * Decimal("0.0000000625"),
        "gpt-5, output": 1_000 * Decimal("0.000005"),
    }


def test_flex_is_estimated_at_half_before_there_is_a_price(tmp_path: Path) -> None:
    assert gpt_5(tmp_path, BEFORE, "flex") == {
        "gpt-5, input, estimated": 4_000 * Decimal("0.00000125") / 2,
        "gpt-5, cached input, estimated": 4_000 * Decimal("0.000000125") / 2,
        "gpt-5, output, estimated": 1_000 * Decimal("0.00001") / 2,
    }


def test_priority_has_the_catalogue_s_price_once_there_is_one(tmp_path: Path) -> None:
    assert gpt_5(tmp_path, TIERS_FROM, "priority") == {
        "gpt-5, input": 4_000 * Decimal("0.0000025"),
        "gpt-5, cached input": 4_000 * Decimal("0.00000025"),
        "gpt-5, output": 1_000 * Decimal("0.00002"),
    }


def test_priority_is_not_guessed(tmp_path: Path) -> None:
    assert gpt_5(tmp_path, BEFORE, "priority") == {
        "gpt-5, input, unpriced": None,
        "gpt-5, cached input, unpriced": None,
        "gpt-5, output, unpriced": None,
    }


def test_priority_is_estimated_by_the_share_that_is_set(tmp_path: Path) -> None:
    assert gpt_5(tmp_path, BEFORE, "priority", '[estimate]\npriority = "250%"\n') == {
        "gpt-5, input, estimated": 4_000 * Decimal("0.00000125") * Decimal("2.5"),
        "gpt-5, cached input, estimated": 4_000 * Decimal("0.000000125") * Decimal("2.5"),
        "gpt-5, output, estimated": 1_000 * Decimal("0.00001") * Decimal("2.5"),
    }


def test_the_standard_tier_has_many_names(tmp_path: Path) -> None:
    prices = source(tmp_path)
    usage = {"input_tokens": 8_000, "output_tokens": 1_000}
    for tier in (None, "default", "auto", "standard", "on_demand"):
        assert bill(prices, request("gpt-5", service_tier=tier, **usage)) == {
            "gpt-5, input": Decimal("0.01"),
            "gpt-5, output": Decimal("0.01"),
        }


def test_a_request_at_the_threshold_has_the_price_below_it(tmp_path: Path) -> None:
    assert bill(
        source(tmp_path), request("gpt-5.5", input_tokens=272_000, output_tokens=1_000)
    ) == {
        "gpt-5.5, input": 272_000 * Decimal("0.000005"),
        "gpt-5.5, output": 1_000 * Decimal("0.00003"),
    }


def test_one_token_more_moves_the_whole_request(tmp_path: Path) -> None:
    # Cached input and what is written to a cache count as well: 270,000 + 2,001.
    usage = {"input_tokens": 272_001, "input_cached_tokens": 2_001, "output_tokens": 1_000}
    assert bill(source(tmp_path), request("gpt-5.5", **usage)) == {
        "gpt-5.5, input": 270_000 * Decimal("0.00001"),
        "gpt-5.5, cached input": 2_001 * Decimal("0.000001"),
        "gpt-5.5, output": 1_000 * Decimal("0.000045"),
    }


def test_requests_told_together_have_the_size_of_their_average(tmp_path: Path) -> None:
    prices = source(tmp_path)
    usage = {"output_tokens": 0, "num_model_requests": 3}
    assert bill(prices, request("gpt-5.5", input_tokens=3 * 272_000, **usage)) == {
        "gpt-5.5, input": 816_000 * Decimal("0.000005")
    }
    # A third of a token more on average is more.
    assert bill(prices, request("gpt-5.5", input_tokens=3 * 272_000 + 1, **usage)) == {
        "gpt-5.5, input": 816_001 * Decimal("0.00001")
    }


def test_audio_and_cached_audio_have_their_prices(tmp_path: Path) -> None:
    usage = {
        "input_tokens": 30_000,
        "input_cached_tokens": 12_000,
        "input_cached_audio_tokens": 9_000,
        "input_audio_tokens": 10_000,
        "output_tokens": 700,
    }
    # 30,000 - 12,000 cached - 10,000 audio = 8,000 text; 12,000 - 9,000 = 3,000 cached text.
    assert bill(source(tmp_path), request("gemini-2.5-flash", provider="google", **usage)) == {
        "gemini-2.5-flash, input": 8_000 * Decimal("0.0000003"),
        "gemini-2.5-flash, audio input": 10_000 * Decimal("0.000001"),
        "gemini-2.5-flash, cached input": 3_000 * Decimal("0.00000003"),
        "gemini-2.5-flash, cached audio input": 9_000 * Decimal("0.0000001"),
        "gemini-2.5-flash, output": 700 * Decimal("0.0000025"),
    }


def test_image_tokens_are_told_apart_from_text(tmp_path: Path) -> None:
    usage = {
        "input_tokens": 5_000,
        "input_image_tokens": 2_000,
        "input_cached_tokens": 1_500,
        "input_cached_image_tokens": 1_000,
        "output_tokens": 4_160,
        "output_image_tokens": 4_000,
    }
    # 5,000 - 2,000 - 1,500 = 1,500 text; 1,500 - 1,000 = 500 cached text; 4,160 - 4,000 = 160.
    assert bill(source(tmp_path), request("gpt-image-1.5", **usage)) == {
        "gpt-image-1.5, input": 1_500 * Decimal("0.000005"),
        "gpt-image-1.5, image input": 2_000 * Decimal("0.000008"),
        "gpt-image-1.5, cached input": 500 * Decimal("0.00000125"),
        "gpt-image-1.5, cached image input": 1_000 * Decimal("0.000002"),
        "gpt-image-1.5, output": 160 * Decimal("0.00001"),
        "gpt-image-1.5, image output": 4_000 * Decimal("0.000032"),
    }


def test_decisions_have_a_list_of_their_own_without_output(tmp_path: Path) -> None:
    prices = source(tmp_path)
    usage = {"input_tokens": 2_000, "output_tokens": 640}
    assert bill(prices, request("gpt-6-luna", kind="decisions", **usage)) == {
        "gpt-6-luna, input": 2_000 * Decimal("0.0000001")
    }
    assert bill(prices, request("gpt-6-luna", kind="completions", **usage)) == {
        "gpt-6-luna, input": 2_000 * Decimal("0.0000001"),
        "gpt-6-luna, output": 640 * Decimal("0.0000005"),
    }


def test_reasoning_is_taken_out_of_output_where_it_costs_otherwise(tmp_path: Path) -> None:
    usage = {"input_tokens": 1_000, "output_tokens": 9_000, "output_reasoning_tokens": 6_500}
    prices = source(tmp_path)
    assert bill(prices, request("sonar-deep-research", provider="perplexity", **usage)) == {
        "sonar-deep-research, input": 1_000 * Decimal("0.000002"),
        "sonar-deep-research, output": 2_500 * Decimal("0.000008"),
        "sonar-deep-research, reasoning output": 6_500 * Decimal("0.000003"),
    }
    assert bill(prices, request("gpt-5", **usage)) == {
        "gpt-5, input": 1_000 * Decimal("0.00000125"),
        "gpt-5, output": 9_000 * Decimal("0.00001"),
    }


def test_reasoning_about_other_than_text_is_never_paid_back(tmp_path: Path) -> None:
    # All of the output is audio, so no text is left that reasoning could be taken out of.
    usage = {
        "input_tokens": 0,
        "output_tokens": 100,
        "output_audio_tokens": 100,
        "output_reasoning_tokens": 40,
    }
    found = bill(source(tmp_path), request("sonar-deep-research", provider="perplexity", **usage))
    assert [line for line, amount in found.items() if amount is not None and amount < 0] == []


def test_a_request_can_have_a_price_beside_its_tokens(tmp_path: Path) -> None:
    usage = {"input_tokens": 300, "output_tokens": 200, "num_model_requests": 4}
    assert bill(source(tmp_path), request("sonar", provider="perplexity", **usage)) == {
        "sonar, input": 300 * Decimal("0.000001"),
        "sonar, output": 200 * Decimal("0.000001"),
        "sonar, requests": 4 * Decimal("0.012"),
    }


def test_a_discount_is_taken_off_the_list_price(tmp_path: Path) -> None:
    prices = source(tmp_path, '[[discount]]\nprovider = "anthropic"\npercent = "12.5%"\n')
    usage = {"input_tokens": 1_000, "output_tokens": 1_000}
    assert bill(prices, request("claude-opus-4-5", provider="anthropic", **usage)) == {
        "claude-opus-4-5, input": 1_000 * Decimal("0.000005") * Decimal("0.875"),
        "claude-opus-4-5, output": 1_000 * Decimal("0.000025") * Decimal("0.875"),
    }
    assert bill(prices, request("gpt-5", **usage)) == {
        "gpt-5, input": 1_000 * Decimal("0.00000125"),
        "gpt-5, output": 1_000 * Decimal("0.00001"),
    }


def test_prices_by_the_time_of_day_change_at_the_second(tmp_path: Path) -> None:
    prices = source(tmp_path)
    usage = {"input_tokens": 1_000, "input_cached_tokens": 400, "output_tokens": 100}
    night = {
        "deepseek-chat, input": 600 * Decimal("0.000000135"),
        "deepseek-chat, cached input": 400 * Decimal("0.000000035"),
        "deepseek-chat, output": 100 * Decimal("0.00000055"),
    }
    day = {
        "deepseek-chat, input": 600 * Decimal("0.00000027"),
        "deepseek-chat, cached input": 400 * Decimal("0.00000007"),
        "deepseek-chat, output": 100 * Decimal("0.0000011"),
    }
    times = ("00:00", "00:29:59.999999", "00:30", "16:29:59.999999", "16:30", "23:59:59.999999")
    assert [
        bill(prices, request("deepseek-chat", f"2026-10-01T{time}", provider="deepseek", **usage))
        for time in times
    ] == [night, night, day, day, night, night]


def test_a_batch_price_that_leaves_out_a_key_keeps_the_standard_one(tmp_path: Path) -> None:
    # The list of o3 states batch prices for input and output, and cached input stays at 0.50.
    usage = {"input_tokens": 10_000, "input_cached_tokens": 4_000, "output_tokens": 1_000}
    assert bill(source(tmp_path), request("o3", BATCH_FROM, batch=True, **usage)) == {
        "o3, input": 6_000 * Decimal("0.000001"),
        "o3, cached input": 4_000 * Decimal("0.0000005"),
        "o3, output": 1_000 * Decimal("0.000004"),
    }
