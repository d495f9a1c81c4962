"""Words that mean the same in a question, for matching only.

Of the south and of offices, long and short.

A row: what is meant, then what is also said for it. Each is folded; two or three words are taken before one.
"""

from __future__ import annotations

from collections.abc import Sequence

# fmt: off
ROWS: tuple[tuple[str, ...], ...] = (
    # asking
    ("khi nao", "chung nao", "bao gio", "luc nao", "hoi nao", "thang may", "ngay nao", "may gio", "thang nao"),
    ("o dau", "cho nao", "noi nao", "dau vay", "khuc nao", "duong nao"),
    ("bao nhieu", "nhieu", "may", "het nhieu", "bao nhieu tien"),
    ("lam sao", "the nao", "nhu the nao", "ra sao", "cach nao", "kieu nao", "sao"),
    ("tai sao", "vi sao", "sao vay", "co gi", "mac mo gi"),
    ("giay to gi", "ho so gom gi", "can giay gi", "ho so gi", "gom gi", "mang theo gi"),
    ("", "cho hoi", "xin hoi", "xin cho hoi", "cho tui hoi", "cho toi hoi", "cho em hoi", "hoi", "xin", "da", "a",
     "vay", "ta", "nha", "nghen", "nhe", "voi", "dum", "giup", "gium", "lam on", "thi", "la", "ma", "di", "oi",
     "toi muon hoi", "muon hoi", "cho biet", "vui long", "dzay", "va", "roi", "cai", "nay", "do", "kia", "cac",
     "nhung", "mot", "cua", "duoc khong", "phai khong", "khong a", "anh chi", "co chu", "may chu", "quy co quan"),
    # who
    ("toi", "tui", "em", "con", "minh", "chung toi", "tui em", "ba con", "chau", "tao"),
    ("me", "ma", "u", "bam"),
    ("cha", "ba", "bo", "tia"),
    ("tre em", "con nit", "tre con", "be", "sap nho", "dua nho"),
    ("nguoi gia", "nguoi cao tuoi", "ong ba gia", "nguoi lon tuoi", "cao nien"),
    ("vo chong", "hai vo chong"), ("ho ngheo", "nha ngheo", "ngheo"),
    # doing
    ("hu", "hong", "bi hu", "hu hong", "truc trac", "xuong cap"), ("thue", "muon"), ("dung", "xai", "su dung"),
    ("nhan", "lanh", "huong", "duoc huong", "nhan duoc"), ("tiem", "chich"), ("vac xin", "vacxin", "ngua", "phong"),
    ("gui", "goi"), ("lam", "man"), ("ve", "dia", "dzia"), ("nop", "dong"), ("tim", "kiem"), ("thich", "khoai"),
    ("bao", "met", "trinh bao", "to giac", "mec"), ("sua", "sua chua", "khac phuc", "va lai"),
    ("cap", "cap lai", "lam lai", "doi lai"), ("mat", "rot", "that lac", "danh roi", "lac mat"),
    ("sinh", "sanh", "de"), ("chet", "mat di", "qua doi"),
    ("sang ten", "chuyen ten", "dung ten", "tang cho", "cho tang", "chuyen nhuong"),
    ("dang ky", "xin cap", "lam giay", "dang ki"), ("hoat dong", "mo cua", "lam viec"), ("khoi hanh", "chay"),
    ("tra loi", "hoi am", "phan hoi", "giai quyet"), ("lay", "thu hoi"), ("den bu", "boi thuong", "den"),
    ("mien phi", "khoi ton tien", "khong ton tien", "khong mat tien", "khoi tra tien", "khong dong tien"),
    ("tang", "dieu chinh tang", "len", "cao hon"), ("cup", "cat", "mat", "ngung"), ("ngap", "lut", "ung"),
    ("lua", "gat", "lua dao"), ("ho tro", "tro cap", "giup do", "phu cap"), ("ban", "rao"),
    ("kham benh", "kham", "kham chua benh"), ("vay", "vay von", "muon tien"),
    # things
    ("tau", "ghe", "xuong", "phuong tien thuy", "vo lai"), ("xe", "phuong tien"),
    ("duong", "lo", "con lo", "tuyen duong"),
    ("kenh", "kinh"),
    ("so do", "so hong", "giay chung nhan quyen su dung dat", "giay dat", "bang khoan"),
    ("can cuoc", "can cuoc cong dan", "the can cuoc", "chung minh nhan dan", "giay tuy than"),
    ("dien thoai", "sdt", "so dien thoai"),
    ("may giam sat hanh trinh", "thiet bi giam sat", "may dinh vi", "vms", "giam sat hanh trinh"),
    ("phi", "le phi", "tien", "chi phi", "gia"), ("dat", "mieng dat", "thua dat", "lo dat", "ruong", "vuon"),
    ("nha", "can nha"), ("rac", "rac thai"), ("den duong", "den chieu sang", "bong den"),
    ("truong", "truong hoc"), ("vao lop 10", "lop 10", "vao 10", "tuyen sinh lop 10"),
    ("du tuyen", "nop ho so", "tuyen sinh"),
    ("benh vien", "nha thuong", "bv"), ("cau", "cay cau"), ("cho", "cho bua"), ("song", "rach"),
    ("nuoc may", "nuoc sach", "nuoc sinh hoat"), ("tren mang", "online", "truc tuyen", "qua mang", "facebook"),
    ("heo", "lon"), ("trai", "qua"), ("bap", "ngo"), ("mung", "man"), ("oto", "o to", "xe hoi"),
    ("honda", "xe may", "xe gan may"),
    ("luong huu", "huu tri", "ve huu"), ("thang", "hang thang", "moi thang"), ("nam nay", "nam 2026"),
    ("cong an", "cong an xa", "cong an phuong"), ("uy ban nhan dan", "uy ban", "xa", "phuong"),
)
# fmt: on

_LONGEST = 5
_MEANT: dict[tuple[str, ...], tuple[str, ...]] = {
    tuple(said.split()): tuple(meant.split()) for meant, *others in ROWS for said in others
}


def in_common_words(folded: Sequence[str]) -> list[str]:
    """Write folded words as the commonest that mean the same; words of politeness go."""
    found: list[str] = []
    place = 0
    while place < len(folded):
        for length in range(min(_LONGEST, len(folded) - place), 0, -1):
            meant = _MEANT.get(tuple(folded[place : place + length]))
            if meant is not None:
                found += meant
                place += length
                break
        else:
            found.append(folded[place])
            place += 1
    return found
