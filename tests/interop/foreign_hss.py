"""An HSS of other hands: Cx on pycrate's codec and nothing of ours. SIGUSR1 makes it send an RTR, SIGUSR2 a PPR.

Alice has a password, erin a USIM whose one vector is test set 1 of TS 35.207. Usage: foreign_hss.py ADDRESS PORT
"""

import asyncio
import hashlib
import signal
import sys
from typing import Any

from pycrate_diameter.Diameter3GPP import AVP3GPP, Diameter3GPP

HOST, REALM = "foreign.home1.test", "home1.test"
VENDOR, CX = 10415, 16777216
ALICE, ERIN = "alice@home1.test", "erin@home1.test"
VECTOR = {
    "authenticate": "23553cbe9637a89d218ae64dae47bf35" + "55f328b43577b9b94a9ffac354dfafb3",
    "expected": "a54211d5e3ba50bf",
    "ck": "b40ba9a3c58b2a05bbf0d987b21bf8cb",
    "ik": "f769bcd751044604127672711c6d3441",
}
IDENTITIES = {ALICE: ["sip:alice@home1.test", "tel:+15550001"], ERIN: ["sip:erin@home1.test"]}
PROFILE = (
    "<?xml version='1.0' encoding='UTF-8'?><IMSSubscription><PrivateID>{user}</PrivateID>"
    "<ServiceProfile>{identities}</ServiceProfile></IMSSubscription>"
)

Groups = dict[int, list[Any]]
writers: dict[str, asyncio.StreamWriter] = {}


def avp(code: int, data: bytes | str | int, vendor: int = 0, *, mandatory: bool = True) -> bytes:
    """Return an AVP; grouped ones get the octets of their members."""
    octets = data if isinstance(data, bytes) else data.encode() if isinstance(data, str) else data.to_bytes(4)
    header = {"Code": code, "V": int(bool(vendor)), "M": int(mandatory)} | ({"VendorID": vendor} if vendor else {})
    made: bytes = AVP3GPP(val={"AVPHdr": header, "AVPData": octets}).to_bytes()
    return made


def message(command: int, application: int, hop: int, end: int, avps: bytes, *, request: bool) -> bytes:
    """Return a whole message."""
    made = Diameter3GPP()
    flags = {"R": int(request), "P": 1, "Len": 20 + len(avps)}
    made[0].set_val({**flags, "Cmd": command, "AppID": application, "HHID": hop, "EEID": end})
    head: bytes = made[0].to_bytes()
    return head + avps


def values(octets: bytes) -> tuple[Any, Groups]:
    """Return the header of a message, and its AVPs' data by code."""
    found = Diameter3GPP()
    found.from_bytes(octets)
    assert found.to_bytes() == octets, "pycrate writes it otherwise than it was sent"
    groups: Groups = {}
    for each in found[1]:
        groups.setdefault(each[0][0].get_val(), []).append(each[1])
    return found[0], groups


def text(groups: Groups, code: int) -> str:
    """Return the first AVP of a code as text, empty where there is none."""
    value = groups[code][0].get_val() if code in groups else b""
    return value.decode() if isinstance(value, bytes) else str(value)


def number(groups: Groups, code: int) -> int:
    """Return the first AVP of a code as a number."""
    return int(groups[code][0].get_val())


def user_data(user: str) -> bytes:
    """Return the IMSSubscription of a user."""
    identities = "".join(
        f"<PublicIdentity><BarringIndication>0</BarringIndication><Identity>{uri}</Identity></PublicIdentity>"
        for uri in IDENTITIES[user]
    )
    return PROFILE.format(user=user, identities=identities).encode()


def experimental(code: int) -> bytes:
    """Return an Experimental-Result of 3GPP."""
    return avp(297, avp(266, VENDOR) + avp(298, code))


