/*
 * Tideline's tracker, readable source. Served minified (tracker.js) as /t.js; after a change here
 * run assets/build-tracker.sh.
 *
 *   <script>window.tideline = window.tideline || function () {
 *     (tideline.q = tideline.q || []).push(arguments) }</script>
 *   <script async src="https://stats.example.com/t.js" data-site="shop"></script>
 *
 *   tideline("purchase", { value: 9.99, currency: "EUR", sku: "A-7" })
 *   tideline.identify("user id")                            null forgets it
 *   tideline.experiment("cta", { control: 1, green: 1 })    "control" or "green"
 *   tideline(function () { … })                             runs once the tracker is there
 *
 * data-persist  a random anonymous_id in localStorage; without it nothing identifying is stored
 * data-dnt      sends nothing for a browser that asks not to be tracked
 *
 * Events go to api/v1/events/batch beside the script. Each is in localStorage from the moment it
 * is recorded until the server has answered for it, and carries an id made here: closing the page
 * loses nothing, sending twice is harmless.
 */
(() => {
  const EVENT_PREFIX = "tideline.e.";
  const VARIANT_PREFIX = "tideline.x.";
  const ID_KEY = "tideline.id";
  const GATHER_MS = 100; // events of one moment share a request
  const QUEUE_CHARS = 250000; // leaves the site the rest of its localStorage
  const BATCH_CHARS = 16000; // a keepalive body may have 64 KiB, a char three bytes
  const MAX_AGE_MS = 86400000; // the server takes no older event from a browser
  const FIRST_RETRY_MS = 1000;
  const MAX_RETRY_MS = 300000;
  const DOWNLOADS =
    /\.(pdf|docx?|xlsx?|pptx?|csv|txt|zip|rar|7z|gz|exe|dmg|pkg|mp[34]|mov|wav)$/i;

  const guarded =
    (run) =>
    (...values) => {
      try {
        return run(...values);
      } catch (error) {
        console.error(error);
      }
    };

  guarded(() => {
    const stub = window.tideline || {};
    if (stub.identify) return; // a second copy on the page

    const script = document.currentScript || document.querySelector("script[data-site]");
    const options = script.dataset;
    const endpoint = new URL("api/v1/events/batch", script.src);
    const silent =
      "dnt" in options && (navigator.doNotTrack == 1 || navigator.globalPrivacyControl);
    const persist = "persist" in options && !silent;

    let storage = {};
    try {
      storage = localStorage || storage;
    } catch {} // forbidden: the page's memory has to do

    let user;
    let url; // of the page view that is on; undefined before the first
    let path;
    let referrer = document.referrer;
    let engagedSince = 0;
    let engagedMs = 0;
    let clock = 0; // the last event's timestamp; no two have the same, so they keep their order
    let fresh = []; // recorded since the last flush
    let timer; // of the next flush; one that comes early does no harm
    let resting; // after a failure, until the next try
    let retryMs = FIRST_RETRY_MS;
    const flying = {}; // on their way
    const exposures = {};

    const write = (key, value) => {
      try {
        storage[key] = value;
      } catch {
        storage = { ...storage, [key]: value }; // full: as if forbidden
      }
      return value;
    };

    const randomId = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

    const anonymous = persist ? write(ID_KEY, storage[ID_KEY] || randomId()) : undefined;

    const address = () => location.href.split("#")[0];

    const record = (name, fields = {}) => {
      clock = Math.max(clock + 1, Date.now());
      fresh.push({
        timestamp: clock,
        site_id: options.site,
        name,
        url: address(),
        referrer,
        title: document.title,
        screen: screen.width + "x" + screen.height,
        language: navigator.language,
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        event_id: randomId(),
        user_id: user,
        anonymous_id: anonymous,
        ...JSON.parse(JSON.stringify(fields)), // the page may go on to change its objects
      });
      timer = timer || setTimeout(flush, GATHER_MS);
    };

    // What the page did right after recording, it meant for these events too: a single-page
    // application sets the title after the address, a page identifies its user below the script.
    const store = () => {
      fresh.forEach((event) => {
        event.user_id = event.user_id || user;
        if (event.url == address()) event.title = document.title;
        const json = JSON.stringify(event);
        if (json.length > BATCH_CHARS) console.error("too large", event);
        else write(EVENT_PREFIX + event.timestamp + event.event_id, json);
      });
      fresh = [];
    };

    // Stores, and sends the newest events that are not on their way. `urgent` does not wait for the
    // next try: it is due, the page is leaving or the network is back.
    const flush = guarded((urgent) => {
      timer = 0;
      if (urgent) resting = 0;
      if (silent) return (fresh = []);
      store();
      const batch = [];
      let room = QUEUE_CHARS;
      let size = 0;
      Object.keys(storage)
        .filter((key) => key.startsWith(EVENT_PREFIX))
        .sort()
        .reverse()
        .forEach((key) => {
          const length = storage[key].length;
          const age = Date.now() - key.substr(EVENT_PREFIX.length, 13);
          room -= length;
          if (room < 0 || age > MAX_AGE_MS) delete storage[key];
          else if (!resting && !flying[key] && size + length <= BATCH_CHARS) {
            size += length;
            flying[key] = 1;
            batch.unshift(key);
          }
        });
      if (size) send(batch, '{"events":[' + batch.map((key) => storage[key]) + "]}");
    });

    const send = (batch, body) =>
      fetch(endpoint, { method: "POST", body, keepalive: true, credentials: "omit" })
        .catch((error) => error)
        .then(guarded((answer) => settle(batch, answer)));

    const settle = (batch, { status, headers }) => {
      const done = status < 500 && status != 429; // any other refusal is final
      batch.forEach((key) => {
        delete flying[key];
        if (done) delete storage[key];
      });
      if (done) {
        retryMs = FIRST_RETRY_MS;
        return flush(1);
      }
      const askedMs = headers?.get("retry-after") * 1000 || 0;
      resting = 1;
      setTimeout(flush, askedMs + retryMs * (1 + Math.random()), 1);
      retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
    };

    // Engaged time: the page is visible and has the focus.
    const measure = (engaged) => {
      const now = performance.now();
      if (engagedSince) engagedMs += now - engagedSince;
      engagedSince = engaged && now;
    };

    const reportEngagement = () => {
      const duration_ms = Math.round(engagedMs);
      engagedMs = 0;
      if (duration_ms) record("engagement", { url, duration_ms });
    };

    const view = () => {
      measure(document.hasFocus());
      reportEngagement();
      referrer = url || referrer;
      url = address();
      path = location.pathname;
      record("page_view");
    };

    const attend = ({ type, persisted }) => {
      const leaving = type == "pagehide" || document.hidden;
      if (!leaving && (!url || persisted)) view();
      measure(!leaving && document.hasFocus());
      if (leaving) {
        reportEngagement();
        flush(1);
      }
    };

    const navigated = guarded(() => {
      if (url && location.pathname != path) view();
    });

    const clicked = (event) => {
      const link = event.composedPath().find((node) => node.host && node.href);
      if (!link || event.button > 1) return;
      const download = link.hasAttribute("download") || DOWNLOADS.test(link.pathname);
      if (download || link.host != location.host)
        record("click", {
          properties: {
            link: download ? "download" : "outbound",
            href: link.href.split(/[?#]/)[0],
          },
        });
    };

    // As tideline/assignment.py has it.
    const assign = (experiment, unit, weights) => {
      const variants = Object.keys(weights)
        .filter((variant) => weights[variant] > 0)
        .sort();
      let hash = 2166136261;
      new TextEncoder().encode(experiment + ":" + unit).forEach((byte) => {
        hash = Math.imul(hash ^ byte, 16777619);
      });
      hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
      hash = (hash ^ (hash >>> 16)) >>> 0;
      let total = 0;
      let edge = 0;
      variants.forEach((variant) => (total += weights[variant]));
      const point = (hash / 4294967296) * total;
      return variants.find((variant) => (edge += weights[variant]) > point);
    };

    const tideline = guarded((name, fields) => {
      const { value, currency, ...properties } = fields || {};
      name.call ? name() : record(name, { value, currency, properties });
    });

    tideline.identify = guarded((id) => {
      user = (id ?? "") + "" || undefined;
    });

    // Without user and anonymous id, the variant itself is kept: it tells nobody apart. Only a
    // persistent id can be known to have been exposed before; else each page load records it.
    tideline.experiment = guarded((experiment, weights) => {
      const slot = VARIANT_PREFIX + experiment;
      const unit = user || anonymous;
      const variant =
        !unit && weights[storage[slot]] > 0
          ? storage[slot]
          : assign(experiment, unit || randomId(), weights);
      const exposure = variant + " " + unit;
      if (variant && (persist ? storage : exposures)[slot] != exposure) {
        exposures[slot] = exposure;
        if (persist || !unit) write(slot, persist ? exposure : variant);
        record("experiment_exposure", { properties: { experiment, variant } });
      }
      return variant;
    });

    const on = (run, ...types) =>
      types.forEach((type) => addEventListener(type, guarded(run), true));

    ["pushState", "replaceState"].forEach((method) => {
      const original = history[method];
      history[method] = (...values) => {
        original.apply(history, values);
        navigated();
      };
    });
    on(navigated, "popstate");
    on(attend, "pageshow", "pagehide", "focus", "blur", "visibilitychange");
    on(clicked, "click", "auxclick");
    on(flush, "online");

    window.tideline = tideline;
    attend({});
    tideline.q = { push: (call) => tideline(...call) }; // a page may have kept the stub
    (stub.q || []).forEach(tideline.q.push);
  })();
})();
