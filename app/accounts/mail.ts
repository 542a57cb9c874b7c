import { setTimeout as pause } from 'node:timers/promises'
import nodemailer from 'nodemailer'
import type { Logger } from 'pino'
import { emailAddress, type Sender } from '../../email-address'
import { AppError } from '../../errors'

const TRY_LIMIT_MS = 10_000
const RETRY_PAUSES_MS = [200, 1000]
/** Trouble on the way to the server. What the server itself refuses, it would refuse again. */
const CONNECTION_TROUBLE = new Set(['ECONNECTION', 'ESOCKET', 'EDNS'])

export interface Mail {
  /** One address. */
  to: string
  subject: string
  text: string
  html: string
}

interface MailSettings {
  smtpUrl: string | undefined
  from: Sender | undefined
  logger: Logger
  tryLimitMs?: number
}

/**
 * The way to the operator's mail server; undefined when there is none. Sending logs why it failed, without
 * the mail's text, and then throws AppError `unavailable`. Closing gives up what is on its way.
 */
export function openMail({ smtpUrl, from, logger, tryLimitMs = TRY_LIMIT_MS }: MailSettings) {
  if (!smtpUrl || !from) return undefined
  const transport = nodemailer.createTransport({
    url: smtpUrl,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const closing = new AbortController()

  async function send({ to, ...content }: Mail): Promise<void> {
    const message = {
      ...content,
      from,
      // As an object it is one address, whatever stands in it, and not a list to be parsed.
      to: { name: '', address: emailAddress.parse(to) },
      headers: { 'Auto-Submitted': 'auto-generated' },
    }
    for (let failures = 0; ; failures++) {
      try {
        const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(tryLimitMs)])
        return void (await transport.sendMail({ ...message, signal }))
      } catch (error) {
        const { code, responseCode } = error as { code?: string; responseCode?: number }
        const retryPauseMs = CONNECTION_TROUBLE.has(code ?? '') ? RETRY_PAUSES_MS[failures] : undefined
        if (retryPauseMs === undefined) {
          // The error may repeat what the server said about the mail, so that only its codes are logged.
          logger.error({ code, responseCode, tries: failures + 1 }, 'a mail could not be sent')
          throw new AppError('unavailable', 'The mail could not be sent. Try again in a minute.')
        }
        await pause(retryPauseMs, undefined, { signal: closing.signal })
      }
    }
  }

  return {
    send,
    close() {
      closing.abort()
      transport.close()
    },
  }
}
