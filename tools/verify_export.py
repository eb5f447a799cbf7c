"""Verifies an exported history of duban without duban: this one file, Python 3.8 or newer, nothing else, no network.

It shares no code with the program that wrote the history; `docs/history-format.md` is all that both follow.
Exit codes: 0 everything holds, 1 something was changed, 2 something is missing, 3 wrong usage.
"""

import argparse
import base64
import gc
import hashlib
import io
import json
import re
import struct
import sys
import zipfile
import zlib
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path

OK, TAMPERED, INCOMPLETE, USAGE = 0, 1, 2, 3
ZERO, NOBODY = "00" * 32, "0" * 32
EPOCH, CHINA = datetime(1970, 1, 1, tzinfo=timezone.utc), timezone(timedelta(hours=8))
LEAF = struct.Struct(">4sQQBBI16s16s32s32s")
NOTE = re.compile(r"(([^\r\n]+)\n(0|[1-9][0-9]{0,18})\n(\S+)\n)\n((?:— \S+ \S+\n){1,32})")
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NAMED = {"grant": "grant_post", "recall": "recall_post", "operation": "restore"}
WORK = ("performer", "delegator", "uploader", "extension_approver", "checker")
ERASABLE, SHOWN = (1, 2, 3, 6, 8, 9), 40
BROKEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error)


class Wrong(Exception):
    """A text that does not say what it must; becomes a finding or a complaint about the call."""


def sha256(data):
    """The 32 bytes."""
    return hashlib.sha256(data).digest()


# ------------------------------------------------------------------------------------ Ed25519 (RFC 8032), verifying

P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def _point(data):
    """The point of 32 bytes, in extended coordinates; None where there is none."""
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


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


BASE = _point(bytes.fromhex("58" + "66" * 31))


@lru_cache(maxsize=4096)
def is_signature(public, message, signature):
    """Whether Ed25519 accepts the signature."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, point, number = _point(public), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or point is None or number >= ORDER:
        return False
    digest = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = _times(number, BASE), _added(point, _times(digest, key))
    return not any((left[axis] * right[2] - right[axis] * left[2]) % P for axis in (0, 1))


# -------------------------------------------------------------------------- notes and printed lines (C2SP, our own)


def decoded(text):
    """Base64 in its one spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Wrong("base64 不对") from None
    if base64.b64encode(data).decode() != text:
        raise Wrong("base64 不是规范写法")
    return data


def read_vkey(text):
    """(name, kind, public key, key id) of a vkey."""
    name, named, coded = [*text.strip().split("+", 2), "", ""][:3]
    data = decoded(coded)
    key_id = sha256(name.encode() + b"\n" + data)[:4]
    if len(data) != 33 or data[0] not in (1, 4) or key_id.hex() != named:
        raise Wrong("公钥抄错了：" + text)
    return name, data[0], data[1:], key_id


def read_note(note):
    """(text, origin, size, root, lines) of a signed checkpoint; each line is (name, key id, signature)."""
    found = NOTE.fullmatch(note)
    if not found:
        raise Wrong("不是签过名的检查点：应为名称、条数、根三行，空一行，再是签名行")
    text, origin, size, root, below = found.groups()
    lines = below.splitlines()
    parts = [(line.split(" ")[1], decoded(line.split(" ")[2])) for line in lines]
    signatures = [(name, data[:4], data[4:]) for name, data in parts if len(data) > 4]
    if {len(signatures), len(set(lines))} != {len(lines)} or len(decoded(root)) != 32:
        raise Wrong("检查点的根或签名行写法不对")
    return text, origin, int(size), decoded(root), signatures


def is_signed(note, key):
    """Whether the note bears a good signature of this key, and no bad one."""
    name, kind, public, key_id = key
    mine = [made for line_name, line_id, made in note[4] if (line_name, line_id) == (name, key_id)]
    if kind == 4:  # a cosigner puts the time before the text
        stamp = "cosignature/v1\ntime {}\n{}"
        stamped = [(stamp.format(int.from_bytes(made[:8], "big"), note[0]), made[8:]) for made in mine]
    else:
        stamped = [(note[0], made) for made in mine]
    return bool(mine) and all(is_signature(public, text.encode(), made) for text, made in stamped)


