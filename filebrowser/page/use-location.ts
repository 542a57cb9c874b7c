import { useMemo, useSyncExternalStore } from 'react'

/** Where in the page a person is. */
export type Place = { view: 'downloads' } | { view: 'session' } | { view: 'files'; path: string }

export const DOWNLOADS_HREF = '#/downloads'
export const SESSION_HREF = '#/session'

/** The link to a folder; it lives in the fragment, so that Back and reload work without a server route. */
export function folderHref(path: string): string {
  return ['#/files', ...path.split('/').filter(Boolean).map(encodeURIComponent)].join('/')
}

/** Where the address leads; without a fragment to the downloads, since models are what most people come for. */
export function usePlace(): Place {
  const hash = useSyncExternalStore(subscribe, () => location.hash)
  return useMemo(() => readPlace(hash), [hash])
}

export function readPlace(hash: string): Place {
  const [view, ...parts] = hash.replace(/^#\/?/, '').split('/')
  if (view === 'files') return { view, path: decodePath(parts) }
  return { view: view === 'session' ? view : 'downloads' }
}

function subscribe(onChange: () => void) {
  addEventListener('hashchange', onChange)
  return () => removeEventListener('hashchange', onChange)
}

function decodePath(parts: string[]): string {
  try {
    return parts.map(decodeURIComponent).filter(Boolean).join('/')
  } catch {
    return ''
  }
}
