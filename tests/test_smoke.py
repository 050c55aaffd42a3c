from support.events import DAY, event
from support.server import Server


def test_an_event_that_was_accepted_is_in_the_next_answer(server: Server) -> None:
    answer = server.post(event())
    assert answer.json() == {"accepted": 1, "duplicates": 0, "conflicts": [], "rejected": []}
    page = server.usage("completions", start_time=DAY, end_time=DAY + 86400).json()
    assert page["data"][0]["results"][0]["input_tokens"] == 1830
