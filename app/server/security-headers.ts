import { randomBytes } from 'node:crypto'
import type { RequestHandler } from 'express'

/** Sets `res.locals.nonce`, which every inline script of the page carries. */
export const securityHeaders =
  ({ machineOrigins, development }: { machineOrigins: string; development: boolean }): RequestHandler =>
  (_req, res, next) => {
    const nonce = randomBytes(16).toString('base64')
    res.locals.nonce = nonce
    const policy = {
      'default-src': "'none'",
      'script-src': `'self' 'nonce-${nonce}'`,
      'style-src': development ? "'self' 'unsafe-inline'" : "'self'",
      'img-src': "'self' data:",
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
    next()
  }
