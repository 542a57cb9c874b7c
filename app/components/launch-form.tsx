import { Form, useNavigation, useSearchParams } from '@remix-run/react'
import { Rocket } from 'lucide-react'
import { KIND_LABELS, MACHINE_KINDS } from '../../providers/registry'
import type { FormFault } from '../guard'
import type { Api } from '../trpc/router'
import { formFaults } from './form-faults'
import { Alert } from './ui/alert'
import { Button } from './ui/button'
import { Field, Input, Select } from './ui/field'

type Sizes = Awaited<ReturnType<Api['machines']['options']>>['sizes']

interface LaunchFormProps {
  /** Whether there is a choice of kinds at all. */
  hasTrainer: boolean
  /** Those to choose from. */
  sizes: Sizes
  /** Whether machines are held to them. */
  sizesHold: boolean
  /** What a machine can start from. */
  saves: { id: string; name: string }[]
  fault: FormFault | undefined
  idempotencyKey: string
}

export function LaunchForm({ hasTrainer, sizes, sizesHold, saves, fault, idempotencyKey }: LaunchFormProps) {
  const { state, formData } = useNavigation()
  const isBusy = state !== 'idle' && formData?.get('intent') === 'launch'
  const chosen = useSearchParams()[0].get('save') ?? ''
  const showsSizes = sizesHold || sizes.length > 1
  const fields = [
    ...(hasTrainer ? ['kind'] : []),
    ...(showsSizes ? ['size'] : []),
    ...(saves.length ? ['saveId'] : []),
    'name',
  ]
  const { errorOf, general } = formFaults(fault, fields)
  return (
    <Form
      method="post"
      action="/machines?index"
      className="flex flex-col gap-2 p-4 sm:flex-row sm:flex-wrap sm:items-start"
    >
      {general && (
        <Alert tone="danger" className="w-full">
          {general}
        </Alert>
      )}
      <input type="hidden" name="idempotencyKey" value={idempotencyKey} />
      {hasTrainer && (
        <Field label="Kind" error={errorOf('kind')} className="sm:w-28">
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
      {showsSizes && (
        <Field
          label="Size"
          hint={sizesHold ? undefined : 'Machines run as plain processes here, so no size limits them.'}
          error={errorOf('size')}
          className="sm:max-w-md sm:flex-1 sm:basis-80"
        >
          {(control) => (
            <Select {...control} name="size">
              {sizes.map(({ name, label, description, kinds }) => (
                <option key={name} value={name}>
                  {label}: {description}
                  {kinds && hasTrainer && ` (${kinds.map((kind) => KIND_LABELS[kind]).join(', ')} only)`}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      {saves.length > 0 && (
        <Field label="Files" error={errorOf('saveId')} className="sm:w-50">
          {(control) => (
            <Select key={chosen} {...control} name="saveId" defaultValue={chosen}>
              <option value="">An empty workspace</option>
              {saves.map(({ id, name }) => (
                <option key={id} value={id}>
                  From “{name}”
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      {/* Together, so that the button never stands alone in a row. */}
      <div className="flex flex-col gap-2 sm:max-w-md sm:flex-1 sm:basis-72 sm:flex-row sm:items-start">
        <Field label="Name (optional)" error={errorOf('name')} className="sm:flex-1">
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
      </div>
    </Form>
  )
}
