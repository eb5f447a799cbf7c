"""Mail: one conversation with the server a notice, cut off when it takes too long."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socket import SHUT_RDWR, socket
from threading import Timer
from typing import Any, Final

from engine.model.errors import InDoubt, Invalid, Unavailable
from notifications.mail import checked_address, compose, read_sender
from notifications.outgoing import NotTaken, Outgoing
from notifications.plain import plain
from notifications.wire import LONGEST, connected

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
        with self._conversation() as server, _verdict():
            server.sendmail(sender.address, [address], raw)

    @contextmanager
    def _conversation(self) -> Iterator["_Timed"]:
        try:
            server = self._opened()
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(f"邮件服务器 {self.host}:{self.port} 用不了：{_said(error)}") from error
        try:
            yield server
        finally:
            server.close()

    def _opened(self) -> "_Timed":
        context = self.trust or ssl.create_default_context()
        server = (
            _TimedTls(self.host, self.port, timeout=self.longest, context=context)
            if self.security == "tls"
            else _Timed(self.host, self.port, timeout=self.longest)
        )
        try:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


class _Timed(smtplib.SMTP):
    """A conversation that ends after `timeout` seconds, even with a server that says a byte a second."""

    guard: Timer | None = None

    def connect(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """See `smtplib.SMTP.connect`."""
        self.guard = Timer(self.timeout, self._cut)
        self.guard.daemon = True
        self.guard.start()
        try:
            return super().connect(*args, **kwargs)
        except BaseException:
            self.close()
            raise

    def _get_socket(self, host: str, port: int, timeout: float) -> socket:
        return connected(host, port, timeout)

    def close(self) -> None:
        """See `smtplib.SMTP.close`."""
        if self.guard is not None:
            self.guard.cancel()
        super().close()

    def _cut(self) -> None:
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(SHUT_RDWR)


class _TimedTls(_Timed, smtplib.SMTP_SSL):
    """The same, inside TLS from the first byte."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket:
        return self.context.wrap_socket(super()._get_socket(host, port, timeout), server_hostname=host)


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
