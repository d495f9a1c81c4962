"""The sections of the configuration: keys, defaults, and meanings in two languages.

Secrets are `SecretStr`, so that no repr, log line or error shows them. `config.example.toml` is made from here
(`bot.config.example`).
"""

import hmac
import ipaddress
from datetime import time
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.config.values import (
    SQLITE,
    Address,
    AuditKeys,
    CodePrefix,
    Count,
    Daily,
    DatabaseUrl,
    Days,
    DaysAfter,
    DaysBefore,
    Folder,
    FromTo,
    Hours,
    HttpUrl,
    Limit,
    LinkHost,
    LinkHosts,
    Listen,
    Night,
    NightHours,
    SomeFile,
    SomeHttpUrl,
    SomeListen,
    Steps,
    Text,
    TimeOfDay,
    TimeSpan,
    TimeZone,
    Token,
    WebhookSecret,
    Weekend,
    Weekly,
    WeeklyTime,
)
from domain.episodes.links import HOSTS
from domain.programme import Programme

RULES = Programme()  # where a key is a rule of the programme, its default is declared there
CALENDAR_PATH = "/lich.ics"
HEADS = "audit-heads.jsonl"


class ConfigurationError(Exception):
    """The configuration cannot be used.

    The text is one sentence for the operator.
    """


class Section(BaseModel):
    # Strict: a number in quotes is a mistake worth telling, not worth guessing.
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )


class ProgrammeSettings(Section):
    """chương trình của tỉnh / the province's programme"""

    name: Text = RULES.name
    """tên chương trình / the programme's name"""
    province: str = RULES.province
    """tỉnh, thành phố / province or city"""
    code_prefix: CodePrefix = RULES.code_prefix
    """đầu mã câu hỏi / begins every question's code: DH-2026-000001"""
    timezone: TimeZone = "Asia/Ho_Chi_Minh"
    """múi giờ / time zone"""
    language: Literal["vi", "en"] = "vi"
    """ngôn ngữ mặc định / default language: "vi", "en" """

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class TelegramSettings(Section):
    """bot trên Telegram / the bot at Telegram"""

    token: Token = None
    """mã bí mật do @BotFather cấp / the secret @BotFather gave; better in the environment"""
    base_url: HttpUrl = "https://api.telegram.org/bot"
    """mã bí mật được nối vào / the token is appended"""
    base_file_url: HttpUrl = "https://api.telegram.org/file/bot"
    """mã bí mật được nối vào / the token is appended"""
    mode: Literal["polling", "webhook"] = "polling"
    """"polling": bot tự hỏi / the bot asks; "webhook": Telegram gọi đến / Telegram calls"""
    webhook_url: SomeHttpUrl = None
    """địa chỉ công khai / the public address; its path is the route"""
    webhook_listen: Listen = Address("127.0.0.1", 8443)
    """bot nghe ở đây, sau máy chủ HTTPS / listens here, behind an HTTPS server"""
    webhook_secret: WebhookSecret = None
    """24-256 ký tự / characters A-Z a-z 0-9 _ -; "" = bot tự tạo / the bot makes one"""
    messages_per_second: Annotated[int, Field(ge=1, le=100_000)] = 30
    """giới hạn chung của Telegram / Telegram's limit for a bot"""
    paid_broadcasts: bool = False
    """true: thông báo gửi nhanh, Telegram tính phí / broadcasts at the speed Telegram charges for"""
    paid_messages_per_second: Annotated[int, Field(ge=1, le=1000)] = 1000
    """chỉ khi trả phí / only when paid for"""

    @model_validator(mode="after")
    def _webhook_is_complete(self) -> "TelegramSettings":
        if self.mode == "webhook" and self.webhook_url is None:
            # The type carries the key, which a validator of the whole section has no place for.
            raise PydanticCustomError(
                "missing_key", 'is required when telegram.mode is "webhook"', {"key": "webhook_url"}
            )
        return self


