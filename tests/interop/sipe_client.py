"""pidgin's SIPE plugin without pidgin: libpurple driven by ctypes, signed in to one server until it is told to leave.

Usage: sipe_client.py FOLDER USER LOGIN PASSWORD HOST:PORT tcp|tls

FOLDER is libpurple's own (accounts, certificates); its debug log goes to standard output, and with it lines that begin
with `client:`: signed-on, disconnected, error REASON TEXT. SIGTERM signs off. The exit status is 0 after a sign-off by
the user, 1 where the connection ended otherwise.
"""

import ctypes
import signal
import sys
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_uint, c_void_p, cast
from typing import Any

READ, WRITE = 1, 2
IN, OUT, ERR, HUP = 1, 4, 8, 16

Callback = CFUNCTYPE(None, c_void_p, c_int, c_int)
OnDescriptor = CFUNCTYPE(c_int, c_int, c_int, c_void_p)
AddInput = CFUNCTYPE(c_uint, c_int, c_int, c_void_p, c_void_p)
OnTime = CFUNCTYPE(c_int, c_void_p)
Print = CFUNCTYPE(None, c_int, c_char_p, c_char_p)
IsEnabled = CFUNCTYPE(c_int, c_int, c_char_p)
OnConnection = CFUNCTYPE(None, c_void_p)
OnReason = CFUNCTYPE(None, c_void_p, c_int, c_char_p)


class EventLoop(Structure):
    """PurpleEventLoopUiOps."""

    _fields_ = [
        ("timeout_add", c_void_p),
        ("timeout_remove", c_void_p),
        ("input_add", AddInput),
        ("input_remove", c_void_p),
        ("input_get_error", c_void_p),
        ("timeout_add_seconds", c_void_p),
        ("reserved", c_void_p * 3),
    ]


class Core(Structure):
    """PurpleCoreUiOps."""

    _fields_ = [("nothing", c_void_p * 8)]


class Debug(Structure):
    """PurpleDebugUiOps."""

    _fields_ = [("print", Print), ("is_enabled", IsEnabled), ("reserved", c_void_p * 4)]


class Connections(Structure):
    """PurpleConnectionUiOps."""

    _fields_ = [
        ("connect_progress", c_void_p),
        ("connected", OnConnection),
        ("disconnected", OnConnection),
        ("notice", c_void_p),
        ("report_disconnect", c_void_p),
        ("network_connected", c_void_p),
        ("network_disconnected", c_void_p),
        ("report_disconnect_reason", OnReason),
        ("reserved", c_void_p * 3),
    ]


def say(text: str) -> None:
    print(f"client: {text}", flush=True)


