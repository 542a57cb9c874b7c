import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { isSameOrigin } from '../server/origin-check'
import type { UpgradeAnswer } from '../server/request-log'
import type { Services } from '../trpc/context'
import { machineActivity } from './activity'
import { isFromElsewhere } from './cross-site'
import { type Admission, entrance } from './entrance'
import { forwardRequest } from './forward-request'
import { forwardSocket } from './forward-socket'
import { isWellFramed, isWellFramedUpgrade } from './framing'
import type { MachineTarget } from './hosts'
import { NoAnswer } from './no-answer'
import { NOTICES, type NoticeKind, sendNotice } from './notice'
import { refuseProgram } from './refuse-program'
import { requestHeaders } from './request-headers'
import { bringsToken, countRefusal, tokenEntrance } from './token-entrance'
import { trafficMeter } from './traffic-meter'

/** How long is waited for whoever says nothing. */
export interface Patience {
  requestMs: number
  handshakeMs: number
  socketMs: number
}
const PATIENCE: Patience = { requestMs: 10 * 60_000, handshakeMs: 30_000, socketMs: 60 * 60_000 }

interface ProxySettings {
  services: Services
  secure: boolean
  publicUrl: string
  addressOf(req: IncomingMessage): string
  patience?: Patience
}

interface Upgrade {
  req: IncomingMessage
  socket: Duplex
  head: Buffer
  /** Told what was answered. */
  answer: UpgradeAnswer
}

/** Leads from a machine's host name to its service, for whoever was let in. */
export function machineProxy({ services, secure, publicUrl, addressOf, patience = PATIENCE }: ProxySettings) {
  const byBrowser = entrance(services, { secure })
  const byToken = tokenEntrance(services)
  const activity = machineActivity(services)
  const admit = (target: MachineTarget, req: IncomingMessage): Admission => {
    try {
      return bringsToken(target, req) ? byToken(target, req) : byBrowser(target, req)
    } catch (error) {
      services.logger.error({ err: error, machineId: target.machineId }, 'machine proxy failed')
      return { kind: 'unavailable' }
    }
  }

  /** Sockets and streams that outlive their request's admission: looked at again while they are open. */
  const watch = (target: MachineTarget, req: IncomingMessage, channel: Duplex | ServerResponse) => {
    const { cookie, authorization } = req.headers
    const again = { method: 'GET', url: '/', headers: { cookie, authorization } } as IncomingMessage
    activity.tell(target.machineId)
    const isSocket = req.headers.upgrade !== undefined
    const look = activity.meter(target.machineId, req.socket, { isSocket })
    const count = trafficMeter(services.metrics, req.socket)
    if (isSocket) services.metrics.proxySockets.inc()
    channel.once('close', () => {
      count()
      if (isSocket) services.metrics.proxySockets.dec()
    })
    services.channels.watch(channel, () => {
      look()
      count()
      return !['unknown', 'not_running', 'refused'].includes(admit(target, again).kind)
    })
  }
  const wayTo = (address: string, req: IncomingMessage) => {
    const upstream = new URL(address)
    const client = { address: addressOf(req), protocol: secure ? ('https' as const) : ('http' as const) }
    return { upstream, headers: requestHeaders(req.headers, { upstream, client }) }
  }
  /** A program is on no page, and yet is to change something: it comes as the service's own. Its token stays here. */
  const programsWayTo = (address: string, req: IncomingMessage) => {
    const { upstream, headers } = wayTo(address, req)
    const { authorization, ...rest } = headers
    return { upstream, headers: { ...rest, origin: upstream.origin } }
  }
  const pageFor = (kind: NoticeKind, { machineId }: MachineTarget) =>
    kind === 'unknown' ? `${publicUrl}/machines` : `${publicUrl}/machines/${machineId}`

  return {
    async web(target: MachineTarget, req: IncomingMessage, res: ServerResponse): Promise<void> {
      const say = (kind: NoticeKind) => sendNotice(req, res, kind, pageFor(kind, target))
      if (!isWellFramed(req)) return say('malformed')
      const admission = admit(target, req)
      if (admission.kind === 'entered') {
        const headers = { 'Set-Cookie': admission.cookie, 'Cache-Control': 'no-store' }
        res.writeHead(303, { ...headers, Location: '/', 'Referrer-Policy': 'no-referrer' }).end()
        return
      }
      if (admission.kind === 'refused') {
        const refusal = await countRefusal(services, admission.error, addressOf(req))
        return refuseProgram(res, refusal)
      }
      if (admission.kind !== 'admitted') return say(noticeOf(admission))
      const isProgram = bringsToken(target, req)
      if (!isProgram && isFromElsewhere(req)) return say('cross_origin')
      watch(target, req, res)
      const way = (isProgram ? programsWayTo : wayTo)(admission.address, req)
      try {
        await forwardRequest(req, res, { ...way, silenceMaxMs: patience.requestMs })
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error
        say(error.reason)
      }
    },

    async upgrade(target: MachineTarget, { req, socket, head, answer }: Upgrade): Promise<void> {
      // From here on nobody else listens, and a browser may go away at any time.
      socket.on('error', () => socket.destroy())
      const say = (kind: NoticeKind) => {
        answer.status = NOTICES[kind].status
        refuse(socket as Socket, answer, patience.handshakeMs)
      }
      if (!isWellFramedUpgrade(req, head)) return say('malformed')
      const admission = admit(target, req)
      // The file manager has no websockets, so no token opens one.
      if (admission.kind === 'entered' || admission.kind === 'refused' || bringsToken(target, req))
        return say('unknown')
      if (admission.kind !== 'admitted') return say(noticeOf(admission))
      // A browser always says where a websocket comes from; nobody else has a cookie.
      if (!isSameOrigin(req)) return say('cross_origin')
      watch(target, req, socket)
      try {
        await forwardSocket(req, socket as Socket, {
          ...wayTo(admission.address, req),
          answer,
          handshakeMaxMs: patience.handshakeMs,
          silenceMaxMs: patience.socketMs,
        })
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error
        say(error.reason)
      }
    },
  }
}

const noticeOf = (admission: Exclude<Admission, { kind: 'entered' | 'admitted' | 'refused' }>): NoticeKind =>
  admission.kind === 'not_running' ? admission.status : admission.kind

function refuse(socket: Socket, { status = 500, requestId }: UpgradeAnswer, patienceMs: number): void {
  const headers = ['Connection: close', 'Content-Length: 0', `X-Request-Id: ${requestId}`]
  socket.end(`${[`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers].join('\r\n')}\r\n\r\n`)
  // Read on, to notice that the other side has gone.
  socket.resume()
  socket.setTimeout(patienceMs, () => socket.destroy())
}
