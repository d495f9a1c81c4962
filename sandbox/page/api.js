// The control API, as this page uses it.

export class Refused extends Error {}

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(body.error ?? `${response.status}`);
  return body;
}

export async function get(path) {
  return answer(await fetch(`/sandbox/${path}`));
}

export async function post(path, body = {}) {
  return answer(await fetch(`/sandbox/${path}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  }));
}

export async function remove(path) {
  return answer(await fetch(`/sandbox/${path}`, { method: "DELETE" }));
}

export async function upload(path, fields, files) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  for (const file of files) form.append("file", file, file.name);
  return answer(await fetch(`/sandbox/${path}`, { method: "POST", body: form }));
}

// Calls `onEvent` for whatever happens and `onState` when the connection comes or goes.
export function follow(onEvent, onState) {
  const source = new EventSource("/sandbox/events");
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
  source.onmessage = (message) => onEvent(JSON.parse(message.data));
}
