/* What an element with data-tip says: on hover, on focus, at a touch. One box for the whole page.
   An empty data-tip says the element's label. */
(function () {
  "use strict";
  const box = document.createElement("div");
  box.className = "tip";
  box.setAttribute("role", "tooltip");
  box.id = "tip";
  let told = null;

  /* Above an element; in a drawing, whose elements may be as scattered as a country's islands,
     above the pointer. */
  function place(element, event) {
    const isDrawn = element instanceof SVGElement && event.type === "pointerover";
    const at = isDrawn
      ? new DOMRect(event.clientX, event.clientY - 8, 0, 24)
      : element.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = box;
    const left = Math.min(at.left + at.width / 2 - width / 2, innerWidth - width - 8);
    const isBelow = at.top < height + 16;
    box.style.left = `${Math.max(8, left)}px`;
    box.style.top = `${isBelow ? at.bottom + 8 : at.top - height - 8}px`;
  }

  function tell(event) {
    const element = event.target.closest && event.target.closest("[data-tip]");
    if (element === told) return;
    hide();
    if (!element) return;
    told = element;
    document.body.append(box);
    box.textContent = element.dataset.tip || element.getAttribute("aria-label");
    if (element.dataset.tip) element.setAttribute("aria-describedby", "tip");
    place(element, event);
  }

  function hide() {
    if (told) told.removeAttribute("aria-describedby");
    told = null;
    box.remove();
  }

  /* What has the focus goes on saying it where a page that grows above has moved it to. */
  function moved(event) {
    const stays = told?.isConnected && told.matches(":focus") && !(told instanceof SVGElement);
    if (stays) place(told, event);
    else hide();
  }

  document.addEventListener("pointerover", tell);
  document.addEventListener("focusin", tell);
  document.addEventListener("focusout", hide);
  document.addEventListener("scroll", moved, true);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
})();
