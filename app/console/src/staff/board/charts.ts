// Charts on a canvas: only what the board draws is taken from the library, and only the board loads it. Tooltips are drawn too, for one
// made of markup would need inline styles, which the content policy does not know.
import { HeatmapChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from 'echarts/components'
import { init, use, type ECharts, type EChartsCoreOption } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

use([HeatmapChart, LineChart, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent, CanvasRenderer])

export type Chart = ECharts
export type Option = EChartsCoreOption
export const draw = (at: HTMLElement): Chart => init(at, null, { renderer: 'canvas' })
