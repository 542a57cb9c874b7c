import { request, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import { listen } from '../fakes/listen'

/** What stands before a server on the way to it, and loses connections when a test says so. */
export async function startFront(url: string) {
  const open = new Set<ServerResponse>()
  const losing: RegExp[] = []
  const asked: string[] = []
  const { host } = new URL(url)
  const front = await listen((req, res) => {
    const path = req.url ?? ''
    asked.push(path)
    const at = losing.findIndex((pattern) => pattern.test(path))
    const isLost = at >= 0
    if (isLost) losing.splice(at, 1)
    const { method, headers } = req
    const onward = request(new URL(path, url), { method, headers: { ...headers, host } }, (answer) => {
      if (isLost) return void answer.resume().on('end', () => res.destroy())
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      // A client that waits for the first event must see that it is being told.
      res.flushHeaders()
      answer.on('error', () => res.destroy()).pipe(res)
    })
    onward.on('error', () => res.destroy())
    req.pipe(onward)
    open.add(res)
    res.on('close', () => {
      open.delete(res)
      onward.destroy()
    })
  })
  onTestFinished(front.close)
  return {
    url: front.url,
    /** The path of each request, in their order. */
    asked,
    /** Passes the next request of this path on, and loses its answer. */
    loseAnswerTo: (path: RegExp) => void losing.push(path),
    /** Ends everything that is being answered. */
    cut() {
      for (const answer of open) answer.destroy()
    },
  }
}
