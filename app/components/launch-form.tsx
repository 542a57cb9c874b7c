import { Form, useNavigation } from '@remix-run/react'
import { Rocket } from 'lucide-react'
import type { FormFault } from '../guard'
import { Button } from './ui/button'
import { Field, Input } from './ui/field'

export function LaunchForm({ fault }: { fault: FormFault | undefined }) {
  const { state, formData } = useNavigation()
  const isBusy = state !== 'idle' && formData?.get('intent') === 'launch'
  return (
    <Form
      method="post"
      action="/machines?index"
      className="flex flex-col gap-2 p-4 sm:flex-row sm:items-start"
    >
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
