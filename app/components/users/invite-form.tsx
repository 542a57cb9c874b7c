import { Form, useNavigation } from '@remix-run/react'
import { UserPlus } from 'lucide-react'
import type { UserAnswer } from '../../user-forms'
import { formFaults } from '../form-faults'
import { Alert } from '../ui/alert'
import { Button } from '../ui/button'
import { Field, Input } from '../ui/field'
import { RoleField } from './role-field'

const FIELDS = ['email', 'role']

export function InviteForm({ answer }: { answer: UserAnswer | undefined }) {
  const { state, formData } = useNavigation()
  const isBusy = state !== 'idle' && formData?.get('intent') === 'invite'
  const fault = answer?.fault
  const given = fault ? answer.given : {}
  const { errorOf, general } = formFaults(fault, FIELDS)
  return (
    <Form method="post" action="/admin/users" replace preventScrollReset className="flex flex-col gap-3">
      {general && <Alert tone="danger">{general}</Alert>}
      <div className="flex flex-col gap-3 sm:flex-row sm:items-start">
        <Field label="E-mail address" error={errorOf('email')} className="sm:w-80">
          {(control) => (
            <Input
              {...control}
              name="email"
              type="email"
              required
              maxLength={254}
              autoComplete="off"
              defaultValue={given.email}
            />
          )}
        </Field>
        <RoleField given={given.role} error={errorOf('role')} className="sm:w-44" />
        <Button
          type="submit"
          name="intent"
          value="invite"
          variant="primary"
          disabled={isBusy}
          className="self-start sm:mt-6.5"
        >
          <UserPlus aria-hidden /> Invite
        </Button>
      </div>
    </Form>
  )
}
