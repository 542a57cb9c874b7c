import type { DownloadAction } from '../../../filebrowser/contract'
import { type AddCommand, examples } from '../../command'
import { YES } from '../../confirm'
import { act, type Chosen } from './act'
import { type AddOptions, add } from './add'
import { list } from './list'

type Action = Exclude<DownloadAction, 'remove'>
const ACTIONS: Record<Action, string> = {
  pause: 'Pause downloads; what has arrived stays.',
  resume: 'Go on with what is paused or waits.',
  cancel: 'Cancel downloads; what has arrived is removed.',
  retry: 'Try again what failed or was canceled.',
}

export const addDownloads: AddCommand = (program, run) => {
  const downloads = program
    .command('downloads')
    .description('Download models into a running machine, with the tokens that it was launched with.')
    .addHelpText(
      'after',
      examples('runcomfy downloads add Studio owner/model -f', 'runcomfy downloads ls Studio'),
    )

  downloads
    .command('add')
    .description(
      'Say what would come, and download it. The command need not stay: the machine goes on by itself.',
    )
    .argument('<machine>', 'id or name')
    .argument('<source...>', 'address of a file, folder, repository or model, or owner/name')
    .option('--folder <folder>', "where to, as models/loras (default: by the file's type)")
    .option('--name <name>', 'what a single file is to be called')
    .option('-f, --follow', 'stay until all of it has ended; exit code 1 when some of it failed')
    .option('--wait', 'the same as --follow')
    .option('--plan', 'only say what would come, and whether it can be had')
    .addHelpText(
      'after',
      examples(
        'runcomfy downloads add Studio https://huggingface.co/owner/model/resolve/main/model.safetensors -f',
        'runcomfy downloads add Studio https://civitai.com/models/1234 --folder models/loras',
        'runcomfy downloads add Studio owner/model --plan --output json',
      ),
    )
    .action((machine: string, sources: string[], { wait, ...options }: AddOptions & { wait?: boolean }) =>
      run((cli) => add(cli, machine, sources, { ...options, follow: options.follow || wait })),
    )

  downloads
    .command('ls')
    .alias('list')
    .description('List the downloads of a machine, newest first.')
    .argument('<machine>', 'id or name')
    .option('-f, --follow', 'stay until all of them have ended; exit code 1 when some failed meanwhile')
    .addHelpText('after', examples('runcomfy downloads ls Studio', 'runcomfy downloads ls Studio -f'))
    .action((machine: string, { follow = false }: { follow?: boolean }) =>
      run((cli) => list(cli, machine, follow)),
    )

  for (const [action, description] of Object.entries(ACTIONS) as [Action, string][]) {
    const command = downloads
      .command(action)
      .description(description)
      .argument('<machine>', 'id or name')
      .argument('[download...]', 'its id, or the first characters of it (four at least)')
      .option('--all', 'all that this can be done with')
      .addHelpText(
        'after',
        examples(`runcomfy downloads ${action} Studio 1b4e28ba`, `runcomfy downloads ${action} Studio --all`),
      )
      .action((machine: string, ids: string[], options: Chosen) =>
        run((cli) => act(cli, machine, action, { ids, ...options })),
      )
    if (action === 'cancel') command.option(...YES)
  }
}
