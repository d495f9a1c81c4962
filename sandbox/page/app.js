// The page: opens columns, listens to what happens and hands it to whom it concerns.

import { follow, get, post } from "./api.js";
import { Bar } from "./bar.js";
import { Column } from "./column.js";
import { dialog, field, h } from "./dom.js";
import { currentLanguage, remember, remembered, switchLanguage, t } from "./words.js";

const OPEN_AT_FIRST = 6;

const place = document.getElementById("columns");
const tabs = document.getElementById("tabs");
const page = { bot: null, groups: [], zone: "UTC", time, closed, opened };
const columns = new Map();
let people = [];
let active = null;

const bar = new Bar(document.getElementById("bar"), {
  addPerson, addGroup,
  switchLanguage() { switchLanguage(); location.reload(); },
});

function time(unix) {
  const date = new Date(unix * 1000);
  const part = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: page.zone, ...options }).format(date);
  return `${part({ day: "2-digit", month: "2-digit" })} ${part({ hour: "2-digit", minute: "2-digit" })}`;
}

function opened(url) {
  const link = h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, url);
  dialog(t("openLink"), h("p", {}, link), [[t("close"), null, "primary"]]);
}

function open(person) {
  if (columns.has(person.id)) return show(person.id);
  const column = new Column(person, page);
  columns.set(person.id, column);
  place.append(column.element);
  kept();
  show(person.id);
}

function closed(column) {
  column.element.remove();
  columns.delete(column.person.id);
  kept();
  show([...columns.keys()][0] ?? null);
}

function kept() {
  remember("open", [...columns.keys()]);
  place.querySelector(".nobody")?.remove();
  if (!columns.size) place.append(h("p", { class: "nobody" }, t("newPeople")));
}

// On a narrow screen one column is seen at a time, chosen by a tab.
function show(id) {
  active = id;
  tabs.replaceChildren(...[...columns.values()].map(({ person }) =>
    h("button", { type: "button", role: "tab", "aria-selected": `${person.id === id}`, "aria-controls": `column-${person.id}`, onclick: () => show(person.id) },
      person.name, person.role_label ? h("small", {}, person.role_label) : null)));
  for (const [other, column] of columns) column.element.classList.toggle("active", other === id);
}

let peopleTurn = 0;

async function reloadPeople() {
  const turn = ++peopleTurn;
  const [users, groups] = await Promise.all([get("users"), get("groups")]);
  if (turn !== peopleTurn && people.length) return;
  people = users.users;
  page.groups = groups.groups;
  for (const person of people) columns.get(person.id)?.refreshPerson(person);
}

function addPerson() {
  const first = h("input", { required: true, autofocus: true });
  const last = h("input", {});
  const role = h("input", {});
  const language = h("select", {}, h("option", {}, "vi"), h("option", {}, "en"));
  const closedPeople = people.filter((person) => !columns.has(person.id));
  const existing = h("select", {}, h("option", { value: "" }, "…"),
    closedPeople.map((person) => h("option", { value: `${person.id}` }, [person.name, person.role_label].filter(Boolean).join(" · "))));
  dialog(t("addPerson"), h("div", { class: "fields" },
    closedPeople.length ? field(t("existing"), existing) : null,
    field(t("lastName"), last), field(t("firstName"), first), field(t("role"), role), field(t("languageCode"), language)), [
    [t("cancel")],
    [t("create"), async () => {
      const chosen = closedPeople.find((person) => `${person.id}` === existing.value);
      if (chosen) return open(chosen);
      if (!first.value.trim()) return false;
      const { user } = await post("users", { first_name: first.value.trim(), last_name: last.value.trim(), role_label: role.value.trim(), language_code: language.value });
      people.push(user);
      open(user);
    }, "primary"],
  ]);
}

function addGroup() {
  const title = h("input", { value: t("groupTitle") });
  const members = people.map((person) => [person, h("input", { type: "checkbox", checked: columns.has(person.id) })]);
  dialog(t("addGroup"), h("div", { class: "fields" }, field(t("groupTitle"), title),
    h("fieldset", {}, h("legend", {}, t("members")), members.map(([person, box]) => h("label", { class: "check" }, box, h("span", {}, person.name))))), [
    [t("cancel")],
    [t("create"), async () => {
      const chosen = members.filter(([, box]) => box.checked).map(([person]) => person.id);
      if (!chosen.length) return false;
      await post("groups", { title: title.value, owner: chosen[0], members: chosen.slice(1), bot: "member" });
      await reloadPeople();
    }, "primary"],
  ]);
}

function happened(event) {
  switch (event.kind) {
    case "message": case "edited": case "deleted": case "pinned":
      for (const column of columns.values()) if (column.chatId === event.chat_id) column.load();
      return bar.refresh();
    case "answer": return columns.get(event.user_id)?.answered(event);
    case "action":
      for (const column of columns.values()) if (column.chatId === event.chat_id) column.isTyping();
      return;
    case "commands": for (const column of columns.values()) column.loadCommands(); return;
    case "user": case "group": return void reloadPeople();
    default: return bar.refresh();
  }
}

let wasLost = true; // what happened before the first connection was not told either

async function connection(yes) {
  bar.connected(yes);
  if (yes && wasLost) {
    await reloadPeople().catch(() => {});
    for (const column of columns.values()) column.load();
    bar.refresh();
  }
  wasLost = !yes;
}

async function begin() {
  document.documentElement.lang = currentLanguage();
  const state = await get("state");
  page.bot = state.bot;
  page.zone = state.time_zone;
  document.title = `${t("title")} · ${state.bot.first_name}`;
  bar.build(state);
  await reloadPeople();
  const known = (remembered("open") ?? []).map((id) => people.find((person) => person.id === id)).filter(Boolean);
  for (const person of known.length ? known : people.slice(0, OPEN_AT_FIRST)) open(person);
  show([...columns.keys()][0] ?? null);
  kept();
  follow(happened, connection);
}

begin();
