import type { DownloadView, FolderView, RefusalView, SessionView } from '../contract'

/** A refusal of the server, or a lost connection as one. */
export class ApiError extends Error {
  constructor(readonly refusal: Omit<RefusalView, 'code'> & { code: string }) {
    super(refusal.message)
  }
}

const LOST = {
  code: 'lost',
  message: 'The machine doesn’t answer. It may have been stopped; look at its page.',
}

export const api = {
  session: () => call<SessionView>('GET', 'session'),
  list: (path: string) => call<FolderView>('GET', `files?${new URLSearchParams({ path })}`),
  createFolder: (path: string) => call<void>('POST', 'folders', { path }),
  move: (from: string, to: string) => call<void>('POST', 'move', { from, to }),
  remove: (path: string) => call<void>('DELETE', `files?${new URLSearchParams({ path })}`),
  startDownload: (url: string, folder: string | undefined) =>
    call<DownloadView>('POST', 'downloads', { url, folder }),
  cancelDownload: (id: string) => call<void>('DELETE', `downloads/${id}`),
}

/** Where a file's content is; the server sends it as an attachment. */
export const fileHref = (path: string) => `api/file?${new URLSearchParams({ path })}`

/**
 * Sends a file as it is on disk; `fetch` can't tell how far it has come.
 * @param onSent bytes that have left so far
 */
export function uploadFile(
  { file, path, overwrite }: { file: File; path: string; overwrite: boolean },
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', `api/file?${new URLSearchParams({ path, overwrite: overwrite ? '1' : '0' })}`)
    request.upload.onprogress = ({ loaded }) => onSent(loaded)
    request.onload = () => (request.status < 300 ? resolve() : reject(asError(request.responseText)))
    request.onerror = () => reject(new ApiError(LOST))
    request.onabort = () => reject(new ApiError({ code: 'canceled', message: 'Canceled.' }))
    signal.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}

export async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const answer = await fetch(`api/${path}`, {
    method,
    headers: body ? { 'Content-Type': 'application/json' } : {},
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
  }).catch(() => {
    throw new ApiError(LOST)
  })
  const text = await answer.text()
  if (!answer.ok) throw asError(text)
  return (text ? JSON.parse(text) : undefined) as T
}

/** What stands between us and the machine answers in its own way when the machine is gone. */
export function asError(text: string): ApiError {
  try {
    const { error } = JSON.parse(text) as { error?: RefusalView }
    return new ApiError(error?.message ? error : LOST)
  } catch {
    return new ApiError(LOST)
  }
}
