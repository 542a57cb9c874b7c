import { Form, Link, useNavigation } from '@remix-run/react'
import { useEffect, useRef } from 'react'
import type { UserAnswer } from '../../user-forms'
import { formFaults } from '../form-faults'
import { Alert } from '../ui/alert'
import { Button, buttonClasses } from '../ui/button'
import { Field, Input } from '../ui/field'
import { RoleField } from './role-field'
import type { ListedUser } from './user-row'

const FIELDS = ['name', 'email', 'role']

interface ChangeUserProps {
  user: ListedUser
  refused: UserAnswer | undefined
  /** The page to come back to. */
  here: string
}

export function ChangeUser({ user, refused, here }: ChangeUserProps) {
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  const { state, formData } = useNavigation()
  const isBusy = state !== 'idle' && formData?.get('id') === user.id
  const given = refused?.given ?? { name: user.name, email: user.email ?? '', role: user.role }
  const { errorOf, general } = formFaults(refused?.fault, FIELDS)
  return (
    <Form
      method="post"
      action={here}
      replace
      preventScrollReset
      aria-label={`Change ${user.name}`}
      className="flex flex-col gap-3"
    >
      <input type="hidden" name="id" value={user.id} />
      {general && <Alert tone="danger">{general}</Alert>}
      <div className="flex flex-col gap-3 sm:flex-row sm:items-start">
        <Field label="Name" error={errorOf('name')} className="sm:flex-1">
          {(control) => (
            <Input
              {...control}
              ref={first}
              name="name"
              required
              maxLength={60}
              autoComplete="off"
              defaultValue={given.name}
            />
          )}
        </Field>
        <Field label="E-mail address" error={errorOf('email')} className="sm:flex-1">
          {(control) => (
            <Input
              {...control}
              name="email"
              type="email"
              required={user.email !== null}
              maxLength={254}
              autoComplete="off"
              defaultValue={given.email}
            />
          )}
        </Field>
        <RoleField given={given.role} error={errorOf('role')} className="sm:w-44" />
      </div>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" name="intent" value="change" variant="primary" disabled={isBusy}>
          Save
        </Button>
        <Link to={here} replace preventScrollReset className={buttonClasses()}>
          Cancel
        </Link>
      </div>
    </Form>
  )
}
