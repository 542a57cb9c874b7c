import type { LoaderFunctionArgs } from '@remix-run/node'
import { Form, Link, useLoaderData, useSearchParams } from '@remix-run/react'
import { SearchX } from 'lucide-react'
import { PageTitle } from '../components/page-title'
import { SettingRow } from '../components/settings/setting-row'
import { SizeList } from '../components/settings/size-list'
import { AdminNav } from '../components/sub-nav'
import { Button, buttonClasses } from '../components/ui/button'
import { Card, Section } from '../components/ui/card'
import { EmptyState } from '../components/ui/empty-state'
import { Field, Input } from '../components/ui/field'
import { orRefuse } from '../guard'

export const loader = async ({ context }: LoaderFunctionArgs) => orRefuse(context.api.admin.settings())

export const meta = () => [{ title: 'Settings · Admin · Slipway' }]

export default function Settings() {
  const { settings, sizes, sizesFile } = useLoaderData<typeof loader>()
  const search = useSearchParams()[0].get('search')?.trim() ?? ''
  const words = search.toLowerCase().split(/\s+/)
  const found = settings.filter(({ name, description, value, from }) => {
    const text = [name, description, value, from ?? 'default'].join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const groups = [...new Set(found.map(({ group }) => group))]
  return (
    <>
      <AdminNav />
      <PageTitle
        title="Settings"
        description="What holds on this server since it was started, and where each setting came from. The operator changes them in the environment or in .env."
      />
      <Form key={search} method="get" preventScrollReset className="flex flex-wrap items-end gap-3">
        <Field label="Search" className="w-full sm:w-72">
          {(control) => (
            <Input {...control} name="search" type="search" maxLength={100} defaultValue={search} />
          )}
        </Field>
        <Button type="submit">Search</Button>
        {search && (
          <Link to="." preventScrollReset className={buttonClasses({ variant: 'ghost' })}>
            Show all
          </Link>
        )}
      </Form>
      {groups.map((group) => (
        <Section key={group} title={group} padded={false}>
          <ul className="divide-y">
            {found
              .filter((setting) => setting.group === group)
              .map((setting) => (
                <SettingRow key={setting.name} setting={setting} />
              ))}
          </ul>
        </Section>
      ))}
      {found.length === 0 && (
        <Card>
          <EmptyState icon={SearchX} title="No such setting">
            Search for a part of its name or for what it is about.
          </EmptyState>
        </Card>
      )}
      {!search && (
        <Section title="Sizes of machines" description={sizesFile} padded={false}>
          <SizeList sizes={sizes} />
        </Section>
      )}
    </>
  )
}
