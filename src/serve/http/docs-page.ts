// The page at `/docs`: every operation of /openapi.json, with an example to send.
import { type Page, pageStyle, tokenScript } from './live-page.ts';

export const docsPage: Page = {
  title: 'Oddity: interface',
  style: pageStyle,
  body: `
<h1>Oddity: interface</h1>
<p><a href="/">Live traffic</a> <label>Token <input id="token" type="password" autocomplete="off"></label> <a href="/openapi.json">openapi.json</a></p>
<p><select id="operation"></select> <button id="send">Send</button></p>
<p id="summary"></p><textarea id="body" rows="10" spellcheck="false"></textarea>
<h2 id="status"></h2><pre id="answer"></pre>`,
  script: `${tokenScript}
const byId = (id) => document.getElementById(id);
const answer = await fetch('/openapi.json', { headers: headers() });
const interfaceOf = answer.ok ? await answer.json() : { paths: {} };
if (!answer.ok) byId('status').textContent = answer.status === 401 ? 'Give the token.' : 'Refused: ' + answer.status;
const operations = Object.entries(interfaceOf.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })));
byId('operation').replaceChildren(...operations.map(({ method, path }, i) => new Option(method.toUpperCase() + ' ' + path, i)));
const chosen = () => operations[byId('operation').value];
const show = () => {
  const { summary = '', requestBody } = chosen() ?? {};
  byId('summary').textContent = summary;
  const example = requestBody?.content['application/json']?.example;
  byId('body').hidden = requestBody === undefined;
  byId('body').value = example === undefined ? '' : JSON.stringify(example, null, 2);
};
byId('operation').addEventListener('change', show); show();
byId('send').addEventListener('click', async () => {
  const { method, path, requestBody } = chosen();
  const body = requestBody === undefined ? {} : { body: byId('body').value };
  const type = requestBody === undefined ? {} : { 'content-type': 'application/json' };
  const begun = performance.now();
  const got = await fetch(path, { method: method.toUpperCase(), headers: { ...headers(), ...type }, ...body });
  const text = await got.text();
  byId('status').textContent = got.status + ' in ' + (performance.now() - begun).toFixed(1) + ' ms';
  try { byId('answer').textContent = JSON.stringify(JSON.parse(text), null, 2); } catch { byId('answer').textContent = text; }
});`,
};
