// A saved model cut down to some of its outputs: the runtime computes whatever a file holds, asked for or not, and
// explaining a verdict costs many times what the score does.
import { decodeModel, encodeModel, type OnnxGraph } from './onnx-schema.ts';

/** The same model with only the named outputs and what they need. Throws RangeError for an output it lacks. */
export function pruneModel(bytes: Uint8Array, outputs: readonly string[]): Uint8Array {
  const model = decodeModel(bytes);
  const { graph } = model;
  const missing = outputs.find((name) => !graph.output.some((each) => each.name === name));
  if (missing !== undefined) throw new RangeError(`The model has no output '${missing}'.`);
  const producers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node])));
  const needed = new Set<string>();
  const open = [...outputs];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    open.push(...(producers.get(name)?.input ?? []));
  }
  const kept = <Each extends { name?: string }>(list: readonly Each[]): Each[] =>
    list.filter(({ name = '' }) => needed.has(name));
  const pruned: OnnxGraph = {
    ...graph,
    node: graph.node.filter(({ output }) => output.some((name) => needed.has(name))),
    initializer: kept(graph.initializer),
    input: kept(graph.input),
    output: outputs.map((name) => graph.output.find((each) => each.name === name) as OnnxGraph['output'][0]),
  };
  return encodeModel({ ...model, graph: pruned });
}
