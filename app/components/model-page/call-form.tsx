import { Form, useNavigation } from '@remix-run/react'
import { Play } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { formatBytes } from '../../../format-bytes'
import type { FormFault } from '../../guard'
import type { ModelView } from '../../trpc/model-view'
import { Alert } from '../ui/alert'
import { Button } from '../ui/button'
import { Spinner } from '../ui/progress'
import { inputFaults } from './input-faults'
import { InputField } from './input-field'

interface CallFormProps {
  model: Pick<ModelView, 'id' | 'inputs'>
  /** What it begins with, by the names of inputs; an input's default where there is none. */
  given: Record<string, unknown>
  fault: FormFault | undefined
  idempotencyKey: string
  fileBytesMax: number
  /** Of all together. */
  filesBytesMax: number
}

/** A model's inputs as a form, and the button that runs it. It keeps what was typed, whatever is answered. */
export function CallForm({ model, given, fault, idempotencyKey, ...max }: CallFormProps) {
  const form = useRef<HTMLFormElement>(null)
  // What a run was given, a random seed above all, doesn't fill what its caller left empty for the next.
  const [atFirst] = useState(given)
  const { state, formAction } = useNavigation()
  const isBusy = state !== 'idle' && formAction === `/models/${model.id}`
  const { errorOf, general } = inputFaults(
    fault,
    model.inputs.map(({ name }) => name),
  )
  const [tooMuch, setTooMuch] = useState<string>()
  // The server would refuse the whole body, before anything could say so here.
  function checkFiles(event: FormEvent<HTMLFormElement>) {
    const bytes = bytesInside(new FormData(event.currentTarget))
    if (bytes <= max.filesBytesMax) return setTooMuch(undefined)
    event.preventDefault()
    setTooMuch(
      `The files have ${formatBytes(bytes)} together, and at most ${formatBytes(max.filesBytesMax)} can be sent. Give an https address for one of them.`,
    )
  }
  useEffect(() => {
    if (fault) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  }, [fault])
  return (
    <Form
      ref={form}
      method="post"
      action={`/models/${model.id}`}
      encType="multipart/form-data"
      // The server says what is wrong with all of them at once.
      noValidate
      preventScrollReset
      onSubmit={checkFiles}
      aria-label="Inputs"
      className="flex flex-col gap-4"
    >
      {general.length > 0 && (
        <Alert tone="danger">
          {general.map((said) => (
            <p key={said}>{said}</p>
          ))}
        </Alert>
      )}
      {/* A second click sends the same key, and so makes no second request. */}
      <input type="hidden" name="idempotencyKey" value={idempotencyKey} />
      {model.inputs.length === 0 && <p className="text-muted">It takes no inputs.</p>}
      {model.inputs.map((input) => (
        <InputField
          key={input.name}
          input={input}
          given={Object.hasOwn(atFirst, input.name) ? atFirst[input.name] : input.default}
          error={errorOf(input.name)}
          fileBytesMax={max.fileBytesMax}
        />
      ))}
      {tooMuch && <Alert tone="danger">{tooMuch}</Alert>}
      <Button type="submit" variant="primary" className="self-start">
        {isBusy ? <Spinner /> : <Play aria-hidden />} Run
      </Button>
    </Form>
  )
}

/** About how large the files are that a form holds as data: URLs. */
const bytesInside = (form: FormData): number =>
  [...form.values()].reduce(
    (sum, value) =>
      typeof value === 'string' && value.startsWith('data:') ? sum + (value.length * 3) / 4 : sum,
    0,
  )
