from scscf.scenario.folding import folded
from scscf.scenario.ladder import Rung, fits, ladder_lines


def rung(source: str, target: str, *notes: str) -> Rung:
    return Rung(0.0, source, target, "REGISTER", "", notes, "sip", False, False, False)


NAMES = ["scscf", *(f"phone{number}" for number in range(30))]
RUNGS = [rung(name, "scscf", "expires 600") for name in NAMES[1:]] + [rung("phone7", "scscf")] * 2


def test_what_fits_stays() -> None:
    assert folded(RUNGS[:2], NAMES[:3], 100) == (RUNGS[:2], NAMES[:3])


def test_those_who_speak_least_share_a_column_and_are_named() -> None:
    shown, names = folded(RUNGS, NAMES, 80)

    assert names == ["scscf", "27 others", "phone1", "phone7"] or len(names) == 4
    assert fits(names, 80)
    assert {"scscf", "phone7"} < set(names)
    others = next(name for name in names if name.endswith("others"))
    assert shown[20].source == others
    assert shown[20].notes == ("phone20: expires 600",)
    assert shown[-1] == RUNGS[-1]
    assert all(len(line.text) <= 80 for line in ladder_lines(shown, names, 80))


def test_two_who_share_a_column_are_both_named() -> None:
    shown, _ = folded([*RUNGS, rung("phone1", "phone2"), *[rung("phone7", "scscf")] * 9], NAMES, 60)

    assert "phone1 to phone2" in shown[len(RUNGS)].notes[0]
