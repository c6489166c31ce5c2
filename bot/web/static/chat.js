// The chat without reloading: says at once, shows what comes, keeps what was typed without a network.
// Without this the page is a plain form and works as one.  Texts become text nodes, never markup.

const form = document.getElementById("chat");
const log = document.getElementById("log");
const end = document.getElementById("chat-end");
const field = document.getElementById("text");
const note = document.getElementById("note");
const words = form.dataset;

// What waits to be sent outlives the tab: an entry each, so that two tabs never overwrite each other's.
const WAITING = "vertti.say.";
// What was said is kept for this tab alone, until it is closed: the phone may be somebody else's tomorrow.
const TRANSCRIPT = "vertti.transcript";
const LONGEST_TRANSCRIPT = 60;

// ---- showing -------------------------------------------------------------------------------------------

let lastWhen = ""; // the time stands once above all that was said at it
let transcript = JSON.parse(sessionStorage.getItem(TRANSCRIPT) || "[]");

// A file is there as long as what told of it; a newer one of its name takes its place, for there is room for few.
function remember(entry) {
  const older = ({ file, ...known }) => (file && file.name !== entry.file?.name ? { ...known, file } : known);
  keep([...(entry.file ? transcript.map(older) : transcript), entry].slice(-LONGEST_TRANSCRIPT));
}

function keep(entries) {
  transcript = entries;
  sessionStorage.setItem(TRANSCRIPT, JSON.stringify(transcript));
}

function link(text, address, more) {
  return Object.assign(document.createElement("a"), { textContent: text, href: address, ...more });
}

// Add a message of Vertti's (it has a mark) or one's own (it has a label) at the end of the log.
function append({ mark, id, label, text = [[label]], when = "", buttons = [], file, picture }) {
  const near = end.getBoundingClientRect().top < window.innerHeight + 200;
  const bubble = document.getElementById("message").content.firstElementChild.cloneNode(true);
  const part = (name) => bubble.querySelector(`.${name}`);
  bubble.classList.add(mark ? "theirs" : "mine");
  bubble.dataset.id = id;
  part("who").textContent = mark ? words.vertti : words.you;
  if (when !== lastWhen) part("when").textContent = when;
  lastWhen = when || lastWhen;
  for (const [some, address] of text) part("text").append(address ? link(some, address) : some);
  if (picture) {
    const shown = { className: "picture", src: picture.address, alt: picture.words };
    const image = Object.assign(document.createElement("img"), shown);
    image.addEventListener("error", () => {
      rest(); // what stood under it moves up
      image.remove(); // the words are complete without it
    });
    part("text").after(image);
  }
  if (file) {
    const whole = { className: "choice", download: file.name };
    part("choices").append(link(`${words.file}: ${file.name}`, file.address, whole));
  }
  for (const { label: name, button, say: said, url } of buttons) {
    const value = { textContent: name, name: said ? "say" : "button", value: said || button };
    const page = { className: "choice", rel: "noopener noreferrer" };
    part("choices").append(url ? link(name, url, page) : Object.assign(document.createElement("button"), value));
  }
  log.insertBefore(bubble, end);
  if (near || !mark) end.scrollIntoView({ block: "end" });
  if (buttons.length) rest();
}

// The second press of a double tap must not fall on what has just moved under the finger.
const CALM = 600; // ms
let calm;

function rest() {
  const choices = () => log.querySelectorAll(".choices button");
  for (const choice of choices()) choice.setAttribute("aria-disabled", "true");
  clearTimeout(calm);
  calm = setTimeout(() => choices().forEach((choice) => choice.removeAttribute("aria-disabled")), CALM);
}

// Somebody erased leaves nothing in this tab either.
function forget() {
  transcript = [];
  sessionStorage.removeItem(TRANSCRIPT);
  for (const bubble of log.querySelectorAll("[data-id]")) bubble.remove();
}

// ---- saying: into the queue first, then out of it, in order -----------------------------------------------

let count = 0;
let sending = false;
let begun = false; // has this browser a cookie?
let pause = 1000; // ms until the next try
let retry;

function say(what, label) {
  const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join("-");
  const order = `${String(Date.now()).padStart(15, "0")}.${String(count++).padStart(6, "0")}`;
  const kieli = document.documentElement.lang;
  localStorage.setItem(WAITING + order, JSON.stringify({ id, label, kieli, ...what }));
  remember({ id, label });
  append({ id, label });
  send();
}

function waiting() {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(WAITING));
  return keys.sort().map((key) => ({ key, ...JSON.parse(localStorage.getItem(key)) }));
}

function mark(id, state) {
  const line = log.querySelector(`.mine[data-id="${id}"] .state`);
  if (line && line.textContent !== state) line.textContent = state; // the same words twice are not read out
}

// What is too long comes back into the field, before whatever was typed meanwhile.
function putBack({ id, text }) {
  keep(transcript.filter((known) => known.id !== id));
  log.querySelector(`.mine[data-id="${id}"]`)?.remove();
  field.value = field.value ? `${text}\n${field.value}` : text;
  note.textContent = words.tooLong;
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
    if (state === words.tooLong) putBack(next);
    else mark(next.id, state);
    pause = 1000;
  }
  sending = false;
}

