// One person's messenger: a chat, its composer, its notices.

import { Refused, get, post, upload } from "./api.js";
import { dialog, h } from "./dom.js";
import { bubble, startCode } from "./message.js";
import { t } from "./words.js";

const SHOWN = 200;
const TOAST_MS = 3500;
const TYPING_MS = 5000;
const BUSY_MS = 15000;
const HUES = [173, 211, 262, 330, 24, 95, 45, 290];

export class Column {
  // `page`: bot, groups, time(unix), closed(column), opened(url).
  constructor(person, page) {
    this.page = page;
    this.person = person;
    this.chatId = person.id;
    this.shown = new Map();
    this.busy = new Map();
    this.replyTo = this.editing = this.forcedReply = null;
    this.commands = [];
    this.element = h("section", { class: "column", id: `column-${person.id}`, role: "tabpanel" });
    this.build();
  }

  build() {
    const hue = HUES[this.person.id % HUES.length];
    this.element.setAttribute("aria-label", `${this.person.name} ${this.person.role_label}`);
    this.picker = h("select", { class: "chat-picker", "aria-label": t("chat"), onchange: (e) => this.openChat(Number(e.target.value)) });
    this.blockButton = h("button", { type: "button", class: "quiet", onclick: () => this.act(this.person.blocked ? "unblock" : "block") });
    const avatar = h("div", { class: "avatar", "aria-hidden": "true" }, [...this.person.first_name.trim()][0].toUpperCase());
    avatar.style.setProperty("--hue", hue);
    this.list = h("ol", { class: "messages", "aria-live": "polite", tabindex: "0", "aria-label": t("chat") });
    this.empty = h("p", { class: "empty" }, t("empty"));
    this.typing = h("div", { class: "typing", hidden: true }, `${this.page.bot.first_name} ${t("typing")}`);
    this.toasts = h("div", { class: "toasts", role: "status", "aria-live": "assertive" });
    this.context = h("div", { class: "context", hidden: true });
    this.menu = h("div", { class: "menu", hidden: true });
    this.keyboard = h("div", { class: "keyboard", hidden: true });
    this.input = h("textarea", { rows: 1, "aria-label": t("writeTo"), placeholder: t("writeTo"),
      onkeydown: (e) => this.key(e), oninput: () => this.grow() });
    this.files = h("input", { type: "file", multiple: true, hidden: true, onchange: () => this.picked() });
    this.composer = h("form", { class: "composer", onsubmit: (e) => { e.preventDefault(); this.send(); } },
      h("button", { type: "button", class: "round", title: t("commands"), "aria-label": t("commands"), onclick: () => this.toggleMenu() }, "/"),
      h("button", { type: "button", class: "round", title: t("attach"), "aria-label": t("attach"), onclick: () => this.files.click() }, "+"),
      this.input, this.files,
      h("button", { type: "button", class: "round", title: t("sticker"), "aria-label": t("sticker"), onclick: () => this.sticker() }, "☺"),
      h("button", { type: "submit", class: "round primary", title: t("send"), "aria-label": t("send") }, "➤"));
    this.startBar = h("div", { class: "start-bar", hidden: true });
    this.element.replaceChildren(
      h("header", { class: "column-head" }, avatar,
        h("div", { class: "who" }, h("strong", {}, this.person.name), this.person.role_label ? h("span", { class: "role" }, this.person.role_label) : null, this.picker),
        this.blockButton,
        h("button", { type: "button", class: "quiet close", "aria-label": `${t("closeColumn")} ${this.person.name}`, title: t("close"), onclick: () => this.page.closed(this) }, "×")),
      h("div", { class: "scroll" }, this.empty, this.list, this.typing), this.toasts,
      this.context, this.menu, this.composer, this.keyboard, this.startBar);
    // A picture that arrives late must not push the newest message out of sight.
    this.list.addEventListener("load", () => { if (this.stuck) this.toBottom(); }, true);
    this.scroller.addEventListener("scroll", () => {
      this.stuck = this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < 80;
    });
    this.element.addEventListener("dragover", (e) => e.preventDefault());
    this.element.addEventListener("drop", (e) => { e.preventDefault(); if (e.dataTransfer.files.length) this.chooseKind([...e.dataTransfer.files]); });
    this.shown.clear();
    this.refreshPerson(this.person);
    this.load();
  }

  get path() { return `users/${this.person.id}`; }

  get scroller() { return this.list.parentElement; }

  async act(action, body = {}) {
    try {
      return await post(`${this.path}/${action}`, { chat_id: this.chatId, ...body });
    } catch (error) {
      this.toast(error instanceof Refused ? error.message : t("lost"));
      return null;
    }
  }

