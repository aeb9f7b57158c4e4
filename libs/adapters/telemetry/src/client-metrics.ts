import { collectDefaultMetrics, type Registry } from 'prom-client';
import { boundText, labelText, type MetricFamily } from './exposition.ts';

/** Gauges whose names end as counters' do, which Prometheus's own linter refuses; what they tell, others tell better. */
const MISNAMED = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total'];

/** Adds what there is to know of this process: processor, memory, files, garbage collection, and the delay of the event loop. */
export function addProcessMetrics(register: Registry): void {
  collectDefaultMetrics({ register });
  for (const name of MISNAMED) register.removeSingleMetric(name);
}

/** The metrics of a client library's registry, as they are now. */
export async function clientMetrics(registry: Registry): Promise<MetricFamily[]> {
  return ((await registry.getMetricsAsJSON()) as unknown as ClientMetric[]).map(toFamily);
}

/** What the library gives; its own types call the words of `type` numbers, and leave `metricName` out. */
interface ClientMetric {
  readonly name: string;
  readonly help: string;
  readonly type: MetricFamily['type'];
  readonly values: readonly {
    readonly labels: Readonly<Record<string, string | number>>;
    readonly value: number;
    readonly metricName?: string;
  }[];
}

function toFamily({ name, help, type, values }: ClientMetric): MetricFamily {
  const samples = values.map(({ labels, value, metricName = name }) => ({
    suffix: metricName.slice(name.length),
    labels: labelText(typeof labels['le'] === 'number' ? { ...labels, le: boundText(labels['le']) } : labels),
    value,
  }));
  return { name, help, type, samples };
}
