"""What each may do and see in the chat: every command and every button, by everybody, through the real handlers.

The tables below are the promise, written by hand. What they do not permit is refused with the sentence of its reason,
says nothing of a question to whom it does not concern, and changes no row. What stands at which step of a question's
life is `tests/services/questions/test_permissions.py`.
"""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from domain.errors import Reason
from domain.programme import Programme
from domain.questions.life import Secrecy
from handlers.chat.paging import LISTS, LISTS_OF
from handlers.chat.registry import COMMANDS, PRESSES, read_command
from storage.engine.database import Database
from storage.people import conversations as stored_conversations
from storage.people import people
from storage.tables import answers_being_written, conversations, question_drafts
from tests.campaigns.security.attempts import TRACES, Attempts, message, press, rows_of, undone
from tests.conftest import SetClock
from tests.worlds.place import (
    ADDRESS,
    CONTACT,
    DRAFT,
    NAME,
    NOTE,
    STATES,
    TEXT,
    UNLIMITED,
    Place,
    make_all,
    settle,
)

# --- the promise ----------------------------------------------------------------------------------------------
#
# "+" it is done; "o" it is shown, or they are asked for more; everything else is refused:
MARKS = {
    "?": Reason.UNKNOWN_COMMAND,  # the same as for a command that there is not
    "0": Reason.UNKNOWN_CODE,  # the same as for a question that there is not
    "-": Reason.NOT_ALLOWED,
    "h": Reason.HIDDEN,
    "x": Reason.STALE_BUTTON,  # nothing that this button belongs to
    # not a matter of who they are
    "a": Reason.ALREADY_DONE,
    "b": Reason.BROADCAST_OWN,
    "c": Reason.ASKER_IN_CHAT,
    "d": Reason.DAYS_MISSING,
    "e": Reason.NOT_IN_EPISODE,
    "g": Reason.BROADCAST_GOES_ON,
    "i": Reason.INVITATION_INVALID,
    "k": Reason.BROADCAST_NOT_TAKEN_BACK,
    "l": Reason.DAY_NOT_LISTED,
    "m": Reason.NOT_BLOCKED,
    "n": Reason.PLAN_NOT_READY,
    "r": Reason.ROLE_HELD,
    "s": Reason.AIRING_AS_IT_IS,
    "t": Reason.PERIOD_TURNED,
    "u": Reason.EPISODE_USAGE,
    "v": Reason.CORRECTION_WAITS,  # of the other side's
    "w": Reason.WRONG_STATUS,
    "z": Reason.NO_CORRECTION,
}

# The asker of every question; another citizen; officer and leader of the lead agency; an officer of a coordinating
# one, and of one that has nothing to do with it; an officer of the lead agency until today; somebody we never met.
WHO = ("asker", "citizen", "officer", "leader", "coord", "outside", "revoked", "unknown", "editor", "admin")

