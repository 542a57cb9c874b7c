import type { IncomingMessage } from 'node:http'
import { isLoadedFromElsewhere, isSafe, isSameOrigin } from '../server/origin-check'

/** Whether a page of another host asks: it may link here, and neither load, send nor embed anything. */
export const isFromElsewhere = (req: IncomingMessage): boolean =>
  !isSafe(req) || req.headers.origin !== undefined ? !isSameOrigin(req) : isLoadedFromElsewhere(req)
