"""Mail: one conversation with the server a notice, cut off when it takes too long.

Until a recipient is named nothing has left, and what goes wrong is the server's. From then on a silence is a doubt that
counts against the one mail, so that a mail over which a server breaks is given up and holds up no other.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from socket import socket
from typing import Final

from engine.model.errors import InDoubt, Invalid, Unavailable
from notifications.line import LARGEST, LONGEST, Line
from notifications.mail import checked_address, compose, read_sender
from notifications.outgoing import NotTaken, Outgoing
from notifications.plain import plain

_READY: Final = 220
_NOT_NOW: Final = 421
"""RFC 5321, 3.8: the server closes, whatever the mail."""
_NEVER: Final = 500
_TOO_LARGE: Final = 552
"""RFC 1870, 6.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpChannel:
    """Sends through one server; a person's address is the login at `domain`.

    security: "starttls", "tls" or "none".
    """

    host: str
    port: int
    sender: str
    domain: str
    user: str = ""
    password: str = field(default="", repr=False)
    security: str = "starttls"
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    longest: float = LONGEST

    def send(self, outgoing: Outgoing) -> None:
        """See `Channel.send`."""
        sender = read_sender(self.sender)
        address = checked_address(f"{outgoing.login}@{self.domain}")
        raw = compose(outgoing.message, outgoing.key, address, sender)
        with Line(self.longest) as line, closing(self._opened(line, sender.origin)) as server, _verdict():
            server.sendmail(sender.address, [address], raw)

    def _opened(self, line: Line, name: str) -> "_Conversation":
        """A conversation in which everything is said but the mail; `name` is what this side calls itself."""
        context = self.trust or ssl.create_default_context()
        server = _Conversation(line, name, context if self.security == "tls" else None)
        try:
            server.open(self.host, self.port)
            if self.security == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
            server.ehlo_or_helo_if_needed()
        except (OSError, ValueError, smtplib.SMTPException) as error:
            server.close()
            raise Unavailable(f"邮件服务器 {self.host}:{self.port} 用不了：{_said(error)}") from error
        return server


class _Conversation(smtplib.SMTP):
    """A conversation over a line of ours, inside TLS from the first byte where `trust` is given."""

    def __init__(self, line: Line, name: str, trust: ssl.SSLContext | None) -> None:
        super().__init__(
            local_hostname=name
        )  # asking for the name of this machine may take longer than the mail
        self._line = line
        self._trust = trust

    def open(self, host: str, port: int) -> None:
        """Connect, and hear whether the server is ready. Raises OSError or SMTPException."""
        self._host = host  # what the certificate is compared with
        code, words = self.connect(host, port)
        if code != _READY:
            raise smtplib.SMTPConnectError(code, words)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket:  # noqa: ARG002 - the line has its own
        made = self._line.connect(host, port)
        return made if self._trust is None else self._trust.wrap_socket(made, server_hostname=host)

    def getreply(self) -> tuple[int, bytes]:
        """See `smtplib.SMTP.getreply`; the server may say so much and no more."""
        if self.file is None and self.sock is not None:
            self.file = _Limited(self.sock.makefile("rb"))
        return super().getreply()


class _Limited:
    """Lines of the other side, LARGEST bytes in all."""

    def __init__(self, lines: BufferedReader) -> None:
        self._lines, self._left = lines, LARGEST

    def readline(self, limit: int) -> bytes:
        """The next line. Raises OSError where it has said too much."""
        line = self._lines.readline(limit)
        self._left -= len(line)
        if self._left < 0:
            raise OSError("对方说得太多")
        return line

    def close(self) -> None:
        """Read no more."""
        self._lines.close()


@contextmanager
def _verdict() -> Iterator[None]:
    """What the server's answer to one mail means. RFC 5321, 4.2.1: 4yz may change, 5yz will not."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise _refusal(code, words) from error
    except smtplib.SMTPSenderRefused as error:
        raise _sender_refused(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise InDoubt(f"邮件发到一半断了：{_said(error)}") from error


def _sender_refused(code: int, words: bytes | str) -> Exception:
    """The server says no before it knows for whom: no mail of ours would pass, unless this one is too large."""
    if code == _TOO_LARGE:
        return _refusal(code, words)
    return Unavailable(
        f"邮件服务器不收本系统的信：{code} {_text(words)}", hint="请核对 smtp 的发件人和用户名"
    )


def _refusal(code: int, words: bytes | str) -> Exception:
    said = f"{code} {_text(words)}"
    if code == _NOT_NOW:
        return Unavailable(f"邮件服务器暂不收信：{said}")
    return (
        Invalid(f"邮件服务器拒收：{said}", ()) if code >= _NEVER else NotTaken(f"邮件服务器暂未收下：{said}")
    )


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return plain(f"{error}", 200) or type(error).__name__


def _text(words: bytes | str) -> str:
    return plain(words.decode("utf-8", "replace") if isinstance(words, bytes) else words, 200)