class StorageSettings(Section):
    """đường dẫn tính từ thư mục của tệp này / paths count from this file's folder"""

    url: DatabaseUrl = SecretStr(f"{SQLITE}/data/danhoi.db")
    """hoặc / or "postgresql+asyncpg://user:password@host/database" """
    files: Folder = Path("data/files")
    """tệp đính kèm / attachments"""
    audit_heads: SomeFile = None
    """tệp ghi dấu niêm phong cuối của nhật ký mỗi ngày, nên đặt ở máy khác / the audit log's last seal of each day,
    best on another machine; "" = cạnh tệp đính kèm / beside the attachments
    """

    @property
    def heads(self) -> Path:
        return self.files / HEADS if self.audit_heads is None else self.audit_heads


class CalendarSettings(Section):
    """lịch làm việc / working days and hours"""

    working_hours: Hours = (TimeSpan(time(7), time(11)), TimeSpan(time(13), time(17)))
    """giờ làm việc / office hours"""
    weekend: Weekend = ("sat", "sun")
    """ngày nghỉ hằng tuần / days off every week"""


class DeadlinesSettings(Section):
    """ngày làm việc, trừ reopen_days / working days, except reopen_days"""

    assign_days: Days = RULES.assign_days
    """chuyển câu hỏi / to assign a question"""
    answer_days: Days = RULES.answer_days
    """trả lời / to answer it"""
    clarification_days: Days = RULES.clarification_days
    """chờ người hỏi bổ sung / to wait for the asker's reply"""
    script_plan_days: Days = RULES.script_plan_days
    """gửi kịch bản trước khi ghi hình / script plan before the recording"""
    reopen_days: Days = RULES.reopen_days
    """được hỏi lại, ngày thường / calendar days in which an answer can be reopened"""
    max_extension_days: Days = RULES.max_extension_days
    """gia hạn nhiều nhất / longest extension"""
    correction_days: Days = RULES.correction_days
    """duyệt đính chính / to decide on a proposed correction"""


class RemindersSettings(Section):
    """nhắc hạn / reminders of deadlines"""

    before_days: DaysBefore = RULES.remind_before_days
    """nhắc trước hạn / working days before a deadline"""
    send_between: FromTo = TimeSpan(*RULES.remind_between)
    """chỉ gửi trong khoảng này / only sent between these times"""
    leader_after_days: Days = RULES.leader_after_days
    """quá hạn: báo lãnh đạo / days overdue until the leader is told"""
    editors_after_days: Days = RULES.editors_after_days
    """quá hạn: báo ban biên tập / days overdue until the editors are told"""
    asker_after_days: DaysAfter = RULES.asker_after_days
    """trễ hẹn: báo người hỏi; [] = không báo / days overdue on which the asker is told; [] = never"""


class AssignmentSettings(Section):
    """chuyển câu hỏi / assigning questions"""

    auto: bool = RULES.assign_automatically
    """true: tự chuyển theo lĩnh vực, báo biên tập / assign by field at once, editors are told"""


class IntakeSettings(Section):
    """câu hỏi mới / new questions"""

    notify: Literal["counted", "each"] = "counted"
    """"counted": một tin đếm các câu mới; "each": mỗi câu một tin / one message that counts them, or one for each"""


class ApprovalSettings(Section):
    """duyệt câu trả lời / approving answers"""

    steps: Steps = ("leader", "editor")
    """duyệt câu trả lời / who approves an answer; also [], ["leader"], ["editor"]"""
    correct_alone: bool = False
    """biên tập viên đính chính ngay / an editor's correction goes out at once, the agency is told; false: approved"""
    reply_submits: bool = True
    """trả lời trên thẻ thì trình ngay / a reply to a question's card is submitted at once; false: shown first"""
    undo_seconds: Annotated[int, Field(ge=0, le=600)] = 60
    """giữ thông báo để còn hoàn tác / what was just done can be undone, and its notices wait; 0: nothing is held"""


class DigestsSettings(Section):
    """bản tin cho quản trị và biên tập; "" = không gửi / digests to admins and editors; "" = off"""

    daily: Daily = RULES.daily_digest
    """tổng hợp ngày / daily, at this time"""
    weekly: Weekly = RULES.weekly_digest and WeeklyTime(*RULES.weekly_digest)
    """tổng hợp tuần / weekly, on this day and time"""


