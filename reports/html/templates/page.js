"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let place = target; place; place = place.parentElement) if (place.tagName === "DETAILS") place.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (location.hash.length > 1) reveal();

  const form = document.getElementById("filters");
  if (form) {
    const rows = all("tr[data-f]:not([data-m]), .failure[data-f]").map((row) => [row, row.dataset.f.split(" ")]);
    const lines = all("tr[data-m]").map((row) => [row, row.dataset.m.toLowerCase(), row.dataset.f?.split(" ")]);
    const modules = all(".module").map((place) => [place, place.dataset.m.toLowerCase(), all("[data-f]", place)]);
    const filter = () => {
      const name = form.elements.module.value.trim().toLowerCase();
      const asked = all("select", form).map((select) => select.value).filter(Boolean);
      const fits = (tokens) => asked.every((token) => tokens.includes(token));
      for (const [row, tokens] of rows) row.hidden = !fits(tokens);
      for (const [row, module, tokens] of lines) row.hidden = !(module.includes(name) && (!tokens || fits(tokens)));
      let shown = 0;
      for (const [place, module, held] of modules) {
        place.hidden = !(module.includes(name) && held.some((row) => !row.hidden));
        shown += !place.hidden;
      }
      for (const table of all("table.grid")) table.hidden = !all("tbody tr", table).some((row) => !row.hidden);
      document.getElementById("shown").textContent = `${shown} of ${modules.length} modules`;
      document.getElementById("none").hidden = shown > 0;
    };
    form.hidden = false;
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(filter));
    filter();
  }

  const number = (text) => {
    const found = text.replace(/,/g, "").match(/-?(?:\d+\.?\d*(?:e[-+]?\d+)?|inf\b)/i);
    return found ? (/inf/i.test(found[0]) ? Infinity : parseFloat(found[0])) : NaN;
  };
  const order = (right) => (one, other) => {
    if (!right) return one.localeCompare(other, "en", { numeric: true });
    const [first, second] = [number(one), number(other)];
    return Number.isNaN(first) || Number.isNaN(second) ? Number.isNaN(first) - Number.isNaN(second) : first - second;
  };
  const sort = (head) => {
    const body = head.closest("table").tBodies[0];
    const down = head.getAttribute("aria-sort") === "ascending";
    const compare = order(head.classList.contains("r"));
    const absent = (text) => text === "–" || text === "";
    const keyed = [...body.rows].map((row) => [row.cells[head.cellIndex].textContent.trim(), row]);
    keyed.sort(([one], [other]) => absent(one) - absent(other) || (down ? -1 : 1) * compare(one, other));
    for (const other of all("th", head.parentElement)) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...keyed.map(([, row]) => row));
  };
  for (const head of all("table.sortable thead th")) {
    if (!head.textContent.trim()) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(head));
  }
})();
