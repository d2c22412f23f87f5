/* Links and keys that change the view without loading a page. The address is the only state. */
(function () {
  "use strict";

  /* The panels are told first: by way of the address they would begin to ask later. */
  function go(search, pathname = location.pathname) {
    const target = pathname + search;
    if (target === location.pathname + location.search) return;
    const { set_props } = window.dash_clientside;
    const { after, changed } = followed(search, pathname);
    announce(search, pathname);
    for (const store of changed) set_props(store, { data: after[store] });
    history.pushState({}, "", target);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  /* What panels follow of an address, and what of it is not as it is now. */
  function followed(search, pathname) {
    const parts = window.dash_clientside.tideline.followed;
    const before = parts(location.search, location.pathname);
    const after = parts(search, pathname);
    return { after, changed: Object.keys(after).filter((store) => after[store] !== before[store]) };
  }

  /* The server begins to draw before Dash has made up its requests (dashboard_app/panels/group.py);
     of a mouse, when its button goes down. */
  function announce(search, pathname) {
    const { after, changed } = followed(search, pathname);
    if (pathname !== location.pathname || !changed.length) return;
    const tick = window.dash_component_api.getLayout("tick").props.data;
    const body = JSON.stringify({ values: { ...after, tick }, changed });
    for (const { dataset } of document.querySelectorAll("#page [data-group]"))
      fetch("/_announced/" + dataset.group, { method: "POST", body }).catch(() => {});
  }

  /* Takes only the parameters named in `sets` from `href`; the address keeps the others. */
  function merged(href, sets) {
    const target = new URL(href, location.href);
    if (sets === "*") return target;
    const params = new URLSearchParams(location.search);
    for (const name of sets.split(",")) {
      const value = target.searchParams.get(name);
      if (value === null) params.delete(name);
      else params.set(name, value);
    }
    target.search = readable(params);
    return target;
  }

  function readable(params) {
    const text = params.toString();
    return text && "?" + text.replace(/\+/g, "%20").replace(/%(5B|5D|2C|3A|2F|22)/g, decodeURIComponent);
  }

  function follow(link) {
    const target = merged(link.getAttribute("href"), link.dataset.sets);
    go(target.search, target.pathname);
    closeMenus();
    document.documentElement.classList.remove("nav-open");
    if (link.dataset.sets === "*") window.scrollTo(0, 0);
  }

  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (menu !== except) menu.open = false;
    });
  }

  function setScheme(scheme) {
    localStorage.setItem("mantine-color-scheme-value", scheme);
    document.documentElement.setAttribute("data-mantine-color-scheme", scheme);
    window.dash_clientside.set_props("theme", { forceColorScheme: scheme });
  }

  /* The table component is large and only the details need it, so it is not in the page. */
  let gridLoaded = null;
  function grid() {
    gridLoaded ||= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = document.querySelector('meta[name="tideline-grid"]').content;
      script.onload = resolve;
      script.onerror = () => {
        gridLoaded = null;
        reject(new Error("the table component could not be loaded"));
      };
      document.head.appendChild(script);
    });
    return gridLoaded;
  }

  const actions = {
    refresh: () => window.dash_clientside.set_props("tick", { data: String(Date.now()) }),
    scheme: () => {
      const now = document.documentElement.getAttribute("data-mantine-color-scheme");
      setScheme(now === "dark" ? "light" : "dark");
    },
    nav: () => document.documentElement.classList.toggle("nav-open"),
    help: () => window.dash_clientside.set_props("help-dialog", { opened: true }),
    filter: () => window.dash_clientside.set_props("filter-dialog", { opened: true }),
    notes: () => window.dash_clientside.set_props("notes-dialog", { opened: true }),
    search: () => window.dash_clientside.set_props("search-dialog", { opened: true }),
    details: ({ dataset }) => {
      const set = window.dash_clientside.set_props;
      set("details-asked", { data: null });
      set("details-dialog", { opened: true });
      grid().then(() => set("details-asked", { data: { card: dataset.card, tab: dataset.tab } }));
    },
    copy: ({ dataset }) => {
      navigator.clipboard.writeText(document.getElementById(dataset.copies).textContent);
    },
  };

  function followedLink(event) {
    const isPlain = !(event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    return isPlain && event.target.closest("a[data-sets]");
  }

  document.addEventListener("click", (event) => {
    const menu = event.target.closest("details.menu");
    closeMenus(menu);
    const action = event.target.closest("[data-action]");
    if (action) {
      actions[action.dataset.action](action);
      return;
    }
    if (!event.target.closest(".sidebar")) document.documentElement.classList.remove("nav-open");
    const link = followedLink(event);
    if (!link) return;
    event.preventDefault();
    follow(link);
  });

  document.addEventListener("mousedown", (event) => {
    const link = followedLink(event);
    if (!link) return;
    const { search, pathname } = merged(link.getAttribute("href"), link.dataset.sets);
    announce(search, pathname);
  });

  /* Many links with one tab stop: the arrow keys move among those of a [data-roving], whose value is
     how many stand in a row. */
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function rove(link, [across, down]) {
    const group = link.closest("[data-roving]");
    const links = [...group.querySelectorAll("a")];
    const next = links[links.indexOf(link) + across + down * group.dataset.roving];
    if (!next) return;
    links.forEach((each) => each.setAttribute("tabindex", each === next ? 0 : -1));
    next.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.target.closest("[role=dialog]")) return;
    if (event.key === "Escape" && document.querySelector("details.menu[open]")) {
      event.target.closest("details.menu[open]")?.querySelector("summary").focus();
      closeMenus();
      return;
    }
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const roving = STEPS[event.key] && event.target.closest("[data-roving] a");
    if (roving) {
      rove(roving, STEPS[event.key]);
      event.preventDefault();
      return;
    }
    const named = { "/": "search", "?": "help", f: "filter", F: "filter" }[event.key];
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    const link = document.querySelector(`a[data-key="${CSS.escape(key)}"]`);
    if (named) actions[named]();
    else if (link) follow(link);
    else return;
    event.preventDefault();
  });

  document.addEventListener("input", (event) => {
    const box = event.target.closest("[data-searches]");
    if (!box) return;
    window.dash_ag_grid.getApiAsync(box.dataset.searches).then((api) => {
      api.setGridOption("quickFilterText", event.target.value);
    });
  });

  window.tideline = { go, merged, readable, grid };

  /* What the columns of the details call. */
  window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions || {}, {
    tideline: {
      duration: (seconds) => {
        const whole = Math.round(seconds);
        const two = (number) => String(number).padStart(2, "0");
        if (whole < 60) return `${whole}s`;
        if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
        return `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`;
      },
      byNumber: (a, b) => Number(a) - Number(b),
    },
  });
  window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions || {}, {
    TidelineLink: ({ value, data: { href, sets } }) =>
      href
        ? window.React.createElement("a", { href, "data-sets": sets, className: "cell-link" }, value)
        : value,
  });
})();
