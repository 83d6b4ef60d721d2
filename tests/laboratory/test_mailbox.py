"""What came and was not looked at."""

from threading import Timer

import pytest

from scscf.laboratory.mailbox import Mailbox, NothingCameError
from tests.patience import PATIENCE


def test_the_oldest_that_is_wanted_is_taken_once() -> None:
    box: Mailbox[int] = Mailbox()
    for number in (1, 2, 3, 4):
        box.put(number)

    assert [box.take(lambda n: n % 2 == 0, 0, "even number") for _ in range(2)] == [2, 4]
    assert box.take(lambda _: True, 0, "number") == 1


def test_what_does_not_come_is_named() -> None:
    with pytest.raises(NothingCameError, match=r"no NOTIFY within 0\.01 s"):
        Mailbox[int]().take(lambda _: True, 0.01, "NOTIFY")


def test_it_waits_for_what_comes_from_another_thread() -> None:
    box: Mailbox[str] = Mailbox()
    Timer(0.01, box.put, ["late"]).start()

    assert box.take(lambda _: True, PATIENCE, "text") == "late"


def test_it_forgets_on_request() -> None:
    box: Mailbox[int] = Mailbox()
    box.put(1)

    box.clear()

    with pytest.raises(NothingCameError):
        box.take(lambda _: True, 0, "number")
