import type { BrowserContext, CDPSession, Page, Response } from 'playwright-core'

/** Keeps everything that a browser is answered, headers and bodies, events of streams too. */
export function recordAnswers(context: BrowserContext) {
  const answers: string[] = []
  const reading: Promise<void>[] = []
  const keep = async (response: Response) => {
    const headers = await response.allHeaders()
    answers.push(`${response.status()} ${response.url()} ${JSON.stringify(headers)}`)
    // A stream's body only comes in events, a redirect has none.
    const isStream = headers['content-type']?.startsWith('text/event-stream')
    if (!isStream) answers.push((await response.body()).toString('latin1'))
  }
  context.on('response', (response) => {
    reading.push(keep(response).catch(() => undefined))
  })
  const follow = async (page: Page) => {
    const session: CDPSession = await context.newCDPSession(page)
    session.on('Network.eventSourceMessageReceived', ({ data }) => answers.push(data))
    await session.send('Network.enable')
  }
  context.on('page', (page) => {
    reading.push(follow(page).catch(() => undefined))
  })
  return {
    /** Once all that has arrived is kept. */
    async all(): Promise<string[]> {
      await Promise.all(reading)
      return answers
    },
  }
}
