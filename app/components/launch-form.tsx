import { Form, useNavigation, useSearchParams } from '@remix-run/react'
import { Rocket } from 'lucide-react'
import { KIND_LABELS, MACHINE_KINDS } from '../../providers/registry'
import type { FormFault } from '../guard'
import { Button } from './ui/button'
import { Field, Input, Select } from './ui/field'

interface LaunchFormProps {
  /** Whether there is a choice of kinds at all. */
  hasTrainer: boolean
  /** What a machine can start from. */
  saves: { id: string; name: string }[]
  fault: FormFault | undefined
  idempotencyKey: string
}

export function LaunchForm({ hasTrainer, saves, fault, idempotencyKey }: LaunchFormProps) {
  const { state, formData } = useNavigation()
  const isBusy = state !== 'idle' && formData?.get('intent') === 'launch'
  const chosen = useSearchParams()[0].get('save') ?? ''
  const isOfSave = fault?.field === 'saveId'
  const isOfKind = hasTrainer && fault?.field === 'kind'
  return (
    <Form
      method="post"
      action="/machines?index"
      className="flex flex-col gap-2 p-4 sm:flex-row sm:items-start"
    >
      <input type="hidden" name="idempotencyKey" value={idempotencyKey} />
      {hasTrainer && (
        <Field label="Kind" error={isOfKind && fault.message} className="sm:w-40">
          {(control) => (
            <Select {...control} name="kind">
              {MACHINE_KINDS.map((kind) => (
                <option key={kind} value={kind}>
                  {KIND_LABELS[kind]}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      {saves.length > 0 && (
        <Field label="Files" error={isOfSave && fault.message} className="sm:w-64">
          {(control) => (
            <Select key={chosen} {...control} name="saveId" defaultValue={chosen}>
              <option value="">None yet</option>
              {saves.map(({ id, name }) => (
                <option key={id} value={id}>
                  From “{name}”
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      <Field
        label="Name (optional)"
        error={isOfKind || (isOfSave && saves.length > 0) ? undefined : fault?.message}
        className="sm:w-80"
      >
        {(control) => <Input {...control} name="name" maxLength={60} autoComplete="off" />}
      </Field>
      <Button
        type="submit"
        name="intent"
        value="launch"
        variant="primary"
        disabled={isBusy}
        className="self-start sm:mt-6.5"
      >
        <Rocket aria-hidden /> Launch
      </Button>
    </Form>
  )
}
