import { isIPv6 } from 'node:net'
import type { RequestHandler } from 'express'
import { Refusal } from '../refusal'

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']

/**
 * Only Slipway's proxy and people on this very machine reach this program, and they name it by a loopback
 * address or the one name that it was told, with whatever port it is published on: any other name is a page
 * that rebound its own to us, or was meant for another machine. Whatever changes something comes from our own
 * page, or from a script that says so with a header that no foreign page can send.
 */
export const guard = (servedAs: string | undefined): RequestHandler => {
  const names = ['127.0.0.1', 'localhost', servedAs && (isIPv6(servedAs) ? `[${servedAs}]` : servedAs)]
  return (request, response, next) => {
    response.set({
      'Content-Security-Policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Cache-Control': 'no-store',
    })
    const { host = '', origin, 'x-requested-with': requestedWith } = request.headers
    if (!names.includes(host.replace(/:\d+$/, '')))
      throw new Refusal('foreign_request', 'This address is not one that the filebrowser answers to.')
    const isOwn = origin === undefined ? requestedWith !== undefined : origin === `http://${host}`
    if (!SAFE_METHODS.includes(request.method) && !isOwn)
      throw new Refusal('foreign_request', 'Only the filebrowser’s own page may change files.')
    next()
  }
}
