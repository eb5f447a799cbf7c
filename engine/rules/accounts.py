"""Rules of signing in: sessions that end, brakes that slow down guessing, the second factor (RFC 6238)."""

import hmac
import struct
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha1, sha256
from typing import Final

from engine.model.account import Brake, Session, SessionLimits
from engine.model.actor import Actor, Role

SECOND_FACTOR: Final = frozenset({Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.LEADING_GROUP})
"""Whoever holds one of these signs in with a second factor (ASVS 6.3.3)."""
THREE_OFFICES: Final = frozenset({Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR})
"""三员: no person holds two of them (GB/T 22239)."""
STEP_SECONDS: Final = 30
DRIFT_STEPS: Final = 1
"""How many steps a phone's clock may be off."""
FREE_FAILURES: Final = {"account": 5, "device": 5, "code": 5, "address": 30}
"""How many failures of each kind of subject cost nothing; many people may sit behind one address."""
LONGEST_WAIT: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(hours=1)
"""After this time without a failure the count begins anew."""
TOUCH_AFTER: Final = timedelta(minutes=1)
"""A session's last use is stored no finer than this, so that reading stays reading."""


def digest_of(token: str) -> str:
    """What is stored of a token: its SHA-256."""
    return sha256(token.encode()).hexdigest()


def is_alive(session: Session, limits: SessionLimits, now: datetime) -> bool:
    """True while a session may be used."""
    return now - session.seen_at < limits.idle and now - session.opened_at < limits.absolute


def roles_of(actor: Actor) -> frozenset[Role]:
    """Every role of an actor's posts."""
    return frozenset[Role]().union(*(held.roles for held in actor.posts))


def needs_second_factor(actor: Actor) -> bool:
    """True when the actor's posts ask for a second factor."""
    return not SECOND_FACTOR.isdisjoint(roles_of(actor))


def after_failure(brake: Brake | None, subject: str, now: datetime) -> Brake:
    """The brake after one more attempt: free at first, then twice as long each time."""
    fresh = brake is None or now - brake.failed_at > FORGOTTEN_AFTER
    failures = 1 if fresh or brake is None else brake.failures + 1
    over = failures - FREE_FAILURES[subject.partition(":")[0]]
    wait = min(timedelta(seconds=2 ** min(over, 20)), LONGEST_WAIT) if over >= 0 else timedelta()
    return Brake(subject=subject, failures=failures, failed_at=now, blocked_until=now + wait)


def wait_of(brakes: list[Brake], now: datetime) -> timedelta:
    """How long the longest of the brakes still holds."""
    return max((brake.blocked_until - now for brake in brakes), default=timedelta())


def accepted_step(secret: bytes, used: int, code: str, now: datetime) -> int | None:
    """The step that a code belongs to, or None. A step that was used, or any before it, is not taken again."""
    current = int(now.timestamp()) // STEP_SECONDS
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if step > used and hmac.compare_digest(code_of(secret, step), code):
            return step
    return None


def code_of(secret: bytes, step: int) -> str:
    """The six digits of a step (RFC 4226 §5.3)."""
    mac = hmac.new(secret, struct.pack(">Q", step), sha1).digest()
    offset = mac[-1] & 0x0F
    number = struct.unpack(">I", mac[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


def code_at(secret: bytes, now: datetime) -> str:
    """The six digits of an instant."""
    return code_of(secret, int(now.timestamp()) // STEP_SECONDS)


def touched(session: Session, now: datetime) -> Session | None:
    """The session as used now, or None where its last use is recent enough."""
    return replace(session, seen_at=now) if now - session.seen_at >= TOUCH_AFTER else None
