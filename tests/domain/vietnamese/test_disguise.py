"""Denunciations in disguise: odd letters, letters apart, telex and VNI keys, other languages; what looks like it."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import pytest

from domain.vietnamese import disguise
from domain.vietnamese.screening import screen

DISGUISED = [
    # other forms of letters
    "ｔố ｃáｏ chủ tịch xã",
    "𝐭𝐨̂́ 𝐜𝐚́𝐨 ông Nam",
    "Tôi ⓜⓤốⓝ tố cáo",
    "🅃🄾 🄲🄰🄾",
    "ᴛᴏ ᴄᴀᴏ",
    "t̶ố̶ c̶á̶o̶ ông Nam",
    "tо́ cао ông Nam",  # Cyrillic
    "tο cαο",  # Greek
    "chủ tịch nhậո hốі lộ, tôi tố cáо",
    # letters and syllables apart, or glued
    "t.ố c.á.o ông Nam",
    "t ố c á o",
    "T Ố C Á O ông Nam",
    "t-o-c-a-o",
    "t_ố_c_á_o",
    "t ố cáo ông Nam",
    "tố c áo chủ tịch",
    "t\u200bố c\u200bá\u200bo",
    "#tốcáo",
    "th.am nh.ũng ở xã tôi",
    "n h ậ n h ố i l ộ",
    "nhận h*ố*i l*ộ",
    # torn by the end of a line or a sentence
    "Tôi muốn tố\ncáo ông Nam",
    "chủ tịch nhận hối\n\nlộ",
    "chủ\ntịch\nnhận\nhối\nlộ",
    "tố; cáo ông Nam",
    "chủ tịch nhận hối … lộ",
    # keys that no keyboard turned into letters
    "toos caos",
    "tooi muoons toos caos oong Nam",
    "toois muon tos61 cao1, to61 cao1",
    "To6i to61 ca1o chu3 ti5ch xa4",
    "nhaanj hoois looj",
    "nha65n ho61i lo65",
    "toio tosoc, toos casco, toso cáo, tooscaos, toos-caos",
    "chur tichj bieenr thur quyx",
    # digits for letters
    "t0 ca0",
    "t0i mu0n t0 ca0 0ng Nam",
    "tố c@o ông Nam",
    # English, Khmer, and mixed
    "The chairman of our commune took bribes",
    "I want to denounce Mr Nam of the land office.",
    "The police officer asked me for a bribe. What should I do?",
    "Where do I go? The clerk embezzles our money.",
    "abuse of power in ward 3",
    "the chairman took br.ibes",
    "br1be for the clerk",
    "the chairman is c o r r u p t",
    "cán bộ xã took kickbacks",
    "មន្ត្រីឃុំស៊ីសំណូក",
    "ខ្ញុំចង់ប្តឹងបរិហារលោកប្រធានឃុំ",
    "លោកប្រធានឃុំបានរំលោភអំណាច តើច្បាប់ចែងដូចម្តេច?",
    "ông chủ tịch ស៊ីសំណូក",
]

ORDINARY = [
    "How long does it take to extend a tourist visa in Rach Gia?",
    "I see that the food class is too full, and my boss has a loss this year.",
    "Where can I report a lost passport? I will see the officer on Monday.",
    "The police officer was very kind. Which office gives temporary residence cards?",
    "US citizens need visas? As far as I know, asap. Regards, James Cross",
    "Mr Cross has offers for jobs, cars and boxes. How much money is the fee?",
    "What does the law say about bribery?",
    "How do I denounce somebody? Is there an anti-corruption hotline?",
    "សួស្តី ខ្ញុំចង់សួរអំពីបណ្ណធានារ៉ាប់រងសុខភាព",
    "ជំរាបសួរលោក តើខ្ញុំត្រូវសុំលិខិតអនុញ្ញាតសាងសង់នៅឯណា?",
    "តើច្បាប់ប្រឆាំងអំពើពុករលួយចែងដូចម្តេច?",
    "អរគុណច្រើន លោកប្រធាន",
    "U.B.N.D phường Rạch Giá làm việc mấy giờ?",
    "T.P Rạch Giá, đ/c a.b.c, lớp 10 A B C D thi ở đâu?",
    "Liên hệ to.cao.nguyen@gmail.com hoặc tocao@gmail.com, 0901.234.567",
    "Gửi a.b.c.d.e.pdf, hồ sơ số 12/2026/QĐ-UBND ngày 5/10/2026",
    "Cây to-cao trước nhà ai đốn? Cây to, cao quá!",
    "Tàu đi biển\nThủ tục gì?",
    "Xã tôi mời đi tham. Ô nhiễm kênh thì báo ai?",
    "Theo Luật Tố\ncáo thì nộp đơn ở đâu?",
    "Cho hoi\nlo trinh xe buyt",
    "Cao 70m thì to quá, số nhà 70 cao 4m, A1 B2 C3, m2 đất giá bn",
    "QL61, DT963, KM10 đến cầu Cái Bè bao giờ làm?",
    "Điểm A - B - C - D trên bản đồ quy hoạch",
    "Em tên T.H.A.O, quê An Giang; W.H.O khuyến cáo gì về cúm?",
    "i n t e r n e t yếu quá",
    "Ban ko dc lm j z, ntn r",
    "Tham ôn thi đại học ở đâu?",
    "Tôi có 2 con, 1 bé 5t, 1 bé 3t, hỏi lớp mẫu giáo",
    "Hoi lop hoc boi, toi lo con nho",
    "Он живёт здесь, как продлить визу?",
    "東京からの観光客ですが、ビザは？",
    "xe máy 50cc, ống nước phi 21, tivi 4k, wifi 5g",
    "Mẫu 1a, 2b, 3c nộp ở đâu?",
]


@pytest.mark.parametrize("text", DISGUISED)
def test_a_denunciation_in_disguise_is_suspected(text: str) -> None:
    assert screen(text).denunciation


@pytest.mark.parametrize("text", ORDINARY)
def test_what_only_looks_disguised_is_not(text: str) -> None:
    assert not screen(text).denunciation


@pytest.mark.parametrize(
    ("keys", "meant"),
    [
        ("toos", "tố"), ("to61", "tố"), ("toso", "tố"), ("casco", None), ("caos", "cáo"), ("ca1o", "cáo"),
        ("nguwowif", "người"), ("nguowif", "người"), ("nguo72i", "người"), ("ddaats", "đất"), ("d9a61t", "đất"),
        ("hoaf", "hòa"), ("quyeets", "quyết"), ("giays", "giáy"), ("toio", "tôi"), ("uyr", "ủy"), ("hoangf", "hoàng"),
        ("see", "sê"), ("food", None), ("class", None), ("covid19", None), ("to", None), ("loss", None),
    ],
)  # fmt: skip
def test_keys_give_the_syllable_that_an_input_method_would_have_made(keys: str, meant: str | None) -> None:
    assert disguise._syllable(keys) == meant


UNITS = (
    "a", ".", "a.", "a ", "ố ", "tố cáo ", "toos ", "ă", "𝐚", "1a", "_", "a_", "@a", "bribe ", "he bribe how ", "ក",
    "សំណូក", "t ố c á o ", "x\n", "aaaaaaaaaa ", "tố. ", "а", "a\u0336", "tốc", "s", "z1", "to61",
)  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    "look",
    [
        lambda text: list(disguise.readings(text)),
        disguise.spells_out,
        disguise.denounces_in_another_language,
    ],
    ids=["readings", "spells_out", "another_language"],
)
def test_twice_the_text_takes_no_more_than_about_twice_the_time(
    look: Callable[[str], object], unit: str
) -> None:
    def least(length: int) -> float:
        times = []
        for turn in range(3):
            text = (unit * length)[: length - 1] + str(turn)  # nothing remembers it
            began = process_time()
            look(text)
            times.append(process_time() - began)
        return min(times)

    # Eight times as long: quadratic work would take 64 times as long. What is below a hundredth is noise.
    assert least(16_000) <= 24 * max(least(2_000), 0.01)