  refreshPerson(person) {
    this.person = person;
    const chats = [[person.id, `${t("withBot")} ${this.page.bot.first_name}`],
      ...this.page.groups.filter((g) => person.groups.includes(g.id) && !g.migrated_to).map((g) => [g.id, g.title])];
    if (!chats.some(([id]) => id === this.chatId)) this.openChat(person.id);
    this.picker.replaceChildren(...chats.map(([id, name]) => h("option", { value: `${id}`, selected: id === this.chatId }, name)));
    this.picker.hidden = chats.length === 1;
    this.blockButton.textContent = person.blocked ? t("unblock") : t("block");
    this.blockButton.hidden = !person.started;
    const alone = this.chatId === person.id;
    const outside = alone && (!person.started || person.blocked);
    this.composer.hidden = outside;
    this.keyboard.classList.toggle("outside", outside);
    this.startBar.hidden = !outside;
    this.startBar.replaceChildren(
      ...(person.blocked ? [h("span", {}, t("blocked"))] : []),
      h("button", { type: "button", class: "primary wide", onclick: () => person.blocked ? this.act("unblock") : this.act("start", { parameter: person.start }) },
        person.blocked ? t("unblock") : t("start")));
    this.loadCommands();
  }

  openChat(chatId) {
    this.chatId = chatId;
    this.shown.clear();
    this.list.replaceChildren();
    this.keyboard.replaceChildren();
    this.setContext(null);
    this.refreshPerson(this.person);
    this.load();
  }

  async loadCommands() {
    const { commands } = await get(`${this.path}/commands?chat_id=${this.chatId}`).catch(() => ({ commands: [] }));
    this.commands = commands;
  }

  // Several events in a row make one request.
  load() {
    clearTimeout(this.loading);
    this.loading = setTimeout(() => this.reload(), 30);
  }

  async reload() {
    const chatId = this.chatId;
    const turn = this.turn = (this.turn ?? 0) + 1;
    const answer = await get(`chats/${chatId}/messages?limit=${SHOWN}`).catch(() => null);
    // An answer that a later question overtook shows an older chat.
    if (!answer || chatId !== this.chatId || turn !== this.turn) return;
    const before = this.shown.size;
    const seen = new Set();
    for (const message of answer.messages) {
      seen.add(message.message_id);
      const known = this.shown.get(message.message_id);
      if (known?.event === message.event) continue;
      const element = bubble(message, this.person, this.actions());
      if (known) known.element.replaceWith(element);
      else this.list.append(element);
      this.shown.set(message.message_id, { event: message.event, element, message });
    }
    for (const [id, { element }] of this.shown) {
      if (!seen.has(id)) { element.remove(); this.shown.delete(id); }
    }
    this.empty.hidden = this.shown.size > 0;
    if (answer.messages.at(-1)?.from_bot) this.typing.hidden = true;
    this.showKeyboard(answer.messages);
    if (this.stuck || before === 0 || answer.messages.at(-1)?.sender_id === this.person.id) this.toBottom();
  }

  toBottom() {
    this.stuck = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  actions() {
    return {
      username: this.page.bot.username, time: this.page.time,
      press: (message, button, element) => this.press(message, button, element),
      command: (text) => this.act("send", { text }),
      start: (parameter) => this.act("start", { parameter }),
      reply: (message) => this.setContext({ kind: "reply", message }),
      edit: (message) => this.setContext({ kind: "edit", message }),
      forward: (message) => this.forward(message),
    };
  }

  async press(message, button, element) {
    const code = button.url && startCode(button.url, this.page.bot.username);
    if (code) return this.act("start", { parameter: code });
    if (button.url) return this.page.opened(button.url);
    if (button.copy_text) {
      await navigator.clipboard?.writeText(button.copy_text.text).catch(() => {});
      return this.toast(`${t("copied")}: ${button.copy_text.text}`);
    }
    element.classList.add("busy");
    const answer = await this.act("press", { message_id: message.message_id, data: button.callback_data });
    const done = () => element.classList.remove("busy");
    if (!answer?.pressed.query_id) return done();
    if (this.early?.has(answer.pressed.query_id)) return done();
    this.busy.set(answer.pressed.query_id, done);
    setTimeout(done, BUSY_MS);
  }

  // The bot may answer before the press itself has returned.
  answered(event) {
    this.early = (this.early ?? new Set()).add(event.query_id);
    this.busy.get(event.query_id)?.();
    this.busy.delete(event.query_id);
    if (event.text && event.alert) dialog(`${this.page.bot.first_name} → ${this.person.name}`, h("p", { class: "alert-text" }, event.text), [[t("ok_button"), null, "primary"]], this.element);
    else if (event.text) this.toast(event.text);
    const code = event.url && startCode(event.url, this.page.bot.username);
    if (code) this.act("start", { parameter: code });
  }

  toast(text) {
    const note = h("div", { class: "toast" }, text);
    this.toasts.append(note);
    setTimeout(() => note.remove(), TOAST_MS);
  }

  isTyping() {
    this.typing.hidden = false;
    if (this.stuck) this.toBottom();
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => { this.typing.hidden = true; }, TYPING_MS);
  }

