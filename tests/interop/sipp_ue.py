"""A UE that SIPp plays: what it does, one after the other, good or bad."""

from collections.abc import Sequence
from pathlib import Path

from tests.interop.programs import Running, find

_REGISTER = """\
  <send retrans="500"><![CDATA[

REGISTER sip:home1.test SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]
Max-Forwards: 70
From: <sip:phone@home1.test>;tag={call}
To: <sip:phone@home1.test>
Call-ID: {call}///[call_id]
CSeq: {cseq} REGISTER
Contact: <sip:phone@[local_ip]:[local_port]>
Expires: {expires}
{credentials}Content-Length: 0

]]></send>
  <recv response="100" optional="true"/>
"""
_CREDENTIALS = "[authentication username=phone@home1.test password=secret]\n"
_CHALLENGED = """\
  <recv response="401" auth="true"/>
"""
_REGISTERED = """\
  <recv response="200">
    <action>
      <ereg regexp="&lt;.*&gt;" search_in="hdr" header="Service-Route:" check_it="true" assign_to="route"/>
    </action>
  </recv>
"""
_SUBSCRIBE = """\
  <send retrans="500"><![CDATA[

SUBSCRIBE sip:phone@home1.test SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]
Max-Forwards: 70
Route: [$route]
From: <sip:phone@home1.test>;tag={call}
To: <sip:phone@home1.test>
Call-ID: {call}///[call_id]
CSeq: {cseq} SUBSCRIBE
Contact: <sip:phone@[local_ip]:[local_port]>
Event: reg
Accept: application/reginfo+xml
Expires: 600000
{credentials}Content-Length: 0

]]></send>
"""
_NOTIFIED = """\
  <recv request="NOTIFY"/>
"""
_ANSWER = """\
  <send><![CDATA[

SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
"""
_STAY = """\
  <pause milliseconds="60000"/>
"""


def registers(call: str = "first", *, cseq: int = 2, expires: int = 600_000) -> str:
    """It sends REGISTER, and again with the answer to the challenge, whose CSeq is to be 2."""
    first = _REGISTER.format(call=call, cseq=1, expires=expires, credentials="")
    second = _REGISTER.format(call=call, cseq=cseq, expires=expires, credentials=_CREDENTIALS)
    return f"{first}{_CHALLENGED}{second}{_REGISTERED}"


def subscribes(call: str = "watch") -> str:
    """It subscribes, with an answer to the challenge, and answers the first NOTIFY."""
    return _subscribes(call) + answers()


def ignores_notify() -> str:
    """It subscribes and never answers."""
    return _subscribes("watch") + _NOTIFIED


def _subscribes(call: str) -> str:
    first = _SUBSCRIBE.format(call=call, cseq=1, credentials="")
    second = _SUBSCRIBE.format(call=call, cseq=2, credentials=_CREDENTIALS)
    return f'{first}{_CHALLENGED}{second}  <recv response="200"/>\n'


def answers() -> str:
    """It takes a NOTIFY and answers 200."""
    return _NOTIFIED + _ANSWER


def command_of(folder: Path, deeds: Sequence[str]) -> tuple[str, ...]:
    """Write a script of these deeds, after which the UE stays for a minute, and return what plays it."""
    binary = find("sipp")
    assert binary is not None
    text = "".join(deeds)
    reference = '  <Reference variables="route"/>\n'
    script = folder / "ue.xml"
    script.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="ue">\n{text}{_STAY}{reference}</scenario>\n'
    )
    options = ("-sf", str(script), "-m", "1", "-i", "127.0.0.1", "-p", "5071", "-nostdin", "-trace_err", "-trace_msg")
    return (binary, "127.0.0.1:5060", *options)


def start(folder: Path, deeds: Sequence[str]) -> Running:
    """Have SIPp do these deeds and stay for a minute."""
    return Running(command_of(folder, deeds), folder, "sipp.log")
