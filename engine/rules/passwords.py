"""Which passwords are refused: short ones, those that everybody tries first, and those that name their owner.

The list is small on purpose: what lists of millions hold is mostly a common word with digits, signs or a year around
it, so that is what is looked for (OWASP ASVS 5.0, 6.2.1–6.2.4 and 6.2.12).
"""

import re
import unicodedata
from typing import Final

SHORTEST: Final = 10
LONGEST: Final = 128
_ROWS: Final = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyzabc",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujm",
    "147258369",
    "159357",
)
"""Keys that lie beside each other, and what follows each other."""
_RUN: Final = 4
_DIFFERENT: Final = 5
_LONG: Final = 20
"""From this length on a sentence of common words is good enough."""
_COMMON: Final = """
a aa abc abcd access account admin administrator again airport alex amanda andrew angel anhui anna anquan
apple april asd asdf ashley august autumn baba baby bailey banji baobao baobei baseball basketball batman
beijing bing bumen caiwu car cat changan changcheng charlie chelsea chen chengdu china chinese chongqing city
code computer cookie county dadui daniel database datong december default demo denglu dragon duban duizhang
email enter fazhi february feifei flower football freedom friday friend fu fuhe fujian fupan fuzhou gansu
george ginger gong gongan google guangdong guangxi guangzhou guest guizhou guo haha hainan hangzhou hao harbin
hebei heilongjiang hello henan henry home hong hu hua huang huawei hubei hunan hunter iloveu iloveyou info
internet jackson james january jason jennifer jessica jiancha jiangsu jiangxi jiedao jilin jing jingcha jordan
joshua july june juzhang kaohe kefu kele key killer kunming laoda laogong laopo leader letmein li liaoning lin
linux liu login london long lotus love lovely luo ma mama manager march master matrix matthew may mei meimei
michael michelle mickey mima minzhu mobile monday monitor monkey mother mustang my name nanjing neimeng
newpass night nihao ningbo ningxia november october office officer okok oracle orange paichusuo pass passw
passwd password passwort pc people pepper phone police ppp princess public purple q qaz qingdao qinghai qq qwe
qwer qwert qwerty renmin renming root sa samsung saturday school secret secure security september server
service shaanxi shadow shandong shanghai shanxi shenyang shenzhen shequ shi shouji sichuan simple snoopy
soccer sophie spring starwars student suibian summer sun sunday sunny sunshine super superman supervisor
support suzhou system taiyuan taobao teacher temp tencent test tester thomas thursday tianjin tiger tigger tom
tong trustno tuesday user usr wang web wednesday weibo weixin welcome wenjian whatever windows winter wo
woaini woaiwojia women wuhan x xi xiamen xian xiao xiaoxiao xinjiang xitong xj xx xxx yang yangyang ye yi ying
youxiang yuan yunnan z zaq zhang zhao zhejiang zhengfu zhenggai zhengzhou zhongguo zhou zhuang zxc zxcv zz zzz
"""
WORDS: Final = frozenset(_COMMON.split())
_STAND_INS: Final = str.maketrans("@4301!$57", "aaeoiisst")


def objection(password: str, login: str) -> str:
    """Why a password is not taken, in Chinese; empty where it is."""
    bare = unicodedata.normalize("NFKC", password).casefold()
    checks = (
        (len(password) < SHORTEST, f"密码至少 {SHORTEST} 个字符"),
        (len(password) > LONGEST, f"密码至多 {LONGEST} 个字符"),
        (login.casefold() in bare, "密码里不能有登录名"),
        (bare.isdigit(), "密码不能只用数字"),
        (len(set(bare)) < _DIFFERENT or _is_row(bare), "密码太有规律（重复或键盘顺序），请换一个"),
        (_is_common(bare), "这个密码人人都会先试（常用词加数字或符号），请换一个"),
    )
    return next((said for is_bad, said in checks if is_bad), "")


def _is_row(bare: str) -> bool:
    """True where nearly everything is a walk along the keyboard or the alphabet, or one piece again and again."""
    if re.fullmatch(r"(.{1,5})\1+.?", bare):
        return True
    left = bare[:LONGEST]
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for length in range(len(row), _RUN - 1, -1):
            for start in range(len(row) - length + 1):
                left = left.replace(row[start : start + length], "")
    return len(left) <= _RUN


def _is_common(bare: str) -> bool:
    """True where the letters, taken apart from digits and signs, are common words only."""
    if not bare.isascii() or len(bare) >= _LONG:
        return False
    core = re.sub(r"^[\d\W_]+|[\d\W_]+$", "", bare)
    texts = (core, core.translate(_STAND_INS))
    return any(all(map(_is_made_of_words, re.findall(r"[a-z]+", text))) for text in texts)


def _is_made_of_words(letters: str) -> bool:
    """True for one common word, or two written together."""
    return letters in WORDS or any(
        letters[:cut] in WORDS and letters[cut:] in WORDS for cut in range(1, len(letters))
    )
