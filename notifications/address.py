"""Addresses of receivers: read strictly, because two readers of a sloppy one disagree on where it leads.

What is taken has one spelling: a scheme, a host (a name of plain letters, or a number in its usual form), a port, a
path. Everything by which a browser or a library would be led elsewhere is refused: user and password, backslashes,
blanks and control characters, question marks, `%`, names that are numbers in disguise, dots at the end.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from engine.model.errors import Invalid
from notifications.plain import plain

PORTS: Final = {"https": 443, "http": 80}
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME: Final = rf"(?=[a-z0-9.-]{{1,253}}(?![a-z0-9.-]))(?:{_LABEL}\.)*(?!\d+(?![a-z0-9-]))(?!0x){_LABEL}"
"""The last label is no number: `2130706433`, `0x7f.1` and `1.2.3` are IPv4 addresses to some readers."""
_NUMBER: Final = r"\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]{2,45}\]"
_PLACE: Final = rf"(?P<host>{_NAME}|{_NUMBER}):(?P<port>[1-9]\d{{0,4}})"
_ADDRESS: Final = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_NAME}|{_NUMBER})(?::(?P<port>[1-9]\d{{0,4}}))?(?P<path>(?:/[A-Za-z0-9._~-]*)*)",
    re.ASCII,
)
_ENTRY: Final = re.compile(_PLACE, re.ASCII)
_UPWARDS: Final = re.compile(r"/\.{1,2}(?:/|$)")
_LAST_PORT: Final = 65535

Ip = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A host and a port, as they stand in the list of allowed ones."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def number(self) -> Ip | None:
        """The host as an IP address; None for a name."""
        try:
            return ip_address(self.host.strip("[]"))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a receiver listens. `path` has no slash at its end."""

    scheme: str
    place: Place
    path: str = ""


def read_address(text: str) -> Address:
    """The address of a receiver. Raises Invalid where it could be read in two ways, or hides something."""
    match = _ADDRESS.fullmatch(text)
    if match is None or _UPWARDS.search(match["path"]):
        raise Invalid(
            f"“{_shown(text)}”不能用作地址：应写成 https://主机:端口/路径，不含用户名、问号和特殊字符", ()
        )
    port = int(match["port"] or PORTS[match["scheme"]])
    return Address(
        scheme=match["scheme"], place=_place(text, match["host"], port), path=match["path"].rstrip("/")
    )


def read_place(text: str) -> Place:
    """An entry of the list of allowed hosts. Raises Invalid."""
    match = _ENTRY.fullmatch(text)
    if match is None:
        raise Invalid(f"“{_shown(text)}”应写成 主机:端口，主机名用小写", ())
    return _place(text, match["host"], int(match["port"]))


def _place(text: str, host: str, port: int) -> Place:
    place = Place(host=host, port=port)
    number = place.number
    is_odd = number is not None and (f"{number}" != host.strip("[]") or getattr(number, "ipv4_mapped", None))
    if port > _LAST_PORT or is_odd or (number is None and not re.search("[a-z]", host)):
        raise Invalid(f"“{_shown(text)}”的主机或端口不是通常的写法", ())
    return place


def _shown(text: str) -> str:
    """The address without what may be a secret: user and password, and all behind a question mark."""
    head, mark, _ = re.sub("//[^/]*@", "//***@", text).partition("?")
    return plain(f"{head}{mark and '?…'}", 120)


def require_allowed(address: Address, allowed: Collection[Place]) -> None:
    """Raises Invalid unless the administrator has named this host with this port."""
    if address.place not in allowed:
        raise Invalid(f"{address.place} 不在允许的主机之列", ())
