import { Form, useNavigation } from '@remix-run/react'
import { Rocket } from 'lucide-react'
import type { FormFault } from '../guard'
import { Button } from './ui/button'
import { Field, Input } from './ui/field'

interface LaunchFormProps {
  fault: FormFault | undefined
  idempotencyKey: string
}

export function LaunchForm({ fault, idempotencyKey }: LaunchFormProps) {
  const { state, formData } = useNavigation()
  const isBusy = state !== 'idle' && formData?.get('intent') === 'launch'
  return (
    <Form
      method="post"
      action="/machines?index"
      className="flex flex-col gap-2 p-4 sm:flex-row sm:items-start"
    >
      <input type="hidden" name="idempotencyKey" value={idempotencyKey} />
      <Field label="Name (optional)" error={fault?.message} className="sm:w-80">
        {(control) => (
          <Input {...control} name="name" maxLength={60} placeholder="ComfyUI" autoComplete="off" />
        )}
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
