import * as z from 'zod'
import { endpoint, parseEnvironment } from './parse-environment'

export const telemetrySchema = z.object({
  METRICS_TOKEN: z
    .string()
    .regex(
      /^[\x21-\x7e]{16,}$/,
      'must have at least 16 characters and no blanks; make one with `openssl rand -hex 32`',
    )
    .optional()
    .meta({
      description:
        'What a Prometheus server sends as a bearer token to read /metrics. Without it there is no /metrics.',
      secret: true,
    }),
  WORKER_METRICS_PORT: z.coerce
    .number('must be a port number')
    .int('must be a port number')
    .min(1, 'must be 1 or more')
    .max(65_535, 'must be 65535 or less')
    .optional()
    .meta({
      description:
        'Port at HOST where a worker answers /healthz, and /metrics with METRICS_TOKEN. Without it a worker listens nowhere.',
    }),
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.optional().meta({
    description:
      'Where traces are sent by OTLP over HTTP, such as http://127.0.0.1:4318. Without it none are made.',
    // Those of some collectors have a key in their path.
    secret: true,
  }),
})

/** What web and workers tell of themselves to other programs. */
export interface TelemetrySettings {
  /** Lets a program read the metrics; undefined where nobody may. */
  metricsToken: string | undefined
  workerMetricsPort: number | undefined
  /** Base URL of an OTLP collector; undefined where no traces are made. */
  otlpEndpoint: string | undefined
}

/** @throws SettingsError naming each faulty setting and what it must be */
export function parseTelemetrySettings(source: Record<string, string | undefined>): TelemetrySettings {
  const env = parseEnvironment(telemetrySchema, source)
  return {
    metricsToken: env.METRICS_TOKEN,
    workerMetricsPort: env.WORKER_METRICS_PORT,
    otlpEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
  }
}
