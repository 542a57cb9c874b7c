import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { and, eq } from 'drizzle-orm'
import { WebSocket } from 'ws'
import { machineServices } from '~/db/schema'
import type { RunningSlipway } from '../slipway'
import { nextColor, picture, SAVE } from './picture'

interface Frame {
  type: string
  data: { node?: string | null; prompt_id?: string }
}
type History = Record<
  string,
  { outputs: Record<string, { images: { filename: string; subfolder: string; type: string }[] }> }
>

/** A machine's ComfyUI as a script uses it that knows where it is: nobody asks who it is, and nothing is written down. */
export async function comfyUiByHand({ db }: RunningSlipway, machineId: string) {
  const service = db
    .select()
    .from(machineServices)
    .where(and(eq(machineServices.machineId, machineId), eq(machineServices.name, 'comfyui')))
    .get()
  if (!service) throw new Error('The machine has no ComfyUI.')
  const clientId = randomUUID()
  const socket = new WebSocket(`${service.address.replace('http', 'ws')}/ws?clientId=${clientId}`)
  await once(socket, 'open')
  const ended = new Set<string>()
  let wake = () => {}
  socket.on('message', (text, isBinary) => {
    if (isBinary) return
    const { type, data } = JSON.parse(String(text)) as Frame
    if (type !== 'executing' || data.node !== null || !data.prompt_id) return
    ended.add(data.prompt_id)
    wake()
  })
  const ask = async (path: string, options?: RequestInit): Promise<Response> => {
    const answer = await fetch(`${service.address}${path}`, options)
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }

  return {
    /** One picture, from `/prompt` to its last byte. */
    async run(): Promise<void> {
      const sent = await ask('/prompt', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ prompt: picture(nextColor()), client_id: clientId }),
      })
      const { prompt_id: id } = (await sent.json()) as { prompt_id: string }
      while (!ended.delete(id))
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      const history = (await (await ask(`/history/${id}`)).json()) as History
      const images = history[id]?.outputs[SAVE]?.images ?? []
      if (!images.length) throw new Error('No picture came out.')
      for (const image of images) await (await ask(`/view?${new URLSearchParams(image)}`)).arrayBuffer()
    },
    close: () => socket.terminate(),
  }
}

export type ByHand = Awaited<ReturnType<typeof comfyUiByHand>>
