"""Static tiles as any tool of C2SP tlog-tiles reads them: out of every level the signed root, and each leaf."""

from base64 import b64encode
from hashlib import sha256

import pytest

from engine.model.actor import system_actor
from engine.model.entry import EntryKind
from engine.usecases.beside import beside_items
from runtime.tiles import write_tiles
from tests.audit.test_inspection import by

WIDE = 256
SIZE = WIDE * 2 + 88


@pytest.fixture
def tiles(bureau, tmp_path):
    """The folder of a log that fills two tiles and some of a third."""
    bureau.adopt()
    with bureau.app.writing() as uow:
        rest = SIZE - uow.history.head().size
        drafts = [
            beside_items(uow, EntryKind.OPERATIONS, "x", system_actor("x"), {"n": n}) for n in range(rest)
        ]
        uow.history.append(drafts, bureau.tick())
        uow.commit()
    bureau.sign()
    write_tiles(by(bureau), tmp_path / "tiles")
    return tmp_path / "tiles"


def hashes(path):
    data = path.read_bytes()
    return [data[place : place + 32] for place in range(0, len(data), 32)]


def root(nodes):
    """RFC 6962, 2.1: of more than one the left half is the largest power of two."""
    if len(nodes) == 1:
        return nodes[0]
    half = 1 << (len(nodes) - 1).bit_length() - 1
    return sha256(b"\1" + root(nodes[:half]) + root(nodes[half:])).digest()


def test_every_level_leads_to_the_root_that_was_signed(tiles):
    leaves = [
        *hashes(tiles / "tile/0/000"),
        *hashes(tiles / "tile/0/001"),
        *hashes(tiles / "tile/0/002.p/88"),
    ]
    above = hashes(tiles / "tile/1/000.p/2")
    signed = (tiles / "checkpoint").read_text(encoding="utf-8").splitlines()

    assert signed[1:3] == [f"{SIZE}", b64encode(root(leaves)).decode()]
    assert above == [root(leaves[:WIDE]), root(leaves[WIDE : 2 * WIDE])]
    assert not (tiles / "tile/2").exists()


def test_the_bundles_hold_the_leaves_of_the_hashes(tiles):
    found = []
    for place, name in enumerate(("000", "001", "002.p/88")):
        data = (tiles / "tile/entries" / name).read_bytes()
        while data:
            length = int.from_bytes(data[:2], "big")
            leaf, data = data[2 : 2 + length], data[2 + length :]
            found.append(sha256(b"\0" + leaf).digest())
        assert found[place * WIDE :] == hashes(tiles / "tile/0" / name)

    assert len(found) == SIZE
