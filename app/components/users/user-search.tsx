import type { FormFault } from '../../guard'
import { FilterForm } from '../filter-form'

export const UserSearch = (props: { filters: URLSearchParams; fault: FormFault | undefined }) => (
  <FilterForm {...props} names={['search']} submit="Search">
    {({ input }) =>
      input(
        'search',
        'Find somebody',
        { hint: 'A part of the name or of the e-mail address.', className: 'col-span-2 sm:w-72' },
        { type: 'search', max: 100 },
      )
    }
  </FilterForm>
)
