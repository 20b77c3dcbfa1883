// Suggestions under the search box: an editable combobox with a list, as the ARIA Authoring Practices have it
// (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/). Without this file the box is a plain form.
const WAIT_MS = 120; // a fast typist's pause between two keys is shorter
const LIMIT = 8;
const ICONS = { query: "search", product: "box", category: "grid", brand: "box", creator: "eye", seller: "bag" };

class SearchBox {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=search]");
    this.counts = form.dataset.counts.split("|");
    this.kinds = JSON.parse(form.dataset.kinds);
    this.icons = form.querySelector("use").getAttribute("href").split("#")[0];
    this.found = [];
    this.active = -1;
    this.list = this.makeList();
    this.status = this.makeStatus();
    this.dressInput();
    this.listen();
  }

  makeList() {
    const list = document.createElement("ul");
    Object.assign(list, { id: "suggestions", className: "suggest", hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", this.form.dataset.title);
    this.form.append(list);
    return list;
  }

  makeStatus() {
    const status = document.createElement("div");
    status.className = "unseen";
    status.setAttribute("role", "status");
    this.form.append(status);
    return status;
  }

  dressInput() {
    const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id };
    for (const [name, value] of Object.entries(attributes)) this.input.setAttribute(name, value);
  }

  listen() {
    this.input.addEventListener("input", (event) => event.isComposing || this.soon());
    this.input.addEventListener("compositionend", () => this.soon());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    // A press on the list must not take the focus from the box, which would close the list before the click.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.take([...this.list.children].indexOf(option));
    });
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  async ask() {
    this.running?.abort();
    const typed = this.input.value.trim();
    if (!typed) return this.close();
    this.running = new AbortController();
    // Whatever the search keeps: its `types` are kinds of documents, those of suggestions are others.
    const query = new URLSearchParams({ q: typed, limit: LIMIT });
    try {
      const answer = await fetch(`${this.form.dataset.suggest}?${query}`, { signal: this.running.signal });
      if (!answer.ok) return this.close();
      const { suggestions } = await answer.json();
      if (document.activeElement === this.input) this.show(suggestions);
    } catch (error) {
      if (error.name !== "AbortError") this.close(); // without suggestions the box still searches
    }
  }

  show(suggestions) {
    // Only addresses of ours are followed.
    this.found = suggestions.filter((one) => /^\/(?![/\\])/.test(one.href));
    this.list.replaceChildren(...this.found.map((one, place) => this.option(one, place)));
    this.open(this.found.length > 0);
    this.status.textContent = this.counts[Math.min(this.found.length, this.counts.length - 1)];
  }

  option(one, place) {
    const option = document.createElement("li");
    Object.assign(option, { id: `suggestion-${place}`, className: "suggestion" });
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const text = document.createElement("span");
    text.className = "suggestion-text";
    text.dir = "auto";
    text.append(...this.marked(one));
    const detail = document.createElement("span");
    detail.className = "suggestion-detail";
    detail.textContent = one.detail ?? (one.kind === "query" ? "" : this.kinds[one.kind] ?? "");
    option.append(this.icon(ICONS[one.kind] ?? "search"), text, detail);
    return option;
  }

  // What was typed in a lighter hand: the eye looks for what would be added.
  marked({ text, marked }) {
    const parts = [];
    const characters = [...text];
    let end = 0;
    for (const [from, to] of marked ?? []) {
      const typed = document.createElement("b");
      typed.textContent = characters.slice(from, to).join("");
      parts.push(characters.slice(end, from).join(""), typed);
      end = to;
    }
    return [...parts, characters.slice(end).join("")];
  }

  icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${this.icons}#${name}`);
    svg.append(use);
    return svg;
  }

  key(event) {
    if (event.isComposing || event.keyCode === 229) return; // an input method is at work
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (event.altKey) return event.key === "ArrowDown" ? this.open(this.found.length > 0) : this.close();
      if (!open) return this.found.length ? this.step(event.key, true) : this.ask();
      this.step(event.key);
    } else if (event.key === "Enter" && open && this.active >= 0) {
      event.preventDefault();
      this.take(this.active);
    } else if (event.key === "Escape" && open) {
      event.preventDefault(); // the second one empties the box, as the browser does
      this.close();
    } else if (event.key === "Home" || event.key === "End") {
      this.activate(-1); // the caret moves in the text
    } else if (event.key === "Tab") {
      this.close();
    }
  }

  // Through the options and, between the last and the first, the box itself.
  step(key, opening = false) {
    if (opening) this.open(true);
    const places = this.found.length + 1;
    this.activate(((this.active + 1 + (key === "ArrowDown" ? 1 : places - 1)) % places) - 1);
  }

  activate(place) {
    this.list.children[this.active]?.setAttribute("aria-selected", "false");
    this.active = place;
    const option = this.list.children[place];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  open(is) {
    this.activate(-1);
    this.list.hidden = !is;
    this.input.setAttribute("aria-expanded", String(is));
  }

  close() {
    clearTimeout(this.timer);
    this.running?.abort();
    this.open(false);
    this.status.textContent = "";
  }

  take(place) {
    const { text, kind, href } = this.found[place];
    if (kind === "query") this.input.value = text;
    this.close();
    location.assign(href);
  }
}

for (const form of document.querySelectorAll("form[data-suggest]")) new SearchBox(form);
