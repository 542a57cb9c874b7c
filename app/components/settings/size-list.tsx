import type { Api } from '../../trpc/router'
import { Fact, Facts } from '../facts'

type Size = Awaited<ReturnType<Api['admin']['settings']>>['sizes'][number]

/** The sizes of machines that people choose from. */
export function SizeList({ sizes }: { sizes: Size[] }) {
  return (
    <ul className="divide-y">
      {sizes.map(({ name, label, description, roles, kinds }) => (
        <li key={name} className="flex flex-col gap-1 px-4 py-3" aria-label={label}>
          <h3 className="font-medium">{label}</h3>
          <Facts>
            <Fact name="Name">
              <code className="font-mono">{name}</code>
            </Fact>
            <Fact name="Has">{description}</Fact>
            <Fact name="For">
              {roles?.join(', ') ?? 'everybody'}
              {kinds && `, ${kinds.join(', ')} only`}
            </Fact>
          </Facts>
        </li>
      ))}
    </ul>
  )
}
