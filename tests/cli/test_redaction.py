"""`duban audit redact`: first what would go, then gone, with what is left to do told."""

import json

from click.testing import CliRunner

from cli.main import main
from tests.audit.bureau import Bureau

WHY = ("--reason", "当事人申请", "--basis", "个人信息保护法第47条", "--actor", "security")


def run(*arguments, code=0):
    done = CliRunner().invoke(main, ["--at", "2020-05-06T12:00", "audit", *arguments])
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


def test_an_erasure_is_shown_before_it_is_done(tmp_path):
    bureau = Bureau(tmp_path)
    item = bureau.open()
    bureau.close()
    target = f"{item.number}:problem"

    tried = run("redact", target, *WHY)
    assert "事项各栏" in tried
    assert "还没有抹去" in tried
    done = json.loads(run("redact", target, *WHY, "--yes", "--json"))
    assert (done["done"], len(done["indexes"]), done["rows"]) == (True, 1, {"item.body": 1})

    shown = run("show", f"{done['indexes'][0]}", "--actor", "security")
    assert f"由第 {done['entry']} 条抹去" in shown
    assert "起止时间未填写" not in shown
    assert "抹去内容" in run("show", f"{done['entry']}", "--actor", "auditor")
    assert "没有可抹去的内容" in run("redact", target, *WHY, "--yes", code=3)
    assert "不能抹去内容" in run("redact", target, *WHY[:-1], "auditor", "--yes", code=4)