def check_sign(place, signs):
    """The check sign of a group: a sum over GF(32) that begins with the place of the group."""
    total = place + 1
    for sign in (*signs, 0):
        total = (total << 1 ^ (37 if total & 16 else 0)) ^ sign
    return total


def read_printed(text):
    """(size, root) of a typed line."""
    size, *groups = text.upper().translate(str.maketrans("OIL", "011")).split() or [""]
    digits, _, check = size.partition("-")
    if not digits.isdigit() or check != SIGNS[check_sign(13, [int(digit) for digit in digits])]:
        raise Wrong("校验行的条数抄错了")
    number = 0
    for place, group in enumerate(groups):
        signs = [SIGNS.find(sign) for sign in group]
        if place > 12 or len(signs) != 5 or -1 in signs or signs[4] != check_sign(place, signs[:4]):
            raise Wrong(f"校验行第 {place + 1} 组抄错了")
        for sign in signs[:4]:
            number = number << 5 | sign
    if len(groups) != 13 or number & 15:
        raise Wrong("校验行应有 13 组")
    return int(digits), (number >> 4).to_bytes(32, "big")


# ----------------------------------------------------------------------------------------------- what is found


class Report:
    """What was found wrong, what could not be checked, and what a reader should know."""

    def __init__(self):
        self.wrong, self.unknown, self.known = [], [], []

    def accuse(self, text, index=None, until=None):
        """Something was changed: at an entry, or somewhere from `index` to `until`."""
        self.wrong.append((index, index if until is None else until, text))

    @property
    def code(self):
        """The exit code."""
        return TAMPERED if self.wrong else INCOMPLETE if self.unknown else OK

    @property
    def first(self):
        """The first wrong entry as a span in which it lies; None where no entry is wrong."""
        return min((found[:2] for found in self.wrong if found[0] is not None), default=None)

    def lines(self):
        """The report in Chinese."""
        found = sorted(self.wrong, key=lambda each: (each[0] is None, each[0] or 0))
        yield from (f"× {spelled(index, until)}{text}" for index, until, text in found[:SHOWN])
        if len(found) > SHOWN:
            yield f"× 另有 {len(found) - SHOWN} 处"
        yield from (f"？ 未能核对：{text}" for text in dict.fromkeys(self.unknown))
        yield from (f"· {text}" for text in self.known)
        yield ("结论：相符", "结论：有改动", "结论：已核部分相符，但材料不全")[self.code]
        if self.first:
            yield f"最早的改动：{spelled(*self.first)[:-1]}"


def spelled(index, until):
    """An entry, or the span in which it lies."""
    whole = f"第 {index} 条：" if index == until else f"第 {index} 至 {until} 条之间："
    return "" if index is None else whole


# ------------------------------------------------------------------------------------------------- the bundle


class Bundle:
    """The zip file."""

    def __init__(self, path, report):
        self._zip, self._report = zipfile.ZipFile(path), report
        names = self._zip.namelist()
        self.names, self.manifest = set(names), {}
        self.manifest = json.loads((self.text("manifest.json") or b"{}").decode())
        if len(self.names) < len(names) or self.manifest.get("format") != "duban-bundle-1":
            report.accuse("不是本格式的压缩包，或有同名的文件")
        for name in sorted(self.names ^ {*self.manifest.get("members", {}), "manifest.json"}):
            if not name.startswith("evidence/"):
                report.accuse(f"{name} 与清单对不上")

    def _pieces(self, name, *, is_lines=False):
        """The bytes of a member in pieces, compared with the manifest at their end; none where it is missing."""
        if name not in self.names:
            return self._report.unknown.append(f"缺少 {name}")
        digest = hashlib.sha256()
        with io.BufferedReader(self._zip.open(name), 1 << 20) as file:
            for piece in file if is_lines else iter(lambda: file.read(1 << 20), b""):
                digest.update(piece)
                yield piece
        if self.manifest.get("members", {}).get(name, digest.hexdigest()) != digest.hexdigest():
            self._report.accuse(f"{name} 与清单里的散列不符")

    def text(self, name):
        """The bytes of a member; None where there is none."""
        pieces = [*self._pieces(name)]
        return b"".join(pieces) if name in self.names else None

    def digest(self, name):
        """(SHA-256, size) of a member."""
        digest, size = hashlib.sha256(), 0
        for piece in self._pieces(name):
            digest.update(piece)
            size += len(piece)
        return digest.hexdigest(), size

    def lines(self, name):
        """Each line of a member as (number, object)."""
        for number, line in enumerate(self._pieces(name, is_lines=True)):
            try:
                yield number, dict(json.loads(line.decode()))
            except BROKEN:
                self._report.accuse(f"{name} 第 {number + 1} 行读不出来")

    def erasures(self):
        """(what was erased: {index: (entry that tells of it, what is left)}, files of evidence that were)."""
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