PROMISE = """
what is typed, or a button's data        | ask cit off lea coo out rev unk edi adm
/start                                | o   o   o   o   o   o   o   o   o   o
/start deadbeef                       | +   +   o   o   o   o   +   +   o   o
/start deadbeefdeadbeefdeadbeefdeadbeef | i   i   i   i   i   i   i   i   i   i
/hoi                                  | o   o   o   o   o   o   o   o   o   o
/hoi nội dung mới                     | o   o   o   o   o   o   o   o   o   o
/cuatoi                               | o   o   o   o   o   o   o   o   o   o
/tracuu {assi}                        | o   o   o   o   o   o   o   o   o   o
/tracuu {wait}                        | o   o   o   o   o   o   o   o   o   o
/tracuu {answ}                        | o   o   o   o   o   o   o   o   o   o
/tracuu {publ}                        | o   o   o   o   o   o   o   o   o   o
/hoidap                               | o   o   o   o   o   o   o   o   o   o
/hoidap cọ biếc                       | o   o   o   o   o   o   o   o   o   o
/lich                                 | o   o   o   o   o   o   o   o   o   o
/xemlai                               | o   o   o   o   o   o   o   o   o   o
/danhgia {answ} 5 Tốt                 | +   0   -   -   -   0   0   0   -   -
/molai {answ} Chưa rõ                 | +   0   -   -   -   0   0   0   -   -
/rut {assi}                           | o   0   -   -   -   0   0   0   -   -
/dangky                               | o   o   o   o   o   o   o   o   o   o
/dulieu                               | o   o   o   o   o   o   o   o   o   o
/xoadulieu                            | o   o   r   r   r   r   o   o   r   r
/xoadulieu {assi}                     | o   o   -   -   -   0   o   o   c   c
/xoadulieu {hand}                     | o   o   -   -   -   0   o   o   o   o
/ngonngu                              | o   o   o   o   o   o   o   o   o   o
/huy                                  | o   o   o   o   o   o   o   o   o   o
/trogiup                              | o   o   o   o   o   o   o   o   o   o
/viec                                 | ?   ?   o   o   o   o   ?   ?   ?   ?
/xem {assi}                           | ?   ?   o   o   o   0   ?   ?   o   o
/xem {answ}                           | ?   ?   o   o   o   0   ?   ?   o   o
/xem {wait}                           | ?   ?   o   o   o   0   ?   ?   o   o
/nhan {assi}                          | ?   ?   +   ?   -   0   ?   ?   ?   ?
/trave {assi} Không đúng thẩm quyền   | ?   ?   +   ?   -   0   ?   ?   ?   ?
/hoithem {assi} Số nhà nào?           | ?   ?   +   ?   -   0   ?   ?   ?   ?
/giahan {assi} 3 Chờ đo               | ?   ?   +   ?   -   0   ?   ?   -   -
/giahan {extn} đồng ý                 | ?   ?   d   ?   d   d   ?   ?   +   +
/giahan {extn} không Đã đủ            | ?   ?   d   ?   d   d   ?   ?   +   +
/hua {answ} 30/12/2026 Sửa xong       | ?   ?   +   +   -   0   ?   ?   +   +
/hua {answ} xong Đã sửa               | ?   ?   +   +   -   0   ?   ?   +   +
/traloi {assi} Xin trả lời            | ?   ?   +   ?   +   0   ?   ?   ?   ?
/nghitocao {answ}                     | ?   ?   +   +   +   0   ?   ?   +   +
/duyet                                | ?   ?   ?   o   ?   ?   ?   ?   o   o
/duyet {lead}                         | ?   ?   ?   +   ?   ?   ?   ?   -   -
/duyet {edit}                         | ?   ?   ?   a   ?   ?   ?   ?   +   +
/sualai {lead} Chưa rõ                | ?   ?   ?   +   ?   ?   ?   ?   -   -
/sualai {edit} Chưa rõ                | ?   ?   ?   a   ?   ?   ?   ?   +   +
/moi                                  | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/quahan                               | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/chuyen {rece} SYT                    | ?   ?   ?   ?   ?   ?   ?   ?   +   +
/chuyen {rece}                        | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/linhvuc {rece} giao thông            | ?   ?   ?   ?   ?   ?   ?   ?   +   +
/linhvuc {rece}                       | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/tuchoi {rece} khong-ro               | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/tuchoi {rece}                        | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/tuchoi {answ} to-cao                 | ?   ?   ?   ?   ?   ?   ?   ?   w   w
/gop {rece} {assi}                    | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/congkhai {answ}                      | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/dinhchinh {answ} Nội dung khác       | ?   ?   o   ?   -   0   ?   ?   o   o
/dinhchinh {corr} Nội dung khác       | ?   ?   o   ?   -   0   ?   ?   v   v
/dinhchinh {corr} rút                 | ?   ?   +   ?   -   0   ?   ?   -   -
/duyet {corr}                         | ?   ?   ?   +   ?   ?   ?   ?   -   -
/sualai {corr} Chưa rõ                | ?   ?   ?   +   ?   ?   ?   ?   -   -
/lichphat                             | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/lichphat hủy 7/11 Bận                | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/kyphat                               | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/kyphat 12/2026                       | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/kyphat 12/2026 chọn {rece}           | ?   ?   ?   ?   ?   ?   ?   ?   +   +
/kyphat 12/2026 câu hỏi               | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/kyphat 13/2026 Kỳ mới                | ?   ?   ?   ?   ?   ?   ?   ?   u   u
/kichban 12/2026                      | ?   ?   ?   ?   ?   ?   ?   ?   n   n
/duongdan 12/2026                     | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/duongdan 12/2026 https://kgtv.vn/a   | ?   ?   ?   ?   ?   ?   ?   ?   +   +
/luotxem 12/2026                      | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/luotxem 2026                         | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/thongbao                             | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/nhaptay                              | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/chan                                 | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/chan {assi} Chửi bới                 | ?   ?   ?   ?   ?   ?   ?   ?   +   +
/chan {assi}                          | ?   ?   ?   ?   ?   ?   ?   ?   o   o
/chan {assi} bỏ                       | ?   ?   ?   ?   ?   ?   ?   ?   m   m
/moinguoi                             | ?   ?   ?   ?   ?   ?   ?   ?   ?   o
/moinguoi biên tập                    | ?   ?   ?   ?   ?   ?   ?   ?   ?   +
/ngaynghi                             | ?   ?   ?   ?   ?   ?   ?   ?   ?   o
/ngaynghi 5/11/2026 nghỉ              | ?   ?   ?   ?   ?   ?   ?   ?   ?   o
/xuatso                               | ?   ?   ?   ?   ?   ?   ?   ?   ?   o
/xuatso 1/1/2026 31/12/2026           | ?   ?   ?   ?   ?   ?   ?   ?   ?   +
/xuatso 31/12/2026 1/1/2026           | ?   ?   ?   ?   ?   ?   ?   ?   ?   t
/nhatky                               | ?   ?   ?   ?   ?   ?   ?   ?   ?   o
/tinhtrang                            | ?   ?   ?   ?   ?   ?   ?   ?   ?   o
/nhom                                 | ?   ?   o   o   o   o   ?   ?   ?   o
cs                                    | x   x   x   x   x   x   x   x   x   x
sk:contact                            | x   x   x   x   x   x   x   x   x   x
pf:dat-dai                            | x   x   x   x   x   x   x   x   x   x
fp:1                                  | x   x   x   x   x   x   x   x   x   x
ed:name                               | x   x   x   x   x   x   x   x   x   x
sq                                    | o   o   o   o   o   o   o   o   o   o
cx                                    | x   x   x   x   x   x   x   x   x   x
lg:en                                 | o   o   o   o   o   o   o   o   o   o
aq                                    | o   o   o   o   o   o   o   o   o   o
my                                    | o   o   o   o   o   o   o   o   o   o
op:{assi}                             | 0   0   o   o   o   0   0   0   o   o
op:{answ}                             | 0   0   o   o   o   0   0   0   o   o
un:{undo}                             | x   x   +   x   x   x   x   x   x   x
fi:{assi}                             | 0   0   o   o   o   0   0   0   o   o
hi:{assi}                             | 0   0   o   o   o   0   0   0   o   o
re:{wait}                             | o   0   o   -   o   0   0   0   -   -
re:{assi}                             | w   0   o   -   o   0   0   0   -   -
sf:{hand}                             | 0   0   -   -   -   0   0   0   o   o
as:{rece}:{agency}:0                  | -   0   0   0   0   0   0   0   +   +
ac:{rece}:0                           | -   0   0   0   0   0   0   0   o   o
fc:{rece}                             | -   0   0   0   0   0   0   0   o   o
fs:{rece}:giao-thong                  | -   0   0   0   0   0   0   0   +   +
rc:{rece}:0                           | -   0   0   0   0   0   0   0   o   o
ra:{rece}:0:khong-ro                  | -   0   0   0   0   0   0   0   o   o
ak:{assi}                             | -   0   +   -   -   0   0   0   -   -
ar:{assi}                             | -   0   +   -   -   0   0   0   -   -
ex:{assi}                             | -   0   o   -   -   0   0   0   -   -
ge:{extn}:{request}                   | -   0   -   -   -   0   0   0   +   +
gw:{extn}:{request}                   | -   0   -   -   -   0   0   0   o   o
rx:{extn}:{request}                   | -   0   -   -   -   0   0   0   o   o
pr:{answ}                             | -   0   o   o   -   0   0   0   o   o
pr:{answ}:2026-12-30                  | -   0   x   x   -   0   0   0   x   x
pk:{answ}:{promise}                   | -   0   o   o   -   0   0   0   o   o
pm:{answ}:{promise}                   | -   0   o   o   -   0   0   0   o   o
pw:{answ}:{promise}                   | -   0   o   o   -   0   0   0   o   o
rt:{assi}                             | -   0   o   -   -   0   0   0   -   -
ea:{assi}                             | -   0   a   -   -   0   0   0   -   -
rb:{assi}                             | -   0   x   -   -   0   0   0   -   -
am:{assi}                             | -   0   o   -   -   0   0   0   -   -
ap:{lead}:1                           | -   0   -   +   -   0   0   0   -   -
ap:{edit}:2                           | -   0   -   a   -   0   0   0   +   +
sb:{lead}:1                           | -   0   -   o   -   0   0   0   -   -
sb:{edit}:2                           | -   0   -   a   -   0   0   0   o   o
er:{edit}:2                           | -   0   -   a   -   0   0   0   o   o
fl:{assi}                             | -   0   +   +   +   0   0   0   +   +
fl:{answ}                             | -   0   +   +   +   0   0   0   +   +
fl:{publ}                             | -   0   +   +   +   0   0   0   +   +
cl:{assi}                             | -   0   -   -   -   0   0   0   a   -
cl:{answ}                             | -   0   -   -   -   0   0   0   a   -
cd:{answ}                             | -   0   -   -   -   0   0   0   a   -
mg:{rece}:0                           | -   0   0   0   0   0   0   0   o   o
mi:{rece}:0:{assi}                    | -   0   0   0   0   0   0   0   x   x
co:{answ}                             | -   0   o   -   -   0   0   0   o   o
co:{corr}                             | -   0   o   -   -   0   0   0   v   v
cw:{corr}                             | -   0   +   -   -   0   0   0   -   -
cw:{answ}                             | -   0   z   -   -   0   0   0   z   z
ap:{corr}:{correction}                | -   0   -   +   -   0   0   0   -   -
sb:{corr}:{correction}                | -   0   -   o   -   0   0   0   -   -
er:{corr}:{correction}                | -   0   -   a   -   0   0   0   -   -
rn:{answ}                             | -   0   -   -   -   0   0   0   w   w
pu:{answ}                             | -   0   -   -   -   0   0   0   o   o
up:{publ}                             | -   0   -   -   -   0   0   0   o   o
eq:{publ}                             | -   0   -   -   -   0   0   0   o   o
sm:{rece}:question                    | a   0   0   0   0   0   0   0   -   -
cp:{answ}:yes                         | +   0   -   -   -   0   0   0   -   -
ep:{answ}                             | x   x   x   x   x   x   x   x   x   x
an:{answ}                             | x   x   x   x   x   x   x   x   x   x
es:{answ}                             | x   x   x   x   x   x   x   x   x   x
dv:{post}                             | 0   0   -   -   -   0   0   0   o   o
of:{answ}                             | -   0   -   -   -   0   0   0   +   +
ds:{post}                             | x   x   x   x   x   x   x   x   x   x
rr:{answ}:4                           | +   0   -   -   -   0   0   0   -   -
ro:{answ}                             | o   0   -   -   -   0   0   0   -   -
wd:{assi}                             | o   0   -   -   -   0   0   0   -   -
tr:{assi}                             | o   o   o   o   o   o   o   o   o   o
tr:{publ}                             | o   o   o   o   o   o   o   o   o   o
sa:{assi}                             | 0   0   x   x   x   0   0   0   x   x
ol:{assi}                             | 0   0   x   x   x   0   0   0   x   x
dp:{assi}:part:1                      | 0   0   x   x   x   0   0   0   x   x
sl:mine                               | o   o   o   o   o   o   o   o   o   o
sl:work                               | -   -   o   o   o   o   -   -   -   -
sl:approvals                          | -   -   -   o   -   -   -   -   o   o
sl:new                                | -   -   -   -   -   -   -   -   o   o
ls:new:1                              | -   -   -   -   -   -   -   -   o   o
sl:overdue                            | -   -   -   -   -   -   -   -   o   o
sl:agency:{agency}                    | -   -   o   o   -   -   -   -   o   o
sl:agency                             | x   x   x   x   x   x   x   x   x   x
ls:agency:{agency}:1                  | -   -   o   o   -   -   -   -   o   o
sl:airings                            | -   -   -   -   -   -   -   -   o   o
sl:broadcasts                         | -   -   -   -   -   -   -   -   o   o
sl:broadcasts_ended                   | -   -   -   -   -   -   -   -   o   o
sl:blocked                            | -   -   -   -   -   -   -   -   o   o
sl:holders                            | -   -   -   -   -   -   -   -   -   o
sl:invitations                        | -   -   -   -   -   -   -   -   -   o
sl:days                               | -   -   -   -   -   -   -   -   -   o
sl:audit                              | -   -   -   -   -   -   -   -   -   o
ok                                    | x   x   x   x   x   x   x   x   x   x
qt                                    | x   x   x   x   x   x   x   x   x   x
sw                                    | x   x   x   x   x   x   x   x   x   x
in:post                               | x   x   x   x   x   x   x   x   x   x
iv:editor                             | -   -   -   -   -   -   -   -   -   +
iv:officer                            | -   -   -   -   -   -   -   -   -   o
gm:{agency}                           | x   x   x   x   x   x   x   x   x   x
ie:{invitation}                       | -   -   -   -   -   -   -   -   -   o
vy:{role}                             | -   -   -   -   -   -   -   -   a   -
vn:{role}                             | -   -   -   -   -   -   -   -   a   -
bl:{assi}                             | -   0   -   -   -   0   0   0   o   o
bd:{assi}:2026-12-02                  | x   x   x   x   x   x   x   x   x   x
bu:1                                  | -   -   -   -   -   -   -   -   x   x
bq:{assi}                             | -   0   -   -   -   0   0   0   m   m
rv:{role}                             | -   -   -   -   -   -   -   -   -   o
da:off                                | -   -   -   -   -   -   -   -   -   o
dd:2026-11-05                         | -   -   -   -   -   -   -   -   -   l
cy:2027                               | -   -   -   -   -   -   -   -   -   o
le:all                                | -   -   -   -   -   -   -   -   -   +
le:ever                               | -   -   -   -   -   -   -   -   -   x
wc:{consent}                          | +   x   x   x   x   x   x   x   x   x
odf                                   | +   +   +   +   +   +   +   +   +   +
odc:full_name                         | o   o   o   o   o   o   o   o   o   o
odn                                   | x   x   x   x   x   x   x   x   x   x
ode                                   | o   o   r   r   r   r   o   o   r   r
oda:{assi}                            | -   0   -   -   -   0   0   0   c   c
oda:{hand}                            | 0   0   -   -   -   0   0   0   o   o
brn                                   | -   -   -   -   -   -   -   -   +   +
bre:to                                | -   -   -   -   -   -   -   -   x   x
brd:at_once                           | -   -   -   -   -   -   -   -   x   x
bra:all                               | -   -   -   -   -   -   -   -   x   x
brf:1                                 | -   -   -   -   -   -   -   -   x   x
brs                                   | -   -   -   -   -   -   -   -   o   o
brx                                   | -   -   -   -   -   -   -   -   x   x
bro:{broadcast}                       | -   -   -   -   -   -   -   -   +   o
brp:{broadcast}                       | -   -   -   -   -   -   -   -   o   o
brr:{broadcast}                       | -   -   -   -   -   -   -   -   o   o
brt:{broadcast}                       | -   -   -   -   -   -   -   -   k   k
brc:{broadcast}                       | -   -   -   -   -   -   -   -   +   +
bry:{broadcast}                       | -   -   -   -   -   -   -   -   b   o
bry:{waiting}                         | -   -   -   -   -   -   -   -   b   +
brg:{broadcast}:missed                | -   -   -   -   -   -   -   -   g   g
brm:{broadcast}                       | -   -   -   -   -   -   -   -   o   o
sul:all                               | o   o   o   o   o   o   o   o   o   o
sus                                   | o   o   o   o   o   o   o   o   o   o
sum                                   | o   o   o   o   o   o   o   o   o   o
suf:1                                 | o   o   o   o   o   o   o   o   o   o
sut:1:0:links                         | +   +   +   +   +   +   +   +   +   +
sud:1                                 | +   +   +   +   +   +   +   +   +   +
sug:0                                 | o   o   o   o   o   o   o   o   o   o
sur:all                               | o   o   o   o   o   o   o   o   o   o
aio:A24:2026-11-07                    | -   -   -   -   -   -   -   -   o   o
aim:A24:2026-11-07                    | -   -   -   -   -   -   -   -   o   o
aic:A24:2026-11-07                    | -   -   -   -   -   -   -   -   o   o
air:A24:2026-11-07                    | -   -   -   -   -   -   -   -   s   s
aia                                   | -   -   -   -   -   -   -   -   o   o
aiw:yes                               | x   x   x   x   x   x   x   x   x   x
ait:A24:2026-11-07                    | -   -   -   -   -   -   -   -   o   o
aie:A24:2026-11-07:{episode}          | -   -   -   -   -   -   -   -   +   +
aiu:A24:2026-11-07                    | -   -   -   -   -   -   -   -   +   +
aif                                   | o   o   o   o   o   o   o   o   o   o
epo:{episode}                         | -   -   -   -   -   -   -   -   o   o
epy:0:1                               | -   -   -   -   -   -   -   -   o   o
epn                                   | -   -   -   -   -   -   -   -   o   o
epf:0                                 | x   x   x   x   x   x   x   x   x   x
epp:{episode}                         | -   -   -   -   -   -   -   -   o   o
epe:{episode}:title                   | -   -   -   -   -   -   -   -   o   o
epq:{episode}                         | -   -   -   -   -   -   -   -   o   o
epc:{episode}:0:0:0:1                 | x   x   x   x   x   x   x   x   x   x
epi:{episode}:0:0:0:1:{rece}          | x   x   x   x   x   x   x   x   x   x
epx:{episode}:{answ}                  | -   0   -   -   -   0   0   0   o   o
epu:{episode}:{publ}                  | -   0   -   -   -   0   0   0   +   +
epw:{episode}:{answ}                  | -   0   -   -   -   0   0   0   o   o
epa:{episode}:{answ}                  | -   0   -   -   -   0   0   0   +   +
epg:{episode}                         | -   -   -   -   -   -   -   -   o   o
epb:{episode}                         | -   -   -   -   -   -   -   -   o   o
epk:{episode}:{guest}                 | -   -   -   -   -   -   -   -   o   o
epz:{episode}:{guest}                 | -   -   -   -   -   -   -   -   +   +
epr:{episode}                         | -   -   -   -   -   -   -   -   +   +
scp:{episode}                         | -   -   -   -   -   -   -   -   n   n
sca:{receipt}                         | x   x   +   +   x   x   x   x   x   x
scd:{receipt}                         | x   x   o   o   x   x   x   x   x   x
scs:{receipt}                         | x   x   o   o   x   x   x   x   x   x
scg:{receipt}:{guest}                 | x   x   o   o   x   x   x   x   x   x
lia:{episode}                         | -   -   -   -   -   -   -   -   o   o
lis:{episode}                         | -   -   -   -   -   -   -   -   o   o
lim:{episode}                         | -   -   -   -   -   -   -   -   o   o
liv:{episode}                         | -   -   -   -   -   -   -   -   o   o
liu:{undo}                            | x   x   x   x   x   x   x   x   x   x
lir:{link}                            | -   -   -   -   -   -   -   -   +   +
lil:{link}                            | -   -   -   -   -   -   -   -   o   o
liq:{link}:{answ}                     | -   -   -   -   -   -   -   -   o   o
liw:{link}                            | -   -   -   -   -   -   -   -   o   o
lip:1:0:0:                            | o   o   o   o   o   o   o   o   o   o
lif:1:0:0:                            | o   o   o   o   o   o   o   o   o   o
liy:1:0:0:                            | o   o   o   o   o   o   o   o   o   o
lio:{episode}                         | o   o   o   o   o   o   o   o   o   o
"""

