import { setTimeout as pause } from 'node:timers/promises'
import { LOOK_EVERY_MS, type RunningSlipway } from '../slipway'
import { nextColor, picture, SAVE } from './picture'

const ID = 'bench/picture'

/** A model of the administrator's, called as a script calls it. */
export async function publishModel({ url, call }: RunningSlipway) {
  await call('account.chooseUsername', { username: 'bench' })
  await call('models.publish', {
    id: ID,
    workflow: picture(0),
    definition: {
      title: 'Picture',
      inputs: [{ name: 'color', title: 'Colour', type: 'integer', node: '1', field: 'color' }],
      outputs: [{ name: 'image', title: 'Image', node: SAVE }],
    },
  })
  const { token } = await call<{ token: string }>('apiTokens.create', { name: 'Bench', scopes: ['write'] })
  const ask = async (address: string, options: RequestInit = {}): Promise<Response> => {
    const answer = await fetch(address, { ...options, headers: { Authorization: `Bearer ${token}` } })
    if (!answer.ok) throw new Error(`${address}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  const json = async <T>(address: string, options?: RequestInit) =>
    (await (await ask(address, options)).json()) as T

  /** @returns where it says how far it is, and what came out */
  const post = () =>
    json<{ status_url: string; result_url: string }>(`${url}/v1/models/${ID}`, {
      method: 'POST',
      body: JSON.stringify({ color: nextColor() }),
    })

  return {
    post,
    /** One picture, from the call to its last byte. */
    async run(): Promise<void> {
      const { status_url, result_url } = await post()
      for (;;) {
        const { status, message } = await json<{ status: string; message?: string }>(status_url)
        if (status === 'completed') break
        if (status === 'failed' || status === 'cancelled') throw new Error(`${status}: ${message}`)
        await pause(LOOK_EVERY_MS)
      }
      const { output } = await json<{ output: { image: string[] } }>(result_url)
      for (const file of output.image) await (await ask(file)).arrayBuffer()
    },
  }
}

export type BenchModel = Awaited<ReturnType<typeof publishModel>>
