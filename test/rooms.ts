// The rule of the rooms (DESIGN, section 2), part of `npm run check`: imports go one way, without cycles,
// and what index.ts reaches runs in a browser. Type-only imports count: they say who knows whom.
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Which rooms (or single files) a room may import; every room may import itself and errors.ts. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  graph: [],
  nn: ['graph'],
  models: ['graph', 'nn', 'data/dataset.ts'],
  runtime: ['graph'],
  data: ['nn/random.ts'],
  detect: ['graph', 'nn', 'models', 'runtime', 'data'],
  evaluate: ['detect', 'data', 'graph', 'nn', 'runtime', 'models'],
  report: ['evaluate', 'detect', 'data'],
  serve: ['detect', 'data'],
  cli: ['index.ts', 'data', 'graph', 'nn', 'models', 'runtime', 'detect', 'evaluate', 'report', 'serve'],
  index: ['data', 'detect', 'evaluate', 'runtime/session.ts'],
};
const nodeOnlyPackages = [
  '@resvg/resvg-js',
  'cli-progress',
  'commander',
  'duckdb',
  '@duckdb/node-api',
  'fastify',
  '@nats-io/jetstream',
  '@nats-io/transport-node',
  'prom-client',
  'onnxruntime-node',
  'sharp',
];
const runtimeImporter = 'runtime/session.ts';

/** `src/`-relative file -> what it imports: other files, or package names. */
type Imports = ReadonlyMap<string, readonly string[]>;

/** Static, re-exporting, dynamic and `typeof import(...)` specifiers, in order. Comment lines are left out. */
function specifiersOf(source: string): string[] {
  const code = source.replace(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  const statement = /(?:^|;)[ \t]*(?:import|export)\b(?:[^'";=(]*?\bfrom)?\s*['"]([^'"]+)['"]/gm;
  const call = /\bimport\(\s*['"]([^'"]+)['"]/g;
  return [...code.matchAll(statement), ...code.matchAll(call)].map((match) => match[1] ?? '');
}

type Target = string | { readonly [condition: string]: Target };
const { imports: aliases } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  imports: Record<string, Target>;
};

/** What a `#name` stands for among the sources, in a browser or in Node. */
function resolveAlias(name: string, conditions: readonly string[]): string {
  let target: Target | undefined = aliases[name];
  while (typeof target === 'object') {
    const condition = Object.keys(target).find((key) => key === 'default' || conditions.includes(key));
    target = condition === undefined ? undefined : target[condition];
  }
  return target?.replace(/^\.\/src\//, '') ?? name;
}

function readImports(platform: 'browser' | 'node'): Imports {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts'));
  const resolve = (file: string, specifier: string): string => {
    if (specifier.startsWith('#')) return resolveAlias(specifier, ['oddity-source', platform]);
    return specifier.startsWith('.') ? posix.join(dirname(file), specifier) : specifier;
  };
  return new Map(
    files.map((file) => {
      const specifiers = specifiersOf(readFileSync(join(root, 'src', file), 'utf8'));
      return [file, specifiers.map((specifier) => resolve(file, specifier))];
    }),
  );
}

const roomOf = (file: string): string => (file.split('/')[0] ?? file).replace(/\.ts$/, '');
const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');

function backEdges(imports: Imports): string[] {
  const violations: string[] = [];
  for (const [file, targets] of imports) {
    const room = roomOf(file);
    const rule = allowed[room];
    if (rule === undefined)
      violations.push(`src/${file}: the room '${room}' has no rule; add it to test/rooms.ts`);
    for (const target of targets) {
      if (target.startsWith('onnxruntime') && file !== runtimeImporter) {
        violations.push(`src/${file} imports ${target}; only src/${runtimeImporter} may`);
      }
      if (!target.endsWith('.ts')) continue;
      if (!imports.has(target)) violations.push(`src/${file} imports src/${target}, which is not there`);
      const mayImport = [room, 'errors', ...(rule ?? [])];
      if (!mayImport.includes(roomOf(target)) && !mayImport.includes(target)) {
        const choices = [...(rule ?? []), 'errors.ts'].join(', ');
        violations.push(`src/${file} imports src/${target}; ${room} may import only ${choices}`);
      }
    }
  }
  return violations;
}

/** The cycles that a depth-first walk closes, one line for those that share a file: one edge may close many. */
function cycles(imports: Imports): string[] {
  const violations: string[] = [];
  const done = new Set<string>();
  const reported = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      const cycle = path.slice(path.indexOf(file));
      if (!cycle.some((each) => reported.has(each))) {
        violations.push(`Import cycle: ${[...cycle, file].map((each) => `src/${each}`).join(' -> ')}`);
      }
      for (const each of cycle) reported.add(each);
      return;
    }
    if (done.has(file)) return;
    for (const target of imports.get(file) ?? []) walk(target, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) walk(file, []);
  return violations;
}

/** What index.ts reaches that no browser has, with the way there. */
function browserViolations(imports: Imports): string[] {
  const violations: string[] = [];
  const seen = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const way = [...path, `src/${file}`];
    for (const target of imports.get(file) ?? []) {
      if (target.endsWith('.ts')) walk(target, way);
      else if (isBuiltin(target) || nodeOnlyPackages.includes(packageOf(target))) {
        violations.push(`${way.join(' -> ')} imports ${target}, which no browser has`);
      }
    }
  };
  walk('index.ts', []);
  return violations;
}

const forNode = readImports('node');
const forBrowser = readImports('browser');
const violations = [
  ...new Set([
    ...backEdges(forNode),
    ...backEdges(forBrowser),
    ...cycles(forNode),
    ...cycles(forBrowser),
    ...browserViolations(forBrowser),
  ]),
];
for (const violation of violations) console.error(violation);
console.error(
  violations.length === 0
    ? `Rooms: ${forNode.size} files, imports go one way.`
    : `Rooms: ${violations.length} broken; see DESIGN, section 2.`,
);
if (violations.length > 0) process.exitCode = 1;
