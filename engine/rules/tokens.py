"""Rules of access tokens: what one looks like, how long it lives, who may have which scope."""

from datetime import datetime, timedelta
from typing import Final

from engine.model.actor import Actor, Role
from engine.model.token import AccessToken, Scope
from engine.rules.accounts import roles_of

PREFIX: Final = "duban_"
"""By which a scanner finds a token that was left lying about."""
LONGEST_DAYS: Final = 400
"""A year and the time to hand over: what nobody renews ends by itself."""
TOUCH_AFTER: Final = timedelta(hours=1)
ADMINISTERED: Final = frozenset({Scope.METRICS})
"""Scopes that only an administrator's token may have."""
ALONE: Final = frozenset({Scope.CALENDAR})
"""Scopes that stand in addresses, and so never beside another."""


def token_text(secret: bytes) -> str:
    """The token that its holder is shown once."""
    return PREFIX + secret.hex()


def is_usable(token: AccessToken, now: datetime) -> bool:
    """True until a token expires or is revoked."""
    return token.revoked_at is None and now < token.expires_at


def needs_touch(token: AccessToken, now: datetime) -> bool:
    """True when its last use is to be stored again."""
    return token.used_at is None or now - token.used_at >= TOUCH_AFTER


def objection(scopes: frozenset[Scope], days: int, actor: Actor) -> str:
    """Why the actor may not have such a token; empty where nothing stands against it."""
    if not scopes:
        return "没有写明用途"
    if scopes & ALONE and len(scopes) > 1:
        return "日历订阅地址不能兼作他用"
    if scopes & ADMINISTERED and Role.ADMINISTRATOR not in roles_of(actor):
        return "运行指标只向系统管理员开放"
    if not 1 <= days <= LONGEST_DAYS:
        return f"有效期应为 1 至 {LONGEST_DAYS} 天"
    return ""
