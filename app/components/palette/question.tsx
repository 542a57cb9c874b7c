import { useSubmit } from '@remix-run/react'
import { useEffect, useRef } from 'react'
import { KEEPS_RUNNING, MACHINE_QUESTIONS } from '../machine-questions'
import { Button } from '../ui/button'
import type { Deed } from './entries'

type QuestionProps = Extract<Deed, { does: 'ask' }> & { onClose: () => void; onBack: () => void }

/** Before something that runs is ended. The way out has the focus, so that Enter twice does nothing. */
export function Question({ intent, machine, onClose, onBack }: QuestionProps) {
  const submit = useSubmit()
  const keep = useRef<HTMLButtonElement>(null)
  useEffect(() => keep.current?.focus(), [])
  const { asks, says, does } = MACHINE_QUESTIONS[intent]
  return (
    <div className="flex flex-col gap-3 p-4">
      <h3 className="text-base font-semibold wrap-anywhere">{asks(machine.name)}</h3>
      <p>{says}</p>
      <div className="flex flex-wrap gap-2">
        <Button
          variant="danger"
          onClick={() => {
            onClose()
            submit({ intent }, { method: 'post', action: `/machines/${machine.id}` })
          }}
        >
          {does}
        </Button>
        <Button ref={keep} onClick={onBack}>
          {KEEPS_RUNNING}
        </Button>
      </div>
    </div>
  )
}
