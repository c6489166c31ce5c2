// The chat without reloading: says at once, shows what comes, and keeps what was typed without a network.
// The page is a plain form; this only takes its place.  Texts become text nodes, never markup.

const form = document.getElementById("chat");
const log = document.getElementById("log");
const end = document.getElementById("chat-end");
const field = document.getElementById("text");
const words = form.dataset;

// What waits to be sent outlives the tab: one entry a message, so that two tabs never overwrite each other's.
const WAITING = "vertti.say.";
// What was said is kept for this tab alone, until it is closed: the phone may be somebody else's tomorrow.
const TRANSCRIPT = "vertti.transcript";
const LONGEST_TRANSCRIPT = 60;

// ---- showing ---------------------------------------------------------------------------------------------

let transcript = JSON.parse(sessionStorage.getItem(TRANSCRIPT) || "[]");
const title = document.title;

function remember(entry) {
  transcript = [...transcript, entry].slice(-LONGEST_TRANSCRIPT);
  sessionStorage.setItem(TRANSCRIPT, JSON.stringify(transcript));
}

// Append a bubble to the log; `message` has text (pieces: [words] or [words, address]), when, buttons, file.
function append(message, who, mine) {
  const bubble = document.getElementById("message").content.firstElementChild.cloneNode(true);
  const part = (name) => bubble.querySelector("." + name);
  bubble.classList.add(mine ? "mine" : "theirs");
  part("who").textContent = who;
  part("when").textContent = message.when || "";
  for (const [text, address] of message.text) {
    part("text").append(address ? link(text, address) : text);
  }
  for (const { label, button, say, url } of message.buttons || []) {
    const choice = url ? link(label, url) : document.createElement("button");
    if (!url) Object.assign(choice, { textContent: label, name: say ? "say" : "button", value: say || button });
    else Object.assign(choice, { className: "choice", rel: "noopener noreferrer" });
    part("choices").append(choice);
  }
  if (message.file?.address) {
    const file = link(`${words.file}: ${message.file.name}`, message.file.address);
    part("choices").append(Object.assign(file, { className: "choice", download: message.file.name }));
  }
  const near = window.innerHeight + window.scrollY > end.getBoundingClientRect().top + window.scrollY - 300;
  log.insertBefore(bubble, end);
  if (mine || near) end.scrollIntoView({ block: "end" });
  return bubble;
}

function link(text, address) {
  return Object.assign(document.createElement("a"), { textContent: text, href: address });
}

function showMine({ id, label }) {
  append({ text: [[label]] }, words.you, true).dataset.id = id;
}

function mark(id, state) {
  const bubble = log.querySelector(`[data-id="${id}"] .when`);
  if (bubble && bubble.textContent !== state) bubble.textContent = state;
}

// ---- saying: into the queue first, then out of it, in order ------------------------------------------------

let count = 0;
let sending = false;
let pause = 1000;
let retry;

function say(what, label) {
  const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const order = `${String(Date.now()).padStart(15, "0")}.${String(count++).padStart(6, "0")}`;
  localStorage.setItem(WAITING + order, JSON.stringify({ id, label, kieli: document.documentElement.lang, ...what }));
  remember({ id, label });
  showMine({ id, label });
  send();
}

function waiting() {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(WAITING)).sort();
  return keys.map((key) => ({ key, ...JSON.parse(localStorage.getItem(key)) }));
}

async function send() {
  if (sending) return;
  sending = true;
  clearTimeout(retry);
  for (let next = waiting()[0]; next; next = waiting()[0]) {
    const state = await deliver(next);
    if (state === words.waits) {
      for (const { id } of waiting()) mark(id, state);
      retry = setTimeout(send, pause);
      pause = Math.min(pause * 2, 30000);
      break;
    }
    localStorage.removeItem(next.key);
    mark(next.id, state);
    pause = 1000;
  }
  sending = false;
}

// Say one thing; give the words that then stand under it: none, why it was refused, or that it waits.
async function deliver({ id, text, button, kieli }) {
  for (const attempt of ["first", "with the cookie that the first one brought"]) {
    let answer;
    try {
      answer = await post("/chat/say", { id, text, button, kieli });
    } catch {
      return words.waits;
    }
    if (answer.ok) return listen() || "";
    if (answer.status === 413) return words.tooLong;
    if (answer.status >= 500 || answer.status === 429) return words.waits;
    if (answer.status !== 401) break;
  }
  return words.unsaid;
}

function post(path, values) {
  const headers = { "Content-Type": "application/json" };
  return fetch(path, { method: "POST", headers, body: JSON.stringify(values), signal: AbortSignal.timeout?.(20000) });
}

// ---- hearing: a stream; where it does not come through, a question now and then ------------------------------

const ASK_EVERY = 15000; // ms
const SILENT = 50000; // ms: the server gives a sign of life each 20 s, so this stream is dead
let stream;
let watch;
let seen;
let last = 0;

function listen() {
  if (stream && stream.readyState !== EventSource.CLOSED) return;
  stream = new EventSource("/chat/stream");
  stream.onmessage = (event) => show(JSON.parse(event.data)) || alive();
  stream.addEventListener("alive", alive);
  stream.addEventListener("rest", rest);
  stream.onerror = () => stream.readyState === EventSource.CLOSED && rest();
}

function alive() {
  clearTimeout(watch);
  watch = setTimeout(ask, SILENT);
}

function rest() {
  stream.close();
  clearTimeout(watch);
  watch = setTimeout(ask, ASK_EVERY);
}

async function ask() {
  stream.close();
  try {
    const answer = await fetch(`/chat/messages?after=${last}`);
    if (answer.status === 204) return; // nobody knows us; we listen again when something was said
    for (const message of await answer.json()) show(message);
    listen();
  } catch {
    rest();
  }
}

function show(message) {
  last = Math.max(last, message.id);
  if (message.goodbye) forget();
  if (!transcript.some(({ mark }) => mark === message.mark)) {
    append(message, words.vertti, false);
    remember({ ...message, file: undefined }); // a file is personal: it is there once
    if (document.hidden) document.title = `${words.news} – ${title}`;
  }
  clearTimeout(seen);
  seen = setTimeout(() => post("/chat/seen", { upto: last }).then(() => message.goodbye && forget()), 200);
}

// Somebody erased leaves nothing on this device either; the goodbye stays on the screen.
function forget() {
  transcript = [];
  sessionStorage.removeItem(TRANSCRIPT);
  for (const bubble of log.querySelectorAll("[data-id], [data-mark]")) bubble.remove();
}

// ---- the page ----------------------------------------------------------------------------------------------

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const pressed = event.submitter;
  if (pressed?.name) {
    say({ [pressed.name === "say" ? "text" : "button"]: pressed.value }, pressed.textContent);
  } else if (field.value.trim()) {
    say({ text: field.value }, field.value.trim());
    field.value = "";
    field.focus();
  }
});
