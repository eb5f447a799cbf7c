"""Verifies an exported history of duban without duban: this one file, Python 3.8 or newer, nothing else, no network.

It shares no code with the program that wrote the history; `docs/history-format.md` is all that both follow.
Exit codes: 0 everything holds, 1 something was changed, 2 something is missing, 3 wrong usage.
"""

import argparse
import base64
import gc
import io
import json
import re
import struct
import sys
import zipfile
import zlib
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from hashlib import sha256, sha512
from pathlib import Path
from types import SimpleNamespace

OK, TAMPERED, INCOMPLETE, USAGE = 0, 1, 2, 3
ZERO, NOBODY, SHOWN, ERASABLE = "00" * 32, "0" * 32, 40, (1, 2, 3, 6, 8, 9)
EPOCH = datetime(1970, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))  # as a clock in China shows it
LEAF, SALTED = struct.Struct(">4sQQBBI16s16s32s32s"), b"RCL1-payload\x00"
NOTE = re.compile(r"(([^\r\n]+)\n(0|[1-9][0-9]{0,18})\n(\S+)\n)\n((?:— \S+ \S+\n){1,32})")
BASE64 = re.compile("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
SIGNS, DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", "0123456789ABCDEFGHIJKLMNOPQRSTUV"
NAMED, HEAD = {"grant": "grant_post", "recall": "recall_post", "operation": "restore"}, ("size", "root")
NOTED = {"signing_key": ("vkey",), "checkpoint": (*HEAD, "note"), "anchor": HEAD, "cosignature": HEAD}
WORK = ("performer", "delegator", "uploader", "extension_approver", "checker")
BROKEN = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError, struct.error)
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # Ed25519, RFC 8032
D = -121665 * pow(121666, P - 2, P) % P
COLUMNS = {  # of each table that is compared: the columns of its key, and of what the history says of it
    "item": ("id", "version head told"),
    "deadline": ("item clock revision", "due_at original_due_at proof calendar outcome"),
    "firing": ("item clock revision rung", "spoken_by"),
    "evidence": ("item sha256", "name size uploader made_on"),
    "holding": ("person post from_on on_behalf_of", "until_on"),
    "post_role": ("post role", ""),
    "post": ("code", "unit scope"),
    "unit": ("code", "parent"),
    "definition": ("id version", "sha256"),
    "campaign": ("id", "sha256"),
    "calendar": ("id version", "sha256"),
    "log_key": ("position", "vkey"),
    "checkpoint": ("position", "size root note"),
    "tree_hash": ("level position", "hash"),
}
INSTANTS = {"item": ("opened_at", "entered_at", "closed_at"), "deadline": ("due_at", "original_due_at")}


class Wrong(ValueError):
    """A text that does not say what it must; becomes a finding or a complaint about the call."""


def _point(data):  # in extended coordinates; None where 32 bytes are no point
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    x = x if x & 1 == sign else P - x
    return (x, y, 1, x * y % P) if y < P > x and (x * x - square) % P == 0 else None


def _added(one, two):
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number, point):
    total = (0, 1, 1, 0)
    for bit in f"{number:b}":
        total = _added(total, total)
        total = _added(total, point) if bit == "1" else total
    return total