# --------------------------------------------------------------------------------------------------- the tree


class Tree:
    """The log as it grows: its right edge, the roots that are asked for, the hashes of 256 neighbours."""

    def __init__(self, wanted):
        self.size, self._edge, self._wanted, self.blocks = 0, [], wanted, {}
        self.roots = {0: self.root()}

    def append(self, leaf, sha256=hashlib.sha256):
        """One more leaf hash."""
        rest, height, node = self.size, 0, leaf
        while rest & 1:
            node = sha256(b"\x01" + self._edge.pop() + node).digest()
            rest, height = rest >> 1, height + 1
            if not height % 8:
                self.blocks[height // 8, self.size >> height] = (node.hex(),)
        self._edge.append(node)
        self.size += 1
        if self.size in self._wanted:
            self.roots[self.size] = self.root()

    def root(self):
        """The root as it is now."""
        root = self._edge[-1] if self._edge else sha256(b"")
        for node in self._edge[-2::-1]:
            root = sha256(b"\x01" + node + root)
        return root


def leaf_of(entry):
    """(leaf hash, commitment) of an entry, made anew from what it says; the payload wins over the stored commitment."""
    commitment = bytes.fromhex(entry["commitment"])
    if entry["payload"] is not None:
        commitment = sha256(b"RCL1-payload\x00" + bytes.fromhex(entry["salt"]) + entry["payload"].encode())
    texts = entry["item"] or NOBODY, entry["actor"], entry["previous"]
    parts = (*map(bytes.fromhex, texts), commitment)
    if [*map(len, parts)] != [16, 16, 32, 32]:
        raise Wrong("字段长度不对")
    numbers = entry["index"], entry["at"], entry["kind"], entry["flags"], entry["version"]
    return sha256(b"\x00" + LEAF.pack(b"RCL1", *numbers, *parts)), commitment


# ----------------------------------------------------------------- people, definitions, and the history played again


def person_of(login):
    """The id of a person in a campaign; None for nobody."""
    return login and sha256(f"person:{login}".encode()).hex()[:32]


def moment(micros):
    """The instant of so many microseconds."""
    return EPOCH + timedelta(microseconds=micros)


def day_of(entry):
    """The day of an entry in China."""
    return moment(entry["at"]).astimezone(CHINA).date().isoformat()


class Register:
    """What the log has published so far: definitions, units, and who holds which post."""

    def __init__(self, bundle):
        self._bundle, self.hashes = bundle, {"definition": {}, "campaign": {}, "calendar": {}}
        self.definitions, self.parents, self.posts, self.grants, self.plans = {}, {}, {}, {}, {}

    def publish(self, kind, name, digest):
        """Take up a document that an entry names; its bytes must have the hash that the entry gives."""
        self.hashes[kind][name] = digest
        text = None if kind == "calendar" else self._bundle.text(f"{kind}s/{name}.json")
        if text is None:
            return
        if sha256(text).hex() != digest:
            raise Wrong(f"{name} 的内容与登记的散列不符")
        document = json.loads(text.decode())
        if kind == "definition":
            stages = {state["id"]: state["stage"] for state in document["states"]}
            moves = {(state, verb["verb"]): verb for verb in document["verbs"] for state in verb["from"]}
            self.definitions[name] = document, stages, moves
            return
        told = document["organisation"]
        self.parents.update((unit["code"], unit["parent"]) for unit in told["units"])
        self.posts.update((p["code"], (p["unit"], p["scope"], frozenset(p["roles"]))) for p in told["posts"])
        for grant in told["grants"]:
            key = grant["post"], grant["from_on"], person_of(grant.get("on_behalf_of"))
            self.grants.setdefault(person_of(grant["person"]), {}).setdefault(key, grant.get("until_on"))

    def grant(self, person, until, *key):
        """Put a person in a post, or take it back from a day on; `key` is (post, from, for whom)."""
        self.grants.setdefault(person, {})[key] = until

    def held(self, person, day):
        """(unit, scope, roles, for whom) of each post that the person holds on a day."""
        mine = ((*key, until) for key, until in self.grants.get(person, {}).items())
        return [(*self.posts[post], of) for post, since, of, until in mine if since <= day < (until or "~")]

    def lineage(self, unit):
        """The unit and every unit above."""
        return [unit, *self.lineage(self.parents[unit])] if unit else []


class Trail:
    """What the entries of one item add up to."""

    def __init__(self):
        self.version, self.leaf, self.blind, self.document = 0, ZERO, False, {}
        self.clocks, self.outcomes, self.fired, self.contributed = {}, {}, {}, set()


class Replay:
    """Plays the history again: each entry is judged by what was in force when it was made."""

    def __init__(self, register, erased):
        self.register, self.erased, self.told_by = register, erased, []
        self.trails, self.evidence, self.files = {}, {}, {}
        self.noted = {"signing_key": [], "checkpoint": [], "anchor": [], "cosignature": []}

    def judge(self, entry):
        """Every way in which an entry is wrong."""
        trail = self.trails.setdefault(entry["item"], Trail()) if entry["item"] else None
        if entry["previous"] != (trail.leaf if trail else ZERO) or not (trail or entry["version"] == 0):
            yield "没有接在同一事项的前一条之后"
        if trail:
            trail.leaf = entry["leaf"]
        by, payload = self.erased.get(entry["index"], (None, None))
        yield from self._erasure(entry, by)
        if entry["payload"] is not None:
            payload = json.loads(entry["payload"])
        elif by is None:
            if trail:
                trail.blind, trail.version = True, entry["version"]
            return
        kind = payload.get("type")
        told = [*map(payload.get, ("verb", "rung", "what")), kind, NAMED.get(kind), f"publish_{kind}"]
        if entry["what"] is None or entry["what"] not in told:
            yield f"标作“{entry['what']}”，内容却不是"
        yield from self._on_item(entry, payload, trail) if trail else self._beside(entry, payload, kind)

    def _erasure(self, entry, by):
        """Whether an entry is erased exactly where a later one, `by`, tells of it, made by somebody else."""
        is_erased = entry["payload"] is None
        if is_erased != (entry["salt"] is None):
            yield "内容和盐只剩一样"
        if is_erased and by is None:
            yield "内容被抹去，却没有抹去的记录"
        elif by and not is_erased:
            yield f"第 {by['index']} 条说已抹去，内容却还在"
        elif by:
            self.told_by.append((by["index"], entry["index"]))
            if entry["kind"] not in ERASABLE or by["index"] <= entry["index"]:
                yield f"第 {by['index']} 条不能抹去它"
            if by["actor"] == entry["actor"] and entry["kind"] != 8:
                yield f"由办理人自己抹去（第 {by['index']} 条）"

    def _beside(self, entry, payload, kind):
        """Entries that belong to no item; but for erasures none of them is wrong by itself."""
        if kind == "migration":
            self.register.plans[payload["campaign"], payload["from"], payload["to"]] = payload["states"]
        elif entry["kind"] == 4:
            self.register.publish(kind, payload["name"], payload["sha256"])
        elif kind in ("grant", "recall"):
            self.register.grant(*(payload[key] for key in ("person", "until", "post", "from", "for")))
        elif kind in self.noted:
            self.noted[kind].append((entry["index"], payload))
        elif entry["kind"] == 8:
            held = self.register.held(entry["actor"], day_of(entry))
            if not any("security_officer" in roles for _, _, roles, _ in held):
                yield "抹去内容的人当时不是安全管理员"

    def _on_item(self, entry, payload, trail):
        version = trail.version + (entry["kind"] == 1)
        if entry["version"] != version:
            yield f"版本应为 {version}，实为 {entry['version']}"
        trail.version = entry["version"]
        if entry["kind"] == 1 and not trail.blind:
            yield from self._transition(entry, payload, trail)
        for rung in payload.get("rungs", []):
            spot = payload["clock"], payload["revision"], rung
            if spot in trail.fired:
                yield f"{spot[0]} 的 {rung} 催办了两次"
            trail.fired[spot] = payload["rung"]
        for armed in payload.get("armed", []):
            trail.clocks[armed["clock"], armed["revision"]] = armed
        trail.outcomes.update(((clock, turn), outcome) for clock, turn, outcome in payload.get("ended", []))

    def _transition(self, entry, payload, trail):
        before = dict(trail.document)
        for name, (old, new) in payload["changes"].items():
            if old != before.get(name):
                yield f"{name} 接不上前一条"
            trail.document[name] = new
        for piece in payload["evidence"]:
            told = piece["name"], piece["size"], entry["actor"], piece.get("made_on")
            self.evidence.setdefault((entry["item"], piece["sha256"]), told if "made_on" in piece else None)
            self.files.setdefault(piece["sha256"], (piece["size"], entry["index"]))
        name = trail.document.get("definition")
        if payload["sha256"] != self.register.hashes["definition"].get(name):
            yield f"所依的流程 {name} 没有发布过，或内容不同"
        elif name in self.register.definitions:
            act = Act(entry, payload, before, trail, self.register)
            yield from act.judge()
            yield from act.standing(self.register)


class Act:
    """A transition beside the item as it stood before."""

    def __init__(self, entry, payload, before, trail, register):
        self.entry, self.payload, self.before, self.trail = entry, payload, before, trail
        definition, self.stages, moves = register.definitions[trail.document["definition"]]
        self.actor, self.system, self.day = entry["actor"], payload["actor"]["system"], day_of(entry)
        self.name, self.principal = payload["actor"]["standing"], payload["actor"]["for"]
        self.move = moves.get((before.get("state"), payload["verb"]))
        if payload["verb"] == "open" and not before:
            opening = definition["opening"]
            self.move = {"to": [definition["initial"]], "who": definition["openers"], "contributes": opening}
        if payload["verb"] == "migrate":
            versions = before.get("definition"), trail.document["definition"]
            there = register.plans.get((before.get("campaign"), *versions), {}).get(before.get("state"))
            self.move = {"to": [there], "who": ["administrator"], "reason": True} if there else None

    def _guards(self, name, default):
        guards = [each if isinstance(each, dict) else {each: None} for each in self.move.get("guards", [])]
        return [guard[name] or default for guard in guards if name in guard]

    def _signers(self):
        """The parties that a countersigning asks for."""
        units = [f"unit:{unit}" for unit in self.before.get("assisting") or []]
        for guard in self._guards("countersign", {}):
            for party in guard.get("of", ["assisting_units"]):
                yield from units if party == "assisting_units" else [party]

    def judge(self):
        """Judge the verb, and what follows from it: state, contributors, stage, evidence, marks."""
        verb, after, before = self.payload["verb"], self.trail.document, self.before
        if self.move is None:
            yield f"在“{before.get('state')}”不能办理“{verb}”"
            return
        signers, to, who = [*self._signers()], self.move.get("to", []), self.move["who"]
        if after["state"] not in to and (after["state"] != before.get("state") or (to and not signers)):
            yield f"“{verb}”不能到“{after['state']}”"
        if self.move.get("reason") and not self.payload["reason"]:
            yield f"“{verb}”没有理由"
        if self.name not in (*who, *signers, *(["delegate"] if "owner" in who else [])):
            yield f"“{self.name}”不能办理“{verb}”"
        people, pieces = {self.actor, self.principal}, self.payload["evidence"]
        for kinds in self._guards("independent", WORK):
            if any(person in people and capacity in kinds for person, capacity in self.trail.contributed):
                yield f"“{verb}”的办理人参与过此事项"
        capacities = {self.move.get("contributes"), "uploader" if pieces else None} - {None}
        self.trail.contributed.update((p, c) for p in people if p and not self.system for c in capacities)
        count = (before.get("evidence_count") or 0) + len(pieces)
        derived = sorted(map(list, self.trail.contributed)), self.stages.get(after["state"]), count
        if derived != (after["contributions"], after["stage"], after["evidence_count"]):
            yield "参与人员、环节或佐证份数与办理的经过不符"
        is_early = self.payload["claimed_on"] is not None and self.payload["claimed_on"] < self.day
        if self.entry["flags"] & 3 != is_early | bool(self.principal) << 1:
            yield "“早报”“代办”的标记与内容不符"

    def standing(self, register):
        """Whether the actor was, that day, what the entry says, and could act for whom it says."""
        if self.system:
            if self.actor != NOBODY or self.name != "system":
                yield "自动办理记在了人的名下"
            return
        held, name = register.held(self.actor, self.day), self.name
        scopes = register.lineage(self.before.get("unit") or self.trail.document["unit"])
        found = {of for _, scope, roles, of in held if name in roles and scope in scopes}
        person = self.before.get(name) if name in ("owner", "reviewer", "opener") else None
        found |= {None} if person == self.actor else {of for *_, of in held if of and of == person}
        delegate, until = self.before.get("delegation") or (None, "")
        if name == "delegate" and delegate == self.actor and self.day <= until:
            found.add(self.before["owner"])
        if self.move and name in self._signers():
            heads = {f"unit:{unit}" for unit, _, roles, _ in held if "unit_head" in roles}
            found |= {None} if name in heads.union(*(roles for _, _, roles, _ in held)) else set()
        if self.principal not in found or not held:
            yield f"办理人当时不是此单位的“{name}”，或不能代 {self.principal or '人'} 办理"


# ------------------------------------------------------------------------------------------ tables beside the history

COLUMNS = {
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
"""What is compared of each table: the columns of its key, and of what the history says of it."""
INSTANTS = {"item": ("opened_at", "entered_at", "closed_at"), "deadline": ("due_at", "original_due_at")}


def told_item(row):
    """A stored item in the words of the history."""
    body = json.loads(row["body"])
    told = {name: row[name] for name in row.keys() - {"id", "head", "version", "body"}}
    told.update({name: body[name] for name in body.keys() - {"fields"}})
    told["definition"] = "{}@{}".format(told.pop("definition_id"), told.pop("definition_version"))
    told["period"] = told["period"] or None
    told.update({"field:" + name: value for name, value in body["fields"].items()})
    if told.get("delegate") == (body["delegation"] or [None])[0]:
        told.pop("delegate", None)  # a copy for lists, that says the same
    return {name: value for name, value in told.items() if value is not None}


def compare(bundle, report, table, expected):
    """Compare a table with what the history adds up to, {key: values}; None stands for what is not known."""
    name, (keys, values) = f"tables/{table}.jsonl", (columns.split() for columns in COLUMNS[table])
    for number, row in bundle.lines(name):
        try:
            for each in INSTANTS.get(table, ()):
                row[each] = row[each] and moment(row[each]).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            if table == "item":
                row["told"] = told_item(row)
            key = tuple(row[column] for column in keys)
            place = (256 * key[1], 256 * key[1] + 255) if table == "tree_hash" and key[0] == 1 else ()
            if key not in expected:
                report.accuse(f"表 {table} 的 {key} 没有出处", *place)
            elif expected.pop(key) not in (tuple(row[column] for column in values), None):
                report.accuse(f"表 {table} 的 {key} 与历史不符", *place)
        except BROKEN:
            report.accuse(f"表 {table} 第 {number + 1} 行读不出来")
    for key in expected if name in bundle.names else ():
        report.accuse(f"表 {table} 缺少 {key}")


def expected_tables(replay, tree):
    """What each table must hold, {table: {key: values}}."""
    register, noted, items, deadlines, firings = replay.register, replay.noted, {}, {}, {}
    grants = register.grants.items()
    for key, trail in replay.trails.items():
        told = {name: value for name, value in trail.document.items() if value is not None}
        items[key,] = None if trail.blind else (trail.version, trail.leaf, told)
        firings.update(((key, *spot), (by,)) for spot, by in trail.fired.items())
        for spot, armed in trail.clocks.items():
            told = (armed.get(name) for name in ("due", "original", "proof", "calendar"))
            deadlines[(key, *spot)] = None if trail.blind else (*told, trail.outcomes.get(spot))
    numbered = {
        kind: {(n.rpartition("@")[0], int(n.rpartition("@")[2])): (digest,) for n, digest in named.items()}
        for kind, named in register.hashes.items()
        if kind != "campaign"
    }
    return {
        "item": items,
        "deadline": deadlines,
        "firing": firings,
        "evidence": dict(replay.evidence),
        "holding": {
            (p, *key[:2], key[2] or ""): (until,) for p, mine in grants for key, until in mine.items()
        },
        "post_role": {(code, role): () for code, post in register.posts.items() for role in post[2]},
        "post": {(code,): post[:2] for code, post in register.posts.items()},
        "unit": {(code,): (parent,) for code, parent in register.parents.items()},
        "campaign": {(name,): (digest,) for name, digest in register.hashes["campaign"].items()},
        "log_key": {(i,): (t.get("vkey"),) for i, t in noted["signing_key"]},
        "checkpoint": {(i,): (t.get("size"), t.get("root"), t.get("note")) for i, t in noted["checkpoint"]},
        "tree_hash": tree.blocks,
        **numbered,
    }


# ---------------------------------------------------------------------------------------------------- the whole


def walk(bundle, report, wanted, erased):
    """Read every entry once: place, time, bytes, tree, replay; returns tree, replay and the newest time."""
    tree, replay, newest = Tree(wanted), Replay(Register(bundle), erased), 0
    for number, entry in bundle.lines("entries.jsonl"):
        leaf = bytes(32)
        try:
            leaf, commitment = leaf_of(entry)
            if entry["index"] != number:
                report.accuse(f"序号应为 {number}，实为 {entry['index']}", number)
            if entry["at"] < newest:
                report.accuse("时间早于前一条", number)
            newest = entry["at"]
            if commitment.hex() != entry["commitment"]:
                report.accuse("内容被改过", number)
            if leaf.hex() != entry["leaf"]:
                report.accuse("内容、时间、人员、版本或次序被改过", number)
            for text in replay.judge(entry):
                report.accuse(text, number)
        except (Wrong, *BROKEN) as error:
            report.accuse(f"{error}" if isinstance(error, Wrong) else f"读不出来：{error!r}", number)
        tree.append(leaf)
    return tree, replay, newest


def check_heads(report, tree, heads):
    """Compare roots known from elsewhere, (where from, size, root), with those of the entries; returns the largest."""
    good = 0
    for where, size, root in sorted(heads, key=lambda head: head[1]):
        if size > tree.size:
            report.accuse(f"{where}有 {size} 条，这里只有 {tree.size} 条：末尾被截去", tree.size, size - 1)
        elif tree.roots.get(size) != root:
            report.accuse(f"{where}的根（{size} 条处）与记录不符", good, max(good, size - 1))
        else:
            good = size
    return good


def check_signatures(report, replay, keys):
    """Check each checkpoint under the key in force; returns every head, and the size a typed key vouches for."""
    heads, vouched = [], 0
    vkeys = [(index, told.get("vkey")) for index, told in replay.noted["signing_key"]]
    for index, payload in replay.noted["checkpoint"]:
        try:
            note = read_note(payload["note"])
            known = [read_vkey(vkey) for at, vkey in vkeys if at < index] or [None]
            is_told = (note[2], note[3].hex()) == (payload["size"], payload["root"]) and note[2] <= index
            if not is_told or not known[-1] or note[1] != known[-1][0] or not is_signed(note, known[-1]):
                report.accuse("检查点没有当时密钥的有效签名", index)
            heads.append((f"第 {index} 条的检查点", note[2], note[3]))
            vouched = note[2] if any(is_signed(note, key) for key in keys) else vouched
        except (Wrong, *BROKEN) as wrong:
            report.accuse(f"检查点读不出来：{wrong}", index)
    told = {(size, root.hex()) for _, size, root in heads}
    for index, payload in replay.noted["anchor"] + replay.noted["cosignature"]:
        if (payload.get("size"), payload.get("root")) not in told:
            report.accuse("所指的检查点不存在", index)
    return heads, vouched


def check_evidence(bundle, report, files, erased):
    """Hash every file of evidence that an entry names."""
    report.known += [f"佐证文件 {digest[:12]}… 已登记抹去" for digest in sorted(erased & files.keys())]
    left = {digest: told for digest, told in files.items() if digest not in erased}
    if left and not bundle.manifest.get("evidence"):
        report.unknown.append(f"佐证文件 {len(left)} 份不在压缩包里")
        return
    for digest, (size, index) in left.items():
        if f"evidence/{digest}" not in bundle.names:
            report.accuse(f"佐证文件 {digest[:12]}… 不见了", index)
        elif bundle.digest(f"evidence/{digest}") != (digest, size):
            report.accuse(f"佐证文件 {digest[:12]}… 被改过", index)


def verify(path, keys=(), notes=(), printed=()):
    """The report on a bundle."""
    report = Report()
    bundle = Bundle(path, report)
    outside = [("审计留存的检查点", note[2], note[3]) for note in notes]
    outside += [("印出的校验行", *head) for head in printed]
    wanted = {row.get("size") for _, row in bundle.lines("tables/checkpoint.jsonl")}
    erased, files = bundle.erasures()
    tree, replay, newest = walk(bundle, report, wanted | {size for _, size, _ in outside}, erased)
    heads, vouched = check_signatures(report, replay, keys)
    check_heads(report, tree, heads)
    anchored, root = max(vouched, check_heads(report, tree, outside)), tree.root()
    if not all(any(is_signed(note, key) for key in keys) for note in notes):
        report.unknown.append("留存的检查点没有所给公钥的签名")
    if not keys or not replay.noted["checkpoint"]:
        report.unknown.append("没有给出公钥（--vkey），或历史还没有签过检查点，签名未核")
    elif not vouched:
        report.accuse("没有一个检查点是所给公钥签的")
    if (bundle.manifest.get("size"), bundle.manifest.get("root")) != (tree.size, root.hex()):
        report.accuse("清单所记的末端与记录不符")
    for table, expected in expected_tables(replay, tree).items():
        compare(bundle, report, table, expected)
    report.known += [f"第 {n} 条的文字由第 {by} 条抹去，其余为抹去时所述" for by, n in replay.told_by[:SHOWN]]
    check_evidence(bundle, report, replay.files, files)
    at = moment(newest).astimezone(CHINA)
    report.known += [
        f"历史 {tree.size} 条，根 {base64.b64encode(root).decode()}，最后一条记于 {at:%Y-%m-%d %H:%M}",
        f"末尾 {tree.size - anchored} 条没有外部凭据：能同时改动服务器和签名密钥的人，仍可改动它们",
        "没有核对：时限的推算、计分、通知是否送达、日历内容",
    ]
    return report


def main(arguments=None):
    """Verify as the command line says; returns the exit code."""
    gc.disable()  # nothing here points at itself, and looking for it costs a sixth of the time
    parser = argparse.ArgumentParser(description="核对督办历史的导出，无需联网，无需原系统。")
    parser.add_argument("bundle", type=Path, help="导出的压缩包")
    parser.add_argument("--vkey", action="append", default=[], help="签名公钥，从月报或审计留存处抄录")
    parser.add_argument("--checkpoint", action="append", default=[], type=Path, help="留存的检查点文件")
    parser.add_argument("--printed", action="append", default=[], help="月报上的校验行")
    try:
        asked = parser.parse_args(arguments)
        keys = [read_vkey(vkey) for vkey in asked.vkey]
        notes = [read_note(path.read_text(encoding="utf-8")) for path in asked.checkpoint]
        report = verify(asked.bundle, keys, notes, [read_printed(line) for line in asked.printed])
    except SystemExit as left:
        return USAGE if left.code else OK
    except (FileNotFoundError, Wrong) as error:
        print(f"用法不对：{error}", file=sys.stderr)
        return USAGE
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        print(f"文件打不开或已损坏：{error}", file=sys.stderr)
        return INCOMPLETE
    encoding = sys.stdout.encoding or "utf-8"  # a console in China may not know every character
    print("\n".join(report.lines()).encode(encoding, "replace").decode(encoding))
    return report.code


if __name__ == "__main__":
    sys.exit(main())
