// Every word of the page, in Vietnamese and English.

const WORDS = {
  vi: {
    title: "Sân thử", addPerson: "Thêm người", addGroup: "Tạo nhóm", language: "English",
    live: "Đang kết nối", lost: "Mất kết nối, đang thử lại…",
    clock: "Giờ của chương trình", hour: "+1 giờ", day: "+1 ngày", days: "+3 ngày", setClock: "Đặt", resetClock: "Giờ thật",
    dateTime: "Ngày và giờ", clockNotForwarded: "Bot chưa nhận được giờ mới.",
    ok: "thành công", refused: "bị từ chối", waiting: "đang chờ bot", refusedTitle: "Yêu cầu của bot bị từ chối", none: "Không có gì.",
    faults: "Sự cố", faultsTitle: "Gây sự cố để thử bot", addFault: "Gây sự cố", clearFaults: "Bỏ hết sự cố",
    faultKind: "Loại", faultMethod: "Phương thức (* là tất cả)", faultCount: "Số lần", activeFaults: "Đang chờ xảy ra",
    flood: "Giới hạn tốc độ gửi (30/giây, 1/giây mỗi cuộc trò chuyện, 20/phút mỗi nhóm)", latency: "Độ trễ (ms)",
    close: "Đóng", cancel: "Thôi", save: "Lưu", ok_button: "Đã hiểu",
    firstName: "Tên", lastName: "Họ", role: "Vai trò", languageCode: "Ngôn ngữ", existing: "Người đã có",
    groupTitle: "Tên nhóm", members: "Thành viên", create: "Tạo",
    chat: "Cuộc trò chuyện", withBot: "Với bot", start: "Bắt đầu", block: "Chặn bot", unblock: "Bỏ chặn", blocked: "Bạn đã chặn bot này.",
    closeColumn: "Đóng cột của", empty: "Chưa có tin nhắn nào.", writeTo: "Nhắn tin", send: "Gửi", attach: "Đính kèm", commands: "Lệnh",
    sticker: "Nhãn dán", asPhoto: "Gửi như ảnh", asDocument: "Gửi như tệp", asVoice: "Gửi như tin nhắn thoại", asVideo: "Gửi như video",
    noCommands: "Bot chưa đặt lệnh nào.", reply: "Trả lời", edit: "Sửa", forward: "Chuyển tiếp", replyingTo: "Trả lời", editing: "Đang sửa",
    edited: "đã sửa", forwardedFrom: "Chuyển tiếp từ", forwardTo: "Chuyển tiếp đến", typing: "đang nhập…", voice: "Tin nhắn thoại", photo: "Ảnh",
    contact: "Liên hệ", location: "Vị trí", joined: "đã vào nhóm", left: "đã rời nhóm", migrated: "Nhóm đã trở thành nhóm lớn", pinned: "Đã ghim",
    openLink: "Mở liên kết", failed: "Không gửi được", newPeople: "Chưa mở ai. Hãy thêm một người để bắt đầu trò chuyện.", copied: "Đã chép",
    bytes: "byte", person: "Người",
  },
  en: {
    title: "Playground", addPerson: "Add person", addGroup: "New group", language: "Tiếng Việt",
    live: "Connected", lost: "Connection lost, trying again…",
    clock: "Programme time", hour: "+1 hour", day: "+1 day", days: "+3 days", setClock: "Set", resetClock: "Real time",
    dateTime: "Date and time", clockNotForwarded: "The bot has not heard of the new time.",
    ok: "accepted", refused: "refused", waiting: "waiting for the bot", refusedTitle: "Refused requests of the bot", none: "Nothing.",
    faults: "Faults", faultsTitle: "Break something to test the bot", addFault: "Break", clearFaults: "Mend everything",
    faultKind: "Kind", faultMethod: "Method (* is all)", faultCount: "Times", activeFaults: "Waiting to strike",
    flood: "Flood limits (30/s, 1/s per chat, 20/min per group)", latency: "Latency (ms)",
    close: "Close", cancel: "Cancel", save: "Save", ok_button: "OK",
    firstName: "First name", lastName: "Last name", role: "Role", languageCode: "Language", existing: "People there already",
    groupTitle: "Group title", members: "Members", create: "Create",
    chat: "Chat", withBot: "With the bot", start: "Start", block: "Block bot", unblock: "Unblock", blocked: "You have blocked this bot.",
    closeColumn: "Close the column of", empty: "No messages yet.", writeTo: "Message", send: "Send", attach: "Attach", commands: "Commands",
    sticker: "Sticker", asPhoto: "Send as photo", asDocument: "Send as file", asVoice: "Send as voice message", asVideo: "Send as video",
    noCommands: "The bot has set no commands.", reply: "Reply", edit: "Edit", forward: "Forward", replyingTo: "Reply to", editing: "Editing",
    edited: "edited", forwardedFrom: "Forwarded from", forwardTo: "Forward to", typing: "is typing…", voice: "Voice message", photo: "Photo",
    contact: "Contact", location: "Location", joined: "joined", left: "left", migrated: "The group has become a supergroup", pinned: "Pinned",
    openLink: "Open link", failed: "Not sent", newPeople: "Nobody is open. Add a person to start a conversation.", copied: "Copied",
    bytes: "bytes", person: "Person",
  },
};

let language = remembered("language") === "en" ? "en" : "vi";

export function t(key) {
  return WORDS[language][key] ?? key;
}

export function currentLanguage() {
  return language;
}

export function switchLanguage() {
  language = language === "vi" ? "en" : "vi";
  remember("language", language);
  document.documentElement.lang = language;
}

// A browser may forbid storage; the page works without it.
export function remembered(key) {
  try {
    return JSON.parse(localStorage.getItem(`sandbox.${key}`));
  } catch {
    return null;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(`sandbox.${key}`, JSON.stringify(value));
  } catch { /* not kept */ }
}
