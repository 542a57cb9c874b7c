import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client'
import { useCallback, useEffect, useState } from 'react'
import type { AppRouter } from '../../trpc/router'
import { type Entry, foundEntries } from './entries'
import { everybodysEntries, modelEntries } from './sought-entries'

const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: '/trpc' })] })

const MODELS_AT_FIRST = 50
const OF_EACH = 6
/** As long as somebody goes on typing, nobody is asked. */
const TYPING_PAUSE_MS = 150

interface Finding {
  entries: Entry[]
  isLoading: boolean
  /** Why something is missing, for people. */
  fault: string | undefined
  retry: () => void
}

/** What the palette offers of the user's own: loaded when it opens, and what is typed sought for among the rest. */
export function useFound(search: string, isAdmin: boolean): Finding {
  const [own, setOwn] = useState<Entry[]>()
  const [sought, setSought] = useState<Entry[]>([])
  const [fault, setFault] = useState<string>()
  const [soughtFault, setSoughtFault] = useState<string>()

  const load = useCallback((signal?: AbortSignal) => {
    setFault(undefined)
    loadOwn(signal)
      .then(setOwn)
      .catch((error) => signal?.aborted || setFault(inWords(error)))
  }, [])
  useEffect(() => {
    const leaving = new AbortController()
    load(leaving.signal)
    return () => leaving.abort()
  }, [load])

  const text = search.trim()
  useEffect(() => {
    setSoughtFault(undefined)
    if (text.length < 2) return setSought([])
    const leaving = new AbortController()
    const timer = setTimeout(() => {
      seek(text, isAdmin, leaving.signal)
        .then(setSought)
        .catch((error) => leaving.signal.aborted || setSoughtFault(inWords(error)))
    }, TYPING_PAUSE_MS)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [text, isAdmin])

  const known = new Set(own?.map(({ id }) => id))
  return {
    entries: [...(own ?? []), ...sought.filter(({ id }) => !known.has(id))],
    isLoading: !own && !fault,
    fault: fault ?? soughtFault,
    retry: () => load(),
  }
}

async function loadOwn(signal: AbortSignal | undefined): Promise<Entry[]> {
  const [machines, options, providerTokens, firstSteps, { models }] = await Promise.all([
    client.machines.list.query(undefined, { signal }),
    client.machines.options.query(undefined, { signal }),
    client.providerTokens.list.query(undefined, { signal }),
    client.account.firstSteps.query(undefined, { signal }),
    client.models.list.query({ limit: MODELS_AT_FIRST }, { signal }),
  ])
  const hidesFirstSteps = firstSteps.isHidden && !firstSteps.isDone
  return [...foundEntries({ machines, options, providerTokens, hidesFirstSteps }), ...modelEntries(models)]
}

async function seek(search: string, isAdmin: boolean, signal: AbortSignal): Promise<Entry[]> {
  const asked = { search, limit: OF_EACH }
  const [{ models }, everybodys] = await Promise.all([
    client.models.list.query(asked, { signal }),
    isAdmin &&
      Promise.all([
        client.admin.machines.query({ ...asked, search: search.slice(0, 60) }, { signal }),
        client.admin.users.list.query({ ...asked, search: search.slice(0, 100) }, { signal }),
      ]),
  ])
  return [
    ...modelEntries(models, search),
    ...(everybodys ? everybodysEntries(everybodys[0].machines, everybodys[1].users, search) : []),
  ]
}

/** A server's refusal says itself what is wrong; anything else is the way to it. */
const inWords = (error: unknown): string =>
  error instanceof TRPCClientError && error.data
    ? error.message
    : 'Slipway doesn’t answer. Check your connection, then try again.'
