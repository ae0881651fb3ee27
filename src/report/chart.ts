// ECharts drawn to SVG text without a browser, and the look that all charts share.
// Apart because it is the only importer of ECharts, which is loaded when the first chart is drawn.

import type { EChartsCoreOption } from 'echarts/core';
import { type Block, bodyWidth, ink } from './figure.ts';
import { fontFamily, measureText } from './font.ts';

/** Text style of axes and legends. */
export const chartText = { fontFamily, fontSize: 12, color: ink.normal } as const;

/** An axis of numbers with its name in the middle; units belong into the name. */
export function valueAxis(name: string, nameGap: number, more: Record<string, unknown> = {}) {
  return {
    type: 'value',
    name,
    nameLocation: 'middle',
    nameGap,
    nameTextStyle: { ...chartText, fontSize: 12.5 },
    axisLabel: { ...chartText, hideOverlap: true, ...(more.axisLabel as object | undefined) },
    axisLine: { show: true, lineStyle: { color: '#9aa2ab' } },
    axisTick: { show: true, lineStyle: { color: '#9aa2ab' }, ...(more.axisTick as object | undefined) },
    splitLine: { lineStyle: { color: '#e8ebee' } },
    ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== 'axisLabel' && key !== 'axisTick')),
  };
}

/** A legend in the upper left corner of the chart; widths are ours, since ECharts cannot measure without a browser. */
export function chartLegend(names: readonly string[], icon?: string) {
  const data = names.map((name) => ({
    name,
    textStyle: { ...chartText, width: Math.ceil(measureText(name, chartText.fontSize)) },
  }));
  const itemWidth = icon === undefined ? 28 : 16;
  return { data, left: 0, top: 0, padding: 0, itemGap: 20, itemWidth, itemHeight: 10, ...(icon && { icon }) };
}

/** The plot's place: under `top` SVG pixels, as large as labels and axis names allow. */
export function chartGrid(top: number, right = 20) {
  return { left: 2, right, top, bottom: 2, outerBoundsMode: 'same', outerBoundsContain: 'all' } as const;
}

/** Draws an ECharts option to a block of SVG, `height` SVG pixels high. */
export async function drawChart(
  option: EChartsCoreOption,
  height: number,
  width = bodyWidth,
): Promise<Block> {
  const [core, charts, components, renderers] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ]);
  core.use([
    charts.BarChart,
    charts.LineChart,
    charts.ScatterChart,
    components.GridComponent,
    components.LegendComponent,
    components.MarkLineComponent,
    renderers.SVGRenderer,
  ]);
  const chart = core.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily }, ...option });
    return { svg: chart.renderToSVGString(), width, height };
  } finally {
    chart.dispose();
  }
}
