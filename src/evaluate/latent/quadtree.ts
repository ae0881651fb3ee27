// A quadtree over points of the plane, flat and in the order of a walk: each node knows its centre of mass, its weight,
// its extent, and the node that comes after its whole subtree, so that a walk needs neither stack nor recursion.
// Barnes & Hut, "A hierarchical O(N log N) force-calculation algorithm" (1986). Boxes are drawn tight around their
// points: no chains of single children, and far cells are told from their real size.

export interface QuadTree {
  /** Nodes in use. */
  count: number;
  /** Centre of mass x and y, weight, squared longest side (0 for a leaf) of each node [nodes, 4]. */
  readonly nodes: Float64Array;
  /** The node after each node's subtree. */
  readonly after: Int32Array;
  /** Point numbers in the order of the leaves. */
  readonly order: Int32Array;
  readonly scratch: Int32Array;
}

/** Room for a tree over so many points, to be built again and again. */
export function createQuadTree(points: number): QuadTree {
  const most = Math.max(1, 2 * points);
  return {
    count: 0,
    nodes: new Float64Array(4 * most),
    after: new Int32Array(most),
    order: Int32Array.from({ length: points }, (_, i) => i),
    scratch: new Int32Array(points),
  };
}

/** Builds the tree over positions [points, 2]; coinciding points share a leaf. */
export function buildQuadTree(tree: QuadTree, positions: Float64Array): void {
  tree.count = 0;
  if (tree.order.length > 0) addNode(tree, positions, 0, tree.order.length);
}

function addNode(tree: QuadTree, positions: Float64Array, start: number, end: number): void {
  const { nodes, after, order } = tree;
  const node = tree.count++;
  let [lowX, lowY, highX, highY] = [
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  let [sumX, sumY] = [0, 0];
  for (let at = start; at < end; at++) {
    const point = order[at] as number;
    const x = positions[2 * point] as number;
    const y = positions[2 * point + 1] as number;
    sumX += x;
    sumY += y;
    if (x < lowX) lowX = x;
    if (x > highX) highX = x;
    if (y < lowY) lowY = y;
    if (y > highY) highY = y;
  }
  const weight = end - start;
  const side = Math.max(highX - lowX, highY - lowY);
  nodes[4 * node] = sumX / weight;
  nodes[4 * node + 1] = sumY / weight;
  nodes[4 * node + 2] = weight;
  nodes[4 * node + 3] = side * side;
  const isSplit =
    side * side > 0 && splitNode(tree, positions, start, end, (lowX + highX) / 2, (lowY + highY) / 2);
  if (!isSplit) nodes[4 * node + 3] = 0;
  after[node] = tree.count;
}

/**
 * Sorts the points of a node by quadrant and adds a child for each that has some. Returns false, and adds none, where
 * the middle is rounded onto a rim and so parts nothing: such points coincide as nearly as numbers can.
 */
function splitNode(
  tree: QuadTree,
  positions: Float64Array,
  start: number,
  end: number,
  middleX: number,
  middleY: number,
): boolean {
  const { order, scratch } = tree;
  let [first, second, third] = [0, 0, 0];
  const quadrantOf = (point: number): number =>
    ((positions[2 * point] as number) > middleX ? 1 : 0) +
    ((positions[2 * point + 1] as number) > middleY ? 2 : 0);
  for (let at = start; at < end; at++) {
    const point = order[at] as number;
    scratch[at] = point;
    const quadrant = quadrantOf(point);
    if (quadrant === 0) first++;
    else if (quadrant === 1) second++;
    else if (quadrant === 2) third++;
  }
  const count = end - start;
  if ([first, second, third, count - first - second - third].includes(count)) return false;
  const begins = [start, start + first, start + first + second, start + first + second + third, end];
  let [a, b, c, d] = begins as [number, number, number, number];
  for (let at = start; at < end; at++) {
    const point = scratch[at] as number;
    const quadrant = quadrantOf(point);
    if (quadrant === 0) order[a++] = point;
    else if (quadrant === 1) order[b++] = point;
    else if (quadrant === 2) order[c++] = point;
    else order[d++] = point;
  }
  for (let quadrant = 0; quadrant < 4; quadrant++) {
    const [from, to] = [begins[quadrant] as number, begins[quadrant + 1] as number];
    if (to > from) addNode(tree, positions, from, to);
  }
  return true;
}