class EpisodesSettings(Section):
    """kỳ phát sóng / episodes"""

    provincial_office: str = RULES.provincial_office
    """mã cơ quan nhận mọi kịch bản / code of the agency that gets every script plan"""
    script_plan_template: SomeFile = None
    """mẫu Word riêng / your own Word template; "" = messages/documents/script_plan.docx"""
    link_hosts: LinkHosts = tuple(LinkHost(kind, host) for kind, hosts in HOSTS.items() for host in hosts)
    """loại đường dẫn = tên miền (và mọi tên miền con); loại / kinds: tv youtube tiktok portal newspaper radio;
    kind of link = host (and all below it); the first kind that names a host is taken for an address without a kind
    """


class SubscriptionsSettings(Section):
    """tin cho người đăng ký, giờ của chương trình / news for subscribers, in programme time"""

    evening_at: TimeOfDay = RULES.evening_at
    """báo lịch phát sóng tối hôm trước / evening before an airing"""
    minutes_before: Annotated[int, Field(ge=1, le=24 * 60)] = RULES.minutes_before_airing
    """báo trước giờ phát sóng / minutes before an airing"""
    quiet_hours: NightHours = Night(*RULES.quiet_hours)
    """không gửi / nothing is sent"""
    digest_at: TimeOfDay = RULES.subscribers_digest
    """bản tin một lần mỗi ngày / the subscribers' daily digest"""


class BroadcastsSettings(Section):
    """thông báo soạn trong bot; lệnh của người vận hành thì không giữ / broadcasts sent from the chat"""

    hold_minutes: Annotated[float, Field(ge=0, le=24 * 60)] = RULES.hold_minutes
    """giữ bấy nhiêu phút để người khác kịp dừng; 0 = gửi ngay / minutes it is held, so that others can
    stop it; 0 = sent at once
    """
    second_editor_above: Limit = RULES.second_editor_above
    """đông người nhận hơn thì cần một người nữa đồng ý / more recipients than this: another editor must agree"""


class HttpSettings(Section):
    """lịch phát sóng cho điện thoại, và /healthz /readyz /metrics / the calendar for phones, and monitoring"""

    listen: SomeListen = None
    """"" = tắt / off; bot nghe ở đây, sau máy chủ HTTPS / or such as "127.0.0.1:8081", behind an HTTPS server"""
    watch_listen: SomeListen = None
    """cổng riêng cho /healthz /readyz /metrics / a port of their own; "" = ở listen, /metrics chỉ cho máy này / at
    listen, /metrics for this machine alone
    """
    public_url: SomeHttpUrl = None
    """địa chỉ người dân thấy trong /lich / the address people see; /lich.ics is added"""

    @property
    def calendar_address(self) -> str:
        """The calendar's address to tell people; "" where nothing is public."""
        return "" if self.public_url is None else self.public_url.rstrip("/") + CALENDAR_PATH

    @model_validator(mode="after")
    def _something_answers_there(self) -> "HttpSettings":
        if self.public_url is not None and self.listen is None:
            raise PydanticCustomError(
                "missing_key", "is required when http.public_url is set", {"key": "listen"}
            )
        return self


class PrivacySettings(Section):
    """số ngày giữ bản phụ, ngoài sổ theo dõi / days that copies outside the ledger are kept"""

    inbox_days: Days = RULES.inbox_days
    """bản gốc tin đến / raw incoming messages"""
    outbox_days: Days = RULES.outbox_days
    """bản tin đã gửi / sent messages"""
    draft_days: Days = RULES.draft_days
    """câu hỏi chưa gửi, cả tệp / questions not yet sent, and their files"""
    identity_years: Annotated[int, Field(ge=0, le=100)] = RULES.identity_years
    """số năm giữ tên, lời hỏi sau khi trả lời / years until who asked is erased; 0 = không tự xóa / never by itself"""
    protect_cards: bool = RULES.protect_cards
    """thẻ câu hỏi có tên, địa chỉ, liên hệ: không chuyển tiếp, sao chép được / cards that tell who asked cannot be
    forwarded or copied
    """
    second_editor: bool = RULES.second_editor
    """biên tập viên mới xem câu hỏi nghi tố cáo khi một biên tập viên khác đồng ý / a new editor reads denunciations
    once another editor vouches for them
    """
    audit_keys: AuditKeys = ()
    """khóa bí mật niêm phong nhật ký (đặt ngoài cơ sở dữ liệu), khóa cũ đứng sau / secret keys that seal the audit
    log: the new one first, old ones stay
    """


