from scscf.cx import Result
from scscf.metrics.metric import Kind, Metric, by_end, by_name_and_end, durations, events, plain, shown
from scscf.metrics.times import Tally, Times

COUNTER = Metric("x_total", Kind.COUNTER, ("status",), "")
HISTOGRAM = Metric("x_seconds", Kind.HISTOGRAM, ("command", "result"), "")


def test_ends_are_shown_as_statuses_words_and_names_of_results() -> None:
    assert [shown(end) for end in (200, "timeout", Result.USER_UNKNOWN)] == ["200", "timeout", "USER_UNKNOWN"]


def test_counts_and_durations_are_read_off_the_same_row() -> None:
    times = Times()
    times.add(200, 0.3)
    times.add(200, 0.1)

    assert by_end(COUNTER, times).values == {("200",): 2}
    assert durations(COUNTER, times).values == {("200",): times[200]}


def test_names_that_nothing_was_counted_for_are_left_out() -> None:
    tally = Tally(["UAR", "SAR"])
    tally["SAR"].add(Result.SUCCESS, 0.2)

    row = tally["SAR"][Result.SUCCESS]
    assert by_name_and_end(HISTOGRAM, tally).values == {("SAR", "SUCCESS"): row}
    assert by_name_and_end(COUNTER, tally).values == {("SAR", "SUCCESS"): 1}


def test_what_is_known_to_happen_is_there_at_0_and_several_counts_are_added_up() -> None:
    found = events(COUNTER, ({"timeouts": 1}, {"timeouts": 2, "sent again": 5}), ("timeouts", "failed over"))

    assert found.values == {("timeouts",): 3, ("failed_over",): 0, ("sent_again",): 5}


def test_a_number_without_labels_has_none() -> None:
    assert plain(COUNTER, 3).values == {(): 3}
