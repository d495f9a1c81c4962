"""Suggests what is personal in a text to be published, each with its reason.

By rules and by the words around. A suggestion only: an editor looks at each, and at the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from domain.questions.anonymise import MASK, places_of
from domain.vietnamese.text import fold, fold_word


class Personal(StrEnum):
    """The kind of a personal piece of text, by the rule that found it.

    A key under [personal] in labels. Of two findings that overlap the earlier kind is told.
    """

    SALUTATION = "salutation"
    KNOWN = "known"  # the ledger has it of an asker
    EMAIL = "email"
    INSURANCE = "insurance"
    PAPER = "paper"  # a licence, passport, certificate, number of a taxpayer or customer
    ACCOUNT = "account"
    PLATE = "plate"
    TELEPHONE = "telephone"
    IDENTITY = "identity"
    PLOT = "plot"
    BIRTH = "birth"
    NAME_ADDRESSED = "name_addressed"  # behind "ông", "bà", "anh" …
    NAME_SAID = "name_said"  # behind "tôi tên là" …
    NAME_WHOLE = "name_whole"  # a family name and given names
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class PersonalFinding:
    """Some characters of a text that tell of somebody, and why that is thought."""

    start: int
    end: int
    kind: Personal


def find(text: str, *known: str | None, of_office: bool = False) -> list[PersonalFinding]:
    """List what may be personal in a text, in its order, none overlapping another.

    `known` is what the ledger holds of the askers. `of_office`: an answer, in which an office's own numbers, address
    and people stay.
    """
    found = [
        *_known(text, known),
        *_salutations(text),
        *_emails(text, of_office),
        *_numbers(text, of_office),
        *_addresses(text, of_office),
        *_names(text, of_office),
    ]
    return list(_apart(found))


def without(text: str, findings: Iterable[PersonalFinding]) -> str:
    """Return a text in which these pieces are masked; a salutation leaves nothing behind."""
    parts, behind = list[str](), 0
    for one in findings:
        parts += [text[behind : one.start], "" if one.kind is Personal.SALUTATION else MASK]
        behind = one.end
    return ("".join(parts) + text[behind:]).strip()


def _apart(found: list[PersonalFinding]) -> Iterator[PersonalFinding]:
    """Yield the findings by their place, what overlaps as one."""
    ranks = list(Personal)
    last: PersonalFinding | None = None
    for one in sorted(found, key=lambda one: (one.start, ranks.index(one.kind))):
        if last is not None and one.start < last.end:
            kind = min(last.kind, one.kind, key=ranks.index)
            last = PersonalFinding(last.start, max(last.end, one.end), kind)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


# --- the words around -----------------------------------------------------------------------------------------------

_NEAR, _BEHIND = 60, 40  # characters before and behind


def _before(text: str, at: int, signs: int = _NEAR) -> str:
    """The folded words before a place, of the same line."""
    return fold(text[max(0, at - signs) : at].rpartition("\n")[2])


def _behind(text: str, at: int, signs: int = _BEHIND) -> str:
    """The folded words behind a place, of the same line."""
    return fold(text[at : at + signs].partition("\n")[0])


def _has(words: str, table: Iterable[str]) -> bool:
    return any(one in words for one in table)


# --- what the ledger knows, salutations -----------------------------------------------------------------------------

_WORD = re.compile(r"\w+")
_UPPER = "A-ZĐÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ"
_KIN = "ông/bà|anh/chị|ông|bà|anh|chị|cô|chú|bác|cậu|dì|mợ|thím|dượng|cháu|bé|em|con"
_BARE_KIN = "ong/ba|anh/chi|ong|ba|chi|co|chu|bac|cau|di|mo|thim|chau|be"  # in texts without marks alone
_SALUTATION = re.compile(
    "(?:(?<=^)|(?<=\n))(?i:kính gửi|kính thưa|kính chào|thưa|chào|gửi|kinh gui|kinh thua|kinh chao)[: ]{1,3}"
    rf"(?i:{_KIN}|{_BARE_KIN}) (?=[{_UPPER}])[^\n,:.!]{{1,60}}[,:.!]"
)
_LIVES = re.compile(
    r"\s{0,2}(?:(?:ấp|ap|tổ|khóm|khu phố|xã|phường|đường|thường trú|ngụ|ở)\s|số \d)[^\n:.!]{1,80}[:.!]",
    re.IGNORECASE,
)


def _known(text: str, details: Iterable[str | None]) -> Iterator[PersonalFinding]:
    spoken = list(_WORD.finditer(text))
    folded = [fold(found[0]) for found in spoken]
    for detail in details:
        words = _WORD.findall(fold(detail)) if detail and len(detail.strip()) > 2 else []
        for at in places_of(words, folded):
            yield PersonalFinding(spoken[at].start(), spoken[at + len(words) - 1].end(), Personal.KNOWN)


def _salutations(text: str) -> Iterator[PersonalFinding]:
    for found in _SALUTATION.finditer(text):
        lives = _LIVES.match(text, found.end()) if found[0].endswith(",") else None
        yield PersonalFinding(
            found.start(), found.end() if lives is None else lives.end(), Personal.SALUTATION
        )


# --- e-mail and numbers ---------------------------------------------------------------------------------------------

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}+@([\w-]{1,63}+(?:\.[\w-]{1,63}+){1,6}+)")
_OFFICE_DOMAIN = re.compile(r"(?:^|\.)gov\.vn$", re.IGNORECASE)
_TELEPHONE = re.compile(r"(?<![\w.+])(?:\+\s?84|84|0)(?:[\s.-]?\d){8,10}(?!\d)")
_LAND_LINE = re.compile(r"(?:\+?\s?84|0)[\s.-]?2")
_LONG_NUMBER = re.compile(r"(?<![\w.,/-])(?:\d{9,16}|\d{3,4}(?: \d{3,4}){2,4})(?![\w/]|[.,]\d)")
_PLATE = re.compile(
    r"(?<![\w/-])\d{2}[ -]?[A-Z][A-Z0-9]?[ -]{0,2}(?:\d{3}[. ]?\d{2}|\d{4})(?![\w/])", re.IGNORECASE
)
_SHIP = re.compile(r"(?<![\w-])[A-Z]{2,3}[ -]?\d{4,5}[ -]?TS(?!\w)", re.IGNORECASE)
_HEALTH_CARD = re.compile(r"(?<!\w)[A-Z]{2}[ -]?\d(?:[ -]?\d){12}(?!\w)", re.IGNORECASE)
_CUSTOMER = re.compile(r"(?<!\w)[A-Z]{2}\d{9,13}(?!\w)")
_PASSPORT = re.compile(r"(?<!\w)[A-Z]\d{7}(?!\w)")
_CERTIFICATE = re.compile(r"(?<!\w)[A-Z]{1,2} ?\d{6,8}(?!\w)")
_MONEY = re.compile(r"\s{0,2}(?:đ|đồng|dong|vnd|vnđ|usd|tỷ|ty|triệu|trieu|m2|m²|ha|kg)(?!\w)", re.IGNORECASE)

# Words before a long number, folded; the nearest tells its kind.
_TOLD: dict[Personal, tuple[str, ...]] = {
    Personal.ACCOUNT: ("tai khoan", "stk", "so tk", "chuyen khoan", "ngan hang"),
    Personal.INSURANCE: ("bhyt", "bhxh", "bao hiem"),
    Personal.PAPER: (
        "giay phep lai", "bang lai", "gplx", "ma so thue", "mst", "ho chieu", "ma khach hang", "giay chung nhan",
        "so phat hanh", "so vao so", "so do",
    ),
    Personal.IDENTITY: ("can cuoc", "cccd", "cmnd", "chung minh", "dinh danh"),
}  # fmt: skip
_VEHICLE = ("bien so", "bien", "xe")
_HOT_LINES = ("duong day nong", "hotline", "tong dai")
_OFFICES = (
    *_HOT_LINES, "dien thoai cua", "truc ban", "so xay dung", "so y te", "so tai", "so nong", "so noi", "so cong",
    "so giao", "so van", "cua so", "ubnd", "uy ban", "trung tam", "phong", "benh vien", "tram y te", "chi cuc",
    "chi nhanh", "dien luc", "nha may", "cong ty", "cong an", "ban quan ly", "ban tiep", "cua xa", "cua phuong",
    "cua truong", "mot cua", "dau moi", "fax",
)  # fmt: skip
_OFFICE_MOBILES = (*_HOT_LINES, "zalo cua", "dau moi", "truc ban", "lien he", "chuyen vien", "fax")
_OFFICE_ACCOUNTS = ("kho bac", "nop phat", "hoc phi", "cua truong", "cua so", "cua ubnd", "thu phi")
_ONES_OWN = (
    "cua ong", "cua ba ", "cua anh", "cua chi", "cua em", "cua toi", "qua so", "theo so", "goi tu so", "goi em",
)  # fmt: skip


def _emails(text: str, of_office: bool) -> Iterator[PersonalFinding]:
    for found in _EMAIL.finditer(text):
        if not _OFFICE_DOMAIN.search(found[1]):
            yield PersonalFinding(found.start(), found.end(), Personal.EMAIL)


def _numbers(text: str, of_office: bool) -> Iterator[PersonalFinding]:
    for pattern, kind in ((_SHIP, Personal.PLATE), (_PASSPORT, Personal.PAPER), (_CUSTOMER, Personal.PAPER)):
        for found in pattern.finditer(text):
            yield PersonalFinding(found.start(), found.end(), kind)
    for found in _HEALTH_CARD.finditer(text):
        yield PersonalFinding(found.start(), found.end(), Personal.INSURANCE)
    for found in _CERTIFICATE.finditer(text):
        if _has(_before(text, found.start()), _TOLD[Personal.PAPER]):
            yield PersonalFinding(found.start(), found.end(), Personal.PAPER)
    for found in _PLATE.finditer(text):
        if found[0].isupper() or _has(_before(text, found.start(), 25), _VEHICLE):
            yield PersonalFinding(found.start(), found.end(), Personal.PLATE)
    for found in _TELEPHONE.finditer(text):
        if not _is_offices(text, found, of_office):
            yield PersonalFinding(found.start(), found.end(), Personal.TELEPHONE)
    for found in _LONG_NUMBER.finditer(text):
        kind_told = _long_number(text, found, of_office)
        if kind_told is not None:
            yield PersonalFinding(found.start(), found.end(), kind_told)


def _is_offices(text: str, found: re.Match[str], of_office: bool) -> bool:
    """Whether a telephone number is an office's own."""
    before, behind = _before(text, found.start()), _behind(text, found.end())
    if _has(before[-30:], _ONES_OWN):
        return False
    if _LAND_LINE.match(found[0]):
        return of_office or _has(before, _OFFICES) or _has(behind, _OFFICES)
    return _has(before, _OFFICE_MOBILES if of_office else _HOT_LINES)


