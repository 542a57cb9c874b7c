import { inputQuery, type Visitor } from './visitor'

export interface Event {
  id?: string
  data: unknown
}

/** Follows a subscription as a browser's EventSource does. */
export async function follow(browser: Visitor, procedure: string, input?: unknown, lastEventId?: string) {
  const headers = { 'last-event-id': lastEventId }
  const { body } = await browser.stream(`/trpc/${procedure}${inputQuery(input)}`, { headers })
  body.on('error', () => undefined)
  const events = parse(body.iterator())
  return {
    next: async (): Promise<Event> => (await events.next()).value as Event,
    leave: () => body.destroy(),
  }
}

async function* parse(chunks: AsyncIterable<Buffer>): AsyncGenerator<Event> {
  let text = ''
  for await (const chunk of chunks) {
    text += chunk
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const lines = block.trim().split('\n')
      const field = (name: string) =>
        lines
          .find((line) => line.startsWith(`${name}:`))
          ?.slice(name.length + 1)
          .trim()
      const data = field('data')
      if (data !== undefined && field('event') === undefined)
        yield { id: field('id'), data: JSON.parse(data) }
    }
  }
}
