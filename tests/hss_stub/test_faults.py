from hss_stub.faults import Command, Fault, Faults
from scscf.cx import Result

BUSY = Fault(Result.TOO_BUSY)


def test_a_fault_is_done_to_its_command_until_it_is_taken_back():
    faults = Faults()
    assert (faults.any, len(faults)) == (False, 0)

    faults.set(Command.MAR, BUSY)

    assert faults.any
    assert faults.next(Command.SAR, "a") is None
    assert [faults.next(Command.MAR, "a") for _ in range(3)] == [BUSY] * 3
    assert faults.get(Command.MAR)[1:] == (3, 3)
    assert (faults.clear(Command.MAR), faults.clear(Command.MAR), faults.any) == (True, False, False)
    assert faults.get(Command.MAR) is None


def test_it_begins_after_some_commands_and_ends_after_some_more():
    faults = Faults()
    fault = Fault(Result.TOO_BUSY, after=2, times=2)
    faults.set(Command.SAR, fault)

    assert [faults.next(Command.SAR, "a") for _ in range(6)] == [None, None, fault, fault, None, None]
    assert faults.get(Command.SAR)[1:] == (6, 2)


def test_it_may_be_for_one_user_only():
    faults = Faults()
    fault = Fault(silent=True, impi="a", after=1)
    faults.set(Command.UAR, fault)

    assert [faults.next(Command.UAR, impi) for impi in ("a", "b", None, "a")] == [None, None, None, fault]
    assert faults.get(Command.UAR)[1:] == (2, 1)


def test_there_is_one_fault_for_each_command_and_a_new_one_counts_from_the_beginning():
    faults = Faults()
    faults.set(Command.MAR, BUSY)
    faults.next(Command.MAR, "a")
    faults.set(Command.MAR, Fault(delay=1.0))
    faults.set(Command.PPR, Fault(silent=True))

    assert faults.get(Command.MAR) == (Fault(delay=1.0), 0, 0)
    assert set(faults.all()) == {Command.MAR, Command.PPR}
    faults.clear_all()
    assert (faults.any, faults.all()) == (False, {})
