import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Container, Probe } from './objects'

/** Real ones look once a second at most; these don't make tests wait. */
const PERIOD_MS = 25
const TIMEOUT_MS = 1000

/** One look: any answer from 200 to 399, or that somebody listens. */
async function looksGood({ httpGet, tcpSocket }: Probe, host: string, ports: Container['ports']) {
  const wanted = (httpGet ?? tcpSocket)?.port
  const port = ports?.find(({ name }) => name === wanted)?.containerPort ?? Number(wanted)
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  try {
    if (httpGet) {
      const url = `http://${host}:${port}/${(httpGet.path ?? '/').replace(/^\//, '')}`
      const { status, body } = await fetch(url, { signal, redirect: 'manual' })
      await body?.cancel()
      return status >= 200 && status < 400
    }
    const socket = connect(port, host)
    await once(socket, 'connect', { signal }).finally(() => socket.destroy())
    return true
  } catch {
    return false
  }
}

interface Looking {
  container: Container
  host: string
  signal: AbortSignal
  onReady(ready: boolean): void
  /** The startup probe has failed too often. */
  onHopeless(): void
}

/** Follows a container from its start: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes */
export async function probe({ container, host, signal, onReady, onHopeless }: Looking): Promise<void> {
  const { startupProbe, readinessProbe, ports } = container
  if (startupProbe) {
    const { failureThreshold = 3, periodSeconds = 10 } = startupProbe
    const deadline = Date.now() + failureThreshold * periodSeconds * 1000
    while (!(await looksGood(startupProbe, host, ports))) {
      if (signal.aborted) return
      if (Date.now() > deadline) return onHopeless()
      await pause(PERIOD_MS)
    }
  }
  while (!signal.aborted) {
    onReady(!readinessProbe || (await looksGood(readinessProbe, host, ports)))
    if (!readinessProbe) return
    await pause(PERIOD_MS)
  }
}