@lru_cache(maxsize=4096)
def is_signature(public, message, signature):
    """Whether Ed25519 accepts the signature."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, point, number = _point(public), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or point is None or number >= ORDER:
        return False
    digest = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = _times(number, _point(b"\x58" + b"\x66" * 31)), _added(point, _times(digest, key))
    return not any((left[axis] * right[2] - right[axis] * left[2]) % P for axis in (0, 1))


def decoded(text):
    """Base64 in its one spelling."""
    data = base64.b64decode(text) if BASE64.fullmatch(text) else b""
    if base64.b64encode(data).decode() != text:
        raise Wrong("抄错或残缺，不是规范的 base64：" + text)
    return data


def read_vkey(text):
    """(name, kind, public key, key id) of a vkey."""
    name, named, coded = [*text.strip().split("+", 2), "", ""][:3]
    data = decoded(coded)
    key_id = sha256(name.encode() + b"\n" + data).digest()[:4]
    if len(data) != 33 or data[0] not in (1, 4) or key_id.hex() != named:
        raise Wrong("公钥抄错了，请逐字核对：" + text)
    return name, data[0], data[1:], key_id


def read_note(note):
    """(text, origin, size, root, lines) of a signed checkpoint; each line is (name, key id, signature)."""
    found = NOTE.fullmatch(note)
    if not found:
        raise Wrong("不是签过名的检查点：应为名称、条数、根三行，空一行，再是签名行")
    text, origin, size, root, below = found.groups()
    lines = [line.split(" ") for line in below.splitlines()]
    signatures = [(name, decoded(coded)[:4], decoded(coded)[4:]) for _, name, coded in lines]
    is_whole = len(decoded(root)) == 32 and all(made for *_, made in signatures)
    if not is_whole or len(set(signatures)) < len(signatures):
        raise Wrong("检查点的根或签名行写法不对")
    return text, origin, int(size), decoded(root), signatures


def is_signed(note, key):
    """Whether the note bears a good signature of this key, and no bad one."""
    name, kind, public, key_id = key
    made = [(note[0], made) for line_name, line_id, made in note[4] if (line_name, line_id) == (name, key_id)]
    if kind == 4:  # a cosigner puts the time before the text
        stamp = "cosignature/v1\ntime {}\n{}"
        made = [(stamp.format(int.from_bytes(each[:8], "big"), text), each[8:]) for text, each in made]
    return bool(made) and all(is_signature(public, text.encode(), each) for text, each in made)


def _check_sign(place, signs):  # of a group: a sum over GF(32) that begins with the place of the group
    total = place + 1
    for sign in (*signs, 0):
        total = (total << 1 ^ (37 if total & 16 else 0)) ^ sign
    return total


def read_printed(text):
    """(size, root) of a typed line: the size and 13 groups of four signs, each with its check sign."""
    size, *groups = text.upper().translate(str.maketrans("OIL", "011")).split() or [""]
    digits, _, check = size.partition("-")
    if not digits.isdecimal() or check != SIGNS[_check_sign(13, map(int, digits))]:
        raise Wrong("校验行的条数抄错了，请逐字核对")
    for place, group in enumerate(groups):
        *signs, check = map(SIGNS.find, group)
        if len(signs) != 4 or -1 in signs or check != _check_sign(place, signs):
            raise Wrong(f"校验行第 {place + 1} 组抄错了，请逐字核对")
    number = int("0" + "".join(group[:4] for group in groups).translate(str.maketrans(SIGNS, DIGITS)), 32)
    if len(groups) != 13 or number & 15:
        raise Wrong("校验行应有 13 组")
    return int(digits), (number >> 4).to_bytes(32, "big")


def _said(*checks):  # the texts of those checks, (whether something is wrong, what), in which something is
    return [text for is_wrong, text in checks if is_wrong]


def _moment(micros):  # the instant of so many microseconds since 1970, as a clock in China shows it
    return EPOCH + timedelta(microseconds=micros)


def leaf_of(entry):
    """(leaf hash, commitment) of an entry, made anew from what it says; the payload wins over the stored commitment."""
    commitment = bytes.fromhex(entry["commitment"])
    if entry["payload"] is not None:
        commitment = sha256(SALTED + bytes.fromhex(entry["salt"]) + entry["payload"].encode()).digest()
    parts = [*map(bytes.fromhex, (entry["item"] or NOBODY, entry["actor"], entry["previous"])), commitment]
    if [*map(len, parts)] != [16, 16, 32, 32]:
        raise Wrong("字段长度不对")
    numbers = entry["index"], entry["at"], entry["kind"], entry["flags"], entry["version"]
    return sha256(b"\x00" + LEAF.pack(b"RCL1", *numbers, *parts)).digest(), commitment


def _told_item(row):  # a stored item in the words of the history
    body = json.loads(row["body"])
    told = {name: row[name] for name in row.keys() - {"id", "head", "version", "body"}}
    told.update({name: body[name] for name in body.keys() - {"fields"}})
    told.update({"field:" + name: value for name, value in body["fields"].items()})
    told["definition"] = "{}@{}".format(told.pop("definition_id"), told.pop("definition_version"))
    told["period"] = told["period"] or None
    if told.get("delegate") == (body["delegation"] or [None])[0]:
        told.pop("delegate", None)  # a copy for lists, that says the same
    return {name: value for name, value in told.items() if value is not None}


class _Inspection:  # a bundle: what is read of it, what was found wrong, not checked, and good to know
    def __init__(self, path):
        self.wrong, self.unknown, self.known, self.manifest, self._zip = [], [], [], {}, zipfile.ZipFile(path)
        names = self._zip.namelist()
        self.names = set(names)
        self.manifest = json.loads((self.read("manifest.json") or b"{}").decode())
        if len(self.names) < len(names) or self.manifest.get("format") != "duban-bundle-1":
            self.accuse("不是本格式的压缩包，或有同名的文件")
        for name in sorted(self.names ^ {*self.manifest.get("members", {}), "manifest.json"}):
            if not name.startswith("evidence/"):
                self.accuse(f"{name} 与清单对不上")

    def accuse(self, text, index=None, until=None):  # something was changed at an entry, or up to another one
        until = index if until is None else until
        place = f"第 {index} 条：" if index == until else f"第 {index} 至 {until} 条之间："
        self.wrong.append((index, until, text if index is None else place + text))

    @property
    def code(self):
        return TAMPERED if self.wrong else INCOMPLETE if self.unknown else OK

    @property
    def first(self):  # the first wrong entry as a span in which it lies
        return min((found[:2] for found in self.wrong if found[0] is not None), default=None)

    def report(self):
        found = [text for *_, text in sorted(self.wrong, key=lambda each: (each[0] is None, each[0] or 0))]
        yield from (f"× {text}" for text in found[:SHOWN])
        if len(found) > SHOWN:
            yield f"× 另有 {len(found) - SHOWN} 处"
        yield from (f"？ 未能核对：{text}" for text in dict.fromkeys(self.unknown))
        yield from (f"· {text}" for text in self.known)
        yield ("结论：相符", "结论：有改动", "结论：已核部分相符，但材料不全")[self.code]
        if self.first:
            yield f"最早的改动：{found[0].partition('：')[0]}"

    def _pieces(self, name):  # by lines; at their end they are compared with the manifest
        if name not in self.names:
            return self.unknown.append(f"缺少 {name}")
        digest = sha256()
        with io.BufferedReader(self._zip.open(name), 1 << 20) as file:
            for piece in file:
                digest.update(piece)
                yield piece
        if self.manifest.get("members", {}).get(name, digest.hexdigest()) != digest.hexdigest():
            self.accuse(f"{name} 与清单里的散列不符")

    def read(self, name):
        data = b"".join(self._pieces(name))
        return data if name in self.names else None

    def rows(self, name):
        for number, line in enumerate(self._pieces(name)):
            try:
                yield number, dict(json.loads(line.decode()))
            except BROKEN:
                self.accuse(f"{name} 第 {number + 1} 行读不出来")

    def erasures(self):  # ({index: (entry that tells of it, what is left)}, erased files of evidence)
        left, files = {}, set()
        with self._zip.open("entries.jsonl") as file:
            found = [line for line in file if re.search(rb'"kind"\s*:\s*8\b', line)]
        for line in reversed(found):  # a later one may have taken words out of an earlier one
            try:
                entry = json.loads(line.decode())
                told = left[entry["index"]][1] if entry["index"] in left else json.loads(entry["payload"])
                left = {**{int(n): (entry, remains) for n, remains in told["remains"].items()}, **left}
                files.update(told["files"])
            except BROKEN:
                continue  # what it tells of counts as erased without an entry; the entry itself is read below
        return left, files

    def compare(self, table, expected):  # with what the history adds up to
        name, (keys, values) = f"tables/{table}.jsonl", (columns.split() for columns in COLUMNS[table])
        for number, row in self.rows(name):
            try:
                for at in INSTANTS.get(table, ()):
                    row[at] = row[at] and f"{_moment(row[at]).astimezone(timezone.utc):%Y-%m-%dT%H:%M:%S.%fZ}"
                row["told"] = _told_item(row) if table == "item" else None
                key, told = (tuple(row[column] for column in columns) for columns in (keys, values))
                place = (256 * key[1], 256 * key[1] + 255) if table == "tree_hash" and key[0] == 1 else ()
                if expected.pop(key, "缺") not in (told, None):
                    self.accuse(f"表 {table} 的 {key} 没有出处，或与历史不符", *place)
            except BROKEN:
                self.accuse(f"表 {table} 第 {number + 1} 行读不出来")
        for key in expected if name in self.names else ():
            self.accuse(f"表 {table} 缺少 {key}")

    def check_heads(self, replay, heads):  # each is (where from, size, root); returns the largest good size
        good, here = 0, replay.size
        for where, size, root in sorted(heads, key=lambda head: head[1]):
            if size > here:
                self.accuse(f"{where}有 {size} 条，这里只有 {here} 条：末尾被截去", here, size - 1)
            elif replay.root(size) != root:
                self.accuse(f"{where}的根（{size} 条处）与记录不符", good, max(good, size - 1))
            else:
                good = size
        return good

    def check_signatures(self, noted, keys):  # returns every head, and the size that a typed key vouches for
        heads, vouched = [], 0
        for (index,), (size, root, signed) in noted["checkpoint"].items():
            try:
                note = read_note(signed)
                heads.append((f"第 {index} 条的检查点", note[2], note[3]))
                vkeys = [vkey for (at,), (vkey,) in noted["signing_key"].items() if at < index]
                key = read_vkey(["还没有公钥", *vkeys][-1])
                is_told = (note[1], note[2], note[3].hex()) == (key[0], size, root) and size <= index
                if not is_told or not is_signed(note, key):
                    self.accuse("检查点没有当时密钥的有效签名", index)
                vouched = size if any(is_signed(note, each) for each in keys) else vouched
            except BROKEN as wrong:
                self.accuse(f"检查点读不出来：{wrong}", index)
        told = [(size, root.hex()) for _, size, root in heads]
        for (index,), head in (*noted["anchor"].items(), *noted["cosignature"].items()):
            if head not in told:
                self.accuse("所指的检查点不存在", index)
        return heads, vouched

    def check_evidence(self, files, erased):
        self.known += [f"佐证文件 {digest[:12]}… 已登记抹去" for digest in sorted(erased & files.keys())]
        left = {digest: told for digest, told in files.items() if digest not in erased}
        if left and not self.manifest.get("evidence"):
            self.unknown.append(f"佐证文件 {len(left)} 份不在压缩包里")
        for digest, (size, index) in left.items() if self.manifest.get("evidence") else ():
            data = self.read(f"evidence/{digest}")
            if data is None or (len(data), sha256(data).hexdigest()) != (size, digest):
                self.accuse(f"佐证文件 {digest[:12]}… 不见了，或被改过", index)


class _Replay:  # each entry is judged by what was published and granted when it was made
    def __init__(self, bundle):
        self._bundle, (self._erased, self.erased_files) = bundle, bundle.erasures()
        self.newest, self.told_by, self.files, self.heights = 0, [], {}, [bytearray() for _ in range(64)]
        self.digests, self.definitions, self.plans, self.roles = {}, {}, {}, {}
        self.trails, self.grants, self.noted = defaultdict(self._trail), defaultdict(dict), defaultdict(dict)
        self.tables = {name: {} for name in COLUMNS}
        for number, entry in bundle.rows("entries.jsonl"):
            try:
                for text in self._judge(number, entry):
                    bundle.accuse(text, number)
            except BROKEN as error:
                bundle.accuse(f"{error}" if isinstance(error, Wrong) else f"读不出来：{error!r}", number)
        self.size = len(self.heights[0]) // 32

    def _trail(self):  # what the entries of one item add up to
        return SimpleNamespace(version=0, leaf=ZERO, is_blind=False, document={}, contributed=set())

    def _grow(self, node):  # by a leaf; of each height the hashes of all whole subtrees are kept
        for nodes in self.heights:
            nodes.extend(node)
            if len(nodes) % 64:
                return
            node = sha256(b"\x01" + nodes[-64:]).digest()

    def root(self, size):  # of the first so many entries
        root = b""
        for height, nodes in enumerate(self.heights):
            end = 32 * (size >> height)
            if end & 32:
                node = nodes[end - 32 : end]
                root = sha256(b"\x01" + node + root).digest() if root else node
        return bytes(root) or sha256(b"").digest()

    def _judge(self, number, entry):
        (leaf, commitment), newest, self.newest = leaf_of(entry), self.newest, entry["at"]
        self._grow(leaf)
        trail = self.trails[entry["item"]] if entry["item"] else self._trail()
        by, left = self._erased.get(entry["index"], (None, None))
        is_erased, told = entry["payload"] is None, f"第 {by['index']} 条" if by else ""
        yield from _said(
            (entry["index"] != number, f"序号应为 {number}，实为 {entry['index']}"),
            (entry["at"] < newest, "时间早于前一条"),
            (commitment.hex() != entry["commitment"], "内容被改过"),
            (leaf.hex() != entry["leaf"], "内容、时间、人员、版本或次序被改过"),
            (entry["previous"] != trail.leaf, "没有接在同一事项的前一条之后"),
            (entry["version"] and not entry["item"], "有版本，却不属于事项"),
            (is_erased != (entry["salt"] is None), "内容和盐只剩一样"),
            (is_erased and not by, "内容被抹去，却没有抹去的记录"),
            (by and not is_erased, f"{told}说已抹去，内容却还在"),
            (by and not (entry["kind"] in ERASABLE and entry["index"] < by["index"]), f"{told}不能抹去它"),
            (by and by["actor"] == entry["actor"] and entry["kind"] != 8, f"由办理人自己抹去（{told}）"),
        )
        trail.leaf = entry["leaf"]
        if is_erased and not by:
            trail.is_blind, trail.version = True, entry["version"]
            return
        self.told_by += [(by["index"], entry["index"])] if by else []
        payload = left if is_erased else json.loads(entry["payload"])
        kind = payload.get("type")
        names = [*map(payload.get, ("verb", "rung", "what")), kind, NAMED.get(kind), f"publish_{kind}"]
        if entry["what"] is None or entry["what"] not in names:
            yield f"标作“{entry['what']}”，内容却不是"
        yield from self._item(entry, payload, trail) if entry["item"] else self._beside(entry, payload, kind)

    def _beside(self, entry, payload, kind):  # entries of no item; but for erasures none is wrong by itself
        if kind == "migration":
            for state, to in payload["states"].items():
                plan = payload["campaign"], payload["from"], payload["to"], state
                self.plans[plan] = {"to": [to], "who": ["administrator"], "reason": True}
        elif entry["kind"] == 4:
            self._publish(kind, payload["name"], payload["sha256"])
        elif kind in ("grant", "recall"):
            self.grants[payload["person"]][payload["post"], payload["from"], payload["for"]] = payload[
                "until"
            ]
        elif kind in NOTED:
            self.noted[kind][entry["index"],] = tuple(map(payload.get, NOTED[kind]))
        elif entry["kind"] == 8:
            held = self._held(entry["actor"], f"{_moment(entry['at']).date()}")
            if not any("security_officer" in roles for _, _, roles, _ in held):
                yield "抹去内容的人当时不是安全管理员"

    def _publish(self, kind, name, digest):  # the document must have the hash that the entry gives
        first, *version = name.rsplit("@", 1)
        self.tables[kind][(first, *map(int, version))] = (digest,)
        self.digests[name], text = digest, self._bundle.read(f"{kind}s/{name}.json")
        if text is not None and sha256(text).hexdigest() != digest:
            raise Wrong(f"{name} 的内容与登记的散列不符")
        document = json.loads(text.decode()) if text is not None else {}
        if document and kind == "campaign":
            self._organise(**document["organisation"])
        elif document and kind == "definition":
            moves = {(state, verb["verb"]): verb for verb in document["verbs"] for state in verb["from"]}
            opening = {"who": document["openers"], "contributes": document["opening"]}
            moves[None, "open"] = {"to": [document["initial"]], **opening}
            self.definitions[name] = {state["id"]: state["stage"] for state in document["states"]}, moves

    def _organise(self, units, posts, grants, **_):  # an earlier roster's units and posts go on to hold
        for unit in units:
            self.tables["unit"].setdefault((unit["code"],), (unit["parent"],))
        for post in posts:
            if post["code"] not in self.roles:
                self.tables["post"][post["code"],] = post["unit"], post["scope"]
                self.roles[post["code"]] = frozenset(post["roles"])
                self.tables["post_role"].update(((post["code"], role), ()) for role in post["roles"])
        for grant in grants:
            logins = grant["person"], grant.get("on_behalf_of")
            person, of = (login and sha256(f"person:{login}".encode()).hexdigest()[:32] for login in logins)
            self.grants[person].setdefault((grant["post"], grant["from_on"], of), grant.get("until_on"))

    def _held(self, person, day):  # (unit, scope, roles, for whom) of each post that is held on a day
        grants = [(post, of, since, until or "9") for (post, since, of), until in self.grants[person].items()]
        now = [(post, of) for post, of, since, until in grants if since <= day < until]
        return [(*self.tables["post"][post,], self.roles[post], of) for post, of in now]

    def _lineage(self, unit):
        return [unit, *self._lineage(*self.tables["unit"][unit,])] if unit else []

    def _item(self, entry, payload, trail):
        version, deadlines = trail.version + (entry["kind"] == 1), self.tables["deadline"]
        if entry["version"] != version:
            yield f"版本应为 {version}，实为 {entry['version']}"
        trail.version = entry["version"]
        if entry["kind"] == 1 and not trail.is_blind:
            yield from self._transition(entry, payload, trail)
        for rung in payload.get("rungs", []):
            spot = entry["item"], payload["clock"], payload["revision"], rung
            if spot in self.tables["firing"]:
                yield f"{payload['clock']} 的 {rung} 催办了两次"
            self.tables["firing"][spot] = (payload["rung"],)
        for armed in payload.get("armed", []):
            told = (*map(armed.get, ("due", "original", "proof", "calendar")), None)
            deadlines[entry["item"], armed["clock"], armed["revision"]] = told
        for clock, turn, outcome in payload.get("ended", []):
            deadlines[entry["item"], clock, turn] = (*deadlines[entry["item"], clock, turn][:4], outcome)

    def _transition(self, entry, payload, trail):
        before = dict(trail.document)
        for name, (old, new) in payload["changes"].items():
            if old != before.get(name):
                yield f"{name} 接不上前一条"
            trail.document[name] = new
        for piece in payload["evidence"]:
            told = piece["name"], piece["size"], entry["actor"], piece.get("made_on")
            spot = entry["item"], piece["sha256"]
            self.tables["evidence"].setdefault(spot, told if "made_on" in piece else None)
            self.files.setdefault(piece["sha256"], (piece["size"], entry["index"]))
        name = trail.document.get("definition")
        if payload["sha256"] != self.digests.get(name):
            yield f"所依的流程 {name} 没有发布过，或内容不同"
        elif name in self.definitions:
            yield from self._move(entry, payload, before, trail)

    def _move(self, entry, told, before, trail):  # whether verb, actor and consequences are lawful
        after, was, verb, who = trail.document, before.get("state"), told["verb"], told["actor"]
        now, (stages, moves) = after["state"], self.definitions[after["definition"]]
        plan = before.get("campaign"), before.get("definition"), after["definition"], was
        move = self.plans.get(plan) if verb == "migrate" else moves.get((was, verb))
        if move is None:
            return [f"在“{was}”不能办理“{verb}”"]
        day, name, principal = f"{_moment(entry['at']).date()}", who["standing"], who["for"]
        people = [person for person in (entry["actor"], principal) if person]
        item = {**before, "unit": before.get("unit") or after["unit"]}
        guards = [each if isinstance(each, dict) else {each: None} for each in move.get("guards", [])]
        kinds = {kind for each in guards if "independent" in each for kind in each["independent"] or WORK}
        asked = [each["countersign"] or {} for each in guards if "countersign" in each]
        signers = {party for each in asked for party in each.get("of", ["assisting_units"])}
        units = before.get("assisting") or [] if "assisting_units" in signers else []
        signers = {*signers, *(f"unit:{unit}" for unit in units)} - {"assisting_units"}
        may = {*move["who"], *signers, *(["delegate"] if "owner" in move["who"] else [])}
        is_kept = now in move.get("to", []) or (now == was and (signers or not move.get("to")))
        is_own = any((person, kind) in trail.contributed for person in people for kind in kinds)
        capacities = {move.get("contributes"), "uploader" if told["evidence"] else None} - {None}
        if not who["system"]:
            trail.contributed.update((person, capacity) for person in people for capacity in capacities)
        pieces = (before.get("evidence_count") or 0) + len(told["evidence"])
        counted = sorted(map(list, trail.contributed)), stages.get(now), pieces
        is_counted = counted == (after["contributions"], after["stage"], after["evidence_count"])
        flags = ((told["claimed_on"] or day) < day) | bool(principal) << 1
        standing = f"办理人当时不是此单位的“{name}”，或不能代 {principal or '人'} 办理"
        standing = "自动办理记在了人的名下" if who["system"] else standing
        return _said(
            (not is_kept, f"“{verb}”不能到“{now}”"),
            (move.get("reason") and not told["reason"], f"“{verb}”没有理由"),
            (name not in may, f"“{name}”不能办理“{verb}”"),
            (is_own, f"“{verb}”的办理人参与过此事项"),
            (not is_counted, "参与人员、环节或佐证份数与办理的经过不符"),
            (entry["flags"] & 3 != flags, "“早报”“代办”的标记与内容不符"),
            (not self._stands(entry["actor"], who, day, item, signers), standing),
        )

    def _stands(self, actor, who, day, item, signers):  # whether somebody could act so on that day
        held, name = self._held(actor, day), who["standing"]
        if who["system"]:
            return actor == NOBODY and name == "system"
        scopes = self._lineage(item["unit"])
        found = {of for _, scope, roles, of in held if name in roles and scope in scopes}
        person = item.get(name) if name in ("owner", "reviewer", "opener") else None
        found |= {None} if person == actor else {of for *_, of in held if of and of == person}
        delegate, until = item.get("delegation") or (None, "")
        if name == "delegate" and delegate == actor and day <= until:
            found.add(item["owner"])
        heads = {f"unit:{unit}" for unit, _, roles, _ in held if "unit_head" in roles}
        if name in signers and name in heads.union(*(roles for _, _, roles, _ in held)):
            found.add(None)
        return bool(held) and who["for"] in found

    def expected(self):  # what each table must hold, {table: {key: values}}; None: it is not known
        for item, trail in self.trails.items():
            told = {name: value for name, value in trail.document.items() if value is not None}
            self.tables["item"][item,] = None if trail.is_blind else (trail.version, trail.leaf, told)
        held = ((person, *key, until) for person, mine in self.grants.items() for key, until in mine.items())
        self.tables["holding"] = {(who, post, day, of or ""): (until,) for who, post, day, of, until in held}
        blind = {spot: None for spot in self.tables["deadline"] if self.trails[spot[0]].is_blind}
        self.tables["deadline"].update(blind)
        for level, nodes in enumerate(self.heights[8::8], 1):
            told = {(level, at // 32): (nodes[at : at + 32].hex(),) for at in range(0, len(nodes), 32)}
            self.tables["tree_hash"].update(told)
        return {**self.tables, "log_key": self.noted["signing_key"], "checkpoint": self.noted["checkpoint"]}


def verify(path, keys=(), notes=(), printed=()):
    """What was found in a bundle."""
    bundle = _Inspection(path)
    replay = _Replay(bundle)
    heads, vouched = bundle.check_signatures(replay.noted, keys)
    bundle.check_heads(replay, heads)
    outside = [("审计留存的检查点", note[2], note[3]) for note in notes]
    outside += [("印出的校验行", *head) for head in printed]
    anchored, root = max(vouched, bundle.check_heads(replay, outside)), replay.root(replay.size)
    if not all(any(is_signed(note, key) for key in keys) for note in notes):
        bundle.unknown.append("留存的检查点没有所给公钥的签名")
    if not keys or not replay.noted["checkpoint"]:
        bundle.unknown.append("没有给出公钥（--vkey），或历史还没有签过检查点，签名未核")
    elif not vouched:
        bundle.accuse("没有一个检查点是所给公钥签的")
    if (bundle.manifest.get("size"), bundle.manifest.get("root")) != (replay.size, root.hex()):
        bundle.accuse("清单所记的末端与记录不符")
    for table, expected in replay.expected().items():
        bundle.compare(table, expected)
    bundle.known += [f"第 {n} 条的文字由第 {by} 条抹去，其余为抹去时所述" for by, n in replay.told_by[:SHOWN]]
    bundle.check_evidence(replay.files, replay.erased_files)
    newest = f"最后一条记于 {_moment(replay.newest):%Y-%m-%d %H:%M}"
    bundle.known += [
        f"历史 {replay.size} 条，根 {base64.b64encode(root).decode()}，{newest}",
        f"末尾 {replay.size - anchored} 条没有外部凭据：能同时改动服务器和签名密钥的人，仍可改动它们",
        "没有核对：时限的推算、计分、通知是否送达、日历内容",
    ]
    return bundle


def main(arguments=None):
    """Verify as the command line says; returns the exit code."""
    gc.disable()  # nothing here points at itself, and looking for it costs a sixth of the time
    parser = argparse.ArgumentParser(description="核对督办历史的导出，无需联网，无需原系统。")
    parser.add_argument("bundle", type=Path, help="导出的压缩包")
    many = {"action": "append", "default": []}
    parser.add_argument("--vkey", **many, help="签名公钥，从月报或审计留存处抄录")
    parser.add_argument("--checkpoint", **many, type=Path, help="留存的检查点文件")
    parser.add_argument("--printed", **many, help="月报上的校验行")
    try:
        args = parser.parse_args(arguments)
        notes = [read_note(path.read_text(encoding="utf-8")) for path in args.checkpoint]
        found = verify(args.bundle, [*map(read_vkey, args.vkey)], notes, [*map(read_printed, args.printed)])
    except SystemExit as left:
        return USAGE if left.code else OK
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, *BROKEN) as error:
        print(f"{'核对不了' if isinstance(error, Wrong) else '文件打不开或已损坏'}：{error}", file=sys.stderr)
        return USAGE if isinstance(error, (FileNotFoundError, Wrong)) else INCOMPLETE
    encoding = sys.stdout.encoding or "utf-8"  # a console in China may not know every character
    print("\n".join(found.report()).encode(encoding, "replace").decode(encoding))
    return found.code


if __name__ == "__main__":
    sys.exit(main())
