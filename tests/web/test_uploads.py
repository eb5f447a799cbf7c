"""Evidence from outside: any name, any content; nothing outside the store, no header split, nothing run (G-SEC-9)."""

import itertools
import unicodedata

import pytest

from engine.rules.uploads import KINDS, LONGEST_NAME, objection, safe_name
from tests.web.browser import Office
from tests.web.test_day import PICTURE, do, opened

EVIL = (
    *(
        "../../etc/passwd",
        "..\\..\\boot.ini",
        "/abs/olute",
        "C:\\x",
        "a\0b",
        "a\r\nSet-Cookie: x=1",
        "con",
        "NUL.png",
    ),
    *(
        "aux.pdf",
        "\u202egnp.exe",
        "\u200b隐形",
        "x" * 300,
        "e\u0301",
        "é",
        ".",
        "..",
        "",
        " ",
        "...png",
        "a/b/c",
    ),
    *("<script>", '"quoted"', "a;b", "%2e%2e%2f", "名 字", "\u2028行", "🙂", "a" * 100 + ".tar", "file:///x"),
    *("~root", "$(id)", "`id`", "|cat", "-rf", "desktop.ini"),
)
ENDINGS = (".png", ".PNG", ".png.exe", ".exe", "", ".pdf", ".p\0ng", " .png", ".", ".html", ".svg", ".js")
NAMES = [stem + ending for stem, ending in itertools.product(EVIL, ENDINGS)]


def test_four_hundred_names_become_harmless():
    assert len(NAMES) >= 400
    for name in NAMES:
        safe = safe_name(name)
        assert 0 < len(safe) <= LONGEST_NAME
        assert not set(safe) & set('/\\:<>"|?*')
        assert all(unicodedata.category(c)[0] != "C" for c in safe)
        assert safe == unicodedata.normalize("NFC", safe)
        assert safe.strip(". ") == safe
        assert safe.partition(".")[0].lower() not in ("con", "nul", "aux", "prn")


@pytest.mark.parametrize(
    ("name", "size", "head", "said"),
    [
        ("a.exe", 5, b"MZ", "不是可以上传的类型"),
        ("a.svg", 5, b"<svg", "不是可以上传的类型"),
        ("a.html", 5, b"<htm", "不是可以上传的类型"),
        ("a.png", 0, b"", "空文件"),
        ("a.png", 10**9, b"\x89PNG\r\n\x1a\n", "超过"),
        ("a.png", 5, b"<script>", "不符"),
        ("a.pdf", 5, b"%PDF-1.7", ""),
        ("说明.txt", 5, b"abc", ""),
    ],
)
def test_a_file_is_judged_by_its_kind_its_size_and_its_beginning(name, size, head, said):
    assert (said in objection(name, size, head)) if said else not objection(name, size, head)


def test_every_kind_of_picture_has_a_beginning():
    assert all(KINDS[ending] for ending in ("png", "jpg", "jpeg", "gif", "bmp", "webp"))


@pytest.mark.parametrize(
    "name", ["../../x.png", 'a"; filename=evil.html.png', "现场 照片.png", "x" * 300 + ".png"]
)
def test_a_file_comes_back_as_it_was_and_can_do_nothing(office: Office, name: str):
    officer = office.signed_in("officer")
    number = opened(officer)

    page = do(officer, number, "attach", [(name, PICTURE, "text/html")])
    address = next(link for link in page.links() if "/evidence/" in link)
    kept, shown = officer.client.get(address), officer.client.get(f"{address.partition('?')[0]}?show=1")

    assert kept.content == shown.content == PICTURE
    assert kept.headers["content-type"] == "application/octet-stream"
    assert kept.headers["content-disposition"].startswith("attachment")
    assert shown.headers["content-type"] == "image/png"
    for answer in (kept, shown):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert "\n" not in answer.headers["content-disposition"]
    stored = [path for path in office.app.settings.evidence.rglob("*") if path.is_file()]
    assert len(stored) == 1


def test_a_refused_file_leaves_nothing_behind(office: Office):
    officer = office.signed_in("officer")
    number = opened(officer)

    page = do(officer, number, "attach", [("木马.exe", b"MZ", "image/png"), ("好.png", PICTURE, "image/png")])

    assert page.status == 400
    assert "不是可以上传的类型" in page.words
    assert not office.app.settings.evidence.exists()
