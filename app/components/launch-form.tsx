import { Form, useNavigation } from '@remix-run/react'
import { Rocket } from 'lucide-react'
import type { FormFault } from '../guard'
import { Button } from './ui/button'
import { Field, Input } from './ui/field'

export function LaunchForm({ fault }: { fault: FormFault | undefined }) {
  const { state, formData } = useNavigation()
  const isBusy = state !== 'idle' && formData?.get('intent') === 'launch'
  return (
    <Form method="post" action="/machines?index" className="flex flex-wrap items-end gap-2 p-4">
      <Field
        label="Name"
        hint="Optional. It helps you to tell machines apart."
        error={fault?.message}
        className="max-w-sm flex-1 basis-56"
      >
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
        className={fault ? 'mb-12.5' : 'mb-6'}
      >
        <Rocket aria-hidden /> Launch
      </Button>
    </Form>
  )
}
