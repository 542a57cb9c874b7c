import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server'

export interface ReceivedMail {
  from: string
  to: string[]
  /** Everything as it came over the wire. */
  raw: string
  subject: string
  text: string
  html: string
}

/** What the server does in place of taking the mail; `quote` repeats all of it in its refusal. */
export type MailFault = 'hang' | 'quote' | { refuse: number }

/** A real SMTP server on loopback that keeps what it gets. */
export async function startMailServer() {
  const mails: ReceivedMail[] = []
  let faults: MailFault[] = []
  let connections = 0
  let quotes = false
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 1,
    onConnect(_session, done) {
      connections++
      const fault = faults.shift()
      if (fault === 'hang') return
      quotes = fault === 'quote'
      if (typeof fault === 'object')
        return done(Object.assign(new Error('Refused'), { responseCode: fault.refuse }))
      done()
    },
    onData(stream, { envelope }, done) {
      read(stream).then((raw) => {
        if (quotes) return done(Object.assign(new Error(raw.replace(/\s+/g, ' ')), { responseCode: 554 }))
        const from = envelope.mailFrom ? envelope.mailFrom.address : ''
        mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), raw, ...parse(raw) })
        done()
      }, done)
    },
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    connections: () => connections,
    /** One fault for each of the next connections. */
    misbehave: (...next: MailFault[]) => {
      faults = next
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

async function read(stream: SMTPServerDataStream): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

/** As much of MIME as Slipway's own mails have: two parts, in 7bit or quoted-printable. */
function parse(raw: string) {
  const part = (type: string) => {
    const [, headers = '', body = ''] =
      new RegExp(`\r\n(Content-Type: ${type}[^]*?)\r\n\r\n([^]*?)\r\n--`).exec(raw) ?? []
    return /quoted-printable/i.test(headers) ? unquote(body) : body
  }
  const [, subject = ''] = /^Subject: (.*)\r$/m.exec(raw) ?? []
  return { subject, text: part('text/plain'), html: part('text/html') }
}

const unquote = (text: string) =>
  Buffer.from(
    text
      .replaceAll('=\r\n', '')
      .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')
