"""What a plausible address of an episode is, and time codes, counts and days as they are typed."""

import unicodedata
from datetime import date
from types import MappingProxyType

import pytest

from domain.episodes.links import (
    HOSTS,
    LinkKind,
    at_second,
    read_count_day,
    read_host,
    read_link,
    read_time_code,
    read_views,
    same_as,
    written_time,
)
from domain.errors import Reason, RuleViolation

TODAY = date(2026, 11, 3)
DAYS_AGO = {"hom nay": 0, "hom qua": 1}


def refused(typed: str, kind: LinkKind | None = None) -> Reason:
    with pytest.raises(RuleViolation) as caught:
        read_link(typed, HOSTS, kind)
    return caught.value.reason


@pytest.mark.parametrize(
    ("typed", "kind", "kept"),
    [
        ("https://kgtv.vn/dan-hoi/ky-12", "tv", "https://kgtv.vn/dan-hoi/ky-12"),
        ("  www.kgtv.vn/dan-hoi/ky-12  ", "tv", "https://www.kgtv.vn/dan-hoi/ky-12"),
        ("HTTP://KGTV.vn/Ky-12?Id=7", "tv", "http://kgtv.vn/Ky-12?Id=7"),
        ("https://kgtv.vn./ky", "tv", "https://kgtv.vn/ky"),
        ("https://www.tiktok.com/@kgtv/video/7?_r=1&_t=x", "tiktok", "https://www.tiktok.com/@kgtv/video/7"),
        ("https://vt.tiktok.com/ZS1/", "tiktok", "https://vt.tiktok.com/ZS1/"),
        ("https://stttt.angiang.gov.vn/tin/1", "portal", "https://stttt.angiang.gov.vn/tin/1"),
        (
            "https://baoangiang.com.vn/a?utm_source=zalo&id=3&fbclid=q",
            "newspaper",
            "https://baoangiang.com.vn/a?id=3",
        ),
        (
            "https://angiang.gov.vn/kỳ-12?q=\"<b>'",
            "portal",
            "https://angiang.gov.vn/k%E1%BB%B3-12?q=%22%3Cb%3E'",
        ),
        ("https://angiang.gov.vn/a%20b", "portal", "https://angiang.gov.vn/a%20b"),
    ],
)
def test_an_address_is_kept_without_what_only_says_who_shared_it(typed: str, kind: str, kept: str) -> None:
    assert read_link(typed, HOSTS) == (kind, kept)


@pytest.mark.parametrize(
    "typed",
    [
        "https://youtu.be/dQw4w9WgXcQ?si=abc&t=30",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PL1&index=2",
        "https://m.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ",
        "http://youtube.com/live/dQw4w9WgXcQ?feature=share",
        "https://youtube.com/embed/dQw4w9WgXcQ",
        "youtube.com/shorts/dQw4w9WgXcQ",
        "https://ｙｏｕｔｕｂｅ。ｃｏｍ/watch?v=dQw4w9WgXcQ",  # wide letters, as some keyboards give them
    ],
)
def test_a_video_has_one_address_however_it_was_shared(typed: str) -> None:
    assert read_link(typed, HOSTS) == (LinkKind.YOUTUBE, "https://www.youtube.com/watch?v=dQw4w9WgXcQ")