def _long_number(text: str, found: re.Match[str], of_office: bool) -> Personal | None:
    if _MONEY.match(text, found.end()):
        return None
    before = _before(text, found.start())
    places = {kind: max(before.rfind(word) for word in words) for kind, words in _TOLD.items()}
    kind = max(places, key=lambda one: places[one])
    if places[kind] < 0:
        digits = "".join(sign for sign in found[0] if sign.isdigit())
        return Personal.IDENTITY if len(digits) == 9 or (len(digits) == 12 and digits[0] == "0") else None
    around = f"{before} {_behind(text, found.end())}"
    if kind is Personal.ACCOUNT and of_office and _has(around, _OFFICE_ACCOUNTS):
        return None
    return kind


# --- addresses, plots, dates of birth -------------------------------------------------------------------------------

_HOUSE = r"\d{1,4}[A-Za-z]?(?:/\d{1,4}[A-Za-z]?){0,4}"
_IN_FRONT = rf"(?:số|so)\s{{1,2}}{_HOUSE}[ ,]{{1,3}}"
_ADDRESSES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\w)(?:nhà số|số nhà|nha so|so nha)\s{{1,2}}{_HOUSE}(?![\w/])",
        rf"(?<!\w)(?:{_IN_FRONT})?(?:hẻm|hem|ngõ|ngách)\s{{1,2}}(?:số |so )?{_HOUSE}(?![\w/])",
        r"(?<!\w)(?:ấp|khóm|tổ|ap|khom)\s{1,2}\d{1,3}[A-Z]?(?![\w/])",
        r"(?<!\w)to\s{1,2}\d{1,3}(?=\s?,|\s{1,2}(?:ap|khom|khu|kp)(?!\w))",
        rf"(?<!\w)(?:ở|tại|trọ|ngụ|nhà|số|so|tai|nha|o)\s{{1,2}}\d{{1,4}}[A-Z]?/{_HOUSE}(?=,?\s{{1,2}}[^\W\d_])(?!\s{{1,2}}(?:số|hạng|năm)\s)",
    )
)
_IN_HAMLET = re.compile(
    rf"(?<!\w)(?i:số|so)\s{{1,2}}{_HOUSE},?\s{{1,2}}(?i:ấp|ap)(?: [{_UPPER}]\w{{0,8}}){{1,3}}"
)
# An office gives such an address of its own: only in a citizen's text.
_IN_STREET = re.compile(
    r"(?<!\w)(?:số|so)\s{1,2}\d{1,4}[A-Z]?(?=,?\s{1,2}(?:đường|duong|khu phố|khu pho)(?!\w))", re.IGNORECASE
)
_SHEET = r"(?:tờ|to)(?:\s{1,2}(?:bản đồ|ban do))?(?:\s{1,2}(?:số|so))?:?\s{1,2}\d{1,4}"
_PLOT = re.compile(
    rf"(?<!\w)(?:thửa|thua)(?:\s{{1,2}}(?:đất|dat))?(?:\s{{1,2}}(?:số|so))?:?\s{{1,2}}\d{{1,5}}"
    rf"(?:[ ,;-]{{1,3}}(?:thuộc\s|thuoc\s)?{_SHEET})?(?!\w)|"
    rf"(?<!\w)(?:tờ|to) (?:bản đồ|ban do)(?: (?:số|so))?:? \d{{1,4}}(?!\w)",
    re.IGNORECASE,
)
_BIRTH = re.compile(
    r"(?<!\w)(?<!hy )(?:sinh|sn)(?:\s{1,2}(?:ngày|ngay|năm|nam))?:?\s{1,2}"
    r"((?:\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?)?(?:19|20)\d{2})(?![\w/])",
    re.IGNORECASE,
)


