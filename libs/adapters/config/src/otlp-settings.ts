import {
  booleanSetting,
  choiceSetting,
  integerSetting,
  optionalUrlSetting,
  pairsSetting,
  textSetting,
} from './setting.ts';

const MAX_INTEGER = 1_000_000_000;

/**
 * OpenTelemetry's own variables, as far as they say where a program sends anything.
 *
 * @param serviceName what the program is called when nobody says otherwise.
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function otlpSettings(serviceName: string) {
  return {
    otelDisabled: booleanSetting('OTEL_SDK_DISABLED', 'Whether OpenTelemetry is off, whatever else is set.', {
      default: 'false',
    }),
    otlpProtocol: choiceSetting(
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      'How traces and logs are sent to the collector.',
      ['http/protobuf', 'grpc'],
      { default: 'http/protobuf' },
    ),
    otlpEndpoint: optionalUrlSetting(
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'Base URL of the collector; without one port 4318 of this machine, or 4317 with gRPC.',
    ),
    otlpHeaders: pairsSetting('OTEL_EXPORTER_OTLP_HEADERS', 'Headers for the collector, as `key=value,key=value`.', {
      isSecret: true,
    }),
    otlpTimeoutMs: integerSetting(
      'OTEL_EXPORTER_OTLP_TIMEOUT',
      'Longest time to wait for the collector, in milliseconds.',
      { min: 1, max: MAX_INTEGER },
      { default: '10000' },
    ),
    otlpCompression: choiceSetting(
      'OTEL_EXPORTER_OTLP_COMPRESSION',
      'How traces and logs are compressed.',
      ['none', 'gzip'],
      { default: 'none' },
    ),
    otelServiceName: textSetting('OTEL_SERVICE_NAME', 'Name of this program in traces and logs.', {
      default: serviceName,
    }),
    otelResourceAttributes: pairsSetting(
      'OTEL_RESOURCE_ATTRIBUTES',
      'What else traces and logs say of this program, as `key=value,key=value`.',
    ),
  };
}

/** The same, as far as the audit log goes. */
export function auditSettings(serviceName: string) {
  return {
    ...otlpSettings(serviceName),
    otelLogsExporter: choiceSetting(
      'OTEL_LOGS_EXPORTER',
      'Where a copy of the audit log goes: `otlp`, `none`, or `auto`: by OTLP when an endpoint is set.',
      ['auto', 'otlp', 'none'],
      { default: 'auto' },
    ),
    otlpLogsEndpoint: optionalUrlSetting(
      'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT',
      'The URL that takes logs, when it is not `/v1/logs` below the base URL.',
    ),
  };
}
