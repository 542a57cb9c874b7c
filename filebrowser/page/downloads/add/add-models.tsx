import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { Section } from '~/app/components/ui/card'
import { formatBytes } from '~/format-bytes'
import type { DownloadView } from '../../../contract'
import { pastedLines } from '../../../preflight/pasted-lines'
import { SESSION_HREF } from '../../use-location'
import { AddressField } from './address-field'
import { isAsking, type Lookup, looksLikeToken } from './lookup'
import { LookupBar } from './lookup-bar'
import { LookupFaults } from './lookup-faults'
import { PlanCard } from './plan-card'
import { PlanFooter } from './plan-footer'
import type { Start } from './start'
import { addressQuestion, workflowQuestion } from './use-lookups'
import { usePlan } from './use-plan'

const TOKEN = {
  message:
    'That looks like a token. It was not sent anywhere. Save it in your Slipway profile and relaunch, and every download of this machine uses it.',
  link: { href: SESSION_HREF, label: 'Tokens of this session' },
}

/** What was dropped on the page or pasted beside the field; a new object each time. */
export interface Brought {
  text?: string
  files?: File[]
}

interface AddModelsProps {
  downloads: DownloadView[]
  modelFolders: string[]
  brought: Brought | undefined
}

/** From what a person has, an address or a workflow, to the downloads that it means. */
export function AddModels({ downloads, modelFolders, brought }: AddModelsProps) {
  const [text, setText] = useState('')
  const [isToken, setIsToken] = useState(false)
  const [said, setSaid] = useState('')
  /** What the plan on the page answers. */
  const asked = useRef('')
  const field = useRef<HTMLTextAreaElement>(null)
  const plan = usePlan(downloads)
  const { lookups, start } = plan
  const asking = lookups.filter(isAsking).length
  const isFaulty = isToken || lookups.some(({ fault }) => fault)

  function lookUp(value: string) {
    const addresses = pastedLines(value)
    setIsToken(addresses.some(looksLikeToken))
    setSaid('')
    if (addresses.some(looksLikeToken)) {
      plan.clear()
      return setText('')
    }
    asked.current = value.trim()
    setText(value)
    plan.look(addresses.map(addressQuestion))
  }

  function open(files: File[]) {
    setIsToken(false)
    setSaid('')
    asked.current = ''
    plan.look(files.map(workflowQuestion))
  }

  async function begin() {
    const count = await plan.begin()
    if (count === 0) return
    setText('')
    asked.current = ''
    setSaid(count === 1 ? '1 download was added.' : `${count} downloads were added.`)
    field.current?.focus()
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    if (event.repeat) return
    const isAnswered = asked.current === text.trim() && lookups.length > 0
    if (!isAnswered || (asking === 0 && !start)) lookUp(text)
    else if (start && !start.obstacle) void begin()
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: each thing is looked up once, when it is brought
  useEffect(() => {
    if (brought?.files) open(brought.files)
    else if (brought?.text) lookUp(brought.text)
    if (brought) field.current?.focus()
  }, [brought])

  return (
    <Section title="Add models" padded={false}>
      <div className="space-y-3 p-4">
        <AddressField
          ref={field}
          value={text}
          isInvalid={isFaulty}
          faultId="lookup-faults"
          onChange={setText}
          onPasted={lookUp}
          onKeyDown={onKeyDown}
        />
        <LookupFaults id="lookup-faults" lookups={lookups} others={[isToken && TOKEN, plan.fault]} />
        <LookupBar
          canLookUp={text.trim() !== ''}
          isPrimary={!start}
          asking={asking}
          of={lookups.length}
          onLookUp={() => lookUp(text)}
          onFiles={open}
          onCancel={plan.clear}
        />
      </div>
      {lookups.map(
        (lookup) =>
          lookup.plan && (
            <PlanCard
              key={lookup.id}
              lookup={lookup}
              plan={lookup.plan}
              planned={plan.byLookup.get(lookup.id) ?? []}
              problems={plan.problems}
              folders={modelFolders}
              onChange={plan.change}
              onChangeAll={plan.changeAll}
            />
          ),
      )}
      {start && (
        <PlanFooter start={start} isBusy={plan.isBusy} onStart={() => void begin()} onClose={plan.clear} />
      )}
      <p role="status" className="sr-only">
        {said || (asking > 0 ? 'Looking it up.' : describePlan(lookups, start))}
      </p>
    </Section>
  )
}

/** For who can't see it. */
function describePlan(lookups: Lookup[], start: Start | undefined): string {
  const errors = lookups.flatMap(({ plan }) => (plan?.error ? [plan.error.message] : []))
  if (!start) return errors.join(' ')
  const files = start.count === 1 ? '1 file' : `${start.count} files`
  return [...errors, start.obstacle ?? `${files}, ${formatBytes(start.size)}. Press Enter to download.`].join(
    ' ',
  )
}
