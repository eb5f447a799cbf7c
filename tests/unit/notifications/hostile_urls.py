"""Addresses that lead somewhere else than they seem to: every way that has fooled a list of allowed hosts."""

from itertools import product
from typing import Final

ALLOWED: Final = "gateway.bureau.example:8443"
HOST: Final = "gateway.bureau.example"

LOOPBACK: Final = (
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "017700000001",
    "0177.0.0.1",
    "0177.1", "127.000.000.001", "127.0.0.1.", "0", "0.0.0.0", "00000000", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::1%25lo]",
    "[::1%lo]",
    "[fe80::1%25eth0]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "localhost", "localhost.", "LOCALHOST",
    "loc\u212aalhost",
    "127.0.0.1.nip.example", "1.2.3", "1.2.3.4.5", "256.256.256.256", "0x7f.0x0.0x0.0x1", "①②⑦.⓪.⓪.①",
    "１２７.0.0.1",
    "127。0。0。1", "127．0．0．1", "127\u30020.0.1", "169.254.169.254", "2852039166", "0xa9fea9fe",
    "0251.0376.0251.0376",
    "metadata.google.internal", "0x0", "0.0", "1",
)  # fmt: skip
"""This machine and the one next door, in every spelling."""
CONFUSED: Final = tuple(
    part.replace("HOST", HOST)
    for part in (
        "HOST@evil.example", "HOST:8443@evil.example", "HOST:8443@evil.example:8443", "evil.example@HOST:8443",
        "user:pw@HOST:8443",
        "@HOST:8443", ":@HOST:8443", "HOST%40evil.example:8443", "HOST%2540evil.example",
        "evil.example#@HOST:8443",
        "evil.example?@HOST:8443", "evil.example/@HOST:8443", "evil.example\\@HOST:8443",
        "evil.example\\.HOST:8443", "HOST\\.evil.example",
        "HOST:8443\\@evil.example", "HOST:8443#@evil.example", "HOST.:8443", "HOST..:8443", ".HOST:8443",
        "HOST.evil.example:8443",
        "evilHOST:8443", "evil-HOST:8443", "HOST:8443.evil.example", "HOST:84430", "HOST:0", "HOST:65536",
        "HOST:-1", "HOST:+8443",
        "HOST:08443", "HOST:8443:80", "HOST:", "HOST:８４４３", "HOST:8443\u200b", "HOST :8443", " HOST:8443",
        "HOST:8443 ", "HOST\t:8443",
        "HOST\n:8443", "HOST\r\n:8443", "HOST:8443\r\nHost: evil.example", "HOST%00.evil.example",
        "HOST\x00.evil.example", "HOST%0d%0a:8443",
        "ＨＯＳＴ:8443", "gateway。bureau。example:8443", "gateway．bureau.example:8443",
        "gatewаy.bureau.example:8443", "gateway.bureau.exаmple:8443",
        "gateway.bureau.example\u2024evil.example:8443", "xn--gatewy-2fg.bureau.example:8443",
        "ga\u00adteway.bureau.example:8443", "gateway.bureau.e\u0445ample",
        "[HOST]:8443", "HOST,evil.example:8443", "HOST;evil.example:8443", "HOST|evil.example",
        "HOST&evil.example", "HOST$evil.example",
        "HOST'evil.example", '"HOST":8443', "<HOST>:8443", "{HOST}", "HOST^", "HOST`", "$(HOST)",
        "*.bureau.example:8443", "gateway.*.example:8443",
        "bureau.example:8443", "example:8443", "HOST:443", "HOST:80", "HOST:22", "HOST", "a" * 64 + ".example",
        "a." * 200 + "example", "-a.example",
        "a-.example", "a_b.example", "..", ".", "", "/", "\\", "?", "#",
    )
)  # fmt: skip
"""The allowed host, or nearly."""
SCHEMES: Final = (
    "file:///etc/passwd", "file://localhost/etc/passwd", "FILE:///etc/passwd", "gopher://127.0.0.1:25/_HELO",
    "ftp://127.0.0.1/", "dict://127.0.0.1:11211/stat",
    "ldap://127.0.0.1/", "ldaps://127.0.0.1/", "tftp://127.0.0.1/x", "sftp://127.0.0.1/", "ssh://127.0.0.1/",
    "smb://127.0.0.1/x", "jar:https://evil.example!/",
    "data:text/plain,x", "javascript:alert(1)", "mailto:x@evil.example", "ws://127.0.0.1/", "wss://127.0.0.1/",
    "unix:///var/run/docker.sock", "http+unix://%2Fvar%2Frun",
    "netdoc:///etc/passwd", "view-source:https://evil.example", "https:evil.example", "https:/evil.example",
    "https:///evil.example", "https:\\\\evil.example",
    "//evil.example/", "\\\\evil.example\\x", "/evil.example", "evil.example", "http:127.0.0.1",
    "hxxps://evil.example", " https://evil.example", "\thttps://evil.example",
    "\nhttps://evil.example", "ht\ntps://evil.example", "https\n://evil.example", "https ://evil.example",
    "https://\nevil.example", "\x00https://evil.example",
    "https://https://evil.example", "http://http://evil.example", "https://evil.example https://" + ALLOWED,
    "https://" + ALLOWED + " https://evil.example", "url:https://evil.example",
    "<https://evil.example>", "https：//evil.example", "https:／／evil.example", "httpſ://evil.example",
    "blob:https://evil.example/x", "about:blank", "expect://id", "php://input",
    "phar://x", "", "https://", "://", ":", "%68ttps://evil.example",
)  # fmt: skip
"""Schemes, and what is none."""
PATHS: Final = tuple(
    f"https://{ALLOWED}{path}"
    for path in (
        "/../x", "/a/../../x", "/./x", "/%2e%2e/x", "/a?b=http://evil.example", "/a#b",
        "/a%0d%0aHost:evil.example", "/a\r\nHost: evil.example", "/a b", "/a\tb", "/a\\b",
        "/a\x00b", "/整", "/a;b", "/a@b", "/a|b", "/a%00", "/..", "/.", "/a/..", "?x", "#x", "/a?", "/a#",
    )
)  # fmt: skip
URLS: Final = (
    *(f"{scheme}://{host}/" for scheme, host in product(("http", "https"), LOOPBACK)),
    *(f"https://{host}/" for host in CONFUSED),
    *SCHEMES,
    *PATHS,
    *(f"{scheme}://evil.example/" for scheme in ("HTTPS", "Https", "hTTps", "HTTP", "http", "https")),
)
