// What a shopper sees and does, sent to /v1/events as User Behavior Insights 1.3. The pages work without it.
//
// A page says where it wants this: `data-query-id` on the body or on a list of results; on each card `data-type`,
// `data-id`, `data-position`. A card that is half in view for a second is an impression, a click on one of its links a
// click. Elsewhere `data-event="add_to_cart"` (with data-value, data-currency, data-quantity where there are) is sent
// when it is clicked, or, on a video, with the seconds that it played; `data-event-open="join"` when the page opens.
// Type and id are those of the element or of the nearest around it.
//
// Who asks by Global Privacy Control or Do Not Track not to be followed is left alone. Otherwise a random number in a
// first-party cookie tells one browser from another; nothing here says whose it is.
(function () {
  "use strict";
  const ADDRESS = "/v1/events";
  const COOKIE = "souk_client";
  const KEPT_S = 180 * 24 * 3600;
  const SEEN_SHARE = 0.5;
  const SEEN_MS = 1000;
  const SEND_MS = 4000;
  const MOST = 50;

  if (!navigator.sendBeacon || navigator.globalPrivacyControl || navigator.doNotTrack === "1") return;

  // Not crypto.randomUUID: a page without TLS, as on a machine of one's own, does not have it.
  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function clientId() {
    const found = document.cookie.match(/(?:^|; )souk_client=([A-Za-z0-9._:@-]{1,100})/);
    const id = found ? found[1] : newId();
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${COOKIE}=${id}; Path=/; Max-Age=${KEPT_S}; SameSite=Lax${secure}`;
    return id;
  }

  // Storage may be refused (private windows): then a visit is one page long.
  function remembered(key) {
    try {
      return sessionStorage.getItem(key);
    } catch {
      return null;
    }
  }

  function remember(key, value) {
    try {
      sessionStorage.setItem(key, value);
    } catch {
      // nothing is lost but the link between two pages
    }
  }

  const client = clientId();
  const session = remembered("souk.session") || newId();
  remember("souk.session", session);

  let waiting = [];
  let timer = 0;

  function send() {
    clearTimeout(timer);
    timer = 0;
    while (waiting.length) {
      const batch = waiting.splice(0, MOST);
      navigator.sendBeacon(ADDRESS, new Blob([JSON.stringify(batch)], { type: "application/json" }));
    }
  }

  function note(action, about, details) {
    const event = {
      action_name: action,
      application: "souk",
      client_id: client,
      session_id: session,
      timestamp: new Date().toISOString(),
      event_attributes: { object: { object_id: about.id, object_id_type: about.type, object_id_field: "id" } },
    };
    if (about.query) event.query_id = about.query;
    if (about.position > 0) event.event_attributes.position = { ordinal: about.position };
    Object.assign(event.event_attributes, details);
    waiting.push(event);
    if (waiting.length >= MOST) send();
    else if (!timer) timer = setTimeout(send, SEND_MS);
  }

  // What an element is about: itself or its card, the search that showed it, and its place there. A page of one item
  // has no search of its own: it belongs to the one whose card was clicked to come here.
  function about(element) {
    const card = element.closest("[data-type][data-id]");
    if (!card) return null;
    const { type, id } = card.dataset;
    const list = card.closest("[data-query-id]");
    const own = { type, id, query: list && list.dataset.queryId, position: Number(card.dataset.position) || 0 };
    if (own.query) return own;
    try {
      const came = JSON.parse(remembered("souk.came") || "null");
      if (came && came.type === type && came.id === id) return came;
    } catch {
      // somebody else's value
    }
    return own;
  }

  const numbers = { value: Number, currency: String, quantity: Number, seconds: Number };

  function details(element) {
    const found = {};
    for (const [name, read] of Object.entries(numbers)) {
      if (element.dataset[name]) found[name] = read(element.dataset[name]);
    }
    return found;
  }

  document.addEventListener("click", (click) => {
    const target = click.target instanceof Element ? click.target : null;
    if (!target) return;
    const action = target.closest("[data-event]:not(video)");
    const what = about(action || target);
    if (!what) return;
    if (action) {
      note(action.dataset.event, what, details(action));
    } else if (target.closest("a[href]") && what.position) {
      remember("souk.came", JSON.stringify(what));
      note("click", what);
    } else {
      return;
    }
    send(); // the page may go now
  });

  function watched(video) {
    const what = about(video);
    if (!what) return;
    let since = 0;
    let seconds = 0;
    const stop = () => {
      if (since) seconds += (performance.now() - since) / 1000;
      since = 0;
    };
    const tell = () => {
      stop();
      if (seconds >= 1) note(video.dataset.event, what, { seconds: Math.round(seconds * 10) / 10 });
      seconds = 0;
    };
    video.addEventListener("playing", () => {
      if (!since) since = performance.now();
    });
    for (const name of ["pause", "waiting"]) video.addEventListener(name, stop);
    video.addEventListener("ended", tell);
    leaving.push(tell);
  }

  const leaving = [];
  document.querySelectorAll("video[data-event]").forEach(watched);

  document.querySelectorAll("[data-event-open]").forEach((element) => {
    const what = about(element);
    if (what) note(element.dataset.eventOpen, what);
  });

  const timers = new Map();
  const eye =
    "IntersectionObserver" in window &&
    new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting, intersectionRatio } of entries) {
          clearTimeout(timers.get(target));
          if (!isIntersecting || intersectionRatio < SEEN_SHARE) continue;
          const seen = () => {
            eye.unobserve(target);
            const what = about(target);
            if (what) note("impression", what);
          };
          timers.set(target, setTimeout(seen, SEEN_MS));
        }
      },
      { threshold: SEEN_SHARE },
    );
  if (eye) {
    document.querySelectorAll("[data-query-id] [data-type][data-id][data-position]").forEach((card) => eye.observe(card));
  }

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden") return;
    for (const tell of leaving) tell();
    send();
  });
  window.addEventListener("pagehide", () => {
    for (const tell of leaving) tell();
    send();
  });
})();
