"""Suspected denunciations, complaints and emergencies, in the four ways people type."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.vietnamese.screening import EMERGENCY_NUMBERS, Emergency, Screening, screen
from domain.vietnamese.text import fold
from tests.worlds.cost import least_cost

FIRE, DROWNING, VIOLENCE = Emergency.FIRE, Emergency.DROWNING, Emergency.VIOLENCE
MEDICAL, CHILD, GENERAL = Emergency.MEDICAL, Emergency.CHILD_IN_DANGER, Emergency.GENERAL

STYLES: dict[str, Callable[[str], str]] = {
    "as written": lambda text: text,
    "capitals": str.upper,
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "without diacritics": fold,
}

DENUNCIATIONS = [
    "Tôi muốn tố cáo ông Nguyễn Văn A, chủ tịch xã, nhận hối lộ.",
    "Tôi xin tố cáo cán bộ địa chính xã ăn chặn tiền đền bù của dân",
    "Tố cáo chủ tịch phường tham ô công quỹ",
    "Trưởng ấp ăn chặn tiền hỗ trợ hộ nghèo",
    "Cán bộ xã đòi tôi 5 triệu mới làm sổ đỏ, như vậy có đúng quy định không?",
    "Cán bộ địa chính vòi tiền bà con khi làm hồ sơ",
    "Công an xã bảo kê sòng bạc ở ấp 3",
    "Ông Trần Văn B là trưởng ấp. Năm 2025 ông ấy biển thủ quỹ ấp.",
    "Kế toán hợp tác xã lập khống chứng từ để rút tiền",
    "Hiệu trưởng trường tôi thu tiền trái quy định",
    "Giám đốc bệnh viện lợi dụng chức vụ để trục lợi",
    "Cảnh sát giao thông nhận mãi lộ của xe tải",
    "Nhân viên một cửa gợi ý đưa tiền bôi trơn",
    "Phó chủ tịch xã lạm quyền, cấu kết với doanh nghiệp chiếm đất",
    "Muốn xong hồ sơ thì phải lót tay cho cán bộ",
    "Bí thư xã sử dụng bằng giả",
    "Có người tố giác công ty này buôn lậu xăng dầu",
    "Cán bộ tư pháp phường nhũng nhiễu dân",
    "Tôi đã gửi đơn tố cáo chủ tịch xã mà chưa thấy trả lời",
    "Tôi viết đơn tố cáo ông Nguyễn Văn A trưởng ấp",
    "Ông Lê Văn C lừa đảo bà con chiếm đoạt tiền",
]

# Bare text can't tell these apart, or the style isn't the point.
DENUNCIATIONS_AS_TYPED = [
    "can bo xa doi tien moi ky giay",
    "chu tich xa nhan hoi lo 50tr",
    "toi muon to cao ong ba truong ap an chan tien ho tro",
    "cb xa vòi tiền ng dân",
    "Ong Tran Van B nhan phong bi roi ma ko lam",
    "công an đòi tiền ko có biên lai",
    "tham ô tiền quỹ của ấp",
]

QUESTIONS = [
    "Tôi muốn hỏi thủ tục tố cáo như thế nào?",
    "Luật phòng chống tham nhũng quy định thế nào về kê khai tài sản?",
    "Xin hỏi mẫu đơn tố cáo lấy ở đâu?",
    "Thời hạn giải quyết khiếu nại, tố cáo là bao lâu?",
    "Tỉnh có kế hoạch gì về phòng, chống tham nhũng, tiêu cực năm 2026?",
    "Tội nhận hối lộ bị phạt bao nhiêu năm theo quy định?",
    "Công an tỉnh có biện pháp gì xử lý nạn bảo kê, tín dụng đen?",
    "Xin hỏi thời hiệu khiếu nại quyết định hành chính là bao lâu?",
    "Kính chào ông/bà, tôi muốn hỏi thủ tục cấp lại sổ đỏ bị mất.",
    "Con tôi có tố chất thể thao, trường nào tuyển?",
    "Tôi rất hối hận vì nộp hồ sơ trễ, giờ nộp bổ sung được không?",
    "Đường vào ấp hư hỏng nặng, bao giờ sửa?",
    "Cán bộ xã hướng dẫn tôi nộp tiền sử dụng đất ở đâu?",
    "Giá điện sinh hoạt bậc 3 là bao nhiêu tiền một số?",
    "Cây to cao trước nhà che đường dây điện, ai đốn?",
    "Xe chạy tuyến Rạch Giá đi Hà Tiên mấy giờ có chuyến?",
    "Tỉnh có giải pháp gì về phòng, chống đuối nước cho trẻ em?",
    "Bao giờ xã tổ chức diễn tập chữa cháy?",
    "Vụ cháy rừng mùa khô năm ngoái đã xử lý thế nào?",
    "Nhà tôi bị cháy năm ngoái thì có được hỗ trợ không?",
    "Quy định về phòng cháy, chữa cháy với nhà trọ ra sao?",
    "Chi phí cấp cứu có được bảo hiểm y tế chi trả không?",
    "Ở đâu mở lớp dạy bơi để trẻ không bị đuối nước?",
    "Mức phạt khi đánh nhau gây rối trật tự là bao nhiêu?",
    "Xin hỏi thủ tục hưởng bảo hiểm khi bị tai nạn giao thông?",
    "Mặt hàng này đang bán chạy, có cần đăng ký nhãn hiệu không?",
    "Máy bơm đang chạy ồn quá, hỏi ai?",
    "Bao giờ có nước máy về xã An Biên?",
    "Tôi là bà Nguyễn Thị Hoa, xin hỏi lịch tiêm chủng của trạm y tế.",
    "Học phí lớp 10 trường công lập năm nay bao nhiêu?",
    "Trẻ em dưới 6 tuổi được cấp thẻ bảo hiểm y tế thế nào?",
    "Đề nghị tỉnh đẩy mạnh phòng, chống tham nhũng",
    "Mong cơ quan giải quyết tố cáo đúng hạn",
    "Cách viết đơn tố cáo?",
    "Nhà hàng xóm bị cháy hôm qua, ai dọn rác?",
    "Quán chay gần chùa có phải xin phép không?",
    "Khi phát hiện cán bộ tham nhũng thì báo cho ai?",
    "Bà nội tôi lấy tiền trợ cấp người cao tuổi ở đâu?",
    "Tôi muốn hỏi chị Lan cán bộ hộ tịch làm việc ngày nào?",
    "Tàu cá bị chìm năm ngoái có được hỗ trợ không?",
    "Đài có chiếu lại kỳ phòng chống đuối nước không?",
]

# Where the marks make the meaning, they are typed; or there are none and the words are harmless.
QUESTIONS_AS_TYPED = [
    "Nhà tôi có tờ cáo phó cũ",
    "cay to cao truoc nha ai don",
    "xe dang chay tren duong thi het han dang kiem",
    "may bom dang chay on qua",
    "Hàng này đang cháy hàng, bao giờ có lại?",
    "ghe dau duoi nuoc lau ngay co can dang kiem khong",
    "cuu chien binh duoc huong che do gi",
    "cựu chiến binh được hưởng chế độ gì",
    "toi muon hoi thu tuc to cao",
    "luat phong chong tham nhung quy dinh the nao",
]

COMPLAINTS = [
    "Tôi khiếu nại quyết định thu hồi đất của UBND xã",
    "Tôi không đồng ý với quyết định xử phạt, đề nghị xem xét lại quyết định",
    "Tôi đã nộp đơn khiếu nại quyết định bồi thường",
    "Gia đình tôi không đồng ý mức giá bồi thường, đền bù không thỏa đáng",
]

EMERGENCIES: list[tuple[str, set[Emergency]]] = [
    ("Đang cháy nhà ở khu phố 3, cứu với!", {FIRE, GENERAL}),
    ("Nhà hàng xóm bốc cháy lớn quá", {FIRE}),
    ("Có đám cháy ở chợ Rạch Giá", {FIRE}),
    ("Cháy nhà rồi bà con ơi", {FIRE}),
    ("Có người đuối nước ở bến đò, giúp với", {DROWNING}),
    ("Ghe bị chìm ngoài Hòn Tre, có 5 người", {DROWNING}),
    ("Có người vừa nhảy xuống sông", {DROWNING}),
    ("Nhóm thanh niên đang đánh nhau, cầm dao chém người trước nhà", {VIOLENCE}),
    ("Chồng tôi đang cầm dao dọa giết cả nhà", {VIOLENCE}),
    ("Có cướp giật trước chợ, công an đến ngay", {VIOLENCE}),
    ("Xảy ra tai nạn, một người bất tỉnh", {MEDICAL}),
    ("Mẹ tôi bị đột quỵ, cần cấp cứu", {MEDICAL}),
    ("Con tôi uống thuốc trừ sâu rồi", {MEDICAL}),
    ("Hàng xóm đánh đập con dã man mỗi tối", {CHILD}),
    ("Trẻ em bị bạo hành ở nhà giữ trẻ", {CHILD}),
    ("Cứu tôi với", {GENERAL}),
    ("Trạm biến áp phát nổ, cháy dây điện trước nhà", {FIRE}),
    ("Sạt lở bờ sông, nhà tôi sắp sập", {GENERAL}),
    ("Cháu bé bị đánh đập từ hôm qua", {CHILD}),
]

EMERGENCIES_AS_TYPED: list[tuple[str, set[Emergency]]] = [
    ("CHAY NHA ROI CUU HOA", {FIRE}),
    ("dag chay nha o ap 2", {FIRE}),
    ("đag cháy nhà ở ấp 2", {FIRE}),
    ("có ng đuối nước", {DROWNING}),
    ("co ng bi duoi nuoc o ben do", {DROWNING}),
    ("dang danh nhau, cam dao chem", {VIOLENCE}),
    ("Cháy!!! cháy rồi, tới ngay", {FIRE}),
    ("cuu toi voi", {GENERAL}),
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("text", DENUNCIATIONS)
def test_an_accusation_is_suspected_however_it_is_typed(text: str, style: str) -> None:
    assert screen(STYLES[style](text)).denunciation


@pytest.mark.parametrize("text", DENUNCIATIONS_AS_TYPED)
def test_an_accusation_in_everyday_spelling_is_suspected(text: str) -> None:
    assert screen(text).denunciation


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("text", QUESTIONS)
def test_an_ordinary_question_is_left_alone_however_it_is_typed(text: str, style: str) -> None:
    assert screen(STYLES[style](text)) == Screening()


@pytest.mark.parametrize("text", QUESTIONS_AS_TYPED)
def test_words_that_only_look_alike_are_left_alone(text: str) -> None:
    assert screen(text) == Screening()


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("text", COMPLAINTS)
def test_a_complaint_about_a_decision_is_suspected_and_is_no_denunciation(text: str, style: str) -> None:
    assert screen(STYLES[style](text)) == Screening(complaint=True)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("text", "kinds"), EMERGENCIES)
def test_an_emergency_is_seen_however_it_is_typed(text: str, kinds: set[Emergency], style: str) -> None:
    found = screen(STYLES[style](text)).emergency
    # Bare, a cry for help ("cuu voi") may be too short to trust; what happens is still seen.
    assert kinds - ({GENERAL} if len(kinds) > 1 and style == "without diacritics" else set()) <= found


@pytest.mark.parametrize(("text", "kinds"), EMERGENCIES_AS_TYPED)
def test_an_emergency_in_everyday_spelling_is_seen(text: str, kinds: set[Emergency]) -> None:
    assert screen(text).emergency >= kinds


def test_a_text_may_be_several_things() -> None:
    found = screen("Tôi tố cáo công an xã đánh dân. Họ đang cầm dao dọa giết tôi!")
    assert found.denunciation
    assert found.emergency == {VIOLENCE}


def test_every_emergency_has_numbers_and_112_is_always_among_those_sent() -> None:
    assert set(EMERGENCY_NUMBERS) == set(Emergency)
    assert Screening(emergency=frozenset({FIRE})).numbers == ("114", "112")
    assert Screening(emergency=frozenset({CHILD, FIRE})).numbers == ("114", "111", "113", "112")
    assert Screening(emergency=frozenset({DROWNING})).numbers == ("115", "112", "114")
    assert Screening().numbers == ()


@given(st.text())
def test_no_text_breaks_the_screening(text: str) -> None:
    screen(text)


@pytest.mark.parametrize(
    "piece",
    [
        "Kính chào ông/bà, tôi muốn hỏi thủ tục cấp lại sổ đỏ bị mất ở xã Vĩnh Thuận thì cần giấy tờ gì? ",
        "cán bộ ",
        "ông đòi tiền ",
        "đòi ",
        "luật ông đòi tiền chống ",
    ],
)
def test_the_longest_text_is_screened_in_a_moment(piece: str) -> None:
    text = (piece * 10_000)[:9_999]
    assert least_cost(lambda sign: screen(text + sign)) < 0.5  # measured: some 5 ms; a slow machine gets room
