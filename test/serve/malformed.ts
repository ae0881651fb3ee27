// Requests that no client should send, drawn by seed: shared by the tests (hundreds) and the bench (10,000).
import { createRandom } from '../../src/nn/random.ts';

export interface BadRequest {
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string | Buffer;
  readonly kind: string;
}

const good = { amount: 30, hour: 5, country: 'DE' };
const path = '/v1/detectors/transactions/score';
const huge = ['1e999', '-1e400', `${'9'.repeat(400)}`, '1e39', '3.5e38'];
const words = [
  'NaN',
  'Infinity',
  '-Infinity',
  'undefined',
  'nul',
  "'x'",
  '0x10',
  '01',
  '+1',
  '.5',
  '[',
  '{',
  '"',
  '1e',
  '\u0000',
];
const values = [[], {}, true, 'text', [1], { a: 1 }, [[]], '1', false];
const tricks = [
  ...[
    '..%2f..%2f..%2fetc%2fpasswd',
    '%2e%2e',
    '..',
    '.',
    '%00',
    '__proto__',
    'constructor',
    'transactions%00',
    'transactions%2f..',
  ],
  ...[
    '..%2ftransactions',
    'TRANSACTIONS',
    '%ff%fe',
    '%zz',
    'transactions;id',
    '~root',
    'con',
    'a'.repeat(250),
  ],
];
const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

/** Endless. Every request is wrong in one way; `kind` says which. */
export function* malformed(seed: number | string): Generator<BadRequest> {
  const random = createRandom(`malformed/${seed}`);
  const below = (count: number): number => Math.floor(random.uniform() * count);
  const pick = <Kind>(list: readonly Kind[]): Kind => list[below(list.length)]!;
  const json = { 'content-type': 'application/json' };
  const post = (
    kind: string,
    payload: string | Buffer,
    url = path,
    headers: Record<string, string> = json,
  ): BadRequest => ({ method: 'POST', url, headers, payload, kind });
  const column = (): keyof typeof good => pick(Object.keys(good) as (keyof typeof good)[]);
  const text = JSON.stringify({ rows: [good, good] });
  const bytes = (count: number): Buffer => Buffer.from(Array.from({ length: count }, () => below(256)));
  const kinds: (() => BadRequest)[] = [
    () => post('cut', text.slice(0, 1 + below(text.length - 2))),
    () => {
      const at = below(text.length);
      return post(
        'spoiled',
        `${text.slice(0, at)}${pick(['{', '}', '"', '\u0001', '\\', ']['])}${text.slice(at)}}`,
      );
    },
    () => post('noise', bytes(1 + below(300))),
    () => post('no number', `{"row": {"amount": ${pick(words)}, "hour": 1, "country": "DE"}}`),
    () => post('huge', `{"row": {"amount": ${pick(huge)}, "hour": 1, "country": "DE"}}`),
    () => post('wrong cell', JSON.stringify({ row: { ...good, [pick(['amount', 'hour'])]: pick(values) } })),
    () =>
      post('wrong category', JSON.stringify({ row: { ...good, country: pick([[], {}, [1], { a: 1 }]) } })),
    () => {
      const { [column()]: _, ...rest } = good;
      return post('missing', JSON.stringify({ rows: [good, rest] }));
    },
    () => post('unknown', JSON.stringify({ row: { ...good, [`x${below(1e6)}`]: 1 } })),
    () =>
      post(
        'wrong shape',
        JSON.stringify({
          [pick(['row', 'rows', 'columns', 'images'])]: pick([null, 1, 'x', [1], [null], [[]], true, []]),
        }),
      ),
    () =>
      post(
        'top level',
        JSON.stringify(pick([null, 1, 'x', [], {}, true, [good], { row: good, rows: [] }, { surprise: 1 }])),
      ),
    () => {
      const depth = 10 + below(20_000);
      return post(
        'deep',
        pick([
          `${'['.repeat(depth)}${']'.repeat(depth)}`,
          `{"row":${'{"a":'.repeat(depth)}1${'}'.repeat(depth + 1)}`,
        ]),
      );
    },
    () =>
      post(
        'prototype',
        pick([
          '{"__proto__":{"row":1},"row":{}}',
          '{"row":{"__proto__":{"amount":1},"hour":1,"country":"DE"}}',
          '{"row":{"constructor":{"prototype":1}}}',
        ]),
      ),
    () =>
      post('rate', JSON.stringify({ row: good, falseAlarmRate: pick([0, 1, -1, 2, 'x', null, 1e-9, []]) })),
    () =>
      post(
        'uneven',
        JSON.stringify({ columns: { amount: [1, 2], hour: [1], country: pick([[], ['DE'], 'DE', null]) } }),
      ),
    () => post('too many', JSON.stringify({ rows: new Array(10_001).fill(0).map(() => ({})) })),
    () =>
      post('media type', text, path, {
        'content-type': pick([
          'text/csv',
          'application/xml',
          'x',
          'image/gif',
          'multipart/form-data; boundary=x',
        ]),
      }),
    () =>
      post(
        'bad image',
        Buffer.concat([pick([png, Buffer.alloc(0)]), bytes(below(400))]),
        path.replace('transactions', 'digits'),
        { 'content-type': pick(['image/png', 'image/jpeg']) },
      ),
    () =>
      post(
        'bad pixels',
        JSON.stringify({
          images: [
            pick<unknown>([
              [1],
              [[]],
              new Array(784).fill(256),
              new Array(784).fill(0.5),
              new Array(784).fill('1'),
              'AAAA',
              'data:image/png;base64,AAAA',
              '!',
              null,
              {},
            ]),
          ],
        }),
        path.replace('transactions', 'digits'),
      ),
    () => post('path', text, `/v1/detectors/${pick(tricks)}/${pick(['score', 'explain'])}`),
    () =>
      post(
        'model path',
        '{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}',
        `/v2/models/${pick(tricks)}/infer`,
      ),
    () =>
      post(
        'tensor',
        JSON.stringify({
          inputs: [
            {
              name: pick(['numbers', 'x', '__proto__', 'amount']),
              shape: pick<unknown>([[1, 2], [2], [-1], [1e9, 2], 'x', [], [0, 2]]),
              datatype: pick(['FP32', 'BYTES', 'X']),
              data: pick<unknown>([[1], [[1, 2]], ['x', 'y'], 'x', [null]]),
            },
          ],
          ...(below(2) === 0 ? {} : { outputs: [{ name: pick(['score', 'nothing']) }] }),
        }),
        '/v2/models/transactions/infer',
      ),
  ];
  for (;;) yield pick(kinds)();
}
