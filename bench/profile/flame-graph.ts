import type { Frame, ThreadProfile } from './cpu-profile.ts';

// Narrower than a pixel on any screen: it would only make the file long.
const narrowest = 0.0005;

/** One self-contained page: a flame graph for each thread, callers above; a click shows one frame in full width. */
export function flameGraphs(title: string, threads: readonly ThreadProfile[]): string {
  const graphs = threads.map(
    (each) =>
      `<h2>${escaped(each.thread)}: ${each.busyMs.toFixed(0)} ms busy, ${each.idleMs.toFixed(0)} ms idle</h2>\n${graph(each.root)}`,
  );
  return `<!doctype html>
<meta charset="utf-8">
<title>${escaped(title)}</title>
<style>${style}</style>
<h1>${escaped(title)}</h1>
<p>Width: time in a function with all it calls. Waiting for the disk within a call counts as busy. Click to zoom, click again to go back.</p>
${graphs.join('\n')}
<script>${script}</script>
`;
}

function graph(root: Frame): string {
  return `<div class="graph">${frameHtml(root, root.totalMs)}</div>`;
}

function frameHtml(frame: Frame, wholeMs: number): string {
  const shown = frame.children
    .filter((child) => child.totalMs / wholeMs >= narrowest)
    .toSorted((a, b) => b.totalMs - a.totalMs);
  const restMs = frame.totalMs - shown.reduce((sum, child) => sum + child.totalMs, 0);
  const tip = `${frame.name} ${frame.place}: ${frame.totalMs.toFixed(1)} ms (${((100 * frame.totalMs) / wholeMs).toFixed(1)} %), itself ${frame.selfMs.toFixed(1)} ms`;
  const below = shown.map((child) => frameHtml(child, wholeMs)).join('');
  const rest =
    below === '' ? '' : `<div class="row">${below}<i style="flex-grow:${weight(restMs)}"></i></div>`;
  return `<div class="frame" style="flex-grow:${weight(frame.totalMs)}"><b style="background:${colourOf(frame)}" title="${escaped(tip)}">${escaped(frame.name)}</b>${rest}</div>`;
}

/** Microseconds: a row whose flex-grow sums up to less than 1 would not fill its line. */
function weight(ms: number): string {
  return (ms * 1000).toFixed(0);
}

/** Own code stands out; packages, Node and the engine each have their colour. */
function colourOf(frame: Frame): string {
  if (frame.place === '') return '#cfd8dc';
  if (frame.place.startsWith('node:')) return '#ffe0b2';
  return frame.place.startsWith('src/') ? '#ff8a65' : '#c5e1a5';
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

const style = `
body { font: 13px/1.4 system-ui, sans-serif; margin: 1rem; }
.graph, .row { display: flex; width: 100%; }
.frame { flex: 1 1 0; min-width: 0; overflow: hidden; }
.frame > b { display: block; font: 11px/16px ui-monospace, monospace; height: 16px; overflow: hidden; white-space: nowrap;
  border: 1px solid #fff; border-width: 0 1px 1px 0; cursor: pointer; }
i { flex: 1 1 0; min-width: 0; }
.aside { display: none; }
`;

// Zoom: whatever stands beside the frame or beside one of its callers steps aside.
const script = `
let zoomed = null;
document.addEventListener('click', (event) => {
  const frame = event.target.closest('.frame');
  if (!frame) return;
  for (const each of document.querySelectorAll('.aside')) each.classList.remove('aside');
  zoomed = zoomed === frame ? null : frame;
  for (let at = zoomed; at && !at.parentElement.classList.contains('graph'); at = at.parentElement.closest('.frame'))
    for (const other of at.parentElement.children) if (other !== at) other.classList.add('aside');
});
`;
