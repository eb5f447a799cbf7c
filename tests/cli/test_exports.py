"""`duban audit export` through the command line, in the forms that other programs read."""

import json

from tests.cli.test_inspection import audit, folder

__all__ = ["audit", "folder"]


def test_the_log_is_exported_with_the_filters_of_the_log(audit, tmp_path):
    shown = json.loads(audit("log", "--unit", "team_a", "--verb", "submit", "--json"))["entries"]
    target = tmp_path / "a.jsonl"

    text = audit(
        "export", "--format", "jsonl", "--unit", "team_a", "--verb", "submit", "--output", str(target)
    )

    assert f"已导出 {len(shown)} 条记录到 {target}" in text
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [line["index"] for line in lines] == [entry["index"] for entry in shown][::-1]
    told = json.loads(audit("export", "--format", "xlsx", "--output", str(tmp_path / "a.xlsx"), "--json"))
    assert (told["format"], told["entries"]) == ("xlsx", told["head"]["size"])


def test_mistakes_are_told(audit, tmp_path):
    target = str(tmp_path / "a")

    assert "bundle 总是全部历史" in audit("export", "--unit", "team_a", "--output", target, code=2)
    assert "只用于 bundle" in audit(
        "export", "--format", "csv", "--without-evidence", "--output", target, code=2
    )
    assert "没有事项 ZG-2020-999999" in audit(
        "export", "--format", "csv", "--item", "ZG-2020-999999", "--output", target, code=3
    )
    assert "不能查阅全部历史" in audit(
        "export", "--format", "csv", "--output", target, actor="officer_a", code=4
    )
    assert [*tmp_path.iterdir()] == []
