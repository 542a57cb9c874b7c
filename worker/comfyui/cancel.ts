import { lookInQueue } from './find'
import { type Http, unreachable } from './http'

/** Looks first, and again in between: older versions interrupt whatever runs, whichever prompt is named. */
export async function cancel(http: Http, promptId: string, signal: AbortSignal): Promise<void> {
  const post = async (path: string, json: unknown) => {
    const { status } = await http.ask({ path, body: { json }, signal })
    if (status !== 200) throw unreachable(`${path} answered ${status}.`)
  }
  let sight = await lookInQueue(http, promptId, signal)
  if (sight?.state.kind === 'queued') {
    await post('/queue', { delete: [sight.promptId] })
    // It may have begun just before.
    sight = await lookInQueue(http, promptId, signal)
  }
  if (sight?.state.kind === 'running') await post('/interrupt', { prompt_id: sight.promptId })
}
