import { useCallback, useMemo, useState } from 'react'
import type { DownloadView } from '../../../contract'
import type { ApiError } from '../../api'
import { addDownloads } from '../downloads-api'
import type { Fault } from '../reason'
import { isAsking } from './lookup'
import { type Choice, type Choices, plannedFiles, problems as problemsOf, requestsOf } from './planned'
import { planStart } from './start'
import { type Question, useLookups } from './use-lookups'

/** All between a pasted address and its downloads: what was found, what is wanted of it, and the start. */
export function usePlan(downloads: DownloadView[]) {
  const { lookups, setLookups, look: ask, clear } = useLookups()
  const [choices, setChoices] = useState<Choices>({})
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState<Fault>()

  const look = useCallback(
    (questions: Question[]) => {
      setChoices({})
      setFault(undefined)
      void ask(questions)
    },
    [ask],
  )
  const changeAll = useCallback((keys: string[], part: Partial<Choice>) => {
    setChoices((all) => ({
      ...all,
      ...Object.fromEntries(keys.map((key) => [key, { ...all[key], ...part }])),
    }))
  }, [])
  const change = useCallback((key: string, part: Partial<Choice>) => changeAll([key], part), [changeAll])

  const byLookup = useMemo(
    () => new Map(lookups.map((lookup) => [lookup.id, plannedFiles(lookup, choices)])),
    [lookups, choices],
  )
  const planned = useMemo(() => [...byLookup.values()].flat(), [byLookup])
  const problems = useMemo(() => problemsOf(planned), [planned])
  const free = lookups.findLast(({ plan }) => plan)?.plan?.space.free
  const isOver = lookups.length > 0 && !lookups.some(isAsking)
  const isUsable = isOver && free !== undefined && planned.some(({ file }) => file.source !== null)
  const start = isUsable ? planStart(planned, problems, free, downloads) : undefined

  /** @returns how many downloads were added; what was refused stays in the plan, with the reason */
  async function begin(): Promise<number> {
    if (isBusy || !start || start.obstacle) return 0
    setBusy(true)
    setFault(undefined)
    try {
      const { downloads: added, refused } = await addDownloads(requestsOf(planned))
      const errors = new Map(refused.map(({ source, error }) => [source, error]))
      if (errors.size === 0) clear()
      else {
        setChoices({})
        setLookups((all) =>
          all.flatMap((lookup) => {
            const files = (lookup.plan?.files ?? []).flatMap((file) => {
              const error = errors.get(file.source ?? '')
              return error ? [{ ...file, error }] : []
            })
            return lookup.plan && files.length > 0 ? [{ ...lookup, plan: { ...lookup.plan, files } }] : []
          }),
        )
      }
      return added.length
    } catch (error) {
      setFault((error as ApiError).refusal)
      return 0
    } finally {
      setBusy(false)
    }
  }

  return { lookups, byLookup, problems, start, isBusy, fault, look, clear, change, changeAll, begin }
}