# While a question is, or may be, a denunciation: what differs.
PROMISE_HIDDEN = """
what is typed, or a button's data        | ask cit off lea coo out rev unk edi adm
/danhgia {answ} 5 Tốt                 | h   0   -   -   -   0   0   0   -   -
/molai {answ} Chưa rõ                 | h   0   -   -   -   0   0   0   -   -
/xem {assi}                           | ?   ?   o   o   o   0   ?   ?   +   o
/xem {answ}                           | ?   ?   o   o   o   0   ?   ?   +   o
/xem {wait}                           | ?   ?   o   o   o   0   ?   ?   +   o
/nhan {assi}                          | ?   ?   h   ?   -   0   ?   ?   ?   ?
/trave {assi} Không đúng thẩm quyền   | ?   ?   h   ?   -   0   ?   ?   ?   ?
/hoithem {assi} Số nhà nào?           | ?   ?   h   ?   -   0   ?   ?   ?   ?
/giahan {assi} 3 Chờ đo               | ?   ?   h   ?   -   0   ?   ?   -   -
/giahan {extn} đồng ý                 | ?   ?   d   ?   d   d   ?   ?   h   h
/giahan {extn} không Đã đủ            | ?   ?   d   ?   d   d   ?   ?   h   h
/hua {answ} 30/12/2026 Sửa xong       | ?   ?   h   h   -   0   ?   ?   h   h
/hua {answ} xong Đã sửa               | ?   ?   h   h   -   0   ?   ?   h   h
/traloi {assi} Xin trả lời            | ?   ?   h   ?   -   0   ?   ?   ?   ?
/duyet {lead}                         | ?   ?   ?   h   ?   ?   ?   ?   -   h
/duyet {edit}                         | ?   ?   ?   h   ?   ?   ?   ?   h   h
/sualai {lead} Chưa rõ                | ?   ?   ?   h   ?   ?   ?   ?   -   h
/sualai {edit} Chưa rõ                | ?   ?   ?   h   ?   ?   ?   ?   h   h
/chuyen {rece} SYT                    | ?   ?   ?   ?   ?   ?   ?   ?   h   h
/chuyen {rece}                        | ?   ?   ?   ?   ?   ?   ?   ?   h   h
/linhvuc {rece} giao thông            | ?   ?   ?   ?   ?   ?   ?   ?   h   h
/linhvuc {rece}                       | ?   ?   ?   ?   ?   ?   ?   ?   h   h
/tuchoi {rece} khong-ro               | ?   ?   ?   ?   ?   ?   ?   ?   o   h
/tuchoi {rece}                        | ?   ?   ?   ?   ?   ?   ?   ?   o   h
/gop {rece} {assi}                    | ?   ?   ?   ?   ?   ?   ?   ?   h   h
/congkhai {answ}                      | ?   ?   ?   ?   ?   ?   ?   ?   h   h
/dinhchinh {answ} Nội dung khác       | ?   ?   h   ?   -   0   ?   ?   h   h
/dinhchinh {corr} Nội dung khác       | ?   ?   h   ?   -   0   ?   ?   h   h
/dinhchinh {corr} rút                 | ?   ?   h   ?   -   0   ?   ?   h   h
/duyet {corr}                         | ?   ?   ?   h   ?   ?   ?   ?   -   h
/sualai {corr} Chưa rõ                | ?   ?   ?   h   ?   ?   ?   ?   -   h
/chan {assi} Chửi bới                 | ?   ?   ?   ?   ?   ?   ?   ?   h   h
/chan {assi}                          | ?   ?   ?   ?   ?   ?   ?   ?   h   h
/chan {assi} bỏ                       | ?   ?   ?   ?   ?   ?   ?   ?   h   h
bl:{assi}                             | -   0   -   -   -   0   0   0   h   h
bq:{assi}                             | -   0   -   -   -   0   0   0   h   h
/kyphat 12/2026 chọn {rece}           | ?   ?   ?   ?   ?   ?   ?   ?   h   h
op:{assi}                             | 0   0   o   o   o   0   0   0   +   o
op:{answ}                             | 0   0   o   o   o   0   0   0   +   o
fi:{assi}                             | 0   0   h   h   h   0   0   0   +   h
hi:{assi}                             | 0   0   h   h   h   0   0   0   +   h
oda:{hand}                            | 0   0   -   -   -   0   0   0   o   h
/xoadulieu {hand}                     | o   o   -   -   -   0   o   o   o   h
re:{wait}                             | h   0   h   -   -   0   0   0   -   -
re:{assi}                             | h   0   h   -   -   0   0   0   -   -
sf:{hand}                             | 0   0   -   -   -   0   0   0   h   h
as:{rece}:{agency}:0                  | -   0   0   0   0   0   0   0   h   h
ac:{rece}:0                           | -   0   0   0   0   0   0   0   h   h
fc:{rece}                             | -   0   0   0   0   0   0   0   h   h
fs:{rece}:giao-thong                  | -   0   0   0   0   0   0   0   h   h
rc:{rece}:0                           | -   0   0   0   0   0   0   0   o   h
ra:{rece}:0:khong-ro                  | -   0   0   0   0   0   0   0   o   h
ak:{assi}                             | -   0   h   -   -   0   0   0   -   -
ar:{assi}                             | -   0   h   -   -   0   0   0   -   -
ex:{assi}                             | -   0   h   -   -   0   0   0   -   -
ge:{extn}:{request}                   | -   0   -   -   -   0   0   0   h   h
gw:{extn}:{request}                   | -   0   -   -   -   0   0   0   h   h
rx:{extn}:{request}                   | -   0   -   -   -   0   0   0   h   h
pr:{answ}                             | -   0   h   h   -   0   0   0   h   h
pr:{answ}:2026-12-30                  | -   0   h   h   -   0   0   0   h   h
pk:{answ}:{promise}                   | -   0   h   h   -   0   0   0   h   h
pm:{answ}:{promise}                   | -   0   h   h   -   0   0   0   h   h
pw:{answ}:{promise}                   | -   0   h   h   -   0   0   0   h   h
rt:{assi}                             | -   0   h   -   -   0   0   0   -   -
ea:{assi}                             | -   0   h   -   -   0   0   0   -   -
rb:{assi}                             | -   0   h   -   -   0   0   0   -   -
am:{assi}                             | -   0   h   -   -   0   0   0   -   -
ap:{lead}:1                           | -   0   h   h   h   0   0   0   -   h
ap:{edit}:2                           | -   0   h   h   h   0   0   0   h   h
sb:{lead}:1                           | -   0   h   h   h   0   0   0   -   h
sb:{edit}:2                           | -   0   h   h   h   0   0   0   h   h
er:{edit}:2                           | -   0   h   h   h   0   0   0   h   h
fl:{assi}                             | -   0   h   h   h   0   0   0   h   h
fl:{answ}                             | -   0   h   h   h   0   0   0   h   h
fl:{publ}                             | -   0   h   h   h   0   0   0   h   h
/nghitocao {answ}                     | ?   ?   h   h   h   0   ?   ?   h   h
/tuchoi {answ} to-cao                 | ?   ?   ?   ?   ?   ?   ?   ?   o   -
cl:{assi}                             | -   0   -   -   -   0   0   0   +   -
cl:{answ}                             | -   0   -   -   -   0   0   0   +   -
cd:{answ}                             | -   0   -   -   -   0   0   0   o   -
mg:{rece}:0                           | -   0   0   0   0   0   0   0   h   h
mi:{rece}:0:{assi}                    | -   0   0   0   0   0   0   0   h   h
co:{answ}                             | -   0   h   -   -   0   0   0   h   h
co:{corr}                             | -   0   h   -   -   0   0   0   h   h
cw:{corr}                             | -   0   h   -   -   0   0   0   h   h
cw:{answ}                             | -   0   h   -   -   0   0   0   h   h
ap:{corr}:{correction}                | -   0   h   h   h   0   0   0   -   h
sb:{corr}:{correction}                | -   0   h   h   h   0   0   0   -   h
er:{corr}:{correction}                | -   0   h   h   h   0   0   0   -   h
rn:{answ}                             | -   0   -   -   -   0   0   0   h   h
pu:{answ}                             | -   0   -   -   -   0   0   0   h   h
up:{publ}                             | -   0   -   -   -   0   0   0   h   h
eq:{publ}                             | -   0   -   -   -   0   0   0   h   h
cp:{answ}:yes                         | h   0   -   -   -   0   0   0   -   -
dv:{post}                             | 0   0   -   -   -   0   0   0   h   h
of:{answ}                             | -   0   -   -   -   0   0   0   h   h
rr:{answ}:4                           | h   0   -   -   -   0   0   0   -   -
ro:{answ}                             | h   0   -   -   -   0   0   0   -   -
epx:{episode}:{answ}                  | -   0   -   -   -   0   0   0   h   h
epu:{episode}:{publ}                  | -   0   -   -   -   0   0   0   h   h
epw:{episode}:{answ}                  | -   0   -   -   -   0   0   0   h   h
epa:{episode}:{answ}                  | -   0   -   -   -   0   0   0   h   h
lim:{episode}                         | -   -   -   -   -   -   -   -   e   e
liq:{link}:{answ}                     | -   -   -   -   -   -   -   -   e   e
"""
PROMISE_CONFIRMED = """
cl:{assi}                             | -   0   -   -   -   0   0   0   a   -
cl:{answ}                             | -   0   -   -   -   0   0   0   a   -
cd:{answ}                             | -   0   -   -   -   0   0   0   a   -
/tuchoi {answ} to-cao                 | ?   ?   ?   ?   ?   ?   ?   ?   w   h
"""

