"""What in a message to many is worth a second look."""

import pytest

from domain.broadcasts.fraud import WORDS, foreign_addresses, words_of_fraud
from domain.episodes.links import HOSTS
from domain.vietnamese.text import fold


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Xin nhập mã OTP", ["OTP"]),
        ("Gửi mã O.T.P cho cán bộ", ["OTP"]),
        ("Gửi O T P ở đây", ["OTP"]),
        ("0TP", ["OTP"]),
        ("ＯＴＰ", ["OTP"]),
        ("ОТР", ["OTP"]),  # Cyrillic
        ("mat khau", ["mật khẩu"]),
        ("m.ậ.t k.h.ẩ.u", ["mật khẩu"]),
        ("mật-khẩu, m\u200bật khẩu", ["mật khẩu"]),
        ("ma65t kha63u", ["mật khẩu"]),
        ("𝐦𝐚𝐭 𝐤𝐡𝐚𝐮", ["mật khẩu"]),
        ("ck vào stk 0123", ["chuyển khoản", "số tài khoản"]),
        ("Chúc mừng ông/bà TRÚNG THƯỞNG", ["trúng thưởng"]),
        ("gửi ảnh cccd hai mặt", ["ảnh CCCD"]),
    ],
)
def test_words_of_swindlers_are_found_however_they_are_typed(text: str, found: list[str]) -> None:
    assert words_of_fraud(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Tối thứ Bảy này, 19:50, mời ông/bà xem kỳ mới về đất đai.",
        "Hội đồng phiên họp thứ 2 của xã; đồng phiếu thông qua",
        "Lịch cấp căn cước công dân (CCCD) lưu động tại ấp Kinh 5, ngày 5/11",
        "Mức hỗ trợ là 1.000.000đ/hộ, nhận tại UBND xã. Lệ phí theo quy định.",
    ],
)
def test_what_an_office_says_every_day_is_not(text: str) -> None:
    assert words_of_fraud(text) == []
    assert foreign_addresses(text, [], HOSTS) == []


@pytest.mark.parametrize("phrase", WORDS)
def test_every_phrase_is_found_with_marks_and_without(phrase: str) -> None:
    for typed in (phrase, fold(phrase), fold(phrase).replace(" ", ""), phrase.upper()):
        assert phrase in words_of_fraud(f"Xin {typed} ngay")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("xem https://kgtv.vn/a và www.angiang.gov.vn, gửi b@angiang.gov.vn", []),
        ("angiang-gov.com/otp", ["angiang-gov.com"]),
        ("Xem аngiang.gov.vn/x", ["xn--ngiang-2nf.gov.vn"]),  # its first letter is Cyrillic
        ("https://xn--ngiang-2nf.gov.vn/", ["xn--ngiang-2nf.gov.vn"]),
        ("https://angiang.gov.vn.evil.com/", ["angiang.gov.vn.evil.com"]),
        ("https://angiang.gov.vn@evil.com/", ["evil.com"]),
        ("https://evil.com/https://kgtv.vn", ["evil.com"]),
        ("http://1.2.3.4/", ["1.2.3.4"]),
        ("xem:evil.com, (EVIL.COM)", ["evil.com"]),
        ("evil。com", ["evil.com"]),
        ("bit.ly/3x", ["bit.ly"]),
        ("nhắn @hotro_angiang hoặc t.me/hotro", ["t.me", "@hotro_angiang"]),
        ("nhắn @danhoi_bot hoặc t.me/danhoi_bot?start=x", []),
        ("gửi về a@gmail.com", ["gmail.com"]),
        ("Tối nay.Chúng tôi mời. 19.50 ngày 2.11.2026 tại TP.HCM v.v.", []),
    ],
)
def test_hosts_and_accounts_that_the_configuration_does_not_name_are_told(
    text: str, found: list[str]
) -> None:
    assert foreign_addresses(text, [], HOSTS, own="danhoi_bot") == found


def test_what_a_word_or_a_button_opens_counts_not_what_it_says() -> None:
    assert foreign_addresses("angiang.gov.vn", ["https://evil.com/a"], HOSTS) == ["evil.com"]
