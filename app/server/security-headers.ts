import { randomBytes } from 'node:crypto'
import type { RequestHandler } from 'express'

interface SecurityHeaders {
  machineOrigins: string
  /** Whether browsers come by https. */
  secure: boolean
  development: boolean
}

/** Sets `res.locals.nonce`, which every inline script of the page carries. */
export const securityHeaders =
  ({ machineOrigins, secure, development }: SecurityHeaders): RequestHandler =>
  (_req, res, next) => {
    const nonce = randomBytes(16).toString('base64')
    res.locals.nonce = nonce
    const policy = {
      'default-src': "'none'",
      'script-src': `'self' 'nonce-${nonce}'`,
      'style-src': development ? "'self' 'unsafe-inline'" : "'self'",
      'img-src': "'self' data:",
      'media-src': "'self' data:",
      'font-src': "'self'",
      'connect-src': development ? "'self' ws:" : "'self'",
      'manifest-src': "'self'",
      // Opening a machine is a form that is answered with a redirect to the machine's host.
      'form-action': `'self' ${machineOrigins}`,
      'base-uri': "'none'",
      'frame-ancestors': "'none'",
    }
    res.setHeader(
      'Content-Security-Policy',
      Object.entries(policy)
        .map((directive) => directive.join(' '))
        .join('; '),
    )
    res.setHeader('X-Content-Type-Options', 'nosniff')
    // Not no-referrer: with that a browser sends `Origin: null` along with its own forms.
    res.setHeader('Referrer-Policy', 'same-origin')
    res.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
    res.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
    res.setHeader('Permissions-Policy', 'camera=(), microphone=(), geolocation=(), payment=(), usb=()')
    if (secure) res.setHeader('Strict-Transport-Security', 'max-age=31536000')
    next()
  }
