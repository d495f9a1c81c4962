"""Suggests what a message may be: a denunciation, a complaint, an emergency.

A suspected denunciation is hidden until an editor has looked (the law keeps a denouncer's identity secret), so the
tables lean towards catching too much; an emergency only sends telephone numbers. A person decides both (Law
134/2025).

How a phrase of a table matches, word by word within a sentence: a typed word equals the phrase's word with its
diacritics, or is that word without any. So "tờ cáo" is never "tố cáo", and "to cao" may be it. A phrase whose bare
form means something else too ("to cao": big and tall; "đang cháy", "đang chạy") begins with "!": it matches only
where at least one word is typed with its marks. `…` stands for up to four words between.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import product, zip_longest
from types import MappingProxyType
from typing import ClassVar

from domain.vietnamese import disguise
from domain.vietnamese.text import ABBREVIATIONS, TEENCODE, fold_word, lower


class Emergency(StrEnum):
    """A kind of emergency.

    GENERAL is a cry for help that doesn't say which.
    """

    FIRE = "fire"
    DROWNING = "drowning"
    VIOLENCE = "violence"
    MEDICAL = "medical"
    CHILD_IN_DANGER = "child_in_danger"
    SELF_HARM = "self_harm"  # also said softly
    CHILD_SPEAKS = "child_speaks"  # a child asks for help in its own words
    GENERAL = "general"


GENERAL_EMERGENCY_NUMBER = "112"

# Numbers to call, the first one first (programme.md: 112 search and rescue, 113 police, 114 fire and rescue,
# 115 ambulance, 111 children).
EMERGENCY_NUMBERS: Mapping[Emergency, tuple[str, ...]] = MappingProxyType(
    {
        Emergency.FIRE: ("114",),
        Emergency.DROWNING: ("115", "112", "114"),
        Emergency.VIOLENCE: ("113",),
        Emergency.MEDICAL: ("115",),
        Emergency.CHILD_IN_DANGER: ("111", "113"),
        Emergency.SELF_HARM: ("115", "111"),
        Emergency.CHILD_SPEAKS: ("111",),
        Emergency.GENERAL: (GENERAL_EMERGENCY_NUMBER,),
    }
)


@dataclass(frozen=True, slots=True)
class Screening:
    """What a text may be; several at once are possible."""

    denunciation: bool = False
    complaint: bool = False
    emergency: frozenset[Emergency] = frozenset()
    doubt: frozenset[str] = frozenset()  # what the person is asked about: "denunciation", "complaint"

    @property
    def numbers(self) -> tuple[str, ...]:
        """The telephone numbers to send, each once; 112 is always among them.

        In the order of `EMERGENCY_NUMBERS`.
        """
        if not self.emergency:
            return ()
        found = [number for kind, ns in EMERGENCY_NUMBERS.items() if kind in self.emergency for number in ns]
        return tuple(dict.fromkeys([*found, GENERAL_EMERGENCY_NUMBER]))


# ---------------------------------------------------------------- tables

# Talk about the law or the fight against a wrong, taken out of a sentence before it is read further.
ABOUT = (
    "phòng chống tham nhũng", "phòng chống … tham nhũng", "chống tham nhũng", "luật tố cáo", "luật khiếu nại",
    "khiếu nại tố cáo", "khiếu nại và tố cáo", "thủ tục tố cáo", "thủ tục khiếu nại", "quyền tố cáo",
    "quyền khiếu nại", "mẫu đơn tố cáo", "mẫu đơn khiếu nại", "đơn tố cáo mẫu", "giải quyết tố cáo",
    "giải quyết khiếu nại", "người tố cáo", "người khiếu nại", "thời hiệu khiếu nại", "thời hạn khiếu nại",
    "quy trình tố cáo", "quy trình khiếu nại", "quy định … tố cáo", "hỏi … tố cáo", "hướng dẫn … tố cáo",
    "hướng dẫn … khiếu nại", "quy định … khiếu nại", "hỏi … khiếu nại", "cách tố cáo", "cách khiếu nại",
    "cách … tố cáo", "cách … khiếu nại", "trình tự khiếu nại", "trình tự tố cáo", "tiếp nhận tố cáo",
    "tố giác tội phạm", "tội tham ô", "tội nhận hối lộ", "tội đưa hối lộ", "tội lạm quyền", "tội hối lộ",
    "phòng chống tiêu cực", "chống tiêu cực", "ông bà", "anh chị", "quý ông", "quý anh", "ông nội", "bà nội",
    "ông ngoại", "bà ngoại", "anh trai", "chị gái", "ông tôi", "bà tôi",  # kin and addressees
)  # fmt: skip

# Saying that one accuses.
ACCUSING = (
    "!tố cáo", "tôi tố cáo", "tôi muốn tố cáo", "tôi xin tố cáo", "em tố cáo", "em muốn tố cáo",
    "con muốn tố cáo", "xin tố cáo", "muốn tố cáo", "đơn tố cáo", "viết đơn tố", "dân tố cáo",
    "làm đơn tố cáo", "tố cáo ông", "tố cáo bà", "tố cáo anh", "tố cáo cán bộ", "tố cáo chủ tịch",
    "tố cáo hành vi", "tố cáo công an", "tố cáo việc", "tố cáo trưởng", "tố cáo giám đốc",
    "tố cáo hiệu trưởng", "tố giác", "tố cáo đích danh", "tố cáo bí thư",
)  # fmt: skip

# Wrongs that name a deed: enough by themselves when the sentence isn't a question about the law.
DEEDS = (
    "nhận hối lộ", "ăn hối lộ", "đòi hối lộ", "nhận tiền hối lộ", "nhận phong bì", "đòi phong bì",
    "đưa phong bì", "vòi tiền", "vòi vĩnh", "vòi … tiền", "vòi … triệu", "đòi tiền bôi trơn", "tiền bôi trơn",
    "đòi lót tay", "tiền lót tay", "đòi … lót tay", "phải lót tay", "phải chung chi", "đòi chung chi",
    "bắt chung chi", "!ăn tiền của dân", "ăn tiền hỗ trợ", "ăn tiền cứu trợ", "ăn tiền dự án", "!ăn chặn",
    "ăn chặn tiền", "ăn chặn … dân", "ăn chặn … hỗ trợ", "ăn bớt tiền", "ăn bớt vật tư", "ăn bớt … tiền",
    "!ăn bớt", "biển thủ", "tham ô", "!bỏ túi riêng", "bỏ túi … tiền", "rút ruột công trình",
    "rút ruột dự án", "khai khống", "lập khống", "chứng từ khống", "hồ sơ khống", "lạm quyền",
    "lợi dụng chức vụ", "lợi dụng chức quyền", "lạm dụng chức vụ", "lạm dụng quyền", "cậy quyền",
    "nhận mãi lộ", "đòi mãi lộ", "!mãi lộ", "bảo kê cho", "!bảo kê", "bảo kê sòng", "!chạy án", "chạy chức",
    "thông đồng với", "cấu kết với", "móc nối với", "bao che cho", "!bao che", "!nhũng nhiễu",
    "nhũng nhiễu dân", "nhũng nhiễu … tiền", "hạch sách dân", "hành dân", "!hành dân", "tiếp tay cho",
    "làm giả hồ sơ", "làm giả giấy tờ", "ký khống", "dùng bằng giả", "sử dụng bằng giả", "!bằng giả",
    "chiếm đoạt tiền", "chiếm đoạt tài sản", "chiếm đoạt đất", "chiếm dụng tiền", "trục lợi", "quỹ đen",
    "thu tiền không biên lai", "thu tiền trái quy định", "thu tiền không … hóa đơn",
    "thu tiền … không … hóa đơn", "thu tiền … không … biên lai", "thu sai quy định", "quấy rối tình dục",
    "nhận tiền chạy", "đút lót", "!tham nhũng", "tham nhũng tiền", "tham nhũng đất", "!hối lộ", "bắt hối lộ",
    "!đòi tiền mới", "đòi … tiền mới", "đòi … triệu mới", "đòi … nghìn mới", "!đòi tiền", "đòi thêm tiền",
    "đòi đưa tiền", "bắt đưa tiền", "đòi … đưa tiền", "gợi ý đưa tiền", "gợi ý … tiền", "gợi ý … phong bì",
    "đưa … triệu mới", "đưa tiền mới", "nộp … triệu mới … ký", "gây khó dễ … tiền", "cố tình làm khó",
    "buôn lậu", "tổ chức đánh bạc", "buôn ma túy", "bán ma túy", "cho vay nặng lãi", "đánh dân",
    "hành hung dân", "đánh đập dân", "lừa đảo tôi", "lừa tôi", "lừa tiền", "lừa đảo bà con", "lừa … tiền",
)  # fmt: skip

# Deeds that are also everyday words or matters of policy: only with somebody accused in front of them.
DEEDS_OF_SOMEBODY = (
    "đòi tiền", "ăn tiền", "ăn chặn", "ăn bớt", "tham nhũng", "hối lộ", "bảo kê", "nhũng nhiễu", "bao che",
    "lừa đảo", "bỏ túi", "chạy án", "hành dân", "bằng giả", "đòi … triệu", "nhận … triệu … chạy",
    "lấy tiền của dân", "lấy tiền quỹ", "lấy tiền ấp", "thu tiền riêng", "quan hệ bất chính", "đánh bạc",
    "làm sai", "cố ý làm trái", "làm trái quy định", "bán đất công", "lấn chiếm đất công", "chiếm đất",
    "tiêu cực", "thiên vị", "tư lợi", "bè phái", "mua bằng", "chia chác", "xà xẻo", "ăn hiếp dân", "ém tiền",
    "giữ lại tiền", "cắt xén", "phá rừng", "bán rừng", "buôn bán ma túy", "hưởng lợi",
)  # fmt: skip

# The accused, when it is a certain one.
ACCUSED = (
    "!ông", "!bà", "!anh", "!chị", "!thằng", "chủ tịch", "phó chủ tịch", "bí thư", "trưởng ấp", "trưởng thôn",
    "trưởng khu phố", "tổ trưởng", "trưởng ban", "trưởng phòng", "trưởng công an", "công an xã",
    "công an phường", "công an khu vực", "cán bộ xã", "cán bộ phường", "cán bộ ấp", "cán bộ địa chính",
    "cán bộ tư pháp", "cán bộ thuế", "cán bộ tên", "cán bộ một cửa", "cán bộ này", "cán bộ ở",
    "cán bộ thụ lý", "địa chính xã", "địa chính phường", "giám đốc", "phó giám đốc", "hiệu trưởng",
    "hiệu phó", "kế toán", "thủ quỹ", "cảnh sát giao thông", "kiểm lâm", "điều tra viên",
    "thanh tra giao thông", "bác sĩ", "công chức xã", "công chức phường", "ban quản lý ấp",
    "nhân viên … điện lực", "đội quản lý thị trường", "lãnh đạo xã", "lãnh đạo phường", "chấp hành viên",
    "ông nguyễn", "ông trần", "ông lê", "ông phạm", "ông huỳnh", "ông danh", "bà nguyễn", "bà trần", "bà lê",
    "anh nguyễn", "anh trần", "chị nguyễn", "ông a", "ông b", "bà a", "bà b", "ông t", "ông h", "ông ấy",
    "bà ấy", "có một cán bộ", "một số cán bộ", "cán bộ … đòi", "cán bộ … vòi", "cán bộ … bắt", "nhân viên",
    "công an", "cảnh sát",
)  # fmt: skip

# Anybody who could be meant, for a sentence that isn't a question about the law.
SOMEBODY = (
    *ACCUSED, "cán bộ", "công chức", "viên chức", "lãnh đạo", "công ty", "doanh nghiệp", "chủ đầu tư", "họ",
    "ban quản lý", "ủy ban", "hợp tác xã", "xã tôi", "ấp tôi", "nhóm người",
)  # fmt: skip

# The sentence asks about rules or measures.
ASKS_ABOUT = (
    "quy định", "theo luật", "luật", "nghị định", "thủ tục", "mức phạt", "xử phạt", "bị phạt",
    "xử lý thế nào", "xử lý như thế nào", "xử lý ra sao", "bị xử lý", "là gì", "trường hợp nào",
    "hình thức nào", "hướng dẫn", "biện pháp", "giải pháp", "kế hoạch", "tuyên truyền", "ở đâu", "bao lâu",
    "mất bao nhiêu ngày", "cần giấy tờ gì", "đường dây nóng", "số điện thoại", "cảnh giác", "phòng tránh",
    "phòng ngừa", "làm sao để", "báo cho ai", "báo ai", "khi phát hiện", "nếu phát hiện", "cho hỏi",
    "xin hỏi", "muốn hỏi", "công tác",
)  # fmt: skip

# Between the accused and the deed these say that the deed is being fought or asked about, not done.
FIGHTS = (
    "biện pháp", "giải pháp", "xử lý", "!chống", "!phòng", "!nạn", "tình trạng", "chỉ đạo", "chấn chỉnh",
    "kiểm tra", "tuyên truyền", "cảnh báo", "tố cáo", "không có", "bắt giữ", "bắt được", "triệt phá", "!tội",
    "có phải", "cho biết", "!hỏi",
)  # fmt: skip

COMPLAINING = (
    "!khiếu nại", "tôi khiếu nại", "tôi muốn khiếu nại", "tôi xin khiếu nại", "xin khiếu nại",
    "muốn khiếu nại", "đơn khiếu nại", "khiếu nại quyết định", "khiếu nại việc", "khiếu nại về",
    "khiếu nại ủy ban", "khiếu nại chủ tịch", "không đồng ý với quyết định", "không đồng ý quyết định",
    "không đồng ý … quyết định", "phản đối quyết định", "hủy quyết định", "thu hồi quyết định",
    "xem xét lại quyết định", "không đồng ý … bồi thường", "không đồng ý … đền bù", "quyết định … sai",
    "quyết định … trái luật", "quyết định … trái pháp luật", "thu hồi đất của tôi",
    "bồi thường không thỏa đáng", "đền bù không thỏa đáng", "áp giá … thấp",
)  # fmt: skip

HAPPENING: Mapping[Emergency, tuple[str, ...]] = MappingProxyType(
    {
        Emergency.FIRE: (
            "!đang cháy", "đang cháy nhà", "nhà đang cháy", "đang cháy lớn", "đang cháy chợ",
            "đang cháy rừng", "!cháy nhà", "cháy nhà rồi", "cháy nhà … ơi", "nhà … cháy rồi", "nhà … bị cháy",
            "!cháy rồi", "cháy lớn", "cháy to", "!có cháy", "có đám cháy", "có cháy nhà", "đám cháy",
            "bốc cháy", "phát cháy", "!cháy chợ", "chợ … đang cháy", "rừng đang cháy", "xe … bốc cháy",
            "lửa cháy", "lửa … lan", "cháy lan", "hỏa hoạn", "nổ bình ga", "nổ bình gas", "rò rỉ khí ga",
            "xì ga", "chập điện … cháy", "khói … mù mịt", "!phát nổ", "cháy dây điện", "cháy trạm điện",
            "!cháy kho", "!cháy ghe", "!cháy tàu", "cháy tàu cá",
        ),
        Emergency.DROWNING: (
            "đang đuối nước", "người đuối nước", "bị đuối nước", "cháu … đuối nước", "bé … đuối nước",
            "!đuối nước", "đang chết đuối", "sắp chết đuối", "người chết đuối", "bị chết đuối", "!chết đuối",
            "rơi xuống sông", "té xuống sông", "ngã xuống sông", "rớt xuống sông", "nhảy xuống sông",
            "nhảy cầu", "té sông", "rớt sông", "bị nước cuốn", "nước cuốn trôi", "bị sóng cuốn", "chìm tàu",
            "tàu … chìm", "chìm ghe", "ghe … chìm", "lật ghe", "lật tàu", "lật xuồng", "chìm xuồng",
            "xuồng … chìm", "té xuống kênh", "rớt xuống kênh", "rơi xuống kênh",
        ),
        Emergency.VIOLENCE: (
            "đang đánh nhau", "đánh nhau … dao", "!cầm dao", "đang cầm dao", "cầm dao chém", "cầm dao đâm",
            "cầm dao dọa", "cầm dao rượt", "cầm mã tấu", "cầm rựa", "!bị chém", "đang chém", "chém nhau",
            "chém người", "!bị đâm", "đâm người", "đâm chết", "!đâm nhau", "đang đánh đập", "đang bị đánh",
            "bị đánh đập", "đang đánh vợ", "đánh vợ", "đánh tôi", "dọa giết", "đòi giết", "giết người",
            "đang cướp", "bị cướp", "cướp giật", "đang trộm", "trộm đang", "nổ súng", "có súng", "bắt cóc",
            "hiếp dâm", "bị bạo hành", "đang bạo hành", "khống chế", "hỗn chiến", "bắt giữ con tin", "ẩu đả",
            "đập phá nhà", "kéo đến nhà … đánh", "đang hành hung", "bị hành hung", "ngáo đá",
        ),
        Emergency.MEDICAL: (
            "bất tỉnh", "ngừng thở", "không thở được", "khó thở quá", "đang co giật", "bị co giật", "đột quỵ",
            "chảy máu nhiều", "máu chảy nhiều", "gọi cấp cứu", "cần cấp cứu", "đang cấp cứu", "cấp cứu gấp",
            "gọi xe cấp cứu", "!rắn cắn", "bị rắn cắn", "bị điện giật", "uống thuốc sâu",
            "uống thuốc trừ sâu", "uống thuốc cỏ", "tự tử", "tự sát", "muốn chết", "nhồi máu", "ngộ độc",
            "có tai nạn", "đang tai nạn", "xảy ra tai nạn", "vừa tai nạn", "vừa bị tai nạn",
            "tai nạn giao thông nghiêm trọng", "tai nạn … chết", "tai nạn … bị thương", "bị thương nặng",
            "sắp sinh", "trở dạ", "bị xe tông", "bị xe cán", "xe tông", "!tông xe", "sập nhà",
            "sập giàn giáo", "bị đè", "hấp hối", "nguy kịch",
        ),
        Emergency.CHILD_IN_DANGER: (
            "trẻ em bị đánh", "trẻ bị đánh", "cháu bé bị đánh", "bé … bị đánh", "cháu … bị đánh",
            "đánh con … dã man", "đánh đập con", "đánh đập cháu", "đánh đập trẻ", "đánh đập bé",
            "đánh đập em bé", "bạo hành trẻ", "bạo hành cháu", "bạo hành con", "bạo hành bé",
            "bé … bị bạo hành", "cháu … bị bạo hành", "trẻ … bị bạo hành", "trẻ em bị bạo hành",
            "xâm hại trẻ", "bé … bị xâm hại", "cháu … bị xâm hại", "trẻ … bị xâm hại", "xâm hại con",
            "xâm hại cháu", "bắt cóc trẻ", "bắt cóc con", "bắt cóc cháu", "bắt cóc bé", "trẻ … bị bỏ rơi",
            "bé … bị bỏ rơi", "bỏ rơi em bé", "bé … bị nhốt", "cháu … bị nhốt", "con … bị bắt cóc",
            "trẻ … bị bắt cóc", "cháu … bị đuối", "trẻ … bị đuối", "bé … đuối nước", "cháu … đuối nước",
            "cháu … mất tích", "bé … mất tích", "trẻ … mất tích",
        ),
        Emergency.GENERAL: (
            "!cứu với", "cứu tôi với", "cứu tôi", "!cứu em với", "cứu con tôi", "cứu mạng", "cứu người",
            "cứu giúp … gấp", "ai cứu", "kêu cứu gấp", "làm ơn cứu", "cứu gấp", "nhà … sắp sập", "bị mắc kẹt",
            "đang mắc kẹt", "bị kẹt trong",
        ),
    }
)  # fmt: skip

# "Cháy" in other senses: sold out, broke, all out.
NO_EMERGENCY = (
    "cháy hàng",
    "cháy túi",
    "cháy vé",
    "cháy phòng",
    "cháy hết mình",
    "cháy chỗ",
    "đốt cháy giai đoạn",
)

# Said only while it happens: these stand against the words of policy and of the past below.
NOW = (
    "đang cháy nhà", "nhà đang cháy", "cháy nhà rồi", "!cháy rồi", "!cứu với", "cứu tôi với", "cứu tôi",
    "ngay bây giờ", "khẩn cấp quá", "đang đuối nước", "đang chết đuối", "đang cầm dao", "đang chém",
    "đang bị đánh", "đến ngay", "tới ngay", "tới gấp", "đến gấp", "nhanh lên", "gấp quá", "cứu mạng",
    "đang cướp", "đang đánh nhau", "cấp cứu gấp", "xuống ngay", "đang chìm",
)  # fmt: skip

# Times gone by: no emergency any more, but a child who was hurt may be hurt again.
PAST = (
    "năm ngoái", "năm trước", "năm qua", "tháng trước", "tuần trước", "tuần qua", "hôm qua", "hôm trước",
    "hôm kia", "ngày trước", "trước đây", "hồi trước", "thời gian qua", "vừa qua", "lần trước", "mấy năm",
    "trước kia",
)  # fmt: skip

# Policy, prevention, study, or money after the event: no emergency.
NOT_NOW = (
    "phòng chống", "phòng cháy", "chữa cháy", "phòng tránh", "phòng ngừa", "diễn tập", "tập huấn",
    "tuyên truyền", "tập bơi", "dạy bơi", "học bơi", "quy định", "thủ tục", "mức hỗ trợ", "hỗ trợ hộ",
    "được hỗ trợ", "chính sách", "bảo hiểm", "bồi thường", "kế hoạch", "giải pháp", "biện pháp", "nguy cơ",
    "cảnh báo", "cảnh giác", "mùa khô", "hàng năm", "mỗi năm", "bị phạt", "mức phạt", "xử phạt",
    "xử lý thế nào", "xử lý như thế nào", "nếu", "khi bị", "khi có", "trường hợp", "cách xử lý", "sơ cứu",
    "hướng dẫn", "tỷ lệ", "số vụ", "điều tra vụ", "kết quả điều tra", "giảm thiểu", "hạn chế",
    "bao nhiêu tiền", "đăng ký", "khám chữa bệnh", "chi phí", "viện phí", "chế độ", "trợ cấp", "tình hình",
    "an toàn thực phẩm", "báo cháy tự động", "có được", "luật",
)  # fmt: skip

# ---------------------------------------------------------------- matching

TAIL = 400  # characters; longer than any phrase with its gaps

# Of a row of signs the last one ends the sentence: looking at the row from each of its signs would take their square.
_TOKEN = re.compile(r"[^\W_]+|[.?!;…](?=\s|$)|\n")
_TEENCODE = {typed: tuple(lower(meant).split()) for typed, meant in TEENCODE.items()} | {
    typed: tuple(lower(meant).split()) for typed, meant in ABBREVIATIONS.items()
}
_GAP = 4  # words that "…" may stand for
_REACH = 10  # words that may stand between somebody and their deed

Words = tuple[str, ...]
_Beginning = str | tuple[str, str]  # a first word, alone or before a gap, or two


@dataclass(frozen=True, slots=True)
class _Phrase:
    """One line of a table: its words with and without marks, and whether marks must be typed.

    "…" stands for a gap.
    """

    marked: Words
    bare: Words
    needs_marks: bool

    def end(self, words: Words, start: int) -> int | None:
        """Return the place after the phrase where it begins at `start`, or None."""
        place = self._follow(words, start, 0)
        if place is not None and self.needs_marks and not any(_is_marked(w) for w in words[start:place]):
            return None
        return place

    def _follow(self, words: Words, place: int, at: int) -> int | None:
        for index in range(at, len(self.marked)):
            if self.marked[index] == "…":
                ends = (self._follow(words, place + skip, index + 1) for skip in range(_GAP + 1))
                return next((end for end in ends if end is not None), None)
            if place >= len(words) or words[place] not in (self.marked[index], self.bare[index]):
                return None
            place += 1
        return place


def _is_marked(word: str) -> bool:
    return not word.isascii() and fold_word(word) != word


class _Table:
    """A table of phrases, indexed by how they begin.

    A sentence then costs a few look-ups, however many phrases and tables there are.
    """

    beginnings: ClassVar[dict[_Beginning, list[tuple[_Table, _Phrase]]]] = {}  # of the phrases of all tables

    def __init__(self, lines: Iterable[str]) -> None:
        for line in dict.fromkeys(lines):
            marked = tuple(lower(line.removeprefix("!")).split())
            bare = tuple("…" if w == "…" else fold_word(w) for w in marked)
            phrase = _Phrase(marked, bare, line.startswith("!"))
            beginnings: set[_Beginning] = {marked[0], bare[0]}
            if len(marked) > 1 and marked[1] != "…":
                beginnings = set(product({marked[0], bare[0]}, {marked[1], bare[1]}))
            for beginning in beginnings:
                self.beginnings.setdefault(beginning, []).append((self, phrase))

    def spans(self, words: Words) -> list[tuple[int, int]]:
        """List (start, end) of every place where one of its phrases stands."""
        return list(self._found(words))

    def within(self, words: Words) -> bool:
        """Return whether one of its phrases stands in the sentence."""
        return next(self._found(words), None) is not None

    def _found(self, words: Words) -> Iterator[tuple[int, int]]:
        for start, phrase in _begin(words).get(self, ()):
            end = phrase.end(words, start)
            if end is not None:
                yield start, end


@lru_cache(maxsize=8)  # each table asks for it
def _begin(words: Words) -> dict[_Table, list[tuple[int, _Phrase]]]:
    """Find the phrases that may begin in a sentence, and where."""
    found: dict[_Table, list[tuple[int, _Phrase]]] = {}
    pairs = zip_longest(words, words[1:], fillvalue="")
    for start, both in enumerate(zip(words, pairs, strict=True)):
        for beginning in both:
            for table, phrase in _Table.beginnings.get(beginning, ()):
                found.setdefault(table, []).append((start, phrase))
    return found


_ABOUT, _ACCUSING, _DEEDS = _Table(ABOUT), _Table(ACCUSING), _Table(DEEDS)
_DEEDS_OF_SOMEBODY, _ACCUSED, _SOMEBODY = _Table(DEEDS_OF_SOMEBODY), _Table(ACCUSED), _Table(SOMEBODY)
_ASKS_ABOUT, _FIGHTS, _COMPLAINING = _Table(ASKS_ABOUT), _Table(FIGHTS), _Table(COMPLAINING)
_NOW, _NOT_NOW, _PAST, _NO_EMERGENCY = _Table(NOW), _Table(NOT_NOW), _Table(PAST), _Table(NO_EMERGENCY)
_HAPPENING = {kind: _Table(lines) for kind, lines in HAPPENING.items()}


def _sentences(text: str) -> list[Words]:
    """Split a text into sentences of words.

    Lower case with their marks, teencode and abbreviations written out.
    """
    sentences: list[Words] = []
    words: list[str] = []
    for token in _TOKEN.findall(lower(text)):
        if token[0].isalnum():
            words.extend(_TEENCODE.get(fold_word(token), (token,)) if len(token) < 7 else (token,))
        elif words:
            sentences.append(tuple(words))
            words = []
    if words:
        sentences.append(tuple(words))
    return sentences


def tail(text: str) -> str:
    """Return the end of a text, to be read again with the next message.

    A phrase may be cut between two messages.
    """
    if len(text) <= TAIL:
        return text
    return text[-TAIL:].partition(" ")[2] or text[-TAIL:]


def screen(text: str) -> Screening:
    """Find what a text may be, typed with diacritics, without or in teencode."""
    sentences = _sentences(text)
    return Screening(
        denunciation=any(map(_denounces, sentences)) or denounces_in_disguise(text),
        complaint=any(map(_complains, sentences)),
        emergency=frozenset().union(*map(_emergencies, sentences)),
    )


def denounces_in_disguise(text: str) -> bool:
    """Return whether a denunciation stands in other letters, apart, joined or in another language."""
    return (
        disguise.spells_out(text)
        or disguise.denounces_in_another_language(text)
        or any(_denounces(sentence) for one in disguise.readings(text) for sentence in _sentences(one))
    )


def _without(words: Words, table: _Table) -> Words:
    """Replace what the table names by "·", which keeps the words around it apart."""
    spans = table.spans(words)
    if not spans:
        return words
    kept = list(words)
    for start, end in spans:
        kept[start:end] = ["·"] * (end - start)
    return tuple(kept)


def _denounces(sentence: Words) -> bool:
    words = _without(sentence, _ABOUT)
    if _ASKS_ABOUT.within(sentence):
        # A question about the rules, unless it says that somebody in particular does it.
        return (
            _somebody_does(words, _ACCUSED, _DEEDS)
            or _somebody_does(words, _ACCUSED, _DEEDS_OF_SOMEBODY)
            or (_ACCUSING.within(words) and _ACCUSED.within(words))
        )
    return (
        _ACCUSING.within(words)
        or _DEEDS.within(words)
        or _somebody_does(words, _SOMEBODY, _DEEDS_OF_SOMEBODY)
    )


def _somebody_does(words: Words, people: _Table, deeds: _Table) -> bool:
    """Return whether one of `people` stands shortly before one of `deeds`.

    With nothing between that says that no deed is meant.
    """
    who, what = people.spans(words), [start for start, _ in deeds.spans(words)]
    if not who or not what:
        return False
    over = _first_end_after(words)
    for start, end in who:
        at = bisect_left(
            what, start
        )  # the next deed is enough: a further one has all of this between, and more
        if at < len(what) and what[at] <= end + _REACH and what[at] < over[end]:
            return True
    return False


def _first_end_after(words: Words) -> list[int]:
    """For each place, return where the next words end that say that no deed is meant."""
    over = [len(words) + 1] * (len(words) + 1)
    for start, end in _FIGHTS.spans(words):
        over[start] = min(over[start], end)
    for place in range(len(words) - 1, -1, -1):
        over[place] = min(over[place], over[place + 1], *([place + 1] if words[place] == "·" else ()))
    return over


def _complains(sentence: Words) -> bool:
    return _COMPLAINING.within(_without(sentence, _ABOUT))


def _emergencies(sentence: Words) -> set[Emergency]:
    urgent = _NOW.within(sentence)
    if _NOT_NOW.within(sentence) and not urgent:
        return set()
    words = _without(sentence, _NO_EMERGENCY)
    found = {kind for kind, table in _HAPPENING.items() if table.within(words)}
    return found & {Emergency.CHILD_IN_DANGER} if _PAST.within(sentence) and not urgent else found