# What of a question's words somebody reads by all of that together.
WORDS = {
    "text": TEXT,
    "name": NAME,
    "address": ADDRESS,
    "contact": CONTACT,
    "answer": DRAFT,
    "clarification": NOTE,
}
NOTHING: frozenset[str] = frozenset()
AGENCY = frozenset({"text", "name", "address", "answer", "clarification"})
ALL = frozenset(WORDS)
SEES = {
    "asker": ALL,
    "citizen": NOTHING,
    "officer": AGENCY,
    "leader": AGENCY,
    "coord": AGENCY,
    "outside": NOTHING,
    "revoked": NOTHING,
    "unknown": NOTHING,
    "editor": ALL,
    "admin": ALL,
}
# Of a denunciation the asker reads who they said they are, and what an agency had told them; not their own words.
SEES_HIDDEN = dict.fromkeys(WHO, NOTHING) | {
    "asker": frozenset({"name", "address", "contact", "answer", "clarification"}),
    "editor": ALL,
}

Promise = dict[str, dict[str, str]]  # what is typed or pressed → who → mark


def read(*tables: str) -> Promise:
    promise: Promise = {}
    for line in "".join(tables).strip().splitlines():
        what, _, cells = line.rpartition("|")
        if cells.split() and cells.split()[0] != "ask":
            promise[what.strip()] = dict(zip(WHO, cells.split(), strict=True))
    return promise


