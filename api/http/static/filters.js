// What scripts add to the filters: a sheet on phones, a price slider, finding within a long facet, and choices that take
// effect at once for those who use a mouse. Without this file the form has a button.
const WIDE = matchMedia("(min-width: 960px)");
const WAIT_MS = 150;
const SIZE = 20;

const form = document.getElementById("filters");
const details = form.closest("details");

// A press of the mouse or a finger changes one thing and wants to see it; the keyboard goes through many, and sends.
function applyAtOnce() {
  let pointed = false;
  addEventListener("pointerdown", () => { pointed = true; }, true);
  addEventListener("keydown", () => { pointed = false; }, true);
  document.addEventListener("change", (event) => {
    if (!pointed || event.target.form !== form || event.target.type === "number") return;
    if (event.target.name === "sort" || WIDE.matches) form.requestSubmit();
  });
  // Fields that say nothing make no address longer.
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "" || (name === "sort" && value === "relevance")) event.formData.delete(name);
  });
}

function openAsSheet() {
  const sheet = document.createElement("dialog");
  sheet.className = "sheet";
  sheet.setAttribute("aria-label", details.dataset.title);
  const head = document.createElement("div");
  head.className = "sheet-head";
  const title = document.createElement("span");
  title.textContent = details.dataset.title;
  const close = document.createElement("button");
  Object.assign(close, { type: "button", textContent: details.dataset.close });
  head.append(title, close);
  sheet.append(head);
  details.after(sheet);
  const back = () => { details.append(form); };
  details.querySelector("summary").addEventListener("click", (event) => {
    event.preventDefault();
    sheet.append(form);
    sheet.showModal();
  });
  close.addEventListener("click", () => sheet.close());
  sheet.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });
  sheet.addEventListener("close", back);
  WIDE.addEventListener("change", () => { if (WIDE.matches && sheet.open) sheet.close(); });
}

function priceSlider(prices) {
  const steps = prices.dataset.steps.split(" ").map(Number);
  const [low, high] = prices.querySelectorAll("input[type=number]");
  const slider = prices.querySelector(".slider");
  const thumbs = [prices.dataset.low, prices.dataset.high].map((label) => {
    const thumb = document.createElement("input");
    Object.assign(thumb, { type: "range", min: 0, max: steps.length, step: 1 });
    thumb.setAttribute("aria-label", label);
    slider.append(thumb);
    return thumb;
  });
  const numbers = new Intl.NumberFormat(document.documentElement.lang);
  const words = (place) => (place >= steps.length ? prices.dataset.any : numbers.format(steps[place]));
  const draw = () => {
    const [from, to] = thumbs.map((thumb) => Number(thumb.value));
    slider.style.setProperty("--low", `${(100 * from) / steps.length}%`);
    slider.style.setProperty("--high", `${(100 * to) / steps.length}%`);
    thumbs[0].setAttribute("aria-valuetext", words(from));
    thumbs[1].setAttribute("aria-valuetext", words(to));
    thumbs[0].style.zIndex = from > steps.length / 2 ? 2 : 1; // the one that can still move lies on top
  };
  const read = () => {
    const above = steps.findIndex((step) => step >= Number(high.value));
    thumbs[0].value = low.value === "" ? 0 : Math.max(0, steps.findLastIndex((step) => step <= Number(low.value)));
    thumbs[1].value = high.value === "" || above < 0 ? steps.length : above;
    draw();
  };
  const write = (event) => {
    const [from, to] = thumbs.map((thumb) => Number(thumb.value));
    if (from >= to) event.target.value = event.target === thumbs[0] ? to - 1 : from + 1;
    const [at, until] = thumbs.map((thumb) => Number(thumb.value));
    low.value = at <= 0 ? "" : steps[at];
    high.value = until >= steps.length ? "" : steps[until];
    draw();
  };
  for (const thumb of thumbs) thumb.addEventListener("input", write);
  for (const number of [low, high]) number.addEventListener("input", read);
  read();
}

function findWithin(group) {
  const more = group.querySelector(".more");
  const list = group.querySelector(".ticks");
  const first = [...list.children];
  const box = document.createElement("input");
  Object.assign(box, { type: "search", className: "find", placeholder: group.dataset.find, autocomplete: "off", dir: "auto" });
  box.setAttribute("aria-label", group.dataset.find);
  const status = document.createElement("p");
  status.className = "quiet";
  status.setAttribute("role", "status");
  group.querySelector(".finder").append(box, status);
  let timer;
  let running;
  const restore = () => { list.replaceChildren(...first); more.hidden = false; status.textContent = ""; };
  const ask = async () => {
    running?.abort();
    if (!box.value.trim()) return restore();
    running = new AbortController();
    const query = new URLSearchParams([...new FormData(form)].filter(([name, value]) => value !== "" && name !== "sort"));
    for (const [name, value] of [["contains", box.value.trim()], ["size", SIZE]]) query.set(name, value);
    for (const name of ["debug", "explain", "page"]) query.delete(name);
    try {
      const answer = await fetch(`/v1/facets/${encodeURIComponent(group.dataset.facet)}?${query}`, { signal: running.signal });
      if (!answer.ok) return restore();
      const { values } = await answer.json();
      const ticked = new Set(first.filter((item) => item.querySelector("input").checked).map((item) => item.querySelector("input").value));
      // The ticked ones stay: they are part of the search.
      const kept = first.filter((item) => item.querySelector("input").checked);
      list.replaceChildren(...kept, ...values.filter((one) => !ticked.has(String(one.value))).map((one) => tick(first[0], one)));
      more.hidden = true;
      status.textContent = values.length ? "" : group.dataset.nothing;
    } catch (error) {
      if (error.name !== "AbortError") restore();
    }
  };
  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT_MS); });
  box.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
}

function tick(pattern, { value, label, count }) {
  const item = pattern.cloneNode(true);
  const input = item.querySelector("input");
  input.value = value;
  input.checked = false;
  item.querySelector(".tick-label bdi").textContent = label ?? value;
  const number = item.querySelector(".count");
  if (number) number.textContent = new Intl.NumberFormat(document.documentElement.lang).format(count);
  return item;
}

applyAtOnce();
openAsSheet();
for (const prices of form.querySelectorAll(".prices")) priceSlider(prices);
for (const group of form.querySelectorAll("[data-facet]")) findWithin(group);
