import { otlpSettings } from './otlp-settings.ts';
import { choiceSetting, integerSetting, numberSetting, optionalUrlSetting } from './setting.ts';

const MAX_INTEGER = 1_000_000_000;

/**
 * OpenTelemetry's own variables, as far as traces go.
 *
 * @param serviceName what the program is called when nobody says otherwise.
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function tracingSettings(serviceName: string) {
  return {
    ...otlpSettings(serviceName),
    otelExporter: choiceSetting(
      'OTEL_TRACES_EXPORTER',
      'Where traces go: `otlp`, `none`, or `auto`: by OTLP when an endpoint is set.',
      ['auto', 'otlp', 'none'],
      { default: 'auto' },
    ),
    otlpTracesEndpoint: optionalUrlSetting(
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
      'The URL that takes traces, when it is not `/v1/traces` below the base URL.',
    ),
    otelSampler: choiceSetting(
      'OTEL_TRACES_SAMPLER',
      'Which requests are traced. The `parentbased_` ones do what the caller did where the request brings a `traceparent`.',
      [
        'always_on',
        'always_off',
        'traceidratio',
        'parentbased_always_on',
        'parentbased_always_off',
        'parentbased_traceidratio',
      ],
      { default: 'parentbased_always_on' },
    ),
    otelSamplerArg: numberSetting(
      'OTEL_TRACES_SAMPLER_ARG',
      'Share of requests that the `traceidratio` samplers trace.',
      { min: 0, max: 1 },
      { default: '1' },
    ),
    otelBatchDelayMs: integerSetting(
      'OTEL_BSP_SCHEDULE_DELAY',
      'Longest time for which spans are gathered, in milliseconds.',
      { min: 1, max: MAX_INTEGER },
      { default: '5000' },
    ),
    otelQueueSize: integerSetting(
      'OTEL_BSP_MAX_QUEUE_SIZE',
      'Spans that may wait for the collector; others are dropped.',
      { min: 1, max: MAX_INTEGER },
      { default: '2048' },
    ),
    otelBatchSize: integerSetting(
      'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
      'Most spans in one message.',
      { min: 1, max: MAX_INTEGER },
      { default: '512' },
    ),
  };
}
