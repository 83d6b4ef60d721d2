"""A small UE on a real socket: registers by digest or AKA through a P-CSCF, and answers what comes."""

import hashlib
import socket
from types import TracebackType

from scscf.sip.credentials import parse_credentials
from scscf.sip.message import Request, Response
from scscf.sip.parser import parse_message
from tests.patience import PATIENCE
from tests.usim import OutOfSequence, Usim

PCSCF = ("127.0.0.24", 5060)


class Ue:
    """A UE at 127.0.0.9. `usim` None: it has a password."""

    def __init__(
        self,
        user: str,
        impi: str,
        *,
        password: str = "secret",
        usim: Usim | None = None,
        port: int = 5070,
        proxy: tuple[str, int] = PCSCF,
        domain: str = "home1.test",
    ) -> None:
        self.aor = f"sip:{user}@{domain}"
        self._domain = domain
        self._impi = impi
        self._password = password
        self._usim = usim
        self._port = port
        self._proxy = proxy
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.9", port))
        self._socket.settimeout(PATIENCE)
        self._cseq = 0

    def __enter__(self) -> "Ue":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def register(self, expires: int = 600) -> Response:
        """Register, answer challenges, and return the final answer."""
        head = f'Digest username="{self._impi}", realm="{self._domain}"'
        nameless = f'{head}, nonce="", response="", uri="sip:{self._domain}"'
        answer = self._ask(expires, nameless)
        for _ in range(2):
            if answer.status != 401:
                break
            answer = self._ask(expires, self._credentials(answer))
        return answer

    def _ask(self, expires: int, authorization: str) -> Response:
        self._cseq += 1
        lines = [
            f"REGISTER sip:{self._domain} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.9:{self._port};branch=z9hG4bK{self._port}x{self._cseq}",
            "Max-Forwards: 70",
            f"From: <{self.aor}>;tag=ue{self._port}",
            f"To: <{self.aor}>",
            f"Call-ID: {self._port}-{self._impi}@127.0.0.9",
            f"CSeq: {self._cseq} REGISTER",
            f"Contact: <sip:ue@127.0.0.9:{self._port}>;expires={expires}",
            f"Expires: {expires}",
            f"Authorization: {authorization}",
            "Content-Length: 0",
        ]
        self._socket.sendto("\r\n".join([*lines, "", ""]).encode(), self._proxy)
        while True:
            try:
                data, source = self._socket.recvfrom(65535)
            except TimeoutError:
                raise AssertionError(f"no answer to REGISTER {self._cseq} from {self._proxy}") from None
            message = parse_message(data)
            if isinstance(message, Request):
                self._socket.sendto(message.response(200, to_tag="ue").to_bytes(), source)
            elif message.status >= 200 and message.cseq.number == self._cseq:
                return message

    def _credentials(self, challenge: Response) -> str:
        params = parse_credentials(challenge.get_all("www-authenticate")[0]).params
        nonce, algorithm, realm = params["nonce"], params.get("algorithm", "MD5"), params["realm"]
        auts = ""
        password = self._password.encode()
        if self._usim is not None:
            try:
                password = self._usim.password(nonce, algorithm)
            except OutOfSequence as ahead:
                password, auts = b"", f', auts="{ahead.auts}"'
        ha1 = hashlib.md5(f"{self._impi}:{realm}:".encode() + password).hexdigest()
        ha2 = hashlib.md5(f"REGISTER:sip:{self._domain}".encode()).hexdigest()
        head = f'Digest username="{self._impi}", realm="{realm}", nonce="{nonce}", uri="sip:{self._domain}"'
        head += f", algorithm={algorithm}"
        if "qop" in params:
            response = hashlib.md5(f"{ha1}:{nonce}:00000001:0a4f113b:auth:{ha2}".encode()).hexdigest()
            return f'{head}, response="{response}", qop=auth, nc=00000001, cnonce="0a4f113b"{auts}'
        response = hashlib.md5(f"{ha1}:{nonce}:{ha2}".encode()).hexdigest()
        return f'{head}, response="{response}"{auts}'