@pytest.mark.parametrize(
    "typed",
    [
        "", "kỳ 12", "https://", "https:///kgtv.vn/a", "//kgtv.vn/a", "https:kgtv.vn/a",
        "javascript:alert(1)", "JavaScript://kgtv.vn/%0aalert(1)", "data:text/html,<b>x</b>", "ftp://kgtv.vn/a",
        "tg://resolve?domain=kgtv", "file:///etc/passwd", "mailto:a@kgtv.vn", "blob:https://kgtv.vn/1",
        "https://youtube.com@evil.example/", "https://user:pw@kgtv.vn/a", "https://kgtv.vn:443/a", "kgtv.vn:80/a",
        "https://1.2.3.4/a", "https://[::1]/a", "https://[kgtv.vn]/a", "https://[/a", "http://2130706433/a",
        "https://evil.example\\.kgtv.vn/a", "https:\\\\kgtv.vn\\a", "https://kgtv.vn\\@evil.example/a",
        "https://kg\ntv.vn/a", "https://kgtv.vn/a\nb", "https://kgtv.vn/a b", "https://kgtv.vn/a\tb",
        "https://kgtv%2evn/a", "https://kgtv..vn/a", "https://-.vn/a", "https://kgtv.vn/" + "a" * 5_000,
        "https://" + "a" * 5_000 + ".kgtv.vn/a", "https://" + "a." * 200 + "kgtv.vn/a", "https://kgtv/a",
        "https://kgtv.vn", "https://www.youtube.com/", "https://kgtv.vn／a\u2100/b",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_of_a_page_is_refused(typed: str) -> None:
    assert refused(typed) is Reason.BAD_LINK


@pytest.mark.parametrize(
    "typed",
    [
        "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ", "https://evilyoutube.com/a", "https://xkgtv.vn/a",
        "https://evil.example/youtube.com", "https://evil.example/?u=https://kgtv.vn", "https://evil.example#kgtv.vn",
        "https://уoutube.com/watch?v=dQw4w9WgXcQ",  # a Cyrillic letter
        "https://xn--outube-vrf.com/a", "https://kgt\u1e7d.vn/a", "https://youtube.com\u2024evil.example/a",
        "https://gov.vn/a", "https://vn/a.kgtv.vn".replace("vn/a", "vn.example/a"),
    ],
)  # fmt: skip
def test_a_host_that_only_looks_like_a_configured_one_is_refused(typed: str) -> None:
    assert refused(typed) is Reason.LINK_HOST


def test_the_refusal_names_the_host_as_it_really_is_and_the_allowed_ones() -> None:
    with pytest.raises(RuleViolation) as caught:
        read_link("https://уoutube.com/a", HOSTS, LinkKind.YOUTUBE)
    assert caught.value.facts == {"host": "xn--outube-vrf.com", "hosts": ("youtube.com", "youtu.be")}


def test_marks_that_nobody_sees_don_t_change_the_address() -> None:
    assert read_link("https://kg\u200btv.vn/a\u202e", HOSTS) == (LinkKind.TV, "https://kgtv.vn/a")
    nfd = unicodedata.normalize("NFD", "https://angiang.gov.vn/kỳ")
    assert read_link(nfd, HOSTS) == read_link("https://angiang.gov.vn/kỳ", HOSTS)


def test_the_named_kind_must_have_the_host_and_the_first_kind_is_guessed() -> None:
    assert read_link("https://kgtv.vn/nghe/1", HOSTS)[0] is LinkKind.TV
    assert read_link("https://kgtv.vn/nghe/1", HOSTS, LinkKind.RADIO)[0] is LinkKind.RADIO
    assert refused("https://kgtv.vn/nghe/1", LinkKind.YOUTUBE) is Reason.LINK_HOST


def test_the_most_specific_host_tells_the_kind() -> None:
    hosts = MappingProxyType({LinkKind.PORTAL: ("angiang.gov.vn",), LinkKind.RADIO: ("dai.angiang.gov.vn",)})
    assert read_link("https://dai.angiang.gov.vn/1", hosts)[0] is LinkKind.RADIO
    assert read_link("https://so.angiang.gov.vn/1", hosts)[0] is LinkKind.PORTAL


def test_hosts_are_compared_as_the_wire_has_them() -> None:
    assert read_host("Đài.VN") == read_host("đài.vn") == "xn--i-rfa0m.vn"
    hosts = MappingProxyType({LinkKind.TV: ("xn--i-rfa0m.vn",)})
    assert read_link("https://đài.vn/a", hosts) == (LinkKind.TV, "https://xn--i-rfa0m.vn/a")


@pytest.mark.parametrize(
    "typed", ["", "vn", "kgtv.vn/", "kgtv.vn:80", "https://kgtv.vn", "1.2.3.4", "a b.vn", "*.vn", "."]
)
def test_what_is_no_host_is_none(typed: str) -> None:
    assert read_host(typed) is None


def test_two_addresses_of_the_same_page_are_one() -> None:
    assert same_as("http://www.kgtv.vn/a/") == same_as("https://kgtv.vn/a")
    assert same_as("https://kgtv.vn/a?id=1") != same_as("https://kgtv.vn/a?id=2")


@pytest.mark.parametrize(
    ("address", "kind", "expected"),
    [
        ("https://www.youtube.com/watch?v=x", "youtube", "https://www.youtube.com/watch?v=x&t=754s"),
        ("https://kgtv.vn/ky-12", "tv", "https://kgtv.vn/ky-12?t=754"),
        ("https://kgtv.vn/xem?id=3#lon", "tv", "https://kgtv.vn/xem?id=3&t=754#lon"),
        ("https://kgtv.vn/xem?t=tin", "radio", "https://kgtv.vn/xem?t=tin"),  # its own meaning of t
        ("https://www.tiktok.com/@a/video/1", "tiktok", None),
        ("https://angiang.gov.vn/1", "portal", None),
        ("https://baoangiang.com.vn/1", "newspaper", None),
    ],
)
def test_the_address_of_the_very_second(address: str, kind: str, expected: str | None) -> None:
    assert at_second(address, LinkKind(kind), 754) == expected


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("12:34", 754), ("1:02:03", 3723), ("754", 754), ("0", 0), ("75:30", 4530), (" 0:05 ", 5)],
)
def test_time_codes_are_read_as_people_write_them(typed: str, seconds: int) -> None:
    assert read_time_code(typed) == seconds
    assert read_time_code(written_time(seconds)) == seconds


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12:60",
        "1:60:00",
        "-5",
        "12.34",
        "12:3",
        "phút 12",
        "99:99:99",
        "43201",
        "1:2:3:4",
        "１２:34",
        "９",
        "1e3",
    ],
)
def test_what_is_no_time_code_is_refused(typed: str) -> None:
    with pytest.raises(RuleViolation) as caught:
        read_time_code(typed)
    assert caught.value.reason is Reason.BAD_TIME_CODE


