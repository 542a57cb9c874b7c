import { useSyncExternalStore } from 'react'

/** The link to a folder; it lives in the fragment, so that Back and reload work without a server route. */
export function folderHref(path: string): string {
  return `#/${path.split('/').map(encodeURIComponent).join('/')}`
}

/** The folder that the address names. */
export function useLocationPath(): string {
  return useSyncExternalStore(subscribe, readPath)
}

function subscribe(onChange: () => void) {
  addEventListener('hashchange', onChange)
  return () => removeEventListener('hashchange', onChange)
}

function readPath(): string {
  try {
    return location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent).join('/')
  } catch {
    return ''
  }
}
