"""What a system, a database file or a database server says went wrong, in the reader's language.

The drivers are known by the marks they leave on their errors (`errno`, `sqlite_errorname`, `sqlstate`), never by their
types: nothing here depends on which of them is installed. What is not in a table is told in the words it came with.
"""

import errno
import re
from collections.abc import Mapping
from typing import Final

SYSTEM: Final[Mapping[int, str]] = {
    errno.ENOENT: "没有这个文件或目录",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许这样做",
    errno.EEXIST: "已有同名文件",
    errno.EISDIR: "这是目录，不是文件",
    errno.ENOTDIR: "路径中有一段不是目录",
    errno.ENOTEMPTY: "目录里还有文件",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EFBIG: "文件超过允许的大小",
    errno.EROFS: "磁盘是只读的",
    errno.EIO: "磁盘读写出错",
    errno.ENAMETOOLONG: "文件名太长",
    errno.EMFILE: "打开的文件太多",
    errno.ENFILE: "系统打开的文件太多",
    errno.EBUSY: "正被别的程序占用",
    errno.ENXIO: "没有这个设备",
    errno.EADDRINUSE: "地址正被别的程序占用",
    errno.EADDRNOTAVAIL: "本机没有这个地址",
    errno.ECONNREFUSED: "对方没有在听，连接被拒绝",
    errno.ECONNRESET: "连接被对方断开",
    errno.EPIPE: "对方已不再接收",
    errno.ETIMEDOUT: "等了太久没有回应",
    errno.EHOSTUNREACH: "网络到不了这台主机",
    errno.ENETUNREACH: "网络不通",
}
"""By the numbers of POSIX, which Python gives to the errors of Windows too."""

FILE: Final[Mapping[str, str]] = {
    "SQLITE_BUSY": "正被别的程序占用",
    "SQLITE_CANTOPEN": "数据库文件打不开",
    "SQLITE_CORRUPT": "数据库文件已损坏",
    "SQLITE_ERROR": "数据库不认得这句话，结构可能不对",
    "SQLITE_FULL": "磁盘已满",
    "SQLITE_IOERR": "磁盘读写出错，可能已满",
    "SQLITE_LOCKED": "正被别的操作占用",
    "SQLITE_NOMEM": "内存不够",
    "SQLITE_NOTADB": "这不是数据库文件",
    "SQLITE_PERM": "没有权限",
    "SQLITE_PROTOCOL": "数据库文件的锁不正常",
    "SQLITE_READONLY": "数据库文件是只读的",
    "SQLITE_TOOBIG": "一次写入的内容太大",
}
"""By the primary result codes of SQLite; an extended one is the primary one with more behind it."""

SERVER: Final[Mapping[str, str]] = {
    "08": "连不上数据库服务器",
    "25006": "数据库服务器只许读",
    "28": "数据库服务器不认这个用户或密码",
    "3D000": "服务器上没有这个数据库",
    "40": "与别的操作冲突，数据库中断了它",
    "42501": "这个数据库用户没有权限",
    "42": "数据库不认得这句话，结构可能不对",
    "53100": "数据库服务器的磁盘已满",
    "53300": "数据库服务器的连接已满",
    "53": "数据库服务器资源不够",
    "55P03": "正被别的操作占用",
    "57014": "数据库中断了这个操作",
    "57": "数据库服务器正在关闭或启动",
    "58": "数据库服务器读写磁盘出错",
    "XX": "数据库服务器内部出错",
}
"""By SQLSTATE, the whole code before its class of two letters (PostgreSQL manual, appendix A)."""

SAID: Final[Mapping[str, str]] = {
    "authentication failed": "28",
    "too many clients": "53300",
    "starting up": "57",
    "shutting down": "57",
    "does not exist": "3D000",
    "connection failed": "08",
    "connection refused": "08",
    "failed to resolve": "08",
}
"""A server that lets nobody in gives no SQLSTATE; its words then stand for the code, the plainest first."""


PLACE: Final = re.compile(r"line (\d+),? column (\d+)")
"""How the readers of JSON and TOML name a place."""


def in_chinese(error: BaseException) -> str:
    """The cause in Chinese where it is known; otherwise the first line of the error's own words, or its name."""
    original = getattr(error, "orig", None) or error
    told = _system(original) or _file(original) or _server(original) or _text(original)
    return told or next(iter(f"{original}".splitlines()), "") or type(original).__name__


def _system(error: BaseException) -> str:
    return SYSTEM.get(getattr(error, "errno", None) or 0, "") if isinstance(error, OSError) else ""


def _file(error: BaseException) -> str:
    name: str = getattr(error, "sqlite_errorname", None) or ""
    return FILE.get("_".join(name.split("_")[:2]), "")


def _server(error: BaseException) -> str:
    state: str = getattr(error, "sqlstate", None) or (
        _state_said(error) if hasattr(error, "sqlstate") else ""
    )
    return SERVER.get(state) or SERVER.get(state[:2], "")


def _state_said(error: BaseException) -> str:
    said = f"{error}".lower()
    return next((state for words, state in SAID.items() if words in said), "")


def _text(error: BaseException) -> str:
    if isinstance(error, UnicodeError):
        return "内容不是 UTF-8 文本"
    place = PLACE.search(f"{error}") if isinstance(error, ValueError) else None
    return f"第 {place[1]} 行第 {place[2]} 列写法不对" if place else ""