@pytest.mark.parametrize(
    ("typed", "views"),
    [("1800", 1800), ("24.000", 24_000), ("919,000", 919_000), ("1.234.567", 1_234_567), ("0", 0)],
)
def test_counts_of_views_may_be_grouped(typed: str, views: int) -> None:
    assert read_views(typed) == views


@pytest.mark.parametrize(
    "typed", ["", "-1", "1.5", "24.00", "1.234,567", "nhiều", "1800 lượt", "9" * 30, "٣", "1e3"]
)
def test_what_is_no_count_is_refused(typed: str) -> None:
    with pytest.raises(RuleViolation) as caught:
        read_views(typed)
    assert caught.value.reason is Reason.BAD_VIEWS


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("", TODAY), ("hôm nay", TODAY), ("Hôm qua", date(2026, 11, 2)), ("3/11", TODAY),
        ("1-11-2026", date(2026, 11, 1)), ("ngày 31/12", date(2025, 12, 31)), ("2024-02-29", date(2024, 2, 29)),
    ],
)  # fmt: skip
def test_the_day_of_a_count_is_today_or_before(typed: str, day: date) -> None:
    assert read_count_day(typed, TODAY, DAYS_AGO) == day


@pytest.mark.parametrize(
    ("typed", "reason"),
    [("4/11/2026", Reason.DAY_TO_COME), ("2027-01-01", Reason.DAY_TO_COME), ("30/2", Reason.BAD_COUNT_DAY),
     ("31/2/2026", Reason.BAD_COUNT_DAY), ("mai", Reason.BAD_COUNT_DAY), ("0000-01-01", Reason.BAD_COUNT_DAY)],
)  # fmt: skip
def test_a_day_to_come_or_none_is_refused(typed: str, reason: Reason) -> None:
    with pytest.raises(RuleViolation) as caught:
        read_count_day(typed, TODAY, DAYS_AGO)
    assert caught.value.reason is reason


def test_29_february_without_a_year_is_refused_where_the_year_has_none() -> None:
    with pytest.raises(RuleViolation):
        read_count_day("29/2", date(2025, 6, 1), DAYS_AGO)