class LimitsSettings(Section):
    """giới hạn / limits"""

    question_characters: Annotated[int, Field(ge=100, le=1_000_000)] = RULES.question_characters
    """độ dài câu hỏi / length of a question"""
    draft_files: Count = RULES.draft_files
    """số tệp một câu hỏi / files in one question"""
    file_megabytes: Annotated[int, Field(ge=1, le=2000)] = RULES.file_megabytes
    """MB: tệp lớn hơn không lưu, vẫn chuyển tiếp / larger files are not kept, but passed on (Telegram: 20)"""
    chat_seconds: Annotated[float, Field(ge=0, le=60)] = 1.0
    """giây giữa hai tin gửi đến một người / seconds between two messages to one chat"""
    invitation_days: Days = RULES.invitation_days
    """lời mời có hiệu lực / days an invitation is valid"""
    block_days: Annotated[int, Field(ge=1, le=365)] = RULES.block_days
    """số ngày chặn người gửi, nếu không chọn ngày khác / days a sender is blocked where no other end is chosen"""
    messages_per_minute: Limit = 40
    """tin nhắn và lần bấm nút của một người, dù nhắn từ đâu; 0 = không giới hạn / messages and presses of one
    person, wherever they write; 0 = no limit
    """
    staff_messages_per_minute: Limit = 120
    """của cán bộ, biên tập, quản trị / of the staff"""
    questions_per_day: Limit = 10
    """câu hỏi; khẩn cấp hay tố cáo được thêm chừng ấy / as many again for emergencies and denunciations"""
    files_per_day: Limit = 50
    """tệp / files"""
    staff_files_per_day: Limit = 200
    """tệp của cán bộ / files of the staff"""


class Config(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    programme: ProgrammeSettings = ProgrammeSettings()
    telegram: TelegramSettings = TelegramSettings()
    storage: StorageSettings = StorageSettings()
    calendar: CalendarSettings = CalendarSettings()
    deadlines: DeadlinesSettings = DeadlinesSettings()
    reminders: RemindersSettings = RemindersSettings()
    intake: IntakeSettings = IntakeSettings()
    assignment: AssignmentSettings = AssignmentSettings()
    approval: ApprovalSettings = ApprovalSettings()
    digests: DigestsSettings = DigestsSettings()
    episodes: EpisodesSettings = EpisodesSettings()
    subscriptions: SubscriptionsSettings = SubscriptionsSettings()
    broadcasts: BroadcastsSettings = BroadcastsSettings()
    http: HttpSettings = HttpSettings()
    privacy: PrivacySettings = PrivacySettings()
    limits: LimitsSettings = LimitsSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)  # `load_config` gives it file and environment; it reads nothing else


SECTIONS: dict[str, type[Section]] = {
    name: field.annotation
    for name, field in Config.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
}

SECRETS = (
    ("telegram", "token"),
    ("telegram", "webhook_secret"),
    ("storage", "url"),
    ("privacy", "audit_keys"),
)


def require_token(config: Config) -> SecretStr:
    """Return the bot's token; raise `ConfigurationError` where none is set."""
    if config.telegram.token is None:
        raise ConfigurationError(
            "telegram.token is missing: write it into the configuration file or set DANHOI_TELEGRAM__TOKEN"
        )
    return config.telegram.token


def hook_secret(config: Config) -> SecretStr:
    """Return the webhook secret: the configured one, else one made from token and address.

    So it is the same after every start and in processes side by side, and stands in no database and no backup.
    """
    if config.telegram.webhook_secret is not None:
        return config.telegram.webhook_secret
    token = require_token(config).get_secret_value()
    return SecretStr(
        hmac.digest(token.encode(), f"webhook {config.telegram.webhook_url}".encode(), "sha256").hex()
    )


def is_this_machine(host: str) -> bool:
    """Return whether an address is reached from this machine only (loopback, or `localhost`)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
