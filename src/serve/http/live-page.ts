// The page at `/`: live traffic, alarm rate, histogram of scores, the latest alarms with their reasons.
// Plain script that reads server-sent events by fetch, so that a token can go into a header; nothing from outside.

export interface Page {
  readonly title: string;
  readonly style: string;
  readonly body: string;
  readonly script: string;
}

export const pageStyle = `
:root { color-scheme: light dark; --line: #8884; --bar: #4878a8; --bad: #c0392b; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 62rem; padding: 1.5rem; }
h1 { font-size: 1.25rem; } h2 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
.tiles { display: flex; gap: 1rem; flex-wrap: wrap; }
.tile { border: 1px solid var(--line); border-radius: 8px; padding: .6rem 1rem; min-width: 8rem; }
.tile b { display: block; font-size: 1.4rem; font-variant-numeric: tabular-nums; }
svg { width: 100%; height: 7rem; } rect { fill: var(--bar); }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
td { font-variant-numeric: tabular-nums; } .warning { color: var(--bad); }
input, textarea, select, button { font: inherit; padding: .35rem .6rem; } textarea { width: 100%; box-sizing: border-box; font-family: ui-monospace, monospace; }
pre { border: 1px solid var(--line); border-radius: 8px; padding: .8rem; overflow: auto; max-height: 24rem; }
`;

/** A field for the token, kept for the visit; \`headers()\` for requests. Shared by both pages. */
export const tokenScript = `
const token = document.querySelector('#token');
token.value = sessionStorage.getItem('oddity-token') ?? '';
token.addEventListener('change', () => { sessionStorage.setItem('oddity-token', token.value); location.reload(); });
const headers = () => token.value === '' ? {} : { authorization: 'Bearer ' + token.value };
`;

export const livePage: Page = {
  title: 'Oddity: live',
  style: pageStyle,
  body: `
<h1>Oddity: live traffic</h1>
<p><a href="/docs">Try the interface</a> <label>Token <input id="token" type="password" autocomplete="off"></label> <span id="state">connecting</span></p>
<div class="tiles">
<div class="tile">requests/s<b id="requests">0</b></div><div class="tile">rows/s<b id="rows">0</b></div>
<div class="tile">alarms, last minute<b id="alarms">0</b></div><div class="tile">alarm rate<b id="rate">-</b></div></div>
<h2>Rows per second, last two minutes</h2><svg id="traffic" viewBox="0 0 120 30" preserveAspectRatio="none"></svg>
<div id="detectors"></div>
<h2>Latest alarms</h2>
<table><thead><tr><th>time</th><th>detector</th><th>score</th><th>p-value</th><th>reasons</th></tr></thead><tbody id="latest"></tbody></table>`,
  script: `${tokenScript}
const byId = (id) => document.getElementById(id);
const bars = (svg, values, width) => {
  const most = Math.max(1, ...values);
  svg.replaceChildren(...values.map((value, i) => {
    const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    const height = 30 * value / most;
    for (const [name, of] of [['x', i], ['width', width], ['y', 30 - height], ['height', height]]) bar.setAttribute(name, of);
    return bar;
  }));
};
const cell = (tag, text, name) => { const made = document.createElement(tag); made.textContent = text; if (name) made.className = name; return made; };
const last = [];
function show(frame) {
  last.push(frame); if (last.length > 120) last.shift();
  const minute = last.slice(-60);
  const sum = (of) => minute.reduce((total, each) => total + each[of], 0);
  byId('requests').textContent = frame.requests;
  byId('rows').textContent = frame.rows;
  byId('alarms').textContent = sum('alarms');
  byId('rate').textContent = sum('rows') === 0 ? '-' : (100 * sum('alarms') / sum('rows')).toFixed(2) + ' %';
  bars(byId('traffic'), last.map((each) => each.rows), 0.8);
  byId('detectors').replaceChildren(...frame.detectors.flatMap(({ name, version, waiting, drift, histogram }) => {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('viewBox', '0 0 ' + histogram.counts.length + ' 30'); svg.setAttribute('preserveAspectRatio', 'none');
    bars(svg, histogram.counts, 0.8);
    const end = histogram.from + histogram.step * histogram.counts.length;
    return [
      cell('h2', 'Scores of ' + name + ' (version ' + version + ', ' + waiting + ' rows waiting)'), svg,
      cell('div', histogram.from.toFixed(2) + ' to ' + end.toFixed(2) + '; drift of the p-values ' + drift.distance.toFixed(3)),
      ...drift.warnings.map((warning) => cell('div', 'Drift: ' + warning, 'warning')),
    ];
  }));
  byId('latest').replaceChildren(...frame.latest.map((alarm) => {
    const row = document.createElement('tr');
    const reasons = alarm.reasons.map(({ what, share }) => what + ' (' + Math.round(100 * share) + ' %)').join(', ');
    row.append(cell('td', alarm.at.slice(11, 19)), cell('td', alarm.detector), cell('td', alarm.score.toFixed(2)), cell('td', alarm.pValue.toPrecision(2)), cell('td', reasons));
    return row;
  }));
}
for (;;) {
  try {
    const answer = await fetch('/v1/live', { headers: headers() });
    if (!answer.ok) throw new Error(answer.status === 401 ? 'give the token' : 'refused: ' + answer.status);
    byId('state').textContent = 'live';
    let text = '';
    for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
      text += part;
      const events = text.split('\\n\\n'); text = events.pop();
      for (const event of events) if (event.startsWith('data: ')) show(JSON.parse(event.slice(6)));
    }
    byId('state').textContent = 'the server has gone';
  } catch (error) { byId('state').textContent = error.message; }
  await new Promise((resolve) => setTimeout(resolve, 2000));
}`,
};
