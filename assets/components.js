/* The component behind dashboard_app/components/markup.py. */
(function () {
  "use strict";
  const FOCUSABLE = "a, button, summary";

  /* HTML drawn anew loses the focus, and who uses the keyboard their place; this one finds the
     element again that stands where the focus was. */
  function useKeptFocus(html) {
    const { useRef, useLayoutEffect } = window.React;
    const place = useRef(null);
    const inside = () => [...place.current.querySelectorAll(FOCUSABLE)];
    const at = place.current ? inside().indexOf(document.activeElement) : -1;
    useLayoutEffect(() => {
      const lost = at >= 0 && document.activeElement === document.body;
      if (lost) inside().slice(0, at + 1).pop()?.focus({ preventScroll: true });
    }, [html]);
    return place;
  }

  function Markup({ id, className, html }) {
    return window.React.createElement("div", {
      id,
      className,
      ref: useKeptFocus(html),
      dangerouslySetInnerHTML: { __html: html },
    });
  }

  window.tideline_components = { Markup };
})();
