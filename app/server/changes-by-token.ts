import type { RequestHandler } from 'express'
import { bearerToken, isSafe } from './origin-check'
import { refuse } from './refuse'

/**
 * Where programs call models and keep servers, a browser's cookie changes nothing: whoever changes something speaks
 * for itself with an API token. It only refuses; what it lets by, the check of the origin still sees.
 */
export const changesByToken: RequestHandler = (req, res, next) => {
  if (isSafe(req) || bearerToken(req) !== undefined) return next()
  res.setHeader('WWW-Authenticate', 'Bearer realm="slipway"')
  refuse(req, res, 401, 'Send an API token: Authorization: Bearer slipway_…')
}
