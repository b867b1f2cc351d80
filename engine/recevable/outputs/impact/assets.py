"""The style sheet and the script of an impact page; its security policy allows only their digests."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --ink: #161616; --soft: #575757; --line: #d8d8d8; --paper: #ffffff; --band: #f4f5fa;
  --link: #000091; --flow: #b9bdc9; --accepter: #18753c; --reserve: #3a7a80; --completer: #b34000;
  --indecidable: #6e445a; --rejeter: #c9191e; --absent: #6a6a6a; --illisible: #3a3a3a; --up: #0063cb; --down: #c9191e; }
@media (prefers-color-scheme: dark) { :root { --ink: #f2f2f2; --soft: #b8b8b8; --line: #474747; --paper: #161616;
  --band: #212431; --link: #a9b5ff; --flow: #565b69; --accepter: #4fca82; --reserve: #7fc9d0; --completer: #ff9c5c;
  --indecidable: #d7a2bd; --rejeter: #ff8a85; --absent: #a6a6a6; --illisible: #d0d0d0; --up: #7fb8ff;
  --down: #ff8a85; } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 Marianne, system-ui, sans-serif; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2.75rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.02rem; margin: 1.5rem 0 .35rem; }
p, ul { max-width: 52rem; margin: .4rem 0; }
ul { padding-left: 1.2rem; }
li { margin: .3rem 0; }
.words li { margin: .8rem 0; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
.soft { color: var(--soft); font-size: .92rem; }
.lead { font-size: 1.15rem; font-weight: 600; }
.versions { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .75rem; margin: .75rem 0; }
.versions dt { color: var(--soft); }
.versions dd { margin: 0; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: .75rem;
  margin: 1.25rem 0; }
.figures div { background: var(--band); border-left: 4px solid var(--link); padding: .7rem .9rem; }
.figures dt { color: var(--soft); font-size: .88rem; }
.figures dd { margin: 0; font-size: 1.3rem; font-weight: 650; font-variant-numeric: tabular-nums;
  white-space: nowrap; }
.figures .note { display: block; font-size: .85rem; font-weight: 400; color: var(--soft); white-space: normal; }
.figures .down { border-color: var(--down); }
.figures .up { border-color: var(--up); }
figure { margin: 1rem 0; }
figcaption { color: var(--soft); font-size: .9rem; max-width: 52rem; }
svg { display: block; width: 100%; height: auto; font: 14px Marianne, system-ui, sans-serif; }
svg.flows { min-width: 34rem; max-width: 46rem; }
svg.bars { min-width: 36rem; max-width: 52rem; }
svg text { fill: var(--soft); }
svg text.name { fill: var(--ink); }
svg text.count { fill: var(--ink); font-weight: 650; paint-order: stroke; stroke: var(--paper); stroke-width: 4px;
  stroke-linejoin: round; }
.axis { stroke: var(--soft); }
.grid { stroke: var(--line); }
.stay { fill: var(--flow); fill-opacity: .45; }
.move { fill-opacity: .6; }
.accepter { fill: var(--accepter); } .completer { fill: var(--completer); } .rejeter { fill: var(--rejeter); }
.accepter_sous_reserve { fill: var(--reserve); }
.indecidable { fill: var(--indecidable); } .absent { fill: var(--absent); } .illisible { fill: var(--illisible); }
.bar-up { fill: var(--up); } .bar-down { fill: var(--down); }
.wide { overflow-x: auto; }
.wide:focus-visible, a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible {
  outline: 3px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .93rem; margin: .5rem 0 1rem; }
caption { text-align: left; color: var(--soft); font-size: .9rem; padding: .3rem 0; }
th, td { padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
th .soft { font-weight: 400; }
.key { min-width: 11rem; }
table:not(.full) caption { white-space: nowrap; }
thead th { vertical-align: bottom; }
.n { text-align: right; white-space: nowrap; }
.name { overflow-wrap: anywhere; min-width: 14rem; }
td.moved { font-weight: 700; background: var(--band); }
table.full { width: 100%; }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer;
  text-decoration: underline dotted; text-underline-offset: .2em; text-align: inherit; }
th[aria-sort="ascending"] button::after { content: " ▲"; }
th[aria-sort="descending"] button::after { content: " ▼"; }
.tools { display: flex; flex-wrap: wrap; gap: .75rem 1.25rem; align-items: end; margin: .75rem 0; }
.tools label { display: grid; gap: .2rem; font-size: .9rem; color: var(--soft); }
.tools input, .tools select { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--soft);
  padding: .35rem .5rem; min-width: 15rem; }
.state { white-space: nowrap; font-weight: 600; }
.state::before { content: "■ "; }
.state.accepter { color: var(--accepter); } .state.completer { color: var(--completer); }
.state.accepter_sous_reserve { color: var(--reserve); }
.state.rejeter { color: var(--rejeter); } .state.indecidable { color: var(--indecidable); }
.state.absent { color: var(--absent); } .state.illisible { color: var(--illisible); }
ol.first { list-style: none; margin: 0; padding: 0; max-width: none; counter-reset: rank; }
ol.first > li { border: 1px solid var(--line); border-left: 4px solid var(--link); padding: .9rem 1.1rem;
  margin: 0 0 .9rem; break-inside: avoid; }
ol.first h3 { margin: 0; overflow-wrap: anywhere; }
ol.first .why { font-weight: 600; margin: .1rem 0; }
del { color: var(--soft); } ins { text-decoration: none; font-weight: 600; }
@media (max-width: 40rem) { body { padding: 1.25rem .9rem 3rem; } h1 { font-size: 1.4rem; }
  .tools input, .tools select { min-width: 0; width: 100%; } .tools label { width: 100%; } }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } .tools { display: none; }
  .wide { overflow: visible; }
  h2, h3 { break-after: avoid; } tr, figure { break-inside: avoid; } svg { min-width: 0 !important; }
  table.full { font-size: 8.5pt; } .name { min-width: 0; } }
"""

SCRIPT: Final = """
(() => {
  const table = document.getElementById("dossiers");
  if (!table) return;
  const body = table.tBodies[0], rows = [...body.rows], tools = document.getElementById("outils");
  const words = document.getElementById("cherche"), reason = document.getElementById("raison");
  const shownCount = document.getElementById("compte");
  const fold = text => text.normalize("NFD").replace(/[\\u0300-\\u036f]/g, "").toLowerCase();
  const texts = rows.map(row => fold(row.textContent));
  const filter = () => {
    const wanted = fold(words.value).split(/\\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, rank) => {
      const kept = wanted.every(word => texts[rank].includes(word)) &&
        (!reason.value || row.dataset.raisons.split(" ").includes(reason.value));
      row.hidden = !kept;
      shown += kept;
    });
    shownCount.textContent = `${shown} sur ${rows.length}`;
  };
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (!head.dataset.tri) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = row => row.cells[column].dataset.v ?? row.cells[column].textContent;
      const compare = head.dataset.tri === "nombre" ? (a, b) => key(a) - key(b)
        : (a, b) => key(a).localeCompare(key(b), "fr");
      body.append(...[...rows].sort((a, b) => down ? compare(b, a) : compare(a, b)));
    });
  });
  words.addEventListener("input", filter);
  reason.addEventListener("change", filter);
  filter();
  tools.hidden = false;
})();
"""