def update(place: Place, line: str, who: str) -> dict[str, Any]:
    if line.startswith("/"):
        return message(place.people[who], line.format(**place.codes))
    return press(place.people[who], line.format(**place.ids))


@pytest.fixture(scope="module")
def programme() -> Programme:
    return UNLIMITED


@pytest.fixture
async def sqlite(sqlite_url: str, programme: Programme) -> AsyncIterator[Database]:
    clock = SetClock(datetime(2026, 11, 2, 2, tzinfo=UTC))
    opened = Database(sqlite_url, clock=clock, programme=programme)
    yield opened
    await opened.close()


# --- kept -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secrecy", list(Secrecy))
async def test_each_may_do_and_see_what_the_table_promises_and_nothing_else(
    sqlite: Database, application: Any, secrecy: Secrecy
) -> None:
    place = await settle(sqlite, application)
    await make_all(sqlite, secrecy)
    match secrecy:
        case Secrecy.NONE:
            promise, sees = read(PROMISE), SEES
        case Secrecy.CLEARED:  # what is not about a question is the same for all
            promise, sees = (
                {line: row for line, row in read(PROMISE).items() if _about_a_question(line)},
                SEES,
            )
        case _:
            confirmed = PROMISE_CONFIRMED if secrecy is Secrecy.CONFIRMED else ""
            promise = {line: row for line, row in read(PROMISE).items() if _about_a_question(line)}
            promise |= read(PROMISE_HIDDEN, confirmed)
            sees = SEES_HIDDEN
    seen: dict[str, set[str]] = {who: set() for who in WHO}
    wrong = []
    async with undone(sqlite, application) as attempts:
        before = await rows_of(
            attempts.work, TRACES | {"conversations", "question_drafts", "answers_being_written"}
        )
        for line, row in promise.items():
            wrong += await _nothing_is_done(attempts, place, line, row, seen)
        after = await rows_of(
            attempts.work, TRACES | {"conversations", "question_drafts", "answers_being_written"}
        )
        wrong += [
            f"{table} was changed by what should not" for table in after if after[table] != before[table]
        ]
        for line, row in promise.items():
            for who in WHO:
                if row[who] == "+":
                    wrong += await _it_is_done(attempts, place, line, who, seen)
    wrong += [
        f"{who} read {sorted(seen[who])}, not {sorted(sees[who])}" for who in WHO if seen[who] != sees[who]
    ]
    assert not wrong, "\n".join(wrong)


