from scscf.metrics.times import BOUNDS, Tally, Times


def test_a_duration_falls_into_the_first_bucket_whose_end_is_not_before_it() -> None:
    times = Times()
    for seconds in (0.0, BOUNDS[0], BOUNDS[0] + 1e-9, 5.0, 36.0):
        times.add(200, seconds)

    row = times[200]
    assert (row[0], row[1], row[BOUNDS.index(5.0)], row[len(BOUNDS)]) == (2, 1, 1, 1)
    assert sum(row[:-1]) == times.count(200) == 5
    assert abs(row[-1] - (2 * BOUNDS[0] + 41.0)) < 1e-6


def test_each_end_is_counted_by_itself() -> None:
    times = Times()
    times.add(200, 0.1)
    times.add("timeout", 32.0)

    assert [times.count(end) for end in (200, "timeout", 481)] == [1, 1, 0]
    assert list(times) == [200, "timeout"], "asking for a count does not begin one"


def test_a_clock_that_went_backwards_takes_nothing_off_the_sum() -> None:
    times = Times()
    times.add(200, -3600.0)

    assert times.count(200) == 1
    assert times[200][-1] == 0.0


def test_the_names_of_a_tally_are_bounded_whatever_peers_send() -> None:
    tally = Tally(["REGISTER"])
    for name in ("REGISTER", "X1", "X2", "X3"):
        tally[name].add(200, 0.0)

    assert {name: times.count(200) for name, times in tally.items()} == {"REGISTER": 1, "other": 3}


def test_64_t1_is_not_beyond_the_last_bucket() -> None:
    assert BOUNDS[-1] > 64 * 0.5
    assert list(BOUNDS) == sorted(set(BOUNDS))


def test_what_took_no_time_is_in_the_first_bucket() -> None:
    times = Times()
    times.at_once(200)

    assert times[200][0] == times.count(200) == 1
    assert times[200][-1] == 0.0
