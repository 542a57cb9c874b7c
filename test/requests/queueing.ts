import { listen } from '../fakes/listen'

/** A service that says how many prompts it has, and that nothing is downloaded. */
export async function queueing() {
  const state = { prompts: 0 }
  const server = await listen((request, response) => {
    const queue = { queue_running: Array(state.prompts).fill([]), queue_pending: [] }
    response.end(JSON.stringify(request.url === '/queue' ? queue : []))
  })
  return Object.assign(state, server)
}
