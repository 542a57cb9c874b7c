import { Field, Select } from '../ui/field'

interface RoleFieldProps {
  given: string | undefined
  error: string | undefined
  className?: string
}

export function RoleField({ given = 'member', error, className }: RoleFieldProps) {
  return (
    <Field label="Role" error={error} className={className}>
      {(control) => (
        <Select {...control} name="role" defaultValue={given}>
          <option value="member">Member</option>
          <option value="admin">Administrator</option>
        </Select>
      )}
    </Field>
  )
}
