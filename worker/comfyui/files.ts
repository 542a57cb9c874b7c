import { type Readable, Transform } from 'node:stream'
import { FormData } from 'undici'
import * as z from 'zod'
import { RequestError } from '../requests/request-error'
import type { OutputFile } from './comfyui'
import { explain, type Http, isRefusal, unreachable } from './http'
import { isPlainName } from './untrusted-text'

const name = z.string().refine((text) => isPlainName(text, 500))
const uploaded = z.object({ name: name.min(1), subfolder: name.default('') })

export async function upload(
  http: Http,
  file: { name: string; mediaType: string; content: Uint8Array<ArrayBuffer> },
  signal: AbortSignal,
): Promise<string> {
  const body = new FormData()
  // Under this name whatever kind of file it is; ComfyUI has no other way for videos and sound.
  body.append('image', new Blob([file.content], { type: file.mediaType }), file.name)
  body.append('type', 'input')
  body.append('overwrite', 'true')
  const { status, json } = await http.ask({ path: '/upload/image', body, signal })
  if (isRefusal(status)) {
    const why = `/upload/image answered ${status}.`
    throw new RequestError('input_unusable', why, `ComfyUI did not take ${file.name}: ${why}`)
  }
  const taken = uploaded.safeParse(json)
  if (status !== 200 || !taken.success) throw unreachable(`/upload/image answered ${status} without a name.`)
  return taken.data.subfolder ? `${taken.data.subfolder}/${taken.data.name}` : taken.data.name
}

export async function openFile(
  http: Http,
  { filename, subfolder, type }: OutputFile,
  bytesMax: number,
  signal: AbortSignal,
): Promise<Readable> {
  const path = `/view?${new URLSearchParams({ filename, subfolder, type })}`
  const { length, body } = await http.open({ path, signal })
  const tooLarge = () => new RequestError('result_too_large', `${filename} has more than ${bytesMax} bytes.`)
  if (length !== undefined && length > bytesMax) {
    body.destroy()
    throw tooLarge()
  }
  let bytes = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > bytesMax) done(tooLarge())
      else done(null, chunk)
    },
  })
  body.on('error', (error) => counted.destroy(explain(error, '/view', signal) as Error))
  counted.on('close', () => body.destroy())
  return body.pipe(counted)
}
