// The bar at the top: the clock, the bot's requests, faults, languages, people.

import { get, post, remove } from "./api.js";
import { dialog, field, h } from "./dom.js";
import { currentLanguage, t } from "./words.js";

const FAULTS = ["429", "500", "502", "drop_before", "drop_after", "timeout_before", "timeout_after", "delay"];

export class Bar {
  // `page`: addPerson(), addGroup(), switchLanguage().
  constructor(element, page) {
    this.element = element;
    this.page = page;
    this.ahead = 0;
    this.zone = "UTC";
    setInterval(() => this.tick(), 1000);
  }

  build(state) {
    this.zone = state.time_zone;
    this.clockText = h("time", { class: "clock" });
    this.ok = h("b", {});
    this.refused = h("b", {});
    this.waiting = h("b", {});
    this.dot = h("span", { class: "dot" });
    this.connection = h("span", { class: "sr-only", role: "status" });
    const jump = (label, seconds) => h("button", { type: "button", onclick: () => this.move(this.offset + seconds) }, label);
    this.element.replaceChildren(
      h("div", { class: "brand" }, this.dot, this.connection, h("strong", {}, state.bot.first_name), h("span", {}, `@${state.bot.username}`)),
      h("div", { class: "group", role: "group", "aria-label": t("clock") }, this.clockText,
        jump(t("hour"), 3600), jump(t("day"), 86400), jump(t("days"), 3 * 86400),
        h("button", { type: "button", onclick: () => this.setClock() }, `${t("setClock")}…`),
        h("button", { type: "button", onclick: () => this.move(0) }, t("resetClock"))),
      h("div", { class: "group counters" },
        h("span", { class: "good" }, this.ok, ` ${t("ok")}`),
        h("button", { type: "button", class: "bad", onclick: () => this.showRefused() }, this.refused, ` ${t("refused")}`),
        h("span", {}, this.waiting, ` ${t("waiting")}`)),
      h("div", { class: "group end" },
        this.faultsButton = h("button", { type: "button", onclick: () => this.showFaults() }, t("faults")),
        h("button", { type: "button", onclick: () => this.page.addGroup() }, t("addGroup")),
        h("button", { type: "button", class: "primary", onclick: () => this.page.addPerson() }, `+ ${t("addPerson")}`),
        h("button", { type: "button", lang: currentLanguage() === "vi" ? "en" : "vi", onclick: () => this.page.switchLanguage() }, t("language"))));
    this.update(state);
    this.connected(true);
  }

  update(state) {
    this.offset = state.clock.offset_seconds;
    this.ahead = Date.parse(state.clock.now) - Date.now();
    this.ok.textContent = state.requests.ok;
    const wrong = state.requests.refused + state.requests.failed + state.requests.dropped;
    this.refused.textContent = wrong;
    this.refused.parentElement.classList.toggle("alarm", wrong > 0);
    this.waiting.textContent = state.pending_updates;
    this.faultsButton.textContent = state.faults.length ? `${t("faults")} (${state.faults.length})` : t("faults");
    this.tick();
  }

  // A state is asked for at most every half second, however much happens.
  refresh() {
    this.pending ??= setTimeout(async () => {
      this.pending = null;
      const state = await get("state").catch(() => null);
      if (state) this.update(state);
    }, 500);
  }

  connected(yes) {
    if (!this.dot) return;
    this.dot.classList.toggle("on", yes);
    this.dot.title = this.connection.textContent = yes ? t("live") : t("lost");
  }

  tick() {
    if (!this.clockText) return;
    const now = new Date(Date.now() + this.ahead);
    this.clockText.textContent = new Intl.DateTimeFormat(currentLanguage() === "vi" ? "vi-VN" : "en-GB",
      { timeZone: this.zone, weekday: "short", day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit" }).format(now);
    this.clockText.classList.toggle("moved", Math.abs(this.offset) > 1);
  }

  async move(seconds) {
    const answer = await post("clock", { offset_seconds: seconds }).catch(() => null);
    if (answer?.forwarded === false) dialog(t("clock"), h("p", {}, t("clockNotForwarded")), [[t("close"), null, "primary"]]);
    this.refresh();
  }

  setClock() {
    const local = wallClock(new Date(Date.now() + this.ahead), this.zone);
    const input = h("input", { type: "datetime-local", value: new Date(local).toISOString().slice(0, 16) });
    dialog(t("clock"), field(t("dateTime"), input), [
      [t("cancel")],
      [t("setClock"), () => {
        const wanted = Date.parse(`${input.value}:00Z`);
        if (Number.isNaN(wanted)) return false;
        this.move(Math.round((wanted - wallClock(new Date(), this.zone)) / 1000));
      }, "primary"],
    ]);
  }

  async showRefused() {
    const { requests } = await get("requests?refused=1&limit=50");
    dialog(t("refusedTitle"), requests.length ? h("ul", { class: "log" }, requests.reverse().map((request) =>
      h("li", {}, h("b", {}, `${request.code ?? "✂"} ${request.method}`), h("span", {}, request.description),
        h("code", {}, JSON.stringify(request.params).slice(0, 300))))) : h("p", {}, t("none")), [[t("close"), null, "primary"]]);
  }

  async showFaults() {
    const [{ faults }, { flood }, state] = await Promise.all([get("faults"), get("flood"), get("state")]);
    const kind = h("select", {}, FAULTS.map((name) => h("option", {}, name)));
    const method = h("input", { value: "sendMessage" });
    const count = h("input", { type: "number", min: "1", value: "1" });
    const limits = h("input", { type: "checkbox", checked: flood.enabled });
    const latency = h("input", { type: "number", min: "0", value: `${state.settings.latency_ms}` });
    const keep = async () => {
      await post("flood", { enabled: limits.checked });
      await post("settings", { latency_ms: Number(latency.value) || 0 });
      this.refresh();
    };
    dialog(t("faultsTitle"), h("div", { class: "fields" },
      field(t("faultKind"), kind), field(t("faultMethod"), method), field(t("faultCount"), count),
      h("p", { class: "note" }, `${t("activeFaults")}: ${faults.map((f) => `${f.kind} ${f.method} ×${f.count === null ? "∞" : f.count - f.used}`).join(", ") || t("none")}`),
      h("label", { class: "check" }, limits, h("span", {}, t("flood"))), field(t("latency"), latency)), [
      [t("clearFaults"), async () => { await remove("faults"); this.refresh(); }],
      [t("save"), keep],
      [t("addFault"), async () => {
        await keep();
        await post("faults", { kind: kind.value, method: method.value.trim() || "*", count: Number(count.value) || 1, delay_ms: kind.value === "delay" ? 3000 : 0, retry_after: 3 });
      }, "primary"],
    ]);
  }
}

// What a clock on the wall of the zone shows, as if it were UTC.
function wallClock(date, zone) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).formatToParts(date).map((part) => [part.type, part.value]));
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
}
