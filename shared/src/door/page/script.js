"use strict";
(() => {
  const form = document.getElementById("sift");
  if (!form) return;
  const rows = Array.from(document.querySelectorAll("#people tbody tr"), (row) => [row, row.textContent.toLowerCase()]);
  const { text, at, state } = form.elements;
  const said = document.getElementById("sifted");
  const sift = () => {
    const words = text.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const [row, all] of rows) {
      const cells = at.value ? [row.cells[Number(at.value)]] : Array.from(row.cells).slice(2);
      const fits = (cell) => (state.value ? cell.classList.contains(state.value) : !at.value || !cell.classList.contains("no"));
      const wanted = words.every((word) => all.includes(word)) && cells.some(fits);
      row.hidden = !wanted;
      if (wanted) shown += 1;
    }
    said.textContent = `${shown} of ${rows.length} rows are shown.`;
  };
  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(sift, 120);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sift();
  });
  form.addEventListener("reset", () => setTimeout(sift));
  form.hidden = false;
})();
