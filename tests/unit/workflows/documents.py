"""Documents that may not be taken for a definition: malformed, hostile, wrong, unsound. Each with words told."""

from collections.abc import Callable, Iterator

from workflows.reader import DEFINITION

HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "没有内容"),
    "only a comment": (b"# x\n", "没有内容"),
    "anchor": (b"a: &x 1\n", "锚点"),
    "anchor on a list": (b"a: &x [1]\n", "锚点"),
    "anchor on a key": (b"&x a: 1\n", "锚点"),
    "alias": (b"a: *x\n", "引用"),
    "alias as a key": (b"*x : 1\n", "引用"),
    "laughs": (b"a: &a [1]\nb: &b [*a, *a]\nc: [*b, *b]\n", "锚点"),
    "tag": (b"a: !!str 1\n", "类型标记"),
    "code tag": (b"a: !!python/object/apply:os.system ['id']\n", "类型标记"),
    "own tag": (b"a: !x 1\n", "类型标记"),
    "bare tag": (b"a: ! 1\n", "类型标记"),
    "merge key": (b"a: 1\n<<: {b: 2}\n", "合并键"),
    "duplicate key": (b"a: 1\nb: 2\na: 3\n", "键重复"),
    "duplicate key in flow": (b"{a: 1, a: 2}\n", "键重复"),
    "duplicate quoted key": (b"a: 1\n'a': 2\n", "键重复"),
    "two documents": (b"a: 1\n---\nb: 2\n", "一个文档"),
    "yaml directive": (b"%YAML 1.1\n---\na: 1\n", "指令"),
    "tag directive": (b"%TAG ! tag:x,2000:\n---\na: 1\n", "指令"),
    "unknown directive": (b"%\n", "YAML"),
    "octal": (b"a: 0o17\n", "歧义"),
    "old octal": (b"a: 017\n", "歧义"),
    "hex": (b"a: 0x1F\n", "歧义"),
    "binary": (b"a: 0b11\n", "歧义"),
    "underscores": (b"a: 1_000\n", "歧义"),
    "plus sign": (b"a: +5\n", "歧义"),
    "minus zero": (b"a: -0_0\n", "歧义"),
    "float": (b"a: 1.5\n", "歧义"),
    "exponent": (b"a: 1e3\n", "歧义"),
    "half a float": (b"a: .5\n", "歧义"),
    "open float": (b"a: 5.\n", "歧义"),
    "infinity": (b"a: .inf\n", "歧义"),
    "not a number": (b"a: .nan\n", "歧义"),
    "tilde": (b"a: ~\n", "歧义"),
    "huge integer": (b"a: " + b"9" * 40 + b"\n", "歧义"),
    "nul": (b"a: x\x00y\n", "控制字符"),
    "escaped nul": (b'a: "x\\0y"\n', "控制字符"),
    "bell": (b"a: \x07\n", "控制字符"),
    "delete": (b"a: \x7f\n", "控制字符"),
    "next line": ("a: x\u0085b: y\n".encode(), "控制字符"),
    "line separator": ("a: x\u2028b: y\n".encode(), "控制字符"),
    "right to left": ("a: x\u202ey\n".encode(), "控制字符"),
    "escaped right to left": (b'a: "\\u202E"\n', "控制字符"),
    "half a pair": (b'a: "\\ud800"\n', "控制字符"),
    "beyond unicode": (b'a: "\\U00110000"\n', "YAML"),
    "far beyond unicode": (b'a: "\\UFFFFFFFF"\n', "YAML"),
    "bom": (b"\xef\xbb\xbfa: 1\n", "BOM"),
    "inner bom": ("a: x\ufeff\n".encode(), "控制字符"),
    "utf-16": ("a: 1\n".encode("utf-16"), "UTF-8"),
    "gbk": ("a: 整改\n".encode("gbk"), "UTF-8"),
    "cut short": ("a: 整".encode()[:-1], "UTF-8"),
    "overlong": (b"a: \xc0\x80\n", "UTF-8"),
    "too large": (b"#" * (DEFINITION.bytes + 1), "32 KB"),
    "long line": (b"a: " + b"x " * 12_000 + b": b", "一行"),
    "tag without end": (b"!" * 30_000, "一行"),
    "brackets": (b"[" * 30_000, "一行"),
    "a thousand brackets": (b"[" * 1_020, "嵌套"),
    "a thousand braces": (b"{" * 1_020, "嵌套"),
    "brackets and braces": (b"[{" * 510, "嵌套"),
    "brackets apart": (b"[a," * 340, "嵌套"),
    "brackets on lines": (b"[\n" * 1_400, "嵌套"),
    "braces on lines": (b"{a:\n " * 1_400, "嵌套"),
    "dashes": (b"- " * 1_900, "嵌套"),
    "deep indents": (b"".join(b" " * n + b"a:\n" for n in range(30)), "嵌套"),
    "many values": (b"[" + b"1,\n" * 9_000 + b"]", "3000 项"),
    "many lines": (b"a: b\n" * 6_000, "3000 项"),
    "many doubles": (b"a: b\n" * 2_900, "键重复"),
    "question marks": (b"? " * 1_000, "键必须"),
    "list as a key": (b"[a]: 1\n", "键必须"),
    "mapping as a key": (b"{a: 1}: 1\n", "键必须"),
    "number as a key": (b"1: a\n", "键必须"),
    "bool as a key": (b"true: a\n", "键必须"),
    "null as a key": (b"null: a\n", "键必须"),
    "empty key": (b": a\n", "键必须"),
    "open quote": (b"a: 'x\n", "YAML"),
    "open double quote": (b'a: "x\n', "YAML"),
    "open list": (b"a: [1, 2\n", "YAML"),
    "open mapping": (b"a: {b: 1\n", "YAML"),
    "stray bracket": (b"a: ]\n", "YAML"),
    "tab indent": (b"a:\n\tb: 1\n", "YAML"),
    "bad indent": (b"a:\n  b: 1\n c: 2\n", "YAML"),
    "two colons": (b"a: b: c\n", "YAML"),
    "reserved sign": (b"a: @x\n", "YAML"),
    "bad escape": (b'a: "\\q"\n', "YAML"),
    "bad hex escape": (b'a: "\\xZZ"\n', "YAML"),
    "text after a list": (b"[1] x\n", "YAML"),
    "lines without colon": (b"a: 1\nb\n", "YAML"),
    "utf-16 without a mark": ("a: 1\n".encode("utf-16-le"), "控制字符"),
    "utf-32": ("a: 1\n".encode("utf-32"), "UTF-8"),
    "big5": ("a: 整改問題\n".encode("big5"), "UTF-8"),
    "latin-1": ("a: caf\u00e9\n".encode("latin-1"), "UTF-8"),
    "half a pair in bytes": (b"a: \xed\xa0\x80\n", "UTF-8"),
    "beyond unicode in bytes": (b"a: \xf4\x90\x80\x80\n", "UTF-8"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "UTF-8"),
    "a zip archive": (b"PK\x03\x04\x14\x00\x06\x00", "控制字符"),
    "only nul": (b"\x00" * 64, "控制字符"),
    "nul at the end": (b"a: 1\n\x00", "控制字符"),
    "two boms": (b"\xef\xbb\xbf\xef\xbb\xbfa: 1\n", "BOM"),
    "escape of a terminal": (b"a: \x1b[31m\n", "控制字符"),
    "isolated direction": ("a: x\u2066y\n".encode(), "控制字符"),
    "paragraph separator": ("a: x\u2029b: y\n".encode(), "控制字符"),
    "a million letters": (b"a: " + b"x" * 1_000_000, "32 KB"),
    "a million quoted letters": (b'a: "' + b"x" * 1_000_000 + b'"', "32 KB"),
    "a million digits": (b"a: " + b"9" * 1_000_000, "32 KB"),
    "a megabyte on lines": (b"a: |\n" + b"  xxxxxxx\n" * 100_000, "32 KB"),
    "a megabyte of brackets": (b"[" * 1_000_000, "32 KB"),
    "a billion laughs": (
        b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (n + 1, n + 1, n, n) for n in range(97, 121)),
        "锚点",
    ),
    "itself": (b"a: &a [*a]\n", "锚点"),
    "merge of an alias": (b"a: &a {b: 1}\nc:\n  <<: *a\n", "锚点"),
    "merge of a list": (b"a:\n  <<: [{b: 1}, {c: 2}]\n", "合并键"),
    "set": (b"a: !!set {b, c}\n", "类型标记"),
    "binary tag": (b"a: !!binary aGk=\n", "类型标记"),
    "timestamp tag": (b"a: !!timestamp 2020-04-20\n", "类型标记"),
    "verbatim tag": (b"a: !<tag:yaml.org,2002:str> x\n", "类型标记"),
    "call": (b"a: !!python/object/new:subprocess.Popen [[id]]\n", "类型标记"),
    "import": (b"a: !!python/module:os ''\n", "类型标记"),
    "duplicate key below": (b"a:\n  b: 1\n  b: 2\n", "键重复"),
    "duplicate key in a list": (b"- {a: 1, a: 2}\n", "键重复"),
    "negative octal": (b"a: -017\n", "歧义"),
    "negative hex": (b"a: -0x1F\n", "歧义"),
    "minus infinity": (b"a: -.INF\n", "歧义"),
    "third document": (b"--- a\n--- b\n--- c\n", "一个文档"),
    "end and more": (b"a: 1\n...\nb: 2\n", "一个文档"),
    "unclosed flow in a block": (b"a: {b: [1, 2}\n", "YAML"),
    "backtick": (b"a: `x`\n", "YAML"),
    "percent": (b"a: %x\n", "YAML"),
    "bad indicator of a block": (b"a: |x\n  b\n", "YAML"),
    "tab after a dash": (b"-\ta:\n\t- b\n", "YAML"),
}