// Say one thing; give the words to stand under it: none, why it was refused, or that it waits.
async function deliver({ id, text, button, kieli }) {
  let answer;
  try {
    // The cookie comes before the first words: they may be said again if their answer is lost, by the same person.
    if (!begun) begun = (await post("/chat/begin", {})).ok;
    answer = await post("/chat/say", { id, text, button, kieli });
  } catch {
    return words.waits;
  }
  if (answer.status >= 500 || answer.status === 429) return words.waits;
  const tooLong = answer.status === 413; // it was heard all the same, and is answered
  if (answer.ok || tooLong) listen();
  return answer.ok ? "" : tooLong ? words.tooLong : words.unsaid;
}

function post(path, values) {
  const headers = { "Content-Type": "application/json" };
  const signal = AbortSignal.timeout?.(20000);
  return fetch(path, { method: "POST", headers, body: JSON.stringify(values), signal });
}

// ---- hearing: a stream; where it does not come through, a question now and then -----------------------------

const ASK_EVERY = 15000; // ms
const DEAD_AFTER = 50000; // ms: the server gives a sign of life each 20 s
let stream = null;
let last = 0; // the number of the last message shown
let watch;
let seen;

function listen() {
  if (stream && stream.readyState !== EventSource.CLOSED) return;
  stream = new EventSource("/chat/stream");
  stream.addEventListener("open", send);
  stream.addEventListener("message", (event) => show(JSON.parse(event.data)));
  for (const sign of ["alive", "message"]) stream.addEventListener(sign, () => askIn(DEAD_AFTER));
  stream.addEventListener("rest", () => {
    stream.close();
    askIn(ASK_EVERY);
  });
  stream.addEventListener("error", () => stream.readyState === EventSource.CLOSED && askIn(ASK_EVERY));
}

function askIn(time) {
  clearTimeout(watch);
  watch = setTimeout(ask, time);
}

async function ask() {
  stream.close();
  try {
    const answer = await fetch(`/chat/messages?after=${last}`);
    if (answer.status === 204) return; // nobody knows us: we listen again when something was said
    for (const message of await answer.json()) show(message);
    listen();
  } catch {
    askIn(ASK_EVERY);
  }
}

function show(message) {
  last = Math.max(last, message.id);
  if (message.goodbye) forget();
  if (!transcript.some((known) => known.mark === message.mark)) {
    append(message);
    if (!message.goodbye) remember(message);
    if (document.hidden) document.title = words.news;
  }
  if (message.language && message.language !== document.documentElement.lang) follow();
  clearTimeout(seen);
  seen = setTimeout(async () => {
    await post("/chat/seen", { upto: last }).catch(() => {}); // else it comes again, and we know it
    if (!message.goodbye) return;
    stream.close(); // whoever writes here next is somebody new
    begun = false;
  }, 200);
}

// The chat speaks another language now: so does the page, without being loaded again (what is typed stays).
async function follow() {
  const answer = await fetch("/").catch(() => null);
  if (!answer?.ok) return; // the next message tries again
  const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
  const there = drawn.querySelectorAll("[data-words]");
  document.querySelectorAll("[data-words]").forEach((here, n) => here.replaceChildren(...there[n].childNodes));
  Object.assign(words, drawn.getElementById("chat").dataset);
  for (const who of log.querySelectorAll(".theirs .who")) who.textContent = words.vertti;
  for (const who of log.querySelectorAll(".mine .who")) who.textContent = words.you;
  document.documentElement.lang = drawn.documentElement.lang;
  document.title = title = drawn.title;
  const address = new URL(location.href); // it may wish for the language of before
  address.searchParams.delete("kieli");
  history.replaceState(null, "", address);
}

// ---- the page ----------------------------------------------------------------------------------------------

// A finger slips, a key does not: a press by keyboard has no detail.
log.addEventListener("click", (event) => event.detail && event.target.ariaDisabled && event.preventDefault());

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const { name, value, textContent } = event.submitter;
  if (name) {
    rest();
    const address = new URL(location.href); // a start link is said once, also when the page is loaded again
    address.searchParams.delete("start");
    history.replaceState(null, "", address);
    say({ [name === "say" ? "text" : "button"]: value }, textContent);
  } else if (field.value.trim()) {
    const said = field.value;
    field.value = note.textContent = "";
    say({ text: said }, said.trim());
    field.focus();
  }
});

field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit(document.getElementById("send"));
});

let title = document.title;
document.addEventListener("visibilitychange", () => document.hidden || (document.title = title));
window.addEventListener("online", send);

// What the server drew is what a page without scripts shows; here it comes by the stream.  A goodbye comes once.
if (log.querySelector("[data-goodbye]")) forget();
else for (const drawn of log.querySelectorAll(".theirs:not(#hello)")) drawn.remove();
for (const { id, label } of waiting()) {
  if (!transcript.some((known) => known.id === id)) remember({ id, label });
}
transcript.forEach(append);
log.setAttribute("aria-live", "polite"); // only now: what was there already is not read out
if (new URL(location.href).searchParams.has("start")) document.getElementById("hello").scrollIntoView();
send();
listen();
