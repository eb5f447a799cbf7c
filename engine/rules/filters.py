"""Rules of saved filters: what one may be called, and what it may hold."""

import re
from typing import Final

LONGEST_NAME: Final = 30
LONGEST_QUERY: Final = 2_000
MOST: Final = 50
"""So many one person may keep: more than anybody finds again."""
_QUERY = re.compile(r"[A-Za-z0-9._~%+&=*-]*", re.ASCII)


def objection(name: str, query: str, kept: int) -> str:
    """Why a filter cannot be kept beside `kept` others; empty where nothing stands against it."""
    if not name or not name.isprintable():
        return "没有写明名称，或名称含有看不见的字符"
    if len(name) > LONGEST_NAME:
        return f"名称超过 {LONGEST_NAME} 个字"
    if len(query) > LONGEST_QUERY or not _QUERY.fullmatch(query):
        return "筛选条件太长，或读不出来"
    if kept >= MOST:
        return f"已存 {MOST} 个筛选"
    return ""
