// Tables sort by a click on a heading, and show the rows that hold a text. Without this script everything is there.
for (const box of document.querySelectorAll(".table")) {
  const table = box.querySelector("table"), body = table.tBodies[0], rows = [...body.rows];
  const value = (row, i) => row.cells[i].dataset.v ?? row.cells[i].textContent;
  const number = text => (text.trim() === "" ? NaN : Number(text));
  const order = (a, b, up) => {
    const [x, y] = [number(a), number(b)];
    // What has no number comes last, whichever way.
    if (isNaN(x) !== isNaN(y)) return isNaN(x) ? 1 : -1;
    return (up ? 1 : -1) * (isNaN(x) ? a.localeCompare(b) : x - y);
  };
  [...table.tHead.rows[0].cells].forEach((head, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of head.parentNode.cells) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      rows.sort((a, b) => order(value(a, i), value(b, i), up));
      body.append(...rows);
    });
  });
  if (rows.length < 8) continue;
  const label = document.createElement("label"), input = document.createElement("input");
  const count = document.createElement("span");
  label.className = "filter";
  input.type = "search";
  count.setAttribute("role", "status");
  label.append("Rows that hold ", input, " ", count);
  box.before(label);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every(word => text.includes(word));
      shown += !row.hidden;
    }
    count.textContent = words.length ? `${shown} of ${rows.length}` : "";
  });
}
// Figures say their points: under the pointer, or along them with the arrow keys once a figure has the focus.
for (const figure of document.querySelectorAll("figure")) {
  const points = [...figure.querySelectorAll(".hints circle")];
  if (points.length === 0) continue;
  const said = document.createElement("p"), title = point => point.firstElementChild.textContent;
  said.className = "said";
  said.setAttribute("role", "status");
  if (!document.querySelector(".said")) said.textContent = "Values: point at a mark, or focus a figure and use the arrow keys.";
  figure.after(said);
  figure.tabIndex = 0;
  let at = -1;
  const show = i => {
    points[at]?.removeAttribute("class");
    at = i;
    points[at].setAttribute("class", "at");
    said.textContent = title(points[at]);
  };
  points.forEach((point, i) => point.addEventListener("pointerenter", () => show(i)));
  figure.addEventListener("keydown", event => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const end = { Home: 0, End: points.length - 1 }[event.key];
    if (by === undefined && end === undefined) return;
    event.preventDefault();
    show(end ?? (at < 0 ? 0 : (at + by + points.length) % points.length));
  });
}
