import { useCallback, useEffect, useRef, useState } from 'react'
import type { PreflightView } from '../../../contract'
import { type ApiError, call } from '../../api'
import type { Lookup } from './lookup'
import { readWorkflow } from './read-workflow'

const AT_ONCE = 3

export interface Question {
  kind: Lookup['kind']
  label: string
  /** @throws ApiError or an Error whose message says what is wrong */
  ask: (signal: AbortSignal) => Promise<PreflightView>
}

export const addressQuestion = (label: string): Question => ({
  kind: 'address',
  label,
  ask: (signal) => call('POST', 'preflight', { source: label }, signal),
})

export const workflowQuestion = (file: File): Question => ({
  kind: 'workflow',
  label: file.name,
  ask: async (signal) => {
    const query = new URLSearchParams({ name: file.name })
    return call('POST', `preflight?${query}`, await readWorkflow(file), signal)
  },
})

let lastId = 0

/** What is being looked up and what was found; new questions take the place of those before. */
export function useLookups() {
  const [lookups, setLookups] = useState<Lookup[]>([])
  const current = useRef<AbortController>()

  const clear = useCallback(() => {
    current.current?.abort()
    setLookups([])
  }, [])
  useEffect(() => () => current.current?.abort(), [])

  const look = useCallback(async (questions: Question[]) => {
    current.current?.abort()
    const controller = new AbortController()
    const { signal } = controller
    current.current = controller
    const waiting = questions.map((question) => {
      lastId += 1
      return { ...question, id: lastId }
    })
    setLookups(waiting.map(({ id, kind, label }) => ({ id, kind, label })))
    const work = async () => {
      for (let next = waiting.shift(); next && !signal.aborted; next = waiting.shift()) {
        const { id } = next
        const answer = await next.ask(signal).then(
          (plan) => ({ plan }),
          (error: ApiError | Error) => ({ fault: 'refusal' in error ? error.refusal : error }),
        )
        if (signal.aborted) return
        setLookups((all) => all.map((lookup) => (lookup.id === id ? { ...lookup, ...answer } : lookup)))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  }, [])

  return { lookups, setLookups, look, clear }
}