def answer(command: int, groups: Groups) -> bytes:
    """Return what the HSS says to a Cx request."""
    user = text(groups, 1)
    if user not in IDENTITIES:
        return experimental(5001)
    if command == 300:
        return experimental(2001) + avp(602, "sip:127.0.0.22:6060", VENDOR)
    if command == 303:
        item = avp(613, 1, VENDOR)
        if user == ALICE:
            ha1 = hashlib.md5(f"{ALICE}:{REALM}:secret".encode()).hexdigest()
            digest = avp(104, REALM) + avp(111, "MD5") + avp(110, "auth") + avp(121, ha1)
            item += avp(608, "SIP Digest", VENDOR) + avp(635, digest, VENDOR, mandatory=False)
        else:
            item += avp(608, "Digest-AKAv1-MD5", VENDOR)
            item += avp(609, bytes.fromhex(VECTOR["authenticate"]), VENDOR)
            item += avp(610, bytes.fromhex(VECTOR["expected"]), VENDOR)
            item += avp(625, bytes.fromhex(VECTOR["ck"]), VENDOR) + avp(626, bytes.fromhex(VECTOR["ik"]), VENDOR)
        identity = text(groups, 601)
        head = avp(1, user) + avp(601, identity, VENDOR) + avp(607, 1, VENDOR)
        return avp(268, 2001) + head + avp(612, item, VENDOR)
    if command == 301:
        kind = number(groups, 614)
        data = avp(606, user_data(user), VENDOR) if kind in (1, 2) else b""
        return avp(268, 2001) + avp(1, user) + data
    return avp(268, 3001)


def own() -> bytes:
    """Return Origin-Host and Origin-Realm."""
    return avp(264, HOST) + avp(296, REALM)


APPLICATION = avp(260, avp(266, VENDOR) + avp(258, CX))


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve one peer until it goes."""
    name = ""
    try:
        while True:
            head = await reader.readexactly(20)
            octets = head + await reader.readexactly(int.from_bytes(head[1:4]) - 20)
            header, groups = values(octets)
            command, hop, end = header[7].get_val(), header[9].get_val(), header[10].get_val()
            print("request" if header[2].get_val() else "answer", command, sorted(groups), flush=True)
            if not header[2].get_val():
                print("result", number(groups, 268) if 268 in groups else "experimental", flush=True)
                continue
            if command == 257:
                name = text(groups, 264)
                writers[name] = writer
                body = avp(268, 2001) + own() + avp(257, bytes((0, 1, 127, 0, 0, 25))) + avp(266, 0)
                body += avp(269, "foreign", mandatory=False) + APPLICATION
            elif command in (280, 282):
                body = avp(268, 2001) + own()
            else:
                body = avp(263, text(groups, 263)) + APPLICATION + avp(277, 1) + own() + answer(command, groups)
            writer.write(message(command, header[8].get_val(), hop, end, body, request=False))
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writers.pop(name, None)
        writer.close()


def push(command: int, avps: bytes) -> None:
    """Send a request to every peer."""
    for name, writer in writers.items():
        head = avp(263, f"{HOST};1;{command}") + APPLICATION + avp(277, 1) + own() + avp(293, name) + avp(283, REALM)
        writer.write(message(command, CX, command, command, head + avps, request=True))


def terminate() -> None:
    """Send an RTR: alice is gone for good."""
    why = avp(616, 0, VENDOR) + avp(617, "gone", VENDOR)
    push(304, avp(1, ALICE) + avp(615, why, VENDOR))


def change() -> None:
    """Send a PPR: alice has another identity."""
    IDENTITIES[ALICE].append("sip:alice.new@home1.test")
    push(305, avp(1, ALICE) + avp(606, user_data(ALICE), VENDOR))


async def main() -> None:
    """Listen until the end."""
    server = await asyncio.start_server(serve, sys.argv[1], int(sys.argv[2]))
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, terminate)
    loop.add_signal_handler(signal.SIGUSR2, change)
    print("up", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
