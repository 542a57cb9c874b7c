import { Form } from '@remix-run/react'
import { Mail } from 'lucide-react'
import type { FormFault } from '../guard'
import { formFaults } from './form-faults'
import { Alert } from './ui/alert'
import { Button } from './ui/button'
import { Field, Input } from './ui/field'

interface MailLinkFormProps {
  /** Where to go after signing in; may be empty. */
  next: string
  /** Whether the server prints links in place of mailing them. */
  isPrinted: boolean
  isBusy: boolean
  fault: FormFault | undefined
}

/** Asks for a one-time link. */
export function MailLinkForm({ next, isPrinted, isBusy, fault }: MailLinkFormProps) {
  const { errorOf, general } = formFaults(fault, ['email'])
  return (
    <Form method="post" className="flex flex-col gap-4">
      {general && <Alert tone="danger">{general}</Alert>}
      {next && <input type="hidden" name="next" value={next} />}
      <Field
        label="E-mail address"
        hint={
          isPrinted
            ? 'This server sends no mail: the link appears in its output, in the terminal where it was started.'
            : 'You get a link by mail, and need no password.'
        }
        error={errorOf('email')}
      >
        {(control) => <Input {...control} name="email" type="email" autoComplete="email" required />}
      </Field>
      <Button type="submit" variant="primary" disabled={isBusy}>
        <Mail aria-hidden /> {isPrinted ? 'Print me a link' : 'Mail me a link'}
      </Button>
    </Form>
  )
}