GOOD = """\
id: sample
version: 1
label: 样例
number_prefix: YL
initial: open
openers: [office]
required_to_open: [title]
paper: {field: paper_number, kind: grade}
fields:
  - {id: title, label: 标题, type: text, max_length: 100}
  - {id: due_on, label: 时限, type: date}
  - {id: grade, label: 等次, type: choice, choices: [好, 差], reserved: {差: [office]}}
  - {id: paper_number, label: 文号, type: text}
  - {id: percent, label: 比例, type: integer, minimum: 0, maximum: 100}
states:
  - {id: open, label: 办理中, stage: rectifying, acts: [owner]}
  - {id: done, label: 已办结, stage: closed, final: true}
verbs:
  - verb: finish
    label: 办结
    from: [open]
    to: [done]
    who: [owner]
    reason: true
    sets: [percent]
    guards:
      - required_fields: [title]
      - required_evidence: 1
      - independent: [performer]
      - not_before: "2020-04-01"
      - not_after: 2020-12-31
      - before_hard_stop: due_on
      - beyond_hard_stop: [leading_group]
      - every_section: title
      - children_closed
      - before_expiry: main
      - after_expiry: [main]
      - every_unit_reported: {kind: item, nil_duty: nil_return}
      - countersign: {mode: quorum, of: [office, assisting_units], quorum: 2}
    effects: [count_return]
    contributes: performer
    tells:
      - {to: [office], notice: finished}
clocks:
  - id: main
    label: 时限
    runs_in: [open]
    restarts_on: [finish]
    due: {anchor: field, field: due_on, roll: back, cutoff: "18:00"}
    ladder: plain
    pace:
      field: percent
      curve: milestones
      measure: working_day
      points: [{time: 30, progress: 10}, {time: 70, progress: 80}]
      red: 20
ladders:
  - id: plain
    rungs:
      - {id: half, label: 过半, elapsed: 50, behind: 10, measure: working_day, tell: [owner], notice: slow, lamp: blue}
      - {id: near, label: 临近, offset: -1, tell: [owner], notice: due_soon, lamp: blue}
      - {id: late, label: 逾期, offset: 1, tell: [owner], notice: overdue, lamp: red, effects: [move: finish]}
levels:
  - {id: twice, label: 第二次退回, returned: 2, tell: [owner], notice: poor, lamp: yellow, effects: [raise_lamp]}
  - {id: thrice, label: 第三次退回, returned: 3, tell: [office], notice: poor, lamp: red, effects: [mark_criticism]}
"""

