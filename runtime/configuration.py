"""What of the settings decides who is told what and how, as hashes: entered in the history, and never a secret."""

from hashlib import sha256
from pathlib import Path

import notifications
from engine.rules.ledger import Json
from runtime.settings import Settings

TEMPLATES = Path(notifications.__file__).parent / "templates"


def facts_of(settings: Settings) -> dict[str, Json]:
    """The channels by name, and the hashes of how they are used and of the words that go through them.

    Secrets do not show themselves when a setting is spelled out, so that nobody can guess one from the hash.
    """
    words = (f"{path.name}\0{path.read_text(encoding='utf-8')}" for path in sorted(TEMPLATES.glob("*.j2")))
    return {
        "channels": [*settings.channels],
        "ways": sha256(f"{settings.ways!r}".encode()).hexdigest(),
        "templates": sha256("\0".join(words).encode()).hexdigest(),
    }