def _addresses(text: str, of_office: bool) -> Iterator[PersonalFinding]:
    for pattern in (*_ADDRESSES, _IN_HAMLET, *(() if of_office else (_IN_STREET,))):
        for found in pattern.finditer(text):
            yield PersonalFinding(found.start(), found.end(), Personal.ADDRESS)
    for found in _PLOT.finditer(text):
        yield PersonalFinding(found.start(), found.end(), Personal.PLOT)
    for found in _BIRTH.finditer(text):
        yield PersonalFinding(found.start(1), found.end(1), Personal.BIRTH)


# --- names ------------------------------------------------------------------------------------------------------------

# A word of a name begins with a capital; so does what offices, places and streets are called.
_NAME = rf"[{_UPPER}]\w{{0,9}}(?: [{_UPPER}]\w{{0,9}}){{0,4}}"
_ADDRESSED = re.compile(rf"(?<!\w)(?i:{_KIN}|{_BARE_KIN})(?: (?:ten|toi|la))? ({_NAME})(?!\w)")
_ADDRESSED_MARKED = re.compile(rf"(?<!\w)(?i:{_KIN})(?: (?:tên|tôi|là))? ({_NAME})(?!\w)")
_SAID = re.compile(
    r"(?<!\w)(?i:tên(?: tôi| em| con)? là|tôi là|em là|con là|tôi tên|em tên|con tên|họ tên|họ và tên|tên"
    r"|ten(?: toi| em| con)? la|toi la|em la|con la|toi ten|em ten|con ten|ho ten|ten|chủ tài khoản|chu tai khoan"
    rf"|liệt sĩ|liet si):? ({_NAME})(?!\w)"
)
_IN_SMALL = re.compile(
    r"(?<!\w)(?:ten(?: toi)? la|toi ten(?: la)?|(?:em|con) ten(?: la)?|ho ten|tên(?: tôi)? là|tôi tên|em tên|con tên) "
    r"([^\W\d_]{1,7}(?: [^\W\d_]{1,7}){1,2})(?!\w)",
    re.IGNORECASE,
)
_WHOLE = re.compile(rf"(?<![\w/]){_NAME}(?!\w)")
_FAMILY = frozenset(
    {
        "nguyễn", "trần", "lê", "phạm", "hoàng", "huỳnh", "phan", "vũ", "võ", "đặng", "bùi", "đỗ", "hồ", "ngô", "dương",
        "lý", "đinh", "trương", "lâm", "phùng", "mai", "đoàn", "trịnh", "đào", "tăng", "tạ", "quách", "thái", "châu",
        "lương", "mã", "diệp", "tô", "bành", "tống", "cao", "giang", "hứa", "kiều", "thạch", "danh", "kim", "thị",
        "chau", "neang", "néang", "lưu", "khưu", "vương", "lục", "trang", "âu", "tiêu", "cù", "mạc", "lại", "sơn",
    }
)  # fmt: skip
_BARE_FAMILY = frozenset(map(fold_word, _FAMILY)) - {"son", "to", "trang", "cao", "lai", "tieu"}
# Before a name, folded: what is called so is a street, a school, a place.
_CALLED_SO = frozenset(
    {
        "duong", "pho", "thpt", "thcs", "hoc", "truong", "cho", "cau", "vien", "ty", "thuoc", "hoi", "phuong", "xa",
        "khu", "kenh", "hem", "doan", "tam", "chua", "dinh", "den", "tuong", "lo", "dao", "nui", "song", "giai", "quy",
        "mam", "tho", "toc", "ben",
    }
)  # fmt: skip
_ROADS = frozenset(
    fold(one)
    for one in (
        "Nguyễn Trung Trực", "Tôn Đức Thắng", "Hồ Chí Minh", "Võ Văn Kiệt", "Nguyễn Văn Cừ", "Nguyễn Công Trứ",
        "Nguyễn Thái Học", "Lý Thường Kiệt", "Trần Hưng Đạo", "Mai Thị Hồng Hạnh", "Nguyễn Thị Minh Khai",
        "Lê Hồng Phong", "Lý Tự Trọng", "Phan Thị Ràng", "Trần Quang Khải", "Nguyễn Bỉnh Khiêm", "Nguyễn Hùng Sơn",
    )
)  # fmt: skip
# What begins with a capital behind "ông", "bà", "tên" and is no name, in small letters.
_NO_NAME = frozenset(
    {
        "giám", "chủ", "phó", "trưởng", "bí", "sở", "ubnd", "ủy", "uỷ", "zalo", "facebook", "email", "vneid", "cccd",
        "bhyt", "gplx", "rịa", "chúa", "trường", "trung", "bệnh", "phòng", "ban", "công", "nhà", "xã", "phường",
        "đường", "tỉnh", "hội", "kho", "đài", "khmer",
    }
)  # fmt: skip
_TITLES = re.compile(
    "(?:chu tich|giam doc|bi thu|truong phong|chanh van phong|dong chi|d/c|can bo|chuyen vien|cong chuc|hieu truong"
    "|luat su|bac si)(?: (?:ubnd|xa|phuong|tinh|so|phong|mot|cua|ten|dia|chinh|tu|phap|ong|ba))*$"
)
_TITLE_BEHIND = re.compile(
    r"\s?[,(–-]\s?(?:phó|trưởng|giám đốc|chủ tịch|bí thư|chánh|chuyên viên|công chức|cán bộ|đội"
    r"|viên chức|nhân viên|kế toán)(?!\w)",
    re.IGNORECASE,
)