WRONG: list[tuple[str, str, str]] = [
    ("id: sample", "id: Sample", "标识不合规"),
    ("id: sample\n", "", "缺少 id"),
    ("id: sample", "id: 7", "应为文字"),
    ("version: 1", "version: 0", "应在"),
    ("version: 1", "version: one", "应为整数"),
    ("version: 1", "version: true", "应为整数"),
    ("label: 样例", "lable: 样例", "未知的键：lable"),
    ("label: 样例", 'label: ""', "1 至 200"),
    ("number_prefix: YL", "number_prefix: yl1", "大写字母"),
    ("initial: open", "initial: opne", "未知的状态：opne"),
    ("openers: [office]", "openers: [offcie]", "未知的角色：offcie"),
    ("openers: [office]", "openers: office", "应为列表"),
    ("openers: [office]", "openers: [office, office]", "重复：office"),
    ("required_to_open: [title]", "required_to_open: [titel]", "未知的字段：titel"),
    ("type: text", "type: txt", "未知的字段类型：txt"),
    ("max_length: 100", "max_length: 0", "应在"),
    ("max_length: 100", "max_len: 100", "未知的键：max_len"),
    ("{id: due_on, label: 时限", "{id: title, label: 时限", "重复：title"),
    (", choices: [好, 差], reserved: {差: [office]}", "", "choices"),
    ("type: choice", "type: date", "choices"),
    ("stage: rectifying", "stage: rectify", "未知的阶段：rectify"),
    ("final: true", "final: yes", "应为 true 或 false"),
    ("final: true", "final: 1", "应为 true 或 false"),
    ("final: true", "deadline: never", "未知的时限：never"),
    ("acts: [owner]", "acts: [nobody]", "未知的角色：nobody"),
    ("from: [open]", "from: [opened]", "未知的状态：opened"),
    ("to: [done]", "to: [gone]", "未知的状态：gone"),
    ("    who: [owner]\n", "", "缺少 who"),
    ("reason: true", "reason: on", "应为 true 或 false"),
    ("sets: [percent]", "sets: [percentage]", "未知的字段：percentage"),
    ("required_fields: [title]", "required_field: [title]", "未知的键：required_field"),
    ("required_fields: [title]", "required_fields: [x]", "未知的字段：x"),
    ("- required_evidence: 1", "- required_evidence", "需要设定"),
    ("required_evidence: 1", "required_evidence: 0", "应在"),
    ("independent: [performer]", "independent: [worker]", "未知的参与方式：worker"),
    ('not_before: "2020-04-01"', "not_before: 2020-04-31", "YYYY-MM-DD"),
    ("not_after: 2020-12-31", "not_after: 20201231", "应为文字"),
    ("before_hard_stop: due_on", "before_hard_stop: title", "未知的日期字段：title"),
    ("beyond_hard_stop: [leading_group]", "beyond_hard_stop: [leaders]", "未知的角色：leaders"),
    ("every_section: title", "every_section: titel", "未知的字段：titel"),
    ("- children_closed", "- children_close", "未知的条件：children_close"),
    ("- children_closed", "- children_closed: true", "不带设定"),
    ("- children_closed", "- [children_closed]", "条件应为"),
    ("before_expiry: main", "before_expiry: mian", "未知的时限：mian"),
    ("nil_duty: nil_return", "nil: nil_return", "未知的键：nil"),
    ("mode: quorum", "mode: most", "未知的会签方式：most"),
    (", quorum: 2", "", "quorum"),
    ("assisting_units]", "assisting]", "未知的会签方：assisting"),
    ("effects: [count_return]", "effects: [count]", "未知的效果：count"),
    ("contributes: performer", "contributes: doer", "未知的参与方式：doer"),
    ("{to: [office], notice: finished}", "{to: [office]}", "缺少 notice"),
    ("notice: finished", "notice: 完成", "标识不合规"),
    ("runs_in: [open]", "runs_in: [opne]", "未知的状态：opne"),
    ("restarts_on: [finish]", "restarts_on: [finnish]", "未知的动作：finnish"),
    ("anchor: field", "anchor: start", "未知的起算点：start"),
    ("field: due_on, ", "", "field"),
    ("anchor: field, field: due_on", "anchor: entry", "缺少 length"),
    ("roll: back", "roll: backward", "未知的顺延方式：backward"),
    ('cutoff: "18:00"', 'cutoff: "25:00"', "时刻不合规"),
    ("ladder: plain", "ladder: plan", "未知的阶梯：plan"),
    ("field: percent", "field: grade", "未知的整数字段：grade"),
    ("curve: milestones", "curve: linera", "未知的曲线：linera"),
    ("curve: milestones", "curve: linear", "points"),
    ("measure: working_day", "measure: hour", "未知的计时方式：hour"),
    ("time: 70", "time: 30", "里程碑"),
    ("progress: 80", "progress: 10", "里程碑"),
    ("progress: 80", "progres: 80", "未知的键：progres"),
    ("time: 70", "time: 101", "应在"),
    ("red: 20", "red: 9", "亮红灯"),
    ("offset: -1", "offset: 9", "由小到大"),
    ("elapsed: 50, behind: 10, ", "", "写且只写一个"),
    ("offset: -1", "offset: -1, elapsed: 20", "写且只写一个"),
    ("offset: -1", "offset: -1, behind: 20", "behind 只能"),
    ("elapsed: 50", "elapsed: 0", "应在"),
    ("elapsed: 50, behind: 10, measure: working_day", "elapsed: 50, measure: hour", "用时只能按"),
    ("elapsed: 50, behind: 10, measure: working_day", "elapsed: 50", "计时方式（measure）不同"),
    ("after_expiry: [main]", "after_expiry: [mian]", "未知的时限：mian"),
    ("reserved: {差: [office]}", "reserved: {坏: [office]}", "未知的键：坏"),
    ("reserved: {差: [office]}", "reserved: {差: [owner]}", "未知的角色：owner"),
    ("field: paper_number", "field: grade", "未知的文字字段：grade"),
    ("kind: grade", "kind: title", "未知的选项字段：title"),
    ("sets: [percent]", "sets: [percent, paper_number]", "由系统编号，不能填写"),
    ("    pace:\n", "    pase:\n", "未知的键：pase"),
    ("returned: 2", "returned: 3", "由小到大排列，不得相同"),
    ("id: thrice", "id: twice", "重复：twice"),
    ("returned: 2", "returnd: 2", "未知的键：returnd"),
    ("effects: [raise_lamp]", "effects: [raise_lamps]", "未知的效果：raise_lamps"),
    ("effects: [mark_criticism]", "effects: [move: finnish]", "未知的动作：finnish"),
    ("lamp: blue", "lamp: pink", "未知的灯色：pink"),
    ("id: late", "id: near", "重复：near"),
    ("move: finish", "move: finnish", "未知的动作：finnish"),
    ("[move: finish]", "[explode]", "未知的效果：explode"),
    (GOOD, "[]", "应为键值对"),
    (GOOD, "just words", "应为键值对"),
    (GOOD, "states: 1\nverbs: {}\nfields: x\n", "应为列表"),
    (GOOD, "states: [1, [], null]\n", "应为键值对"),
    ("final: true", "final: no", "应为 true 或 false"),
    ("final: true", "final: off", "应为 true 或 false"),
    ("final: true", "final: Yes", "应为 true 或 false"),
    ("final: true", "final: TRUE", "应为 true 或 false"),
    ("final: true", "final: y", "应为 true 或 false"),
    ("final: true", "final: null", "应为 true 或 false"),
    ("reason: true", "reason: N", "应为 true 或 false"),
    ("version: 1", "version: 10000", "应在"),
    ("version: 1", "version: -1", "应在"),
    ("version: 1", "version: [1]", "应为整数"),
    ("version: 1", 'version: "1"', "应为整数"),
    ("version: 1\n", "", "缺少 version"),
    ("id: sample", "id: 样例", "标识不合规"),
    ("id: sample", "id: sam ple", "标识不合规"),
    ("id: sample", "id: ../sample", "标识不合规"),
    ("id: sample", "id: null", "应为文字"),
    ("label: 样例", "label: [样例]", "应为文字"),
    ("label: 样例", "label: " + "样" * 201, "1 至 200"),
    ("label: 样例", "label: 样例\non: x", "未知的键：on"),
    ("states:\n", "state:\n", "未知的键：state"),
    ("verbs:\n", "transitions:\n", "未知的键：transitions"),
    ("- children_closed", "- eval: 1", "eval"),
    ("- children_closed", "- {}", "条件应为"),
    ("- children_closed", "- null", "条件应为"),
    ("- children_closed", "- {children_closed: null, required_evidence: 1}", "条件应为"),
    ("required_evidence: 1", "required_evidence: 一", "应为整数"),
    ("required_evidence: 1", "required_evidence: true", "应为整数"),
    ('not_before: "2020-04-01"', "not_before: 明天", "YYYY-MM-DD"),
    ('not_before: "2020-04-01"', "not_before: 2020-4-1", "YYYY-MM-DD"),
    ("quorum: 2", "quorum: 0", "应在"),
    ("offset: -1", "offset: one", "应为整数"),
    ("ladder: plain", "ladder: [plain]", "应为文字"),
    ("stage: closed", "stage: 考核", "未知的阶段：考核"),
    ("who: [owner]", "who: [owner, 张三]", "未知的角色：张三"),
    ("    label: 办结\n", "    label: 办结\n    script: rm -rf /\n", "未知的键：script"),
    (GOOD, "null", "应为键值对"),
    (GOOD, "7", "应为键值对"),
    (GOOD, "{}", "缺少"),
]

