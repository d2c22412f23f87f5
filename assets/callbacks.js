/* The clientside callbacks of dashboard_app/shell.py. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.tideline = (function () {
  "use strict";
  const VIEW = ["site", "period", "from", "to", "compare", "filters"];
  const CHART = ["metric", "interval"];
  const TABS = [
    "sources", "pages", "locations", "devices", "goals", "experiment", "goal", "split",
    "grain", "mode", "shows", "steps", "window", "per", "by", "event", "property",
    "session", "after", "debug",
  ];

  function part(params, names) {
    const kept = new URLSearchParams();
    for (const name of names) if (params.has(name)) kept.set(name, params.get(name));
    return "?" + kept.toString();
  }

  /* What panels follow of an address, by the store that holds it. */
  function followed(search, pathname) {
    const params = new URLSearchParams(search || "");
    const tabs = TABS.map((tab) => ["tab-" + tab, params.get(tab) || ""]);
    return {
      view: part(params, VIEW),
      site: part(params, ["site"]),
      chart: part(params, CHART),
      path: pathname || "/",
      ...Object.fromEntries(tabs),
    };
  }

  function same() {
    return window.dash_clientside.no_update;
  }

  function clicked(values) {
    const { triggered } = window.dash_clientside.callback_context;
    return triggered.length === 1 && values.length ? triggered[0].value : null;
  }

  const pushes = { tab: crypto.randomUUID?.() || String(Math.random()), number: 0, at: 0, asked: 0 };

  return {
    followed,

    /* Splits the address into what panels follow; what did not change wakes nobody. */
    follow(search, pathname, ...before) {
      const metric = new URLSearchParams(search || "").get("metric");
      document.documentElement.dataset.metric = metric || "visitors";
      const now = Object.values(followed(search, pathname));
      return now.map((value, index) => (value === before[index] ? same() : value));
    },

    /* Not while nobody looks, and not under somebody's pointer or open menu. */
    beat(count) {
      const to = new URLSearchParams(location.search).get("to");
      const isPast = to && new Date(to).getTime() < Date.now() - 3 * 86400e3;
      const isBusy = document.querySelector(".tile:hover, .chart:hover, .hours:hover, .page details[open]");
      return document.hidden || isPast || isBusy ? same() : count;
    },

    /* Some panels of a group were too slow for its answer. */
    again(late, id) {
      if (late) window.dash_clientside.set_props(id, { data: late });
    },

    /* The first visit waits for its first event. */
    waits(count) {
      return window.tidelineWaiting ? count : same();
    },

    /* The first event has arrived: every panel looks again. Told without an output, because what
       the panels follow must not depend on one of them. */
    arrived(html, tick) {
      const wasWaiting = window.tidelineWaiting;
      window.tidelineWaiting = Boolean(html);
      if (wasWaiting && !html) window.dash_clientside.set_props(tick, { data: String(Date.now()) });
    },

    /* Dragging across the chart sets the period. */
    zoom(values) {
      const range = clicked(values);
      if (!range || !range["xaxis.range[0]"]) return same();
      const params = new URLSearchParams(location.search);
      params.delete("period");
      params.delete("interval");
      params.set("from", String(range["xaxis.range[0]"]).slice(0, 10));
      params.set("to", String(range["xaxis.range[1]"]).slice(0, 10));
      window.tideline.go(window.tideline.readable(params));
      return same();
    },

    /* A button opens a dialog; its being drawn does not. */
    opened(clicks) {
      return clicks ? true : same();
    },

    /* Once the table component is loaded, what needs it may be drawn. */
    withGrid() {
      return window.tideline.grid().then(() => true);
    },

    /* The clock of what is only looked at when it is asked for. */
    only(asked) {
      return !asked;
    },

    /* What this tab wants pushed; where no push comes, the clock runs and the page polls. Every
       other click of the button pauses both. */
    realtime(search, clicks, _watch, beat, wish) {
      const now = Date.now();
      if (beat !== pushes.beat) Object.assign(pushes, { beat, at: now });
      const isPaused = clicks % 2 === 1;
      const isPushed = now - pushes.at < 2500;
      const key = JSON.stringify([search, isPaused]);
      const isLost = !isPaused && !isPushed && now - pushes.asked > 8000;
      let wanted = same();
      if (!wish || key !== pushes.key || isLost) {
        Object.assign(pushes, { key, asked: now, number: pushes.number + 1 });
        wanted = { tab: pushes.tab, number: pushes.number, search: isPaused ? null : search };
      }
      return [isPaused ? "Go on" : "Pause", isPaused || isPushed, wanted];
    },

    days(range) {
      if (!range || !range[0] || !range[1]) return same();
      const params = new URLSearchParams(location.search);
      const [from, to] = range.map((day) => String(day).slice(0, 10));
      const shown = document.querySelector("[data-shown]");
      if (shown && shown.dataset.shown === from + "," + to) return same();
      params.delete("period");
      params.delete("interval");
      params.set("from", from);
      params.set("to", to);
      document.querySelectorAll("details.menu[open]").forEach((menu) => (menu.open = false));
      window.tideline.go(window.tideline.readable(params));
      return same();
    },
  };
})();
