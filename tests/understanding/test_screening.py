"""What the shipped model takes sentences for that people wrote and the tables of phrases misread."""

import pytest

from domain.vietnamese import screening as tables
from domain.vietnamese.screening import Emergency
from domain.vietnamese.text import fold
from understanding import screening
from understanding.screening import by_tables, screen, screened

EMERGENCIES = (
    "cuu voi nha toi dang chay o hem 45",
    "nuoc lu dang len nhanh qua, 3 nguoi ket tren mai nha",
    "con bé hàng xóm bị cha dượng đánh hoài, bầm hết người, đang la khóc kìa",
    "uong lon thuoc sau",
    "rắn hổ cắn chân tui sưng vù",
    "đám thanh niên chém lộn",
    "sập cầu rồi bà con ơi có xe rớt xuống",
    "ro ri gas nong nac ca day tro",
    "bé té giếng",
    "nhà tui cháy",
    "mệt lắm rồi, tối nay tui đi luôn",
    "HELP my house is on fire",
)
NO_EMERGENCIES = (
    "sau vụ cháy chợ hồi năm kia, được vay vốn tới năm nào",
    "lúa cháy lá phải xịt thuốc gì",
    "đường cháy nắng không có cây xanh",
    "Xin hỏi mức phạt vi phạm phòng cháy chữa cháy là bao nhiêu?",
    "giá heo bị chém quá, ai quản lý",
)
DENUNCIATIONS = (
    "Kế toán xã rút tiền bão lụt xài riêng",
    "toi muon to ong Nam ban dat cua nha nuoc",
    "Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng của dân làm sổ đỏ.",
    "trưởng ấp lấy tiền hộ nghèo chia cho bà con mình",
)
COMPLAINTS = (
    "xã lấy đất nhà tôi đền có 50 triệu, tôi không chịu",
    "phạt tôi 7 triệu oan uổng",
    "Tôi không đồng ý với quyết định thu hồi đất của tôi",
)
QUESTIONS = (
    "Thủ tục tố cáo gồm những gì, nộp ở đâu?",
    "luật khiếu nại quy định bao nhiêu ngày phải trả lời",
    "Đường vào ấp Kênh 5 hư hỏng nặng, khi nào được sửa?",
    "cho hoi thu tuc cap lai the bao hiem y te",
    "Nhà tôi muốn tách thửa cho con thì cần giấy tờ gì?",
)


@pytest.mark.parametrize("text", EMERGENCIES)
def test_a_cry_for_help_is_heard_however_it_is_typed(text: str) -> None:
    assert screen(text).numbers


@pytest.mark.parametrize("text", [one for one in EMERGENCIES if "chém lộn" not in one])
def test_nearly_every_cry_is_heard_without_its_marks(text: str) -> None:
    assert screen(fold(text)).numbers


@pytest.mark.parametrize("text", NO_EMERGENCIES)
def test_what_is_over_or_only_sounds_like_it_is_no_emergency(text: str) -> None:
    assert screen(text).emergency == frozenset()


@pytest.mark.parametrize("text", DENUNCIATIONS)
def test_a_denunciation_is_hidden_or_asked_about_without_a_word_of_the_law(text: str) -> None:
    for typed in (text, fold(text)):
        found = screen(typed)
        assert found.denunciation or found.doubt, typed


@pytest.mark.parametrize("text", COMPLAINTS)
def test_a_contested_decision_is_a_complaint_or_asked_about(text: str) -> None:
    found = screen(text)
    assert found.complaint or found.doubt


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_question_about_the_law_or_a_road_is_a_question(text: str) -> None:
    assert screened(text).kinds == ("question",)
    assert screen(text).doubt == frozenset()


def test_an_emergency_names_what_happens_and_whom_to_call() -> None:
    assert Emergency.FIRE in screen("nhà tui cháy").emergency
    assert screen("nhà tui cháy").numbers[0] == "114"
    assert Emergency.SELF_HARM in screen("mệt lắm rồi, tối nay tui đi luôn").emergency
    child = screen("con bi ba danh, con tron trong nha tam, con so lam")
    assert child.emergency & {Emergency.CHILD_SPEAKS, Emergency.CHILD_IN_DANGER}
    assert "111" in child.numbers


def test_a_denunciation_in_other_letters_is_hidden_as_before() -> None:
    assert screen("𝐓ô𝐢 𝐭ố 𝐜á𝐨 chủ tịch xã nhận hối lộ").denunciation


def test_who_cries_for_help_is_not_asked_what_was_meant() -> None:
    for text in EMERGENCIES:
        assert not screen(text).doubt


def test_without_a_model_the_tables_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screening, "shipped", lambda: None)
    assert screen(DENUNCIATIONS[2]).denunciation
    assert screen("nhà tui đang cháy, cứu với").emergency
    assert screened("Đường hư hỏng nặng").kinds == ("question",)
    assert screened(DENUNCIATIONS[2]) == by_tables(tables.screen(DENUNCIATIONS[2]))


def test_nothing_is_said_of_nothing() -> None:
    for text in ("", "   ", "👍", "…", "12345"):
        assert not screen(text).numbers
        assert not screen(text).denunciation
        assert not screen(text).doubt
