// Building the page from values only: text is always text, never markup.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function dialog(title, body, buttons, host = document.body) {
  const box = h("dialog", { class: "dialog", "aria-label": title },
    h("form", { onsubmit: (event) => { event.preventDefault(); event.target.querySelector(".primary")?.click(); } }, h("h2", {}, title), body,
      h("div", { class: "dialog-buttons" }, buttons.map(([label, action, kind]) =>
        h("button", { type: "button", class: kind ?? "", onclick: async () => {
          if (await action?.() !== false) box.close();
        } }, label)))));
  box.addEventListener("close", () => box.remove());
  host.append(box);
  box.showModal();
  return box;
}

export function field(label, control) {
  return h("label", { class: "field" }, h("span", {}, label), control);
}
