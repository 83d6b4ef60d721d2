import io
from typing import Any

import pytest
from rich.console import Console

from scscf.cli.tables import notice_table, registrations_table, report_table, show, subscriptions_table

CONTACT = {
    "uri": "sip:[::1]:5060;x=[reg]",
    "state": "active",
    "event": "registered",
    "expires": 3600,
    "private_identity": "a@home1.test",
    "source": "[::1]:5060",
    "transport": "udp",
}


def registration(**contact: object) -> dict[str, Any]:
    return {"aor": "sip:a@home1.test", "state": "active", "contacts": [CONTACT | contact]}


def printed(capsys: pytest.CaptureFixture[str], what: object) -> str:
    show(what)  # type: ignore[arg-type]
    return capsys.readouterr().out


def at_a_terminal(columns: int, what: object) -> list[str]:
    console = Console(file=io.StringIO(), force_terminal=True, width=columns, markup=False, color_system=None)
    console.print(what)
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_a_terminal_of_100_columns_shows_a_contact_in_a_line() -> None:
    found = [
        registration(uri="sip:a@192.0.2.1:5060;transport=tcp", private_identity="001010000000001@home1.test"),
        registration(uri="sip:a@192.0.2.2:5060"),
    ]

    lines = at_a_terminal(100, registrations_table(found))

    assert lines == [
        "AOR               STATE   CONTACT                             EVENT       EXPIRES",
        "sip:a@home1.test  active  sip:a@192.0.2.1:5060;transport=tcp  registered  3600 s",
        "sip:a@home1.test  active  sip:a@192.0.2.2:5060                registered  3600 s",
    ]
    assert "SOURCE" in at_a_terminal(140, registrations_table(found))[0]


def test_only_uris_are_folded_at_a_terminal_that_is_too_narrow() -> None:
    lines = at_a_terminal(40, registrations_table([registration()]))

    assert lines[0].split() == ["AOR", "STATE", "CONTACT", "EXPIRES"]
    assert "active" in lines[1]
    assert "3600 s" in lines[1]


def test_an_epid_has_a_column_where_there_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    plain = printed(capsys, registrations_table([registration(epid=None)]))
    lines = printed(
        capsys, registrations_table([registration(epid="492a7ce35f"), registration(epid=None)])
    ).splitlines()

    assert "EPID" not in plain
    assert lines[0].split()[-1] == "EPID"
    assert [line.split()[-1] for line in lines[1:]] == ["492a7ce35f", "[::1]:5060"]


def test_an_event_package_has_a_column_where_there_are_others_than_reg(capsys: pytest.CaptureFixture[str]) -> None:
    plain = {
        "aor": "sip:a@home1.test",
        "watcher": "sip:a@home1.test",
        "event": "reg",
        "epid": None,
        "state": "active",
        "reason": None,
        "expires": 60,
        "version": 1,
        "documents": "full",
        "id": "d1",
        "last_notify": {"status": 200},
    }
    implicit = plain | {"event": "registration-notify", "epid": "492a7ce35f", "version": None, "last_notify": None}

    assert "EVENT" not in printed(capsys, subscriptions_table([plain]))
    lines = printed(capsys, subscriptions_table([plain, implicit])).splitlines()
    assert lines[0].split()[-1] == "EVENT"
    assert lines[1].endswith("d1  reg")
    assert lines[2].split() == [
        *("sip:a@home1.test", "sip:a@home1.test", "active", "60", "s"),
        *("full", "d1", "registration-notify", "(492a7ce35f)"),
    ]


def test_a_notice_is_one_row(capsys: pytest.CaptureFixture[str]) -> None:
    notice = {
        "registration": "deregistered",
        "told": "unregistered",
        "error_id": 4140,
        "reason": "[red]\x1b[31m",
        "preferred_registrar": None,
        "signed": True,
    }
    assert printed(capsys, notice_table(notice)).splitlines()[1].split() == [
        *("deregistered", "unregistered", "4140", "[red]\ufffd[31m", "yes"),
    ]
    assert "SIGNED" not in printed(capsys, notice_table(notice | {"signed": None}))


def test_a_report_without_contacts_may_have_told_somebody(capsys: pytest.CaptureFixture[str]) -> None:
    report = {
        "removed": [],
        "changed": [],
        "watchers": [{"subscription": "d1", "version": 0, "status": 200, "ms": 1.0}],
    }
    assert printed(capsys, report_table(report)).splitlines()[1].split() == ["d1", "0", "200", "1.0"]
    assert (
        printed(capsys, report_table(report | {"watchers": []}, "nobody had to be told")) == "nobody had to be told\n"
    )


def test_a_report_of_nothing_says_so() -> None:
    assert at_a_terminal(100, report_table({"removed": [], "changed": [], "watchers": []})) == ["nobody was registered"]


def test_sip_text_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    said = printed(capsys, registrations_table([registration()]))

    assert "sip:[::1]:5060;x=[reg]" in said
    assert "udp [::1]:5060" in said


def test_what_a_ue_wrote_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    said = printed(capsys, registrations_table([registration(uri="sip:\x1b[2J\x9b31m\u202ea@b\r\n")]))

    assert not {"\x1b", "\x9b", "\u202e", "\r"} & set(said)
    assert "sip:\ufffd[2J\ufffd31m\ufffda@b" in said


def test_nothing_is_folded_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    uri = "sip:" + "a" * 1000

    assert uri in printed(capsys, registrations_table([registration(uri=uri)]))


def test_the_second_contact_does_not_repeat_its_address_of_record(capsys: pytest.CaptureFixture[str]) -> None:
    both = registration()
    both["contacts"].append(CONTACT | {"uri": "mailto:a@b", "expires": 4294967295, "source": None})

    lines = printed(capsys, registrations_table([both])).splitlines()

    assert lines[1].startswith("sip:a@home1.test")
    assert lines[2].split() == ["active", "mailto:a@b", "registered", "never", "a@home1.test"]


def test_an_unanswered_notify_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    shown = {
        "id": "7f",
        "aor": "sip:a@home1.test",
        "watcher": "sip:b@home1.test",
        "state": "terminated",
        "reason": "noresource",
        "expires": 12,
        "version": 3,
        "documents": "full",
        "last_notify": {"status": None},
    }

    said = printed(capsys, subscriptions_table([shown, shown | {"last_notify": None, "version": None, "reason": None}]))

    assert "terminated (noresource)" in said
    assert said.splitlines()[1].split()[-5:] == ["s", "3", "...", "full", "7f"]
    assert said.splitlines()[2].split()[-4:] == ["s", "...", "full", "7f"]


def test_a_report_tells_when_to_come_back_and_who_did_not_answer(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"aor": "sip:a@home1.test", "uri": "sip:a@b", "event": "probation", "retry_after": 30, "expires": 0}
    told = {"subscription": "7f", "version": None, "status": "timeout", "ms": None}

    said = printed(capsys, report_table({"removed": [row], "changed": [], "watchers": [told]}))

    assert "probation (retry after 30 s)" in said
    assert said.splitlines()[-1].split() == ["7f", "timeout"]
