"""What is said about UEs under test after all verdicts."""

from scscf.conformance.finding import Finding
from scscf.scenario.ue_report import ue_report
from scscf.scenario.verdict import Failure, Outcome, Place, Verdict

LATE = Finding("late-refresh", "TS 24.229 §5.1.1.4", "It was late.", 3000.0)
LATE_TWICE = (("phone", LATE), ("phone", LATE))


def verdict(file: str, outcome: Outcome, **more: object) -> Verdict:
    return Verdict(file, f"scenarios/ue/{file}.scenario.yaml", outcome, under_test=("phone",), **more)  # type: ignore[arg-type]


def test_each_purpose_has_its_verdict_and_what_was_found() -> None:
    nothing_came = Failure(Place("a.yaml", 3, 1, "steps[0]"), "phone: did not register within 60 s")

    lines = ue_report(
        [
            verdict("rejected", Outcome.PASSED, tags=("nid", "34.229:11.1", "imsstack:NOTIFY")),
            verdict("in_time", Outcome.FAILED, tags=("modelled-on-34.229:8.2", "34.229:C.46"), findings=LATE_TWICE),
            verdict("left", Outcome.FAILED, tags=("34.229:C.30", "34.229-5:A.11"), failures=(nothing_came,)),
            verdict("lost", Outcome.FAILED, findings=(("the network, at phone", LATE),)),
            verdict("away", Outcome.NOT_RUN, reason="no UE came"),
            Verdict("no UE", "a.scenario.yaml", Outcome.PASSED, tags=("34.229:11.1",)),
        ]
    )

    assert lines == [
        "purpose                                            verdict  what was found",
        "-------------------------------------------------  -------  --------------",
        "34.229-1 11.1 (rejected)                           passed",
        "modelled on 34.229-1 8.2; 34.229-1 C.46 (in_time)  FAILED   late-refresh (TS 24.229 §5.1.1.4)",
        "34.229-1 C.30; 34.229-5 A.11 (left)                FAILED   phone: did not register within 60 s",
        "lost                                               FAILED   the network: late-refresh",
        "away                                               not run  no UE came",
    ]


def test_a_run_without_a_ue_under_test_says_nothing() -> None:
    assert ue_report([Verdict("one", "one.scenario.yaml", Outcome.PASSED, tags=("34.229:11.1",))]) == []