UNSOUND: list[tuple[Callable[[str], str], str]] = [
    (lambda t: t.replace("to: [done]", "to: []"), "走不到"),
    (lambda t: t.replace(", final: true", ", deadline: none, acts: [owner]"), "没有终止状态"),
    (lambda t: t.replace("from: [open]", "from: [open, done]"), "终止状态之后"),
    (lambda t: t.replace("acts: [owner]", "acts: []"), "由谁办理"),
    (lambda t: t.replace("acts: [owner]", "acts: [auditor]"), "没有任何动作"),
    (lambda t: t.replace("acts: [owner]", "acts: [owner], deadline: none"), "有时限，却"),
    (lambda t: t.replace("runs_in: [open]", "runs_in: []"), "没有时限"),
    (lambda t: t.replace("openers: [office]", "openers: []"), "没有人可以新建"),
    (lambda t: t.replace("    who: [owner]", "    who: []"), "没有人可以办理"),
    (
        lambda t: t.replace("clocks:", "  - {verb: finish, label: 又, from: [open], who: [owner]}\nclocks:"),
        "同名",
    ),
    (
        lambda t: t.replace(
            "verbs:",
            "  - {id: limbo, label: 悬置, stage: finding, acts: [owner], deadline: none}\nverbs:",
        ),
        "走不到终止状态：悬置",
    ),
    (lambda t: t.replace("effects: [count_return]", "effects: []"), "没有动作计退回次数"),
    (lambda t: t.replace("sets: [percent]", "sets: []"), "没有动作可以填写“比例”"),
    (lambda t: t.replace("maximum: 100}", "maximum: 99}"), "0 至 100 的整数"),
    (lambda t: t.replace("    who: [owner]", "    who: [owner, auditor]"), "不能由审计员"),
    (lambda t: t.replace("openers: [office]", "openers: [administrator]"), "新建 不能由系统管理员"),
    (lambda t: t.replace("acts: [owner]", "acts: [owner, security_officer]"), "不能由安全管理员"),
]
"""What can be read and cannot be lived in."""


def refused() -> Iterator[tuple[bytes, str]]:
    """Every document here that is no sound definition, and what its answer says."""
    yield from HOSTILE.values()
    yield from ((GOOD.replace(old, new, 1).encode(), words) for old, new, words in WRONG)
    yield from ((change(GOOD).encode(), words) for change, words in UNSOUND)