def _names(text: str, of_office: bool) -> Iterator[PersonalFinding]:
    bare = text.isascii()
    for pattern, kind in (
        (_ADDRESSED if bare else _ADDRESSED_MARKED, Personal.NAME_ADDRESSED),
        (_SAID, Personal.NAME_SAID),
    ):
        for found in pattern.finditer(text):
            if found[1].split(" ", 1)[0].lower() in _NO_NAME or _is_shouted(found[1]):
                continue
            if not (of_office and _is_official(text, found.start(), found.end(1))):
                yield PersonalFinding(found.start(1), found.end(1), kind)
    for found in _IN_SMALL.finditer(text):
        first = found[1].split(" ", 1)[0].lower()
        if first in _FAMILY or fold_word(first) in _BARE_FAMILY:
            yield PersonalFinding(found.start(1), found.end(1), Personal.NAME_SAID)
    for found in _WHOLE.finditer(text):
        yield from _whole_name(text, found, bare=bare, of_office=of_office)


def _whole_name(text: str, found: re.Match[str], *, bare: bool, of_office: bool) -> Iterator[PersonalFinding]:
    """A family name with two more words, where nothing is called so."""
    words = found[0].split(" ")
    at = next(
        (
            index
            for index, word in enumerate(words)
            if word.lower() in _FAMILY or (bare and word.lower() in _BARE_FAMILY)
        ),
        None,
    )
    if at is None or len(words) - at < 3 or fold(" ".join(words[at:])) in _ROADS:
        return
    start = found.start() + sum(len(word) + 1 for word in words[:at])
    before = _before(text, start).split()
    if before and (before[-1].strip("(") in _CALLED_SO or before[-1][-1:].isdigit()):
        return
    if not (of_office and _is_official(text, start, found.end())):
        yield PersonalFinding(start, found.end(), Personal.NAME_WHOLE)


def _is_shouted(name: str) -> bool:
    """Whether a word in capitals is an abbreviation, or one of a text in capitals."""
    first = name.split(" ", 1)[0]
    return len(first) > 1 and first.isupper() and first.lower() not in _FAMILY


def _is_official(text: str, start: int, end: int) -> bool:
    """Whether somebody is named as an office's own, before or behind the name."""
    return _TITLES.search(_before(text, start)) is not None or _TITLE_BEHIND.match(text, end) is not None
