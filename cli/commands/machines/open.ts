import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import { CliError, EXIT } from '../../exits'
import { machineNamed } from '../../named/machine'
import { openBrowser } from '../../open-browser'
import { pageOf } from './describe'

export const addOpen: AddCommand = (machines, run) => {
  machines
    .command('open')
    .argument('<machine>', 'id or name')
    .argument('[service]', 'comfyui, filebrowser or trainer')
    .description('Open a machine’s page in the browser, and print its address.')
    .addHelpText('after', examples('runcomfy machines open Studio', 'runcomfy machines open Studio comfyui'))
    .action((given: string, service: string | undefined) => run((cli) => open(cli, given, service)))
}

/** Only a browser that is signed in may enter a service, so that its address begins at the machine's page. */
async function open(cli: Cli, given: string, service: string | undefined): Promise<void> {
  const { id, name, status, services } = await machineNamed(cli, given)
  if (service !== undefined && !services.some((one) => one.name === service)) {
    const names = services.map((one) => one.name).join(', ')
    throw new CliError(
      EXIT.usage,
      names
        ? `${name} has no such service. It has ${names}.`
        : `${name} is ${status}, so it has no services.`,
    )
  }
  const page = pageOf(cli.login().server, id)
  const url = service === undefined ? page : `${page}/open/${service}`
  const isOpened = openBrowser(cli, url)
  cli.output.payload({ id, url }, url)
  cli.output.progress(
    'open',
    isOpened ? 'Opened in your browser.' : 'Open this in a browser that is signed in.',
  )
}
