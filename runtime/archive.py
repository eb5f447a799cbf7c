"""Writes the archive of a closed campaign: one zip that verifies alone, on any computer, long after the server is gone.

The history is one tree over everything that the installation has entered, so the archive holds all of it: what belongs
to other campaigns lies in it, too. Whoever hands it out should know that.
"""

import os
import tempfile
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from engine.model.errors import Conflict, Unavailable
from engine.rules.notes import signed
from runtime.bundle import pack_history
from runtime.keys import read_key
from runtime.signer import signature_of
from runtime.wiring import App

FORMAT: Final = "duban-archive-1"
README: Final = """“{title}”（{campaign}）的归档。无需联网，无需本系统，有 Python 3.8 以上即可核对：

  python3 verify_export.py history.zip --vkey 公钥 --checkpoint checkpoint.txt

公钥请从月报或审计留存处抄录：{vkey}
（上面这一行只供对照，不能当作凭据。）退出码：0 相符，1 有改动，2 材料不全，3 用法不对。

  history.zip        全部历史：条目、内容、佐证、流程、方案、日历、检查点（历史是一棵树，其他专项的也在内）
  checkpoint.txt     归档时签的检查点
  verify_export.py   核对程序，只用标准库，可以逐行读懂；也可换用您自己手里的一份
  manifest.txt       以上各件的 SHA-256，末行是签名

须保存到 {until}。格式见 history.zip 内的 README.txt 和项目文档 docs/history-format.md。
"""


def verifier() -> Path:
    """The verifier as it was installed, or as it stands in the source tree."""
    beside = Path(__file__).with_name("verify_export.py")
    return beside if beside.is_file() else Path(__file__).parents[1] / "tools" / "verify_export.py"


def write_archive(app: App, now: datetime, target: Path, campaign: str, until: str) -> tuple[str, ...]:
    """Write the archive to a new file; returns the files of evidence that are missing.

    Raises Conflict where the file exists, Unavailable where it cannot be written or no key signs.
    """
    if target.exists():
        raise Conflict(f"文件 {target} 已存在", hint="请换一个文件名")
    incoming = target.with_name(f"{target.name}.incoming")
    try:
        with tempfile.TemporaryDirectory(prefix="duban-", dir=target.absolute().parent) as folder:
            history = Path(folder) / "history.zip"
            missing = pack_history(app.reading(), app.settings.evidence, history).missing
            _pack(incoming, history, _texts(app, now, campaign, until, history))
        incoming.replace(target)
    except OSError as error:
        raise Unavailable(f"写不成 {target}：{error.strerror}", hint="请核对路径和磁盘空间") from error
    finally:
        incoming.unlink(missing_ok=True)
    return missing


def _pack(target: Path, history: Path, texts: dict[str, str]) -> None:
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        archive.write(history, "history.zip", ZIP_STORED)
        for name, text in texts.items():
            archive.writestr(name, text.encode())
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _texts(app: App, now: datetime, campaign: str, until: str, history: Path) -> dict[str, str]:
    with app.reading() as uow:
        newest, keys = uow.checkpoints.newest(), uow.checkpoints.keys()
        title = uow.campaigns.get(campaign).title
    if newest is None or app.settings.signing_key is None:
        raise Unavailable("没有签名密钥或检查点，归档无从签名", hint="请先启用密钥：duban audit key new")
    texts = {
        "README.txt": README.format(title=title, campaign=campaign, vkey=keys[-1].vkey, until=until),
        "checkpoint.txt": newest.note,
        "verify_export.py": verifier().read_text(encoding="utf-8"),
    }
    with history.open("rb") as file:
        digests = {"history.zip": file_digest(file, "sha256").hexdigest()}
    digests |= {name: sha256(text.encode()).hexdigest() for name, text in texts.items()}
    facts = [FORMAT, f"campaign {campaign}", f"keep-until {until}"]
    text = "".join(
        f"{line}\n" for line in [*facts, *(f"{digest}  {name}" for name, digest in digests.items())]
    )
    key = read_key(app.settings.signing_key, app.settings.signing_passphrase)
    return texts | {"manifest.txt": signed(text, signature_of(key, text, now))}
