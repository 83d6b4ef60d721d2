"""One branch of a forked request as a table: {state: {input: (state, actions)}} (RFC 3261 §16.7, §16.8, §16.10)."""

from scscf.enums import Named


class BranchState(Named):
    """States of one branch of a response context; RFC 3261 §16.7 describes them without a name."""

    TRYING = "Trying"
    PROCEEDING = "Proceeding"
    CANCELLED = "Cancelled"
    """Not wanted any more; its final response is still to come."""
    SUCCEEDED = "Succeeded"
    COMPLETED = "Completed"
    """It has come to a final response other than 2xx, or to none."""


class BranchInput(Named):
    """What can happen to a branch."""

    TRYING = "100"
    PROVISIONAL = "101-199"
    SUCCESS = "200-299"
    FAILURE = "300-599"
    GLOBAL_FAILURE = "600-699"
    FLOW_FAILED = "430 or a transport error, and the instance has another flow (RFC 5626 §7)"
    NO_ANSWER = "time-out or transport error"
    TIMER_C = "Timer C fires"
    CANCEL = "the caller, a 2xx or a 6xx cancels it"


class BranchAction(Named):
    """What is done about it."""

    PASS = "pass the response upstream at once (§16.7 step 5)"  # noqa: S105
    SET_C = "start Timer C anew (§16.7 step 2)"
    STOP_C = "stop Timer C"
    KEEP = "add the response, or a 408 or 503 for none, to the response context (§16.7 step 4)"
    CANCEL_THIS = "send CANCEL on this branch (§9.1)"
    CANCEL_OTHERS = "cancel every other branch, try no further target (§16.7 steps 5, 10)"
    TRY_NEXT_FLOW = "send along the next flow of the instance (RFC 5626 §7)"
    GO_ON = "try the next targets, or choose the best response where there is none left (§16.7 step 6)"


BranchTable = dict[BranchState, dict[BranchInput, tuple[BranchState, tuple[BranchAction, ...]]]]


def _branch() -> BranchTable:
    s, i, a = BranchState, BranchInput, BranchAction
    final = {
        i.SUCCESS: (s.SUCCEEDED, (a.STOP_C, a.PASS, a.CANCEL_OTHERS)),
        i.FAILURE: (s.COMPLETED, (a.STOP_C, a.KEEP, a.GO_ON)),
        i.GLOBAL_FAILURE: (s.COMPLETED, (a.STOP_C, a.KEEP, a.CANCEL_OTHERS, a.GO_ON)),
        i.NO_ANSWER: (s.COMPLETED, (a.STOP_C, a.KEEP, a.GO_ON)),
    }
    return {
        s.TRYING: {
            i.TRYING: (s.PROCEEDING, ()),
            i.PROVISIONAL: (s.PROCEEDING, (a.SET_C, a.PASS)),
            **final,
            i.FLOW_FAILED: (s.TRYING, (a.SET_C, a.TRY_NEXT_FLOW)),
            i.TIMER_C: (s.CANCELLED, (a.CANCEL_THIS,)),
            i.CANCEL: (s.CANCELLED, (a.STOP_C, a.CANCEL_THIS)),
        },
        s.PROCEEDING: {
            i.TRYING: (s.PROCEEDING, ()),
            i.PROVISIONAL: (s.PROCEEDING, (a.SET_C, a.PASS)),
            **final,
            i.FLOW_FAILED: (s.TRYING, (a.SET_C, a.TRY_NEXT_FLOW)),
            i.TIMER_C: (s.CANCELLED, (a.CANCEL_THIS,)),
            i.CANCEL: (s.CANCELLED, (a.STOP_C, a.CANCEL_THIS)),
        },
        s.CANCELLED: {
            i.TRYING: (s.CANCELLED, ()),
            i.PROVISIONAL: (s.CANCELLED, ()),
            **final,
            i.FLOW_FAILED: (s.COMPLETED, (a.STOP_C, a.KEEP, a.GO_ON)),
            i.TIMER_C: (s.CANCELLED, ()),
            i.CANCEL: (s.CANCELLED, ()),
        },
        s.SUCCEEDED: {**dict.fromkeys(i, (s.SUCCEEDED, ())), i.SUCCESS: (s.SUCCEEDED, (a.PASS,))},
        s.COMPLETED: dict.fromkeys(i, (s.COMPLETED, ())),
    }


BRANCH: BranchTable = _branch()
"""A branch from the sending of its request to the end. A 2xx is passed each time it comes (RFC 6026 §8.5)."""

TIMER_C = 181.0
"""Seconds without a provisional response after which an INVITE is given up: more than three minutes (§16.6 step 11)."""
