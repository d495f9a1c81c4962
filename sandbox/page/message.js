// One message as a bubble. Foreign text becomes text nodes; only the sandbox's own entities make elements.

import { h } from "./dom.js";
import { t } from "./words.js";

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};

// JavaScript's strings count in UTF-16 code units, exactly like the entities' offsets.
export function richText(text, entities, actions, from = 0, to = text.length) {
  const nodes = [];
  let position = from;
  const inside = entities.filter((e) => e.offset >= from && e.offset + e.length <= to);
  for (let i = 0; i < inside.length; i++) {
    const entity = inside[i];
    if (entity.offset < position) continue;
    const end = entity.offset + entity.length;
    nodes.push(text.slice(position, entity.offset));
    const children = richText(text, inside.slice(i + 1), actions, entity.offset, end);
    nodes.push(marked(entity, text.slice(entity.offset, end), children, actions));
    position = end;
  }
  nodes.push(text.slice(position, to));
  return nodes;
}

function marked(entity, covered, children, actions) {
  if (TAGS[entity.type]) return h(TAGS[entity.type], {}, children);
  switch (entity.type) {
    case "spoiler": {
      const reveal = (event) => event.currentTarget.classList.add("revealed");
      return h("span", { class: "spoiler", tabindex: "0", role: "button", onclick: reveal, onkeydown: reveal }, children);
    }
    case "text_link": return link(entity.url, children, actions);
    case "url": return link(/^[a-z]+:\/\//i.test(covered) ? covered : `http://${covered}`, children, actions);
    case "email": return link(`mailto:${covered}`, children, actions);
    case "bot_command": return h("button", { class: "inline-link", type: "button", onclick: () => actions.command(covered) }, children);
    case "mention": case "hashtag": case "phone_number": case "text_mention":
      return h("span", { class: "mention" }, children);
    default: return h("span", {}, children);
  }
}

export function startCode(url, username) {
  const match = /^https?:\/\/(?:t\.me|telegram\.me)\/([A-Za-z0-9_]+)\/?\?start=([A-Za-z0-9_-]{1,64})$/.exec(url);
  return match && match[1].toLowerCase() === username.toLowerCase() ? match[2] : null;
}

function link(url, children, actions) {
  const code = startCode(url, actions.username);
  if (code) return h("button", { class: "inline-link", type: "button", title: url, onclick: () => actions.start(code) }, children);
  if (!/^(https?|mailto):/i.test(url)) return h("span", { class: "mention", title: url }, children);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url }, children);
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} ${t("bytes")}`;
  return bytes < 1 << 20 ? `${(bytes / 1024).toFixed(0)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`;
}

function attachment(file) {
  if (file.kind === "photo" || file.kind === "sticker") {
    const image = h("img", { src: file.url, alt: file.kind === "photo" ? t("photo") : t("sticker"), loading: "lazy", class: file.kind });
    image.addEventListener("error", () => image.replaceWith(h("div", { class: "no-image" }, `${image.alt} · ${size(file.size)}`)));
    return h("a", { href: file.url, target: "_blank", rel: "noopener noreferrer", class: "picture" }, image);
  }
  if (file.kind === "voice" || file.kind === "audio") {
    return h("div", { class: "sound" }, h("span", {}, file.kind === "voice" ? t("voice") : file.name),
      h("audio", { controls: true, preload: "none", src: file.url }));
  }
  if (file.kind === "video") return h("video", { controls: true, preload: "none", src: file.url });
  return h("a", { class: "document", href: file.url, download: file.name },
    h("span", { class: "document-icon", "aria-hidden": "true" }, extension(file.name)),
    h("span", { class: "document-name" }, file.name, h("small", {}, size(file.size))));
}

function extension(name) {
  return (/\.([A-Za-z0-9]{1,4})$/.exec(name)?.[1] ?? "···").toUpperCase();
}

function service(message) {
  const happened = message.service;
  const names = (users) => users.map((user) => user.first_name).join(", ");
  if (happened.new_chat_members) return `${names(happened.new_chat_members)} ${t("joined")}`;
  if (happened.left_chat_member) return `${happened.left_chat_member.first_name} ${t("left")}`;
  if (happened.pinned_message) return t("pinned");
  return t("migrated");
}

function origin(forwarded) {
  return forwarded.sender_user?.first_name ?? forwarded.sender_user_name ?? forwarded.chat?.title ?? "?";
}

function inlineButton(button, message, actions) {
  const press = (event) => actions.press(message, button, event.currentTarget);
  const external = button.url && !startCode(button.url, actions.username);
  return h("button", { type: "button", class: "key", onclick: press, title: button.url ?? "" },
    button.text, external || button.web_app ? h("span", { class: "corner", "aria-hidden": "true" }, "↗") : null);
}

// `actions`: username, press, command, start, reply, edit, forward, time.
export function bubble(message, person, actions) {
  if (message.service) {
    return h("li", { class: "service" }, service(message));
  }
  const own = message.sender_id === person.id;
  const tools = h("div", { class: "tools" },
    tool("↩", t("reply"), () => actions.reply(message)),
    own && message.text ? tool("✎", t("edit"), () => actions.edit(message)) : null,
    tool("↪", t("forward"), () => actions.forward(message)));
  const body = h("div", { class: "bubble" },
    message.chat_id < 0 && !own ? h("div", { class: "sender" }, message.sender) : null,
    message.forward_origin ? h("div", { class: "forwarded" }, `${t("forwardedFrom")} ${origin(message.forward_origin)}`) : null,
    message.reply_to ? h("div", { class: "quote" }, h("b", {}, message.reply_to.sender), h("span", {}, message.reply_to.text || "…")) : null,
    message.files.map(attachment),
    message.contact ? h("div", { class: "card" }, `${t("contact")}: ${message.contact.first_name}, ${message.contact.phone_number}`) : null,
    message.location ? h("div", { class: "card" }, `${t("location")}: ${message.location.latitude}, ${message.location.longitude}`) : null,
    message.text ? h("div", { class: "text", dir: "auto" }, richText(message.text, message.entities, actions)) : null,
    h("div", { class: "stamp" }, message.edited ? `${t("edited")} ` : "", actions.time(message.date)));
  const keys = message.buttons.length ? h("div", { class: "keys" }, message.buttons.map((row) =>
    h("div", { class: "key-row" }, row.map((button) => inlineButton(button, message, actions))))) : null;
  return h("li", { class: `message ${own ? "own" : "other"}${message.media_group_id ? " album" : ""}`, "data-id": `${message.message_id}` },
    h("div", { class: "with-tools" }, body, tools), keys);
}

function tool(sign, label, action) {
  return h("button", { type: "button", class: "tool", title: label, "aria-label": label, onclick: action }, sign);
}
