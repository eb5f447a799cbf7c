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
    folders = [TEMPLATES, *([settings.templates] if settings.templates else [])]
    pages = (path for folder in folders for path in sorted(folder.glob("*.j2")))
    words = [f"{path.name}\0{path.read_text(encoding='utf-8', errors='replace')}" for path in pages]
    return {
        "channels": [*settings.channels],
        "ways": sha256(f"{settings.ways!r}".encode()).hexdigest(),
        "templates": sha256("\0".join(words).encode()).hexdigest(),
    }
