"""Writes a message as a mail and reads it back before anybody sends it: exactly the headers meant, and no other.

Texts from people reach only the subject and the two bodies. A subject is made harmless and encoded here, because the
writer of the standard library has let a crafted one begin a header of its own (python/cpython#121650) and loses spaces
where it folds a long one. The finished bytes are then read twice: by counting the lines of the header as a server
would, and by the parser of the standard library.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email import policy as policies
from email.headerregistry import Address, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import format_datetime
from typing import Final

from engine.model.calendar import LOCAL
from engine.model.errors import Invalid
from notifications.plain import header_text, plain
from notifications.render import Message

_PART_HEADERS: Final = frozenset({"content-type", "content-transfer-encoding", "mime-version"})
_NO_SUBJECT: Final = "督办通知"
_LONGEST_SUBJECT: Final = 160
_LONGEST_ADDRESS: Final = 254
_LONGEST_LINE: Final = 998
_LOCAL: Final = r"[A-Za-z0-9_%+-]+(?:\.[A-Za-z0-9_%+-]+)*"
_DOMAIN: Final = (
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_ADDRESS: Final = re.compile(rf"(?=[^@]{{1,64}}@){_LOCAL}@{_DOMAIN}")
_ORIGIN: Final = re.compile(_DOMAIN)
_SENDER: Final = re.compile(r"""(?:("?)(?P<name>[^\W_]{1,15})\1 *<(?P<named>[^<>]+)>)|(?P<bare>[^<>]+)""")
"""A name fits one encoded word: between two, readers differ on the space."""
_KEY: Final = re.compile(r"[0-9a-f]{64}")
_WORD: Final = 45
"""Bytes in one encoded word: 60 characters of base64, and its frame, within the 75 that RFC 2047 allows."""


class _Subject(UniqueUnstructuredHeader):
    """A subject that goes out as encoded words whatever it says."""

    def fold(self, *, policy: Policy) -> str:
        """See `email.headerregistry.BaseHeader`."""
        words = (b64encode(piece.encode()).decode("ascii") for piece in _pieces(f"{self}"))
        line = f"{policy.linesep} ".join(f"=?utf-8?B?{word}?=" for word in words)
        return f"Subject: {line}{policy.linesep}"


class _Whole(UniqueUnstructuredHeader):
    """An id or an address: on one line however long, because readers differ on a break before it."""

    name: str

    def fold(self, *, policy: Policy) -> str:
        """See `email.headerregistry.BaseHeader`."""
        return f"{self.name}: {self}{policy.linesep}"


def _policy() -> "EmailPolicy[EmailMessage]":
    headers = HeaderRegistry()
    for name, kind in (("subject", _Subject), ("message-id", _Whole), ("to", _Whole)):
        headers.map_to_type(name, kind)  # type: ignore[arg-type] # the stubs forget that it is mixed in
    return policies.SMTP.clone(header_factory=headers)


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces of whole characters that fit an encoded word each."""
    piece = ""
    for character in text:
        if len((piece + character).encode()) > _WORD:
            yield piece
            piece = ""
        piece += character
    yield piece


_POLICY: Final = _policy()


@dataclass(frozen=True, slots=True)
class Sender:
    """Who mails are from: a name that may be empty, and an address."""

    name: str
    address: str

    @property
    def origin(self) -> str:
        """The domain that makes the ids of mails ours."""
        return self.address.partition("@")[2]


def read_sender(text: str) -> Sender:
    """The sender as settings write it: an address, or a name with the address in angle brackets.

    Raises Invalid where the address or the name cannot be used.
    """
    match = _SENDER.fullmatch(text.strip(" "))
    if match is None:
        raise Invalid(
            f"“{plain(text, 80)}”不能用作发件人：应为邮件地址，或“名称 <地址>”，名称不超过15个字", ()
        )
    return Sender(match["name"] or "", checked_address(match["named"] or match["bare"]))


def checked_address(address: str) -> str:
    """The address, if it is one that every mail server takes.

    Raises Invalid otherwise.
    """
    if len(address) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise Invalid(f"“{plain(address, 80)}”不是能用的邮件地址", ())
    return address


def compose(message: Message, key: str, address: str, sender: Sender) -> bytes:
    """The mail as it goes over the wire; the same message gives the same bytes at every try.

    Raises Invalid where the key or an address cannot be used, or where the bytes do not say exactly what is meant.
    """
    if not _KEY.fullmatch(key) or not _ORIGIN.fullmatch(sender.origin):
        raise Invalid(f"“{plain(key, 80)}”不能用作邮件编号", ())
    checked_address(sender.address)
    meant = {
        "from": f"{Address(display_name=sender.name, addr_spec=sender.address)}",
        "to": checked_address(address),
        "subject": header_text(message.subject, _LONGEST_SUBJECT) or _NO_SUBJECT,
        "date": format_datetime(message.written_at.astimezone(LOCAL)),
        "message-id": f"<{key}@{sender.origin}>",
        "auto-submitted": "auto-generated",
    }
    raw = _mail(meant, message, key).as_bytes()
    if wrong := next(_differences(raw, meant, message), None):
        raise Invalid(f"邮件写成后与原意不符：{wrong}", ())
    return raw


def _mail(meant: Mapping[str, str], message: Message, key: str) -> EmailMessage:
    mail = EmailMessage(policy=_POLICY)
    for name, value in meant.items():
        mail[name.title().replace("-Id", "-ID")] = value
    mail.set_content(message.text, cte="base64")
    mail.add_alternative(message.html, subtype="html", cte="base64")
    mail.set_boundary(f"={key[:32]}=")
    return mail


def _differences(raw: bytes, meant: Mapping[str, str], message: Message) -> Iterator[str]:
    """What the finished bytes say that was not meant."""
    names = header_names(raw)
    if sorted(names) != sorted([*meant, "mime-version", "content-type"]):
        yield f"邮件头为 {'、'.join(names)}"
        return
    read = message_from_bytes(raw, policy=policies.default)
    yield from (name for name, value in meant.items() if f"{read[name]}" != value)
    parts = [part for part in read.iter_parts() if isinstance(part, EmailMessage)]
    if read.defects or [part.get_content_type() for part in parts] != ["text/plain", "text/html"]:
        yield "正文结构"
    for part, text in zip(parts, (message.text, message.html), strict=False):
        if part.defects or not {name.lower() for name in part} <= _PART_HEADERS:
            yield "正文的邮件头"
        if _lines(f"{part.get_content()}") != _lines(text):
            yield "正文"


def _lines(text: str) -> list[str]:
    return text.rstrip().splitlines()


def header_names(raw: bytes) -> list[str]:
    """The name of every line of the header that does not continue another, as the most lenient server reads it."""
    names: list[str] = []
    for line in re.split(rb"\r\n|\r|\n", raw):
        if not line:
            return names
        if len(line) > _LONGEST_LINE or not line.isascii():
            names.append("?")
        elif line[:1] not in b" \t":
            names.append(line.partition(b":")[0].decode("ascii").lower())
    return names
