"""Who sends a request outside REGISTER: asserted, known by its flow, or challenged (TS 24.229 §5.4.3.2)."""

import re

import pytest

from hss_stub.faults import Command, Fault
from scscf.cx import Result
from scscf.sip.message import Response
from tests.world import Client, World

pytestmark = pytest.mark.clause("TS 24.229 §5.4.3.2", "RFC 3261 §22.3")

TOBIAS, CAROL = "sip:tobias@home1.test", "sip:carol@home1.test"
METHODS = {
    "SUBSCRIBE": (401, "WWW-Authenticate", "Authorization", 200),
    "MESSAGE": (407, "Proxy-Authenticate", "Proxy-Authorization", 480),
}
"""Method → status and header of its challenge, header of the answer, and the status once the sender is known."""


def ask(client: Client, method: str, **headers: str) -> Response:
    fields = {"Contact": f"<{client.uri}>"} | ({"Event": "reg"} if method == "SUBSCRIBE" else {})
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    answer = client.send(method, TOBIAS if method == "SUBSCRIBE" else CAROL, fields)
    assert answer is not None
    return answer


def answered(client: Client, method: str, challenge: Response, *, right: bool = True) -> Response:
    _, asked, header, _ = METHODS[method]
    client.credentials = None
    response = Response(401, "", [("WWW-Authenticate", challenge.get(asked.lower()) or "")])
    client.take_challenge(response)
    value = client.authorization(method, TOBIAS if method == "SUBSCRIBE" else CAROL)
    return ask(client, method, **{header: value if right else re.sub('response="....', 'response="0000', value)})


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def a_phone(host: str = "127.0.0.9", **config: object) -> Client:
    phone = World(config).client(host, username="phone@home1.test")
    assert phone.register().status == 200
    return phone


def test_a_ue_is_challenged_by_a_server_with_401_and_by_a_proxy_with_407(method: str) -> None:
    phone = a_phone()
    status, header, _, known = METHODS[method]

    challenge = ask(phone, method)

    assert challenge.status == status
    assert challenge.get_all(header.lower())
    assert "authenticate" not in "".join(name.lower() for name, _ in challenge.headers).replace(header.lower(), "")
    assert answered(phone, method, challenge).status == known


def test_a_wrong_answer_is_challenged_again_and_then_refused(method: str) -> None:
    phone = a_phone()
    status = METHODS[method][0]
    answer = ask(phone, method)
    for expected in (status, status, 403):
        answer = answered(phone, method, answer, right=False)
        assert answer.status == expected


@pytest.mark.parametrize(("unknown_user", "status"), [(403, None), (404, None), ("challenge", True)])
def test_a_stranger_gets_what_the_policy_has(method: str, unknown_user: object, status: bool | None) -> None:
    stranger = World({"auth": {"unknown_user": unknown_user}}).client(user="nobody")

    answer = ask(stranger, method)

    assert answer.status == (METHODS[method][0] if status else unknown_user)


@pytest.mark.clause("TS 29.228 §8")
@pytest.mark.parametrize(("result", "status"), [(Result.TOO_BUSY, 480), (Result.USER_UNKNOWN, 403)])
def test_who_cannot_be_challenged_gets_what_the_table_has_of_a_mar(method: str, result: Result, status: int) -> None:
    phone = a_phone()
    phone.world.scscf.hss.faults.set(Command.MAR, Fault(result=result))

    assert ask(phone, method).status == status


def test_a_registered_flow_is_known(method: str) -> None:
    phone = a_phone(direct_ues="by_flow")
    other = phone.world.client("127.0.0.66", username="phone@home1.test")

    assert ask(phone, method).status == METHODS[method][3]
    assert ask(other, method).status == METHODS[method][0]


def test_a_flow_through_a_p_cscf_is_nobody_s(method: str) -> None:
    world = World({"direct_ues": "by_flow"})
    behind = world.client("127.0.0.4", 5060, username="phone@home1.test")
    assert behind.register(Path="<sip:127.0.0.4:5060;lr>").status == 200

    headers = {"Route": "<sip:orig@127.0.0.1:5060;lr>"} if method == "MESSAGE" else {}
    assert ask(behind, method, **headers).status == METHODS[method][0]


def test_a_trusted_peer_s_word_is_taken_and_nobody_else_s(method: str, caplog: pytest.LogCaptureFixture) -> None:
    phone = a_phone()
    pcscf = phone.world.client("127.0.0.4", 5060)

    assert ask(pcscf, method, P_Asserted_Identity=f"<{TOBIAS}>").status == METHODS[method][3]
    assert ask(phone, method, P_Asserted_Identity=f"<{TOBIAS}>").status == METHODS[method][0]
    assert "P-Asserted-Identity of 127.0.0.9 is ignored" in caplog.text