class Client:
    """One account in libpurple."""

    def __init__(self, folder: str) -> None:
        self.glib: Any = ctypes.CDLL("libglib-2.0.so.0")
        self.purple: Any = ctypes.CDLL("libpurple.so.0", ctypes.RTLD_GLOBAL)
        self.glib.g_main_loop_new.restype = c_void_p
        self.glib.g_unix_fd_add_full.argtypes = (c_int, c_int, c_int, OnDescriptor, c_void_p, c_void_p)
        self.glib.g_timeout_add.argtypes = (c_uint, OnTime, c_void_p)
        self.purple.purple_account_new.restype = c_void_p
        self.loop = c_void_p(self.glib.g_main_loop_new(None, 0))
        self.account: c_void_p | None = None
        self.leaving = False
        self.status = 1
        self._kept: list[Any] = []
        self._on_descriptor = OnDescriptor(self._descriptor)
        self._set_up(folder.encode())

    def _set_up(self, folder: bytes) -> None:
        event_loop = EventLoop(
            cast(self.glib.g_timeout_add, c_void_p),
            cast(self.glib.g_source_remove, c_void_p),
            AddInput(self._add_input),
            cast(self.glib.g_source_remove, c_void_p),
            None,
            cast(self.glib.g_timeout_add_seconds, c_void_p),
        )
        debug = Debug(Print(self._print), IsEnabled(lambda level, category: 1))
        connections = Connections(
            connected=OnConnection(lambda connection: say("signed-on")),
            disconnected=OnConnection(self._disconnected),
            report_disconnect_reason=OnReason(self._failed),
        )
        self._kept += [event_loop, debug, connections, core := Core()]
        self.purple.purple_util_set_user_dir(folder)
        self.purple.purple_debug_set_verbose(1)
        self.purple.purple_debug_set_unsafe(1)
        self.purple.purple_debug_set_ui_ops(ctypes.byref(debug))
        self.purple.purple_core_set_ui_ops(ctypes.byref(core))
        self.purple.purple_eventloop_set_ui_ops(ctypes.byref(event_loop))
        self.purple.purple_connections_set_ui_ops(ctypes.byref(connections))
        assert self.purple.purple_core_init(b"sipe-client"), "libpurple does not start"
        self.purple.purple_blist_new.restype = c_void_p
        self.purple.purple_set_blist(c_void_p(self.purple.purple_blist_new()))

    def _add_input(self, descriptor: int, condition: int, function: int, data: int | None) -> int:
        wanted = (IN | HUP | ERR if condition & READ else 0) | (OUT | HUP | ERR if condition & WRITE else 0)
        record = (c_void_p * 2)(function, data)
        self._kept.append(record)
        added: int = self.glib.g_unix_fd_add_full(0, descriptor, wanted, self._on_descriptor, record, None)
        return added

    def _descriptor(self, descriptor: int, found: int, record: int) -> int:
        function, data = cast(record, POINTER(c_void_p * 2)).contents
        condition = (READ if found & (IN | HUP | ERR) else 0) | (WRITE if found & (OUT | HUP | ERR) else 0)
        cast(c_void_p(function), Callback)(data, descriptor, condition)
        return 1

    def _print(self, level: int, category: bytes | None, text: bytes) -> None:
        print(f"{(category or b'').decode()}: {text.decode(errors='replace')}", end="", flush=True)

    def _failed(self, connection: int, reason: int, text: bytes | None) -> None:
        say(f"error {reason} {(text or b'').decode(errors='replace')}")

    def _disconnected(self, connection: int) -> None:
        say("disconnected")
        self.status = 0 if self.leaving else 1
        self.glib.g_main_loop_quit(self.loop)

    def sign_in(self, user: str, login: str, password: str, server: str, transport: str) -> None:
        """Begin to sign in."""
        name = f"{user},{login}".encode()
        account = self.account = c_void_p(self.purple.purple_account_new(name, b"prpl-sipe"))
        self.purple.purple_account_set_password(account, password.encode())
        settings = {"server": server, "transport": transport, "authentication": "ntlm", "useragent": ""}
        for key, value in settings.items():
            self.purple.purple_account_set_string(account, key.encode(), value.encode())
        for key in ("sso", "dont-publish"):
            self.purple.purple_account_set_bool(account, key.encode(), key == "dont-publish")
        self.purple.purple_accounts_add(account)
        self.purple.purple_account_set_enabled(account, b"sipe-client", 1)

    def leave(self) -> None:
        """Sign off; the loop ends when that is done."""
        if not self.leaving:
            self.leaving = True
            self.purple.purple_account_set_enabled(self.account, b"sipe-client", 0)

    def run(self) -> int:
        """Run until the account is off line and return the exit status."""
        signalled: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, frame: signalled.append(number))

        def look(data: int | None) -> int:
            if signalled:
                self.leave()
            return 1

        self._kept.append(tick := OnTime(look))
        self.glib.g_timeout_add(100, tick, None)
        self.glib.g_main_loop_run(self.loop)
        self.purple.purple_core_quit()
        return self.status


def main() -> int:
    """Sign in and stay until SIGTERM or the end of the connection."""
    folder, user, login, password, server, transport = sys.argv[1:]
    client = Client(folder)
    client.sign_in(user, login, password, server, transport)
    return client.run()


if __name__ == "__main__":
    sys.exit(main())
