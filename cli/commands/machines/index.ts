import { type AddCommand, examples } from '../../command'
import { addChanges } from './changes'
import { addLaunch } from './launch'
import { addLogs } from './logs'
import { addLs } from './ls'
import { addOpen } from './open'
import { addRelaunch } from './relaunch'
import { addShow } from './show'

export const addMachines: AddCommand = (program, run) => {
  const machines = program
    .command('machines')
    .description('Launch machines, look after them and stop them.')
    .addHelpText('after', `\n${MEANT}`)
    .addHelpText('after', examples('runcomfy machines launch --wait', 'runcomfy machines ls'))
  for (const add of [addLaunch, addLs, addShow, addLogs, addOpen, addRelaunch, addChanges]) add(machines, run)
}

const MEANT =
  'A machine is named by its id, by the first characters of it (four at least), or by its name. Where several have that, it is the one that hasn’t ended.'
