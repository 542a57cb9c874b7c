import type { Socket } from 'node:net'
import type { WebMetrics } from '../../telemetry/web-metrics'

/** @returns counts what has passed on the connection since it was last called, or since the beginning */
export function trafficMeter({ proxied }: Pick<WebMetrics, 'proxied'>, connection: Socket): () => void {
  let { bytesRead, bytesWritten } = connection
  return () => {
    const before = { bytesRead, bytesWritten }
    ;({ bytesRead, bytesWritten } = connection)
    proxied(bytesRead - before.bytesRead, bytesWritten - before.bytesWritten)
  }
}
