import type { ServerResponse } from 'node:http'

/** What an issuer's API answers instead of what it should. */
export type ApiFault =
  | { status: number; headers?: Record<string, string>; body?: string }
  /** A body that never ends, as fast as it is read. */
  | 'endless'
  /** The beginning of a body, and then nothing. */
  | 'stalls'
  /** No answer at all. */
  | 'silent'
  /** The connection breaks off. */
  | 'broken-off'

export function answerOddly(response: ServerResponse, fault: ApiFault): void {
  if (typeof fault === 'object')
    return void response
      .writeHead(fault.status, { 'Content-Type': 'application/json', ...fault.headers })
      .end(fault.body)
  if (fault === 'broken-off') return void response.destroy()
  if (fault === 'silent') return
  response.writeHead(200, { 'Content-Type': 'application/json' })
  response.write('{"name":"')
  if (fault === 'stalls') return
  const more = () => {
    while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
  }
  response.on('drain', more)
  more()
}

export function json(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))
}