_LISTS_OF_QUESTIONS = re.compile(
    r"/(cuatoi|hoidap|viec|duyet|moi|quahan|dulieu|kyphat)|my|sl:|ls:|ep[oqc]|li[moq]|sc[ps]"
)


def _about_a_question(line: str) -> bool:
    return any(f"{{{state}}}" in line for state in STATES) or _LISTS_OF_QUESTIONS.match(line) is not None


async def _nothing_is_done(
    attempts: Attempts, place: Place, line: str, row: dict[str, str], seen: dict[str, set[str]]
) -> list[str]:
    """What is wrong with attempts that are refused or only show something; nobody rolls them back."""
    wrong = []
    tried = [who for who in WHO if row[who] != "+"]
    found = await attempts.try_all([update(place, line, who) for who in tried])
    for who, outcome in zip(tried, found.outcomes, strict=True):
        expected = None if row[who] == "o" else MARKS[row[who]].value
        if outcome.failed:
            wrong.append(f"{line}: an exception for {who}")
        elif outcome.refused != expected:
            wrong.append(
                f"{line}: {who} {outcome.refused or 'was not refused'}, expected {expected or 'no refusal'}"
            )
        said = found.to(str(place.people[who]))
        if not said and (outcome.refused or line.startswith("/")):
            wrong.append(f"{line}: {who} was told nothing")
        seen[who] |= {what for what, words in WORDS.items() if words in said}
    strangers = {address for address, _ in found.said} - {str(place.people[who]) for who in tried}
    if strangers:
        wrong.append(f"{line}: others were told something: {strangers}")
    for table in (conversations, question_drafts, answers_being_written):
        await attempts.work.run(sa.delete(table))
    return wrong


