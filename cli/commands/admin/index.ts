import { type AddCommand, examples } from '../../command'
import { addFailed } from './failed'
import { addRetry } from './retry'

export const addAdmin: AddCommand = (program, run) => {
  const admin = program
    .command('admin')
    .description('For administrators: see which launches failed, and retry them.')
    .addHelpText('after', '\nIt needs an administrator’s login with: runcomfy login --admin')
    .addHelpText('after', examples('runcomfy admin failed', 'runcomfy admin retry --class engine'))
  addFailed(admin, run)
  addRetry(admin, run)
}
