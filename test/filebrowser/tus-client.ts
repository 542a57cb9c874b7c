import type { RefusalView } from '~/filebrowser/contract'

interface Creation {
  size: number
  folder?: string
  name?: string
  relativePath?: string
  overwrite?: string
}

/** The protocol by hand, so that each step can be looked at. */
export function tusClient(server: string, origin = server) {
  const common = { 'Tus-Resumable': '1.0.0', origin }
  const encode = (text: string) => Buffer.from(text).toString('base64')

  return {
    async create({ size, ...metadata }: Creation) {
      const pairs = Object.entries(metadata).map(([key, value]) => `${key} ${encode(value)}`)
      const answer = await fetch(`${server}/api/uploads`, {
        method: 'POST',
        headers: { ...common, 'Upload-Length': String(size), 'Upload-Metadata': pairs.join(',') },
      })
      const text = await answer.text()
      const error: RefusalView | undefined = text ? JSON.parse(text).error : undefined
      return { status: answer.status, location: answer.headers.get('location') ?? '', error }
    },
    async send(location: string, from: number, body: string | Uint8Array) {
      const answer = await fetch(server + location, {
        method: 'PATCH',
        headers: {
          ...common,
          'Upload-Offset': String(from),
          'Content-Type': 'application/offset+octet-stream',
        },
        body: body as string,
      })
      return { status: answer.status, offset: Number(answer.headers.get('upload-offset')) }
    },
    /** @returns `undefined` for one that is no longer known */
    async offset(location: string) {
      const answer = await fetch(server + location, { method: 'HEAD', headers: common })
      return answer.ok ? Number(answer.headers.get('upload-offset')) : undefined
    },
    async terminate(location: string) {
      return (await fetch(server + location, { method: 'DELETE', headers: common })).status
    },
  }
}