async def _it_is_done(
    attempts: Attempts, place: Place, line: str, who: str, seen: dict[str, set[str]]
) -> list[str]:
    savepoint = await attempts.work.connection.begin_nested()
    found = await attempts.try_all([update(place, line, who)])
    await savepoint.rollback()
    said = found.to(str(place.people[who]))
    seen[who] |= {what for what, words in WORDS.items() if words in said}
    (outcome,) = found.outcomes
    if outcome.failed or outcome.refused:
        return [f"{line}: {who} {outcome.refused or 'met an exception'}, expected that it is done"]
    return []


def test_the_table_speaks_of_every_command_every_button_and_every_list() -> None:
    lines = list(read(PROMISE))
    typed = {found[0] for line in lines if (found := read_command(line, "danhoi_bot")) is not None}
    assert typed == set(COMMANDS)
    assert {line.split(":")[0] for line in lines if not line.startswith("/")} == {
        act.value for act in PRESSES
    }
    assert {line.split(":")[1] for line in lines if line.startswith("sl:")} == LISTS.keys() | LISTS_OF
    assert set(read(PROMISE_HIDDEN)) <= set(lines)
    assert {mark for row in read(PROMISE, PROMISE_HIDDEN).values() for mark in row.values()} <= {
        "+",
        "o",
        *MARKS,
    }


