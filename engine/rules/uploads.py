"""What may be handed in as evidence through a browser: its name, its kind, its size."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

MOST_BYTES: Final = 20 * 1024 * 1024
LONGEST_NAME: Final = 120
HEAD_BYTES: Final = 16
IMAGES: Final[Mapping[str, str]] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "webp": "image/webp",
}
"""What a page may show by itself."""
KINDS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"),
    "bmp": (b"BM",),
    "webp": (b"RIFF",),
    "pdf": (b"%PDF-",),
    "ofd": (b"PK\x03\x04",),
    "docx": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
    "pptx": (b"PK\x03\x04",),
    "zip": (b"PK\x03\x04", b"PK\x05\x06"),
    "doc": (b"\xd0\xcf\x11\xe0",),
    "xls": (b"\xd0\xcf\x11\xe0",),
    "ppt": (b"\xd0\xcf\x11\xe0",),
    "wps": (b"\xd0\xcf\x11\xe0", b"PK\x03\x04"),
    "et": (b"\xd0\xcf\x11\xe0", b"PK\x03\x04"),
    "txt": (),
    "csv": (),
    "mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    "wav": (b"RIFF",),
    "mp4": (),
}
"""The endings that are taken, each with how such a file begins; empty where there is no telling."""
_DEVICES: Final = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)$")


def safe_name(given: str) -> str:
    """A name as it may be kept and shown: no folders, no signs that steer or hide, composed, and not too long."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    plain = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*\u2028\u2029')
    stem, dot, ending = plain.strip(" .").rpartition(".")
    stem, ending = (stem, ending) if dot else (ending, "")
    if _DEVICES.match(stem.partition(".")[0].strip()) or not stem:
        stem = f"文件{stem}"
    room = LONGEST_NAME - len(ending) - 1
    return f"{stem[:room]}.{ending[:20]}" if ending else stem[:LONGEST_NAME]


def objection(name: str, size: int, head: bytes) -> str:
    """Why a file is not taken, in Chinese; empty where it is. `head` is how it begins."""
    ending = ending_of(name)
    if ending not in KINDS:
        return f"“{name}”不是可以上传的类型（可传：图片、PDF、OFD、Office 和 WPS 文档、文本、压缩包、音视频）"
    if size == 0:
        return f"“{name}”是空文件"
    if size > MOST_BYTES:
        return f"“{name}”超过 {MOST_BYTES // 1024**2} MB"
    if KINDS[ending] and not head.startswith(KINDS[ending]):
        return f"“{name}”的内容与类型（{ending}）不符"
    return ""


def ending_of(name: str) -> str:
    """The ending of a name, in lower case."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def image_type(name: str) -> str | None:
    """The type under which a page may show a file; None where it is no picture."""
    return IMAGES.get(ending_of(name))
