"""Inline buttons and the data they carry: written and read here.

Data comes back from outside, so whatever does not parse is an old or a forged button, never an error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

CALLBACK_DATA_BYTES = 64  # Bot API, InlineKeyboardButton.callback_data


class Act(StrEnum):
    """The meaning of a press.

    Short, for it travels in 64 bytes with its arguments.
    """

    # asking
    CONSENT = "cs"  # agree to processing
    SKIP = "sk"  # an optional step: (step)
    CANCEL = "cx"  # what is being written
    SEND_QUESTION = "sq"
    PICK_FIELD = "pf"  # (field code)
    FIELD_PAGE = "fp"  # (page)
    EDIT_DRAFT = "ed"  # (name | field | organisation | contact)
    LANGUAGE = "lg"  # (language)
    ASK = "aq"  # a new question, with the words kept in the conversation if there are any
    MY_QUESTIONS = "my"  # the list, as a new message
    # a question, first argument always its id
    OPEN = "op"
    FILES = "fi"
    HISTORY = "hi"
    REPLY = "re"  # Trả lời: the asker to a clarification, the officer to the question
    SUPPLY_FOR = "sf"  # an editor enters the reply of an asker whom no messenger reaches
    # of screening: the lead agency that the card showed, 0 for none, tells whether it is still true
    ASSIGN_TO = "as"  # (question, agency id, lead shown): one tap
    ASSIGN_CHOOSE = "ac"  # (question, lead shown, page)
    FIELD_CHOOSE = "fc"  # (question, page)
    SET_FIELD = "fs"  # (question, field code)
    REFUSE_CHOOSE = "rc"  # (question, lead shown)
    REFUSE_AS = "ra"  # (question, lead shown, refusal code)
    ACCEPT = "ak"
    ACCEPT_REMINDED = "ar"  # on a message of reminders, which stays
    EXTEND = "ex"  # ask for more days
    GRANT_EXTENSION = "ge"  # (question, request)
    GRANT_IN_WORDS = "gw"  # (question, request): the asker reads the editor's words
    REFUSE_EXTENSION = "rx"  # (question, request)
    PROMISE = "pr"  # (question, date): the answer promises something by that date
    PROMISE_KEPT = "pk"  # (question, promise)
    PROMISE_MOVE = "pm"  # (question, promise)
    PROMISE_WITHDRAW = "pw"  # (question, promise)
    UNDO = "un"  # (what was done): Hoàn tác, for a moment
    RETURN = "rt"
    ASK_MORE = "am"
    APPROVE = "ap"  # (question, draft)
    SEND_BACK = "sb"  # (question, draft)
    FLAG = "fl"
    CLEAR = "cl"
    CONFIRM_DENUNCIATION = "cd"  # it is one, found after the answer or the end
    MERGE = "mg"  # (question, lead shown)
    MERGE_INTO = "mi"  # (question, lead shown, original)
    CORRECT = "co"
    WITHDRAW_CORRECTION = "cw"  # one that waits for approval
    REOPEN_ENDED = "rn"  # what was refused or merged
    PUBLISH = "pu"
    UNPUBLISH = "up"
    EDIT_PUBLISHED = "eq"  # what strangers read already
    SAY_MEANT = "sm"  # (question, "question" | "denunciation"): asked because the machine was not sure
    CONSENT_PUBLICATION = "cp"  # (question, yes | no)
    EDIT_PUBLIC = "ep"
    ANONYMISED = "an"  # nothing personal is left in the public text
    EDIT_PUBLIC_SKIP = "es"  # this part of the public text stays
    DELIVERED = "dv"
    DELIVERED_SKIP = "ds"  # no note
    PASS_ON_FILES = "of"  # the answer's files, to others
    RATE = "rr"  # (question, stars)
    REOPEN = "ro"
    WITHDRAW = "wd"
    TRACK = "tr"
    SUBMIT_ANSWER = "sa"
    DROP_PART = "dp"  # (question, part | file, its number): of the answer being written
    EDIT_EARLIER = "ea"  # the draft that was sent back, to be worked on
    EDIT_THEN_APPROVE = "er"  # (question, draft): an editor works on it first
    REPLACE_BY_EDIT = "rb"  # by what a message says that was edited after it was submitted
    OFFICIAL_LETTER = "ol"
    # lists
    LIST = "ls"  # (which list, page)
    SHOW_LIST = "sl"  # (which list): its first page, as a message of its own
    CONFIRM = "ok"  # Xác nhận, of what the conversation holds
    # by hand, roles
    ASK_THIS = "qt"  # what staff wrote without saying what for
    SEND_WHOLE = "sw"  # all of a long text has come
    INTAKE = "in"  # (channel)
    INVITE_ROLE = "iv"  # (role)
    AGENCY_MEANT = "gm"  # (agency): of those that a typed name fits
    REVOKE = "rv"  # (role row)
    INVITATION_END = "ie"  # (invitation)
    VOUCH = "vy"  # (role row): a new editor reads denunciations
    VOUCH_REFUSE = "vn"  # (role row)
    BLOCK = "bl"  # (question): what its sender writes is not taken for a time
    BLOCK_END = "bd"  # (question, last day): of the block whose reason is asked for
    UNBLOCK = "bu"  # (block)
    UNBLOCK_OF = "bq"  # (question): the block of its sender, on its card
    DAY_ADD = "da"  # (off | work)
    DAY_DROP = "dd"  # (date): an admins' own line
    CONFIRM_YEAR = "cy"  # (year)
    LEDGER_EXPORT = "le"  # (period: domain.periods.Named)
    # own data
    WITHDRAW_CONSENT = "wc"  # (consent row)
    OWN_DATA_FILE = "odf"
    CORRECT_OWN = "odc"  # (full_name | home_address | contact)
    NO_CONTACT = "odn"
    ERASE = "ode"
    ERASE_ASKER = "oda"  # (question): of somebody who wrote by post or telephoned, by an editor
    # a broadcast being composed
    BROADCAST_NEW = "brn"
    BROADCAST_ASK = "bre"  # (picture | button | to | time): the card asks for this part
    BROADCAST_PART = "brd"  # (no_picture | no_button | at_once | back): the card, with this changed
    BROADCAST_TO = "bra"  # (audience), or ("field", code)
    BROADCAST_FIELDS = "brf"  # (page)
    BROADCAST_SEND = "brs"  # Xác nhận
    BROADCAST_DROP = "brx"
    # a broadcast, first argument always its id
    BROADCAST_OPEN = "bro"
    BROADCAST_PAUSE = "brp"
    BROADCAST_RESUME = "brr"
    BROADCAST_CANCEL = "brc"
    BROADCAST_APPROVE = "bry"  # Đồng ý gửi: a second editor's
    BROADCAST_AGAIN = "brg"  # (broadcast, missed | uncertain)
    BROADCAST_TAKE_BACK = "brt"  # delete it from the chats it reached
    BROADCAST_MOVE = "brm"  # another time to start
    # broadcasts
    LEAVE = "sul"  # (topic | all): no more of these
    # subscriptions; a topic comes last, for a field's has a colon of its own
    SUBSCRIPTIONS = "sus"  # the choice, as a new message
    SUBSCRIPTION_MENU = "sum"  # the choice, in the place of the fields
    SUBSCRIPTION_FIELDS = "suf"  # (page)
    SUBSCRIPTION_TAP = "sut"  # (1 subscribe | 0 leave, page of fields or 0, topic)
    SUBSCRIPTION_DAILY = "sud"  # (1 one digest a day | 0 at once)
    SUBSCRIPTION_GENERAL = "sug"  # (1 | 0) what goes to everybody
    SUBSCRIPTION_RETURN = "sur"  # (what was left): the way back
    # airings, by key: "A24:2026-11-07" is two arguments
    AIRING = "aio"  # its card
    AIRING_MOVE = "aim"
    AIRING_CANCEL = "aic"
    AIRING_RESTORE = "air"
    AIRING_ADD = "aia"
    AIRING_REPEATS = "aiw"  # (yes | no): of the airing to add that waits for confirmation
    AIRING_TIE = "ait"
    AIRING_TIE_TO = "aie"  # (key, episode)
    AIRING_UNTIE = "aiu"
    CALENDAR_FILE = "aif"
    # episodes, first argument always the episode's id
    EPISODE = "epo"
    EPISODE_YEAR = "epy"  # (year or 0 for all, page)
    EPISODE_NEW = "epn"
    EPISODE_FIELD = "epf"  # (place of the field in the list, 0 for none): for what the conversation holds
    EPISODE_PARTS = "epp"
    EPISODE_PART = "epe"  # (episode, part)
    EPISODE_QUESTIONS = "epq"
    CANDIDATES = "epc"  # (episode, place of the field or 0, asked by so many, days of age or 0, page)
    TAKE_IN = "epi"  # (what CANDIDATES has, question)
    LEAVE_OUT = "epx"  # (episode, question)
    MOVE_UP = "epu"  # (episode, question)
    ON_AIR = "epw"  # (episode, question)
    ON_AIR_PROPOSED = "epa"  # (episode, question)
    GUESTS = "epg"
    GUEST_ADD = "epb"
    GUEST_OUT = "epk"  # (episode, guest)
    GUEST_NOBODY = "epz"  # (episode, guest): nobody comes instead
    RECORDED = "epr"
    # script plans
    SCRIPT_PLAN = "scp"  # (episode)
    PLAN_ACKNOWLEDGE = "sca"  # (receipt)
    PLAN_DOCUMENT = "scd"  # (receipt): once more
    PLAN_SUBSTITUTE = "scs"  # (receipt)
    PLAN_SUBSTITUTE_FOR = "scg"  # (receipt, guest)
    # links of an episode
    LINK_ADD = "lia"  # (episode)
    LINK_UNDO = "liu"  # (what was done): Hoàn tác, for a moment
    LINK_LIST = "lis"  # (episode)
    LINK_MOMENT = "lim"  # (episode)
    LINK_VIEWS = "liv"  # (episode)
    LINK_REMOVE = "lir"  # (link)
    MOMENT_LINK = "lil"  # (link)
    MOMENT_QUESTION = "liq"  # (link, question)
    VIEWS_LINK = "liw"  # (link)
    # past episodes; a search is (page, year or 0, key of a field or 0, words)
    EPISODES_PAGE = "lip"  # (a search)
    EPISODES_FIELDS = "lif"  # (a search)
    EPISODES_YEARS = "liy"  # (a search)
    EPISODE_OPEN = "lio"  # (episode)


@dataclass(frozen=True)
class Button:
    """A button.

    Its label is a key of `labels.toml`, or `text` where the label is a name from the data. `detail` (a date) follows
    the label where several buttons of a message share it. `count` stands in the label for "{count}"; for 1 there is a
    label of its own (`<label>_one`).
    """

    label: str
    act: Act
    args: tuple[str | int, ...] = ()
    text: str | None = None
    detail: str = ""
    count: int | None = None

    @property
    def data(self) -> str:
        data = ":".join([self.act.value, *map(str, self.args)])
        if len(data.encode()) > CALLBACK_DATA_BYTES:
            raise ValueError(f"callback data too long: {data}")
        return data


@dataclass(frozen=True)
class LinkButton:
    """A button that opens an address (https) instead of telling us of the press."""

    text: str
    url: str


Key = Button | LinkButton
Keyboard = Sequence[Sequence[Key]]


@dataclass(frozen=True)
class Press:
    """A press that came back."""

    act: Act
    args: tuple[str, ...]

    @classmethod
    def parse(cls, data: str) -> "Press | None":
        """Read a press; None for data that no button of ours carries.

        Too long, an unknown act, characters that no database stores.
        """
        if not data.isprintable() or len(data.encode()) > CALLBACK_DATA_BYTES:
            return None
        verb, *args = data.split(":")
        try:
            return cls(Act(verb), tuple(args))
        except ValueError:
            return None

    def number(self, index: int) -> int | None:
        """Return the argument at `index` as a number fit for a database key, or None."""
        if not 0 <= index < len(self.args):
            return None
        text = self.args[index]
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None

    def word(self, index: int) -> str:
        return self.args[index] if 0 <= index < len(self.args) else ""

    def rest(self, index: int) -> str:
        """Return everything from the argument at `index` on: "field:dat-dai"."""
        return ":".join(self.args[index:])