  showKeyboard(messages) {
    const last = messages.findLast((message) => message.from_bot && message.keyboard);
    const rows = last?.keyboard.remove_keyboard ? [] : last?.keyboard.keyboard ?? [];
    this.keyboard.hidden = rows.length === 0;
    this.keyboard.replaceChildren(...rows.map((row) => h("div", { class: "key-row" }, row.map((button) =>
      h("button", { type: "button", class: "key", onclick: () => this.act("press", { message_id: last.message_id, label: button.text }) }, button.text)))));
    if (last?.keyboard.force_reply && last.message_id !== this.forcedReply && last === messages.at(-1)) {
      this.forcedReply = last.message_id;
      this.setContext({ kind: "reply", message: last });
    }
  }

  setContext(context) {
    this.mode = context;
    this.context.hidden = !context;
    if (!context) return;
    this.context.replaceChildren(
      h("span", {}, h("b", {}, context.kind === "edit" ? t("editing") : `${t("replyingTo")} ${context.message.sender}`), ` ${context.message.text.slice(0, 80)}`),
      h("button", { type: "button", class: "quiet", "aria-label": t("cancel"), title: t("cancel"), onclick: () => { this.setContext(null); this.input.value = ""; } }, "×"));
    if (context.kind === "edit") this.input.value = context.message.text;
    this.grow();
    this.input.focus();
  }

  key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.send(); }
    if (event.key === "Escape") { this.setContext(null); this.menu.hidden = true; }
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 140)}px`;
    if (this.input.value === "/" && this.menu.hidden) this.toggleMenu();
  }

  async send() {
    const text = this.input.value.trim();
    if (!text) return;
    const mode = this.mode;
    // At once, not when the messenger has answered: by then the next message may stand in the box.
    this.input.value = "";
    this.menu.hidden = true;
    this.setContext(null);
    this.grow();
    const sent = mode?.kind === "edit"
      ? await this.act("edit", { message_id: mode.message.message_id, text })
      : await this.act("send", { text, reply_to: mode?.message.message_id });
    if (sent) return;
    const typed = this.input.value;
    if (!typed && !this.mode) this.setContext(mode);
    this.input.value = typed ? `${text}\n${typed}` : text;
    this.grow();
  }

  async toggleMenu() {
    if (!this.menu.hidden) { this.menu.hidden = true; return; }
    await this.loadCommands();
    this.menu.replaceChildren(...(this.commands.length ? this.commands.map((c) =>
      h("button", { type: "button", onclick: () => { this.menu.hidden = true; this.input.value = ""; this.act("send", { text: `/${c.command}` }); } },
        h("b", {}, `/${c.command}`), h("span", {}, c.description))) : [h("p", {}, t("noCommands"))]));
    this.menu.hidden = false;
    this.menu.querySelector("button")?.focus();
  }

  picked() {
    const files = [...this.files.files];
    this.files.value = "";
    if (files.length) this.chooseKind(files);
  }

  chooseKind(files) {
    const caption = this.input.value.trim();
    const all = (prefix) => files.every((file) => file.type.startsWith(prefix));
    const sendAs = (kind) => async () => {
      try {
        await upload(`${this.path}/files`, { kind, caption, chat_id: this.chatId, reply_to: this.mode?.message.message_id }, files);
        this.input.value = "";
        this.setContext(null);
      } catch (error) {
        this.toast(`${t("failed")}: ${error.message}`);
      }
    };
    const choices = [[t("asDocument"), sendAs("document"), all("image/") ? "" : "primary"]];
    if (all("image/")) choices.unshift([t("asPhoto"), sendAs("photo"), "primary"]);
    if (all("audio/") || all("video/")) choices.push([t("asVoice"), sendAs("voice")]);
    if (all("video/")) choices.push([t("asVideo"), sendAs("video")]);
    choices.push([t("cancel")]);
    dialog(t("attach"), h("p", {}, files.map((file) => file.name).join(", ")), choices, this.element);
  }

  // A drawn face stands for every sticker; what matters to a bot is the kind.
  sticker() {
    const canvas = h("canvas", { width: 256, height: 256 });
    const pen = canvas.getContext("2d");
    pen.font = "200px serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillStyle = "#f4b400";
    pen.beginPath();
    pen.arc(128, 128, 110, 0, 7);
    pen.fill();
    pen.fillStyle = "#3a2c00";
    for (const x of [92, 164]) { pen.beginPath(); pen.arc(x, 105, 13, 0, 7); pen.fill(); }
    pen.lineWidth = 12;
    pen.lineCap = "round";
    pen.strokeStyle = "#3a2c00";
    pen.beginPath();
    pen.arc(128, 135, 58, 0.5, 2.64);
    pen.stroke();
    canvas.toBlob((blob) => upload(`${this.path}/files`, { kind: "sticker", chat_id: this.chatId },
      [new File([blob], "sticker.webp", { type: blob.type })]).catch((error) => this.toast(error.message)), "image/webp");
  }

  forward(message) {
    const targets = [...this.picker.options].map((option) => [Number(option.value), option.textContent]);
    const to = (chatId) => () => { this.act("forward", { from_chat_id: message.chat_id, message_id: message.message_id, chat_id: chatId }); };
    if (targets.length === 1) return to(targets[0][0])();
    dialog(t("forwardTo"), "", [...targets.map(([id, name]) => [name, to(id)]), [t("cancel")]], this.element);
  }
}
