"""The page: one file that needs nothing else, and nothing in it that came over the wire is taken for markup."""

import json
import re

from lxml import html

from scscf.scenario import html_report as page
from scscf.scenario.html_report import html_report
from scscf.scenario.html_verdict import html_verdict
from tests.scenario.samples import FAILED, PASSED, SECRETS, VERDICTS


def data_of(text: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    data: dict[str, object] = json.loads(found.group(1))
    return data


def test_the_page_is_one_file_that_asks_nobody() -> None:
    text = html_report(VERDICTS)
    root = html.document_fromstring(text)

    assert root.findtext(".//h1") == "Scenarios: 1 passed, 1 failed, 1 not run, 1 in error"
    assert root.xpath("//@src | //@href | //link | //img | //iframe") == []
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "prefers-color-scheme: dark" in text


def test_what_failed_comes_first_and_can_be_filtered() -> None:
    scenarios = html.document_fromstring(html_report(VERDICTS)).xpath("//details[contains(@class, 'scenario')]")

    assert [each.get("data-outcome") for each in scenarios] == ["error", "failed", "not run", "passed"]
    assert [each.get("id") for each in scenarios] == ["s4", "s2", "s3", "s1"]
    assert scenarios[0].get("open") is not None
    assert scenarios[1].get("data-tags") == "ims\nderegistration"
    assert "deactivation is told" in scenarios[1].get("data-text")


def test_expected_and_came_stand_side_by_side() -> None:
    root = html.fragment_fromstring(html_verdict(FAILED, "s1"))
    expected, came = root.xpath("(.//div[@class='sides'])[1]/div")

    assert [each.text for each in expected.xpath(".//span[@class='gone']")] == ["version: 1", "sip:tobias"]
    assert [each.text for each in came.xpath(".//span[@class='come']")] == [
        "version: 2", "<script>alert(1)</script>", 'response="..."',
    ]  # fmt: skip


def test_the_ladder_is_there_as_text_and_as_data() -> None:
    text = html_verdict(FAILED, "s1")
    data = data_of(text)

    assert "- REGISTER lost -" in html.fragment_fromstring(text).findtext(".//pre[@class='plain']")
    assert data["columns"] == ["phone", "scscf", "watcher", "hss"]
    assert [(rung["source"], rung["target"], rung["label"]) for rung in data["rungs"]][-1] == (1, 2, "NOTIFY")
    assert data["rungs"][-1]["pause"] == "2 h"
    assert data["rungs"][2]["text"].startswith("Multimedia-Auth-Request")


def test_each_document_is_held_against_the_one_before() -> None:
    first, second = data_of(html_verdict(FAILED, "s1"))["documents"]

    assert all(line.startswith("  ") for line in first["lines"])
    assert [line.strip()[:1] for line in second["lines"] if line[0] in "+-"] == ["-", "+"]
    assert second["said"] == "v1 full sip:tobias active: phone refreshed"


def test_nothing_from_the_wire_is_markup() -> None:
    hostile = "</script><script>alert(1)</script><!--"
    bad = FAILED._replace(
        name=hostile,
        file=f'"{hostile}',
        tags=(f'"{hostile}',),
        reason=hostile,
        messages=tuple(each._replace(data=f"{hostile} sip:a SIP/2.0\r\n\r\n".encode()) for each in FAILED.messages),
        documents=tuple(each._replace(body=hostile.encode(), to=hostile) for each in FAILED.documents),
    )
    text = html_report([bad], title=hostile)
    scripts = html.document_fromstring(text).xpath("//script")

    assert len(scripts) == 2
    assert "alert(1)" not in scripts[1].text
    assert text.count("<script>") == 1


def test_no_secret_is_in_it() -> None:
    assert [secret for secret in SECRETS if secret in html_report(VERDICTS)] == []


def test_past_a_size_only_what_failed_keeps_its_messages(monkeypatch) -> None:
    monkeypatch.setattr(page, "MOST", 0)
    text = html_report([PASSED, FAILED])

    assert text.count('<script type="application/json">') == 1
    assert "6 messages, left out of a page as long as this." in text