# --- in the middle of something ---------------------------------------------------------------------------------

# Who begins something, how, and what is typed then; "ok" is the button `Xác nhận`. Somebody who may not do it is put
# at the same step, as if their role had ended meanwhile: what they type or press then does nothing.
STARTED = """
officer | rt:{assi}                      | Không đúng thẩm quyền
officer | am:{assi}                      | Số nhà nào?
officer | ex:{assi}                      | 3 Chờ đo đạc
officer | re:{assi}                      | Xin trả lời
officer | pr:{answ}                      | 30/12/2026 Sửa xong
officer | pk:{answ}:{promise}            | Đã sửa
officer | pm:{answ}:{promise}            | 15/01/2027 Chờ vốn
leader  | sb:{lead}:1                    | Chưa rõ
editor  | rx:{extn}:{request}            | Đã đủ ngày
editor  | ac:{rece}:0                    | SYT
editor  | mg:{rece}:0                    | DH-2026-000002
editor  | sf:{hand}                      | Nhà số 5
editor  | co:{answ}                      | Nội dung khác
officer | co:{answ}                      | Nội dung khác
officer | /dinhchinh {answ} Khác         | Ghi nhầm
editor  | /dinhchinh {answ} Khác         | Ghi nhầm
editor  | dv:{post}                      | Đã gửi thư
editor  | /tuchoi {rece} khong-ro        | ok
editor  | /gop {rece} {assi}             | ok
editor  | /congkhai {answ}               | an:{answ}
editor  | aim:A24:2026-11-07             | 8/11 20:00 Trùng lịch
editor  | aic:A24:2026-11-07             | Trùng lịch
editor  | /lichphat hủy 7/11 19:50 Bận   | ok
editor  | aia                            | 20/11 20:00 KG
editor  | ait:A24:2026-11-07             | 12/2026
editor  | epn                            | Kỳ mới
editor  | epe:{episode}:title            | Tên khác
editor  | epw:{episode}:{answ}           | Khi nào xong?
editor  | epx:{episode}:{answ}           | Thiếu giờ
editor  | epb:{episode}                  | SNNMT; Lê Văn B; Giám đốc
editor  | epk:{episode}:{guest}          | Lê Văn C; Giám đốc
editor  | lia:{episode}                  | https://kgtv.vn/b
editor  | liq:{link}:{answ}              | 12:30
editor  | liw:{link}                     | 1200
editor  | brm:{broadcast}                | 8:00 20/11
editor  | /nhaptay                       | in:post
editor  | oda:{hand}                     | ok
admin   | iv:officer                     | SNNMT
admin   | da:off                         | 5/11/2026
admin   | /ngaynghi 5/11/2026 nghỉ       | ok
admin   | cy:2027                        | ok
admin   | rv:{role}                      | ok
admin   | ie:{invitation}                | ok
"""


async def test_who_may_no_longer_do_what_they_began_changes_nothing_by_going_on(
    sqlite: Database, application: Any
) -> None:
    place = await settle(sqlite, application)
    wrong = []
    async with undone(sqlite, application) as attempts:
        work = attempts.work
        before = await rows_of(work, TRACES | {"conversations", "question_drafts", "answers_being_written"})
        for line in STARTED.strip().splitlines():
            who, start, then = (part.strip() for part in line.split("|"))
            savepoint = await work.connection.begin_nested()
            await attempts.try_all([update(place, start, who)])
            beginner = await people.at(work, "telegram", str(place.people[who]))
            assert beginner is not None
            begun = await stored_conversations.of_person(work, beginner.id)
            assert begun is not None, line
            others = ("citizen", "revoked", "outside")
            for other in others:
                person = await people.at(work, "telegram", str(place.people[other]))
                assert person is not None
                await stored_conversations.set_step(work, person.id, begun.step, dict(begun.data))
            for table in (conversations, question_drafts, answers_being_written):
                await work.run(sa.delete(table).where(table.c.person_id == beginner.id))
            typed = [
                press(place.people[other], then.format(**place.ids))
                if re.fullmatch(r"ok|an:.*|in:.*", then)
                else message(place.people[other], then)
                for other in others
            ]
            found = await attempts.try_all(typed)
            for other, outcome in zip(others, found.outcomes, strict=True):
                if outcome.failed:
                    wrong.append(f"{line}: an exception for {other}")
            after = await rows_of(
                work, TRACES | {"conversations", "question_drafts", "answers_being_written"}
            )
            wrong += [f"{line}: {table} was changed" for table in after if after[table] != before[table]]
            await savepoint.rollback()
    assert not wrong, "\n".join(wrong)
