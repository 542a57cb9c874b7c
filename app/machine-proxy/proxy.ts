import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createProxyServer } from 'httpxy'
import { isSameOrigin } from '../server/origin-check'
import type { Services } from '../trpc/context'
import { machineActivity } from './activity'
import { isFromElsewhere } from './cross-site'
import { type Admission, entrance } from './entrance'
import { rewriteRequestHeaders, rewriteResponseHeaders } from './headers'
import type { MachineTarget } from './hosts'
import { sendNotice } from './notice'

const SILENCE_MAX_MS = 10 * 60_000
/** A socket that nobody says anything on, as a page that was left open. */
const SOCKET_SILENCE_MAX_MS = 60 * 60_000

interface ProxySettings {
  services: Services
  secure: boolean
  publicUrl: string
  addressOf(req: IncomingMessage): string
}

/** Leads from a machine's host name to its service, for whoever was let in. */
export function machineProxy({ services, secure, publicUrl, addressOf }: ProxySettings) {
  const decide = entrance(services, { secure })
  const activity = machineActivity(services)
  const admit = (target: MachineTarget, req: IncomingMessage): Admission => {
    try {
      return decide(target, req)
    } catch (error) {
      services.logger.error({ err: error, machineId: target.machineId }, 'machine proxy failed')
      return { kind: 'unavailable' }
    }
  }
  const proxy = createProxyServer({ xfwd: false, proxyTimeout: SILENCE_MAX_MS })
  const rewrite = (response: IncomingMessage, { headers }: IncomingMessage) =>
    rewriteResponseHeaders(response, `http://${headers.host}`)
  proxy.on('proxyRes', rewrite)
  proxy.on('proxyReqWs', (request, req) => {
    request.once('upgrade', (response) => rewrite(response, req))
    request.once('response', (response) => rewrite(response, req))
  })

  /** Sockets and streams that outlive their request's admission: looked at again while they are open. */
  const watch = (target: MachineTarget, req: IncomingMessage, channel: Duplex | ServerResponse) => {
    const { cookie } = req.headers
    const again = { method: 'GET', url: '/', headers: { cookie } } as IncomingMessage
    activity.tell(target.machineId)
    const look = activity.meter(target.machineId, req.socket, { isSocket: req.headers.upgrade !== undefined })
    services.channels.watch(channel, () => {
      look()
      return !['unknown', 'not_running'].includes(admit(target, again).kind)
    })
  }
  const prepare = (req: IncomingMessage, address: string) =>
    rewriteRequestHeaders(req.headers, {
      upstream: new URL(address),
      client: { address: addressOf(req), protocol: secure ? 'https' : 'http' },
    })

  return {
    async web(target: MachineTarget, req: IncomingMessage, res: ServerResponse): Promise<void> {
      const admission = admit(target, req)
      switch (admission.kind) {
        case 'entered':
          res.writeHead(303, {
            Location: '/',
            'Set-Cookie': admission.cookie,
            'Cache-Control': 'no-store',
            'Referrer-Policy': 'no-referrer',
          })
          res.end()
          return
        case 'unknown':
          return sendNotice(res, 404, 'unknown', `${publicUrl}/machines`)
        case 'unavailable':
          return sendNotice(res, 503, 'no_answer', `${publicUrl}/machines/${target.machineId}`)
        case 'not_running':
          return sendNotice(res, 503, admission.status, `${publicUrl}/machines/${target.machineId}`)
        case 'admitted':
          if (isFromElsewhere(req))
            return sendNotice(res, 403, 'cross_origin', `${publicUrl}/machines/${target.machineId}`)
          watch(target, req, res)
          prepare(req, admission.address)
          await proxy.web(req, res, { target: admission.address }).catch(() => {
            if (res.headersSent) res.destroy()
            else sendNotice(res, 502, 'no_answer', `${publicUrl}/machines/${target.machineId}`)
          })
      }
    },

    async upgrade(target: MachineTarget, req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
      // From here on nobody else listens, and a browser may go away at any time.
      socket.on('error', () => socket.destroy())
      const admission = admit(target, req)
      // A browser always says where a websocket comes from; nobody else has a cookie.
      if (admission.kind !== 'admitted' || !isSameOrigin(req)) {
        socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
        return
      }
      watch(target, req, socket)
      ;(socket as Socket).setTimeout(SOCKET_SILENCE_MAX_MS, () => socket.destroy())
      prepare(req, admission.address)
      await proxy.ws(req, socket as Socket, { target: admission.address }, head).catch(() => socket.destroy())
    },
  }
}
