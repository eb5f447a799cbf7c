"""`duban audit conformance` through the command line."""

import json

from tests.cli.test_inspection import audit, folder

__all__ = ["audit", "folder"]


def test_the_course_is_a_table_data_or_a_drawing(audit, tmp_path):
    text = audit("conformance", "--until", "2020-08-30")
    told = json.loads(audit("conformance", "--format", "json"))
    drawing = audit("conformance", "--format", "svg", "--unit", "team_a")

    assert "吻合度  100%" in text
    assert "历时按自然时间计（含休息日）" in text
    assert "草拟" in text
    assert told["definition"].startswith("item@")
    assert told["items"] == told["fitting"] > 0
    assert json.loads(audit("conformance", "--json"))["items"] == told["items"]
    assert drawing.startswith("<svg ")
    file = tmp_path / "course.svg"
    assert f"已画到 {file}" in audit("conformance", "--format", "svg", "--output", str(file))
    assert file.read_text(encoding="utf-8").endswith("</svg>\n")
    assert "已存在" in audit("conformance", "--format", "svg", "--output", str(file), code=5)


def test_mistakes_are_told(audit, tmp_path):
    assert "只有 --format svg 写文件" in audit("conformance", "--output", str(tmp_path / "a"), code=2)
    assert "没有“nothing”这种流程" in audit("conformance", "--kind", "nothing", code=3)
    assert "写不成" in audit("conformance", "--format", "svg", "--output", str(tmp_path / "no" / "a"), code=8)
