import type { Api } from '../../trpc/router'
import type { Entry } from './entries'

type Answer<T extends (...input: never[]) => unknown> = Awaited<ReturnType<T>>
type FoundModel = Pick<Answer<Api['models']['list']>['models'][number], 'id' | 'title' | 'description'>
type FoundMachine = Pick<
  Answer<Api['admin']['machines']>['machines'][number],
  'id' | 'name' | 'status' | 'owner'
>
type FoundUser = Pick<Answer<Api['admin']['users']['list']>['users'][number], 'id' | 'name' | 'email'>

/** @param search what the server found them by, which their names need not hold */
export const modelEntries = (models: FoundModel[], search = ''): Entry[] =>
  models.map(({ id, title, description }) => ({
    ...{ id: `model ${id}`, group: 'Models', title, note: id, words: `${description} ${search}` },
    ...{ does: 'go', to: `/models/${id}`, isForSearch: true },
  }))

/** For administrators. @param search what the server found them by, which their names need not hold */
export const everybodysEntries = (machines: FoundMachine[], users: FoundUser[], search: string): Entry[] => [
  ...machines.map(
    ({ id, name, status, owner }): Entry => ({
      ...{
        id: `anybodys-machine ${id}`,
        group: 'Everybody’s machines',
        title: name,
        status,
        note: owner.name,
      },
      ...{ words: search, does: 'go', to: `/admin/machines/${id}`, isForSearch: true },
    }),
  ),
  ...users.map(
    ({ id, name, email }): Entry => ({
      ...{ id: `user ${id}`, group: 'Users', title: name, note: email ?? undefined },
      ...{ words: search, does: 'go', to: `/admin/users/${id}`, isForSearch: true },
    }),
  ),
]
